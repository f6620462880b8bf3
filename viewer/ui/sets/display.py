"""Shows the set of pictures as the state has it."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from viewer.matching.targets.quality import QualityTarget
from viewer.metrics.base import axis_digits, axis_unit
from viewer.metrics.fast import MS_SSIM_LUMA, MS_SSIM_RGB, ms_ssim_raw
from viewer.ui.common.actions import Actions
from viewer.ui.common.codec_style import CodecStyle, style_of
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.sets.state import SetChoice, SetState
from viewer.ui.engine.sets.updates import choose, choose_in_pair, choose_quality, open_of_set
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.target import set_target
from viewer.ui.sets import text
from viewer.ui.sets.picture_table import TableContent
from viewer.ui.sets.rate_points import RateLine, missing_text
from viewer.ui.sets.set_view import SetActions, SetView
from viewer.ui.sets.time_plot import TimedCodec

if TYPE_CHECKING:
    from viewer.sets.figures import SetFigures


class SetDisplay(QObject):
    """Draws the set from the state."""

    def __init__(self, store: Store, styles: Mapping[str, tuple[str, CodecStyle]], parent: QObject) -> None:
        """styles: label and style of every codec that is known, by name; one that is added joins them."""
        super().__init__(parent)
        self._store = store
        self._styles = styles
        update = store.update
        self.view = SetView(
            styles,
            SetActions(
                open_picture=lambda name: update(open_of_set(name)),
                choose_rate=lambda bpp: update(set_target(bpp)),
                choose_metric=lambda name: update(choose(metric=name)),
                choose_in_pair=lambda place, codec: update(choose_in_pair(place, codec)),
                choose_share=lambda share: update(choose(share=share)),
                choose_quality=lambda value: update(choose_quality(value)),
            ),
        )
        store.watch(
            lambda state: (state.sets.opened, state.sets.figures, state.sets.sweep, state.sets.unreadable),
            self._show_head,
        )
        store.watch(lambda state: state.sets.thumbnails, self.view.table.model_of_pictures.set_thumbnails)
        store.watch(
            lambda state: (state.sets.figures, state.sets.choice, state.sets.sweep.phase == "idle"), self._show_curves
        )
        store.watch(
            lambda state: (
                state.sets.opened,
                state.sets.figures,
                state.sets.pair,
                state.sets.choice.plot,
                state.session.target_bpp,
            ),
            self._show_at_rate,
        )
        store.watch(lambda state: state.session.target_bpp, self.view.plot.set_target)
        store.watch(_quality_followed, self._follow_quality)

    def add_buttons(self, actions: Actions) -> None:
        """Put the commands of the menu Set where they are needed."""
        self.view.head.add_buttons([actions[name] for name in ("sweep_start", "sweep_pause", "sweep_cancel")])
        names = ("set_rate", "set_encode", "set_decode", "set_band", "set_points")
        self.view.add_switches([actions[name] for name in names])
        self.view.add_start(actions["sweep_start"])

    def _labels(self, codecs: tuple[str, ...]) -> dict[str, str]:
        return {codec: self._styles[codec][0] if codec in self._styles else codec for codec in codecs}

    def _styles_of(self, codecs: tuple[str, ...]) -> dict[str, tuple[str, CodecStyle]]:
        names = tuple(dict.fromkeys((*self._styles, *codecs)))
        labels = self._labels(codecs)
        return {codec: (labels[codec], style_of(codec, names)) for codec in codecs}

    def _show_head(self, _what: object) -> None:
        sets = self._store.state.sets
        if sets.opened is None:
            return
        figures = sets.figures
        codecs = () if figures is None else figures.codecs
        measured = len({row.image for row in sets.opened.rows})
        about = text.about(len(sets.opened.pictures), measured, list(self._labels(codecs).values()))
        sweep = sets.sweep
        unsaid = [name for name in sets.unreadable if not any(f"“{name}”" in said for said in sweep.refused)]
        remarks = (*sets.opened.remarks, *sweep.refused, *map(text.unreadable, unsaid))
        self.view.head.show_set(sets.opened.name, about, remarks)
        self.view.head.show_progress(text.progress_text(sweep), sweep.done, sweep.total)

    def _show_curves(self, what: tuple[SetFigures | None, SetChoice, bool]) -> None:
        figures, choice, idle = what
        view = self.view
        view.show_kind(choice.plot, measured=figures is not None, measuring=not idle)
        if figures is None:
            return
        from viewer.sets.figures import metrics_in

        view.metric_choice.show_choice({one.name: one.label for one in metrics_in(figures.measured)}, choice.metric)
        means = figures.means.by_codec
        view.plot.show_set(
            {codec: [(point.bpp, point.mean) for point in points] for codec, points in means.items()},
            {codec: [(p.bpp, p.low, p.high) for p in points] for codec, points in means.items() if choice.band},
            _clouds(figures) if choice.points else {},
            self._styles_of(figures.codecs),
        )
        view.legend.show_codecs(self._styles_of(tuple(codec for codec in figures.codecs if codec in means)))
        self._show_rate_points(figures, choice)

    def _show_rate_points(self, figures: SetFigures, choice: SetChoice) -> None:
        metric, points = figures.metric, self.view.points
        raw = f"MS-SSIM {ms_ssim_raw(choice.quality):.4f}" if metric in (MS_SSIM_RGB, MS_SSIM_LUMA) else ""
        points.quality.setDecimals(axis_digits(metric))
        points.show_question(choice.share, metric.label, axis_unit(metric), choice.quality, raw)
        found = figures.rate_points(choice.quality, choice.share)
        best = min((one.bpp for one in found if one.bpp is not None and not one.at_most), default=None)
        styles = self._styles_of(figures.codecs)
        points.show_lines(
            [
                RateLine(
                    *styles[one.codec],
                    text.rate_text(one),
                    one.missing,
                    missing_text(one.missing, one.pictures, at_every_rate=one.bpp is None),
                    best=one.bpp is not None and one.bpp == best,
                )
                for one in found
            ]
        )

    def _show_at_rate(self, _what: object) -> None:
        state = self._store.state
        sets, bpp, view = state.sets, state.session.target_bpp, self.view
        if sets.opened is None:
            return
        if sets.figures is None:
            from viewer.sets.at_target import PictureFigures

            view.table.show_content(TableContent(tuple(map(PictureFigures, sets.opened.pictures))))
            return
        figures, pair = sets.figures, sets.pair
        labels, styles = self._labels(figures.codecs), self._styles_of(figures.codecs)
        named = (labels[pair[0]], labels[pair[1]])
        found = figures.at(bpp, pair)
        known = {one.picture for one in found}
        rest = [type(found[0])(name) for name in sets.opened.pictures if name not in known] if found else []
        codecs = tuple(dict.fromkeys((*pair, *figures.codecs)))
        view.table.show_content(
            TableContent(
                (*found, *rest),
                text.columns(figures.metric, codecs, labels),
                text.column_tips(figures.metric, named, codecs, bpp),
                codecs,
                styles[pair[0]][1].colour,
                styles[pair[1]][1].colour,
                text.digits_of(figures.metric),
            )
        )
        view.verdict.setText(text.verdict(found, figures.metric, bpp, named))
        for place, choice in enumerate((view.codec, view.anchor)):
            choice.show_choice(labels, pair[place])
        percent, over = text.bd_text(figures.bd_rates.get(pair))
        view.bd.setText(percent)
        view.bd_over.setText(over)
        self._show_times(figures, bpp, sets)
        for codec, points in figures.means.by_codec.items():
            view.plot.set_marker(codec, _on_curve([(point.bpp, point.mean) for point in points], bpp))

    def _show_times(self, figures: SetFigures, bpp: float, sets: SetState) -> None:
        times, styles = figures.times(bpp), self._styles_of(figures.codecs)
        kind = sets.choice.plot
        decode = kind == "decode"
        self.view.times.show_codecs(
            [
                TimedCodec(
                    *styles[one.codec],
                    one.decode_ms if decode else one.encode_ms,
                    one.value,
                    one.decode_front if decode else one.encode_front,
                )
                for one in times.points
            ]
        )
        note = text.curves_note(figures.means, len(figures.pictures)) if kind == "rate" else text.times_note(times)
        self.view.note.setText(note)

    def _follow_quality(self, quality: QualityTarget | None) -> None:
        """Where the slider sets a quality, the rates are those for it."""
        if quality is not None:
            metric = f"{quality.metric}_{quality.channel}"
            self._store.update(choose(metric=metric))
            self._store.update(choose_quality(quality.value_db))


def _quality_followed(state: AppState) -> QualityTarget | None:
    """The quality that the slider sets while a set is looked at; None if it sets a rate, or a score."""
    quality = state.session.quality
    return quality if state.switches.set_view and isinstance(quality, QualityTarget) else None


def _clouds(figures: SetFigures) -> dict[str, list[tuple[float, float]]]:
    clouds: dict[str, list[tuple[float, float]]] = {codec: [] for codec in figures.codecs}
    for (_picture, codec), curve in figures.curves.items():
        clouds[codec].extend(curve.points)
    return clouds


def _on_curve(points: Sequence[tuple[float, float]], bpp: float) -> tuple[float, float] | None:
    """The point at a rate on the line that is drawn; None beyond its ends."""
    place = bisect_left(points, bpp, key=lambda point: point[0])
    if place == 0 or place == len(points):
        return None
    (before, low), (after, high) = points[place - 1], points[place]
    share = math.log(bpp / before) / math.log(after / before)
    return bpp, low + share * (high - low)
