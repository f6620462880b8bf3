"""Connects the state with the rate bar and the plots: everything that shows or sets the target."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from viewer.matching.curve import point_of
from viewer.matching.targets.score import EqualTarget, ScoreTarget
from viewer.ui.common.actions import Command
from viewer.ui.common.slider_scale import Stride
from viewer.ui.common.theme import ThemeSwitch
from viewer.ui.engine.app_state import SERIES, AppState
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.compared import set_bd_pair
from viewer.ui.engine.updates.messages import show_error
from viewer.ui.engine.updates.target import set_on_scale, set_target, step_target, target_on_scale
from viewer.ui.engine.updates.view import toggle_curves
from viewer.ui.engine.wanted_scores import score_progress, scores_of
from viewer.ui.plots.panel import PlotContent, PlotPanel
from viewer.ui.plots.pins import FilePoint, PinPoint
from viewer.ui.presenters.pane_styles import PaneStyles
from viewer.ui.rate.bar import RateBar
from viewer.ui.rate.slider import RateMark

if TYPE_CHECKING:
    from viewer.matching.result import Result

_STEPS = (
    ("rate_up", "&Higher", ("]",), 1, Stride.STEP),
    ("rate_down", "&Lower", ("[",), -1, Stride.STEP),
    ("rate_up_fine", "A little hi&gher", ("}", "Shift+]"), 1, Stride.FINE),
    ("rate_down_fine", "A little lo&wer", ("{", "Shift+["), -1, Stride.FINE),
    ("rate_double", "&Double", ("Ctrl+PgUp",), 1, Stride.PAGE),
    ("rate_halve", "Hal&ve", ("Ctrl+PgDown",), -1, Stride.PAGE),
)


class TargetDisplay(QObject):
    """Draws rate bar and plots."""

    def __init__(
        self, store: Store, styles: PaneStyles, rate_bar: RateBar, plots: PlotPanel, themes: ThemeSwitch
    ) -> None:
        super().__init__(rate_bar)
        self._store = store
        self._styles = styles
        self._rate_bar = rate_bar
        for widget in (rate_bar.slider, rate_bar.field):
            store.update_on(widget.chosen, set_on_scale)
        store.update_on(rate_bar.field.refused, show_error)
        store.update_on(plots.rate_chosen, set_target)
        store.update_on(plots.quality_chosen, set_on_scale)
        store.update_on(plots.foot.pair_chosen, set_bd_pair)
        themes.changed.connect(plots.set_colours)
        plots.set_colours(themes.colours)
        store.watch(lambda state: (*target_on_scale(state), state.session.image), self._show_target)
        store.watch(self._marks, rate_bar.slider.set_marks)
        store.watch(lambda state: (state.compared, state.hidden_curves), lambda codecs: plots.set_codecs(*codecs))
        store.update_on(plots.legend.toggled, toggle_curves)
        store.watch(self.content, plots.show_content)
        store.watch(lambda state: state.switches.logarithmic, plots.set_logarithmic)
        store.watch(
            lambda state: (state.compared, tuple(state.series), state.bd_pair), lambda _: self._show_pair(plots)
        )
        store.watch(lambda state: state.bd, plots.foot.set_bd)

    def commands(self) -> tuple[Command, ...]:
        """The commands that step the target."""
        return (
            *(
                Command(
                    name,
                    "&Rate",
                    text,
                    lambda steps=steps, stride=stride: self._store.update(step_target(steps, stride)),  # type: ignore[misc]
                    keys,
                )
                for name, text, keys, steps, stride in _STEPS
            ),
            Command("rate_enter", "&Rate", "&Enter a rate…", self._rate_bar.field.setFocus, ("R",), section=1),
        )

    def _show_target(self, _target: object) -> None:
        scale, value = target_on_scale(self._store.state)
        self._rate_bar.show_target(value, scale, self._store.state.session.image)

    def _show_pair(self, plots: PlotPanel) -> None:
        state, labels = self._store.state, self._styles.labels
        codecs = {codec: labels[codec] for codec in state.compared}
        series = {name: name.removeprefix(SERIES) for name in state.series}
        plots.foot.set_codecs({**codecs, **series}, state.bd_pair)

    def _marks(self, state: AppState) -> tuple[RateMark, ...]:
        """Marks of codecs that are not at the target; the others would only overlap at the handle."""
        marks, quality = [], state.session.quality
        for pane in state.panes:
            shown = state.results.get(pane)
            if shown is None:
                continue
            if quality is None and shown.match is None and (pane in state.locked or not shown.result.reachable):
                marks.append(RateMark(self._styles.style(state, pane), shown.result.bpp))
            elif quality is not None and shown.match is not None and not shown.match.reached:
                value = _value_of(quality, shown.result)
                if value is not None:
                    marks.append(RateMark(self._styles.style(state, pane), value))
        return tuple(marks)

    def content(self, state: AppState) -> PlotContent:
        """What the plots show."""
        session = state.session
        results = {codec: result.result for codec in state.compared if (result := state.results.get(codec)) is not None}
        return PlotContent(
            scale=session.scale,
            curves=state.curves,
            metrics=session.metric_choice.plots,
            markers={
                codec: replace(point_of(result), scores=scores_of(state.scores, result))
                for codec, result in results.items()
            },
            provisional={
                codec: shown.provisional.bpp
                for codec in state.compared
                if (shown := state.provisional.get(codec)) is not None
            },
            target_bpp=session.target_bpp,
            quality=session.quality,
            pins=tuple(
                PinPoint(pin, point, index == session.pins.current)
                for index, pin in enumerate(session.pins.pins)
                if (point := state.pin_points.get(pin.place)) is not None
            ),
            files=_unrefined(state, self._styles)
            + tuple(
                FilePoint(one.title, self._styles.style(state, pane), bpp, one.measurement.metrics, one.scores)
                for pane, one in state.scored_files.items()
                if state.opened is not None and (bpp := one.bpp(state.opened.image)) is not None
            ),
            progress=state.curves_done,
            score_progress=score_progress(state),
        )


def _value_of(quality: EqualTarget, result: Result) -> float | None:
    """Where a result is in what is to be equal; None if a score is not known."""
    if isinstance(quality, ScoreTarget):
        score = result.scores.get(quality.metric)
        return None if score is None else score.value
    return quality.of(result.measurement.metrics)


def _unrefined(state: AppState, styles: PaneStyles) -> tuple[FilePoint, ...]:
    """Where refinements began, beside the points that they have reached."""
    starts = [(pane, one.request.start.result) for pane, one in state.refinements.items() if one.best is not None]
    return tuple(
        FilePoint(
            "unrefined",
            styles.style(state, pane),
            start.bpp,
            start.measurement.metrics,
            scores_of(state.scores, start),
        )
        for pane, start in starts
    )
