"""What codecs are matched by: rate, PSNR, MS-SSIM or any other metric; and the bytes that each needs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from viewer.matching.limits import quality_limit_sentence
from viewer.matching.targets.score import value_text, within_text
from viewer.session.metric_reading import CHOOSABLE, family, label_of
from viewer.session.pane_layout import Layout
from viewer.ui.common.actions import Command
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.store import Store, Update
from viewer.ui.engine.updates.target import equal_rate, toggle_equal
from viewer.ui.engine.wanted_scores import reference_result
from viewer.ui.presenters.metric_menu import menu_texts
from viewer.ui.presenters.pane_styles import PaneStyles


class EqualMode:
    """Switches between equal rate and equal quality without a jump: the reference codec stays where it is."""

    def __init__(self, store: Store, styles: PaneStyles, show_needs: Callable[[tuple[str, ...]], object]) -> None:
        """show_needs: receives sentences about what each codec needs for the same quality, a heading first."""
        self._store = store
        store.watch(lambda state: needs(state, styles), show_needs)

    def commands(self) -> tuple[Command, ...]:
        """The commands for what codecs are matched by."""
        return (
            self._command("rate", "Match by &size", "size", equal_rate(), "Shift+R"),
            self._command("psnr", "Match by &PSNR", "PSNR", toggle_equal("psnr"), "C"),
            self._command("ms_ssim", "Match by &MS-SSIM", "MS-SSIM", toggle_equal("ms_ssim"), "Shift+C"),
            *(
                self._command(name, text, label_of(name), toggle_equal(name))
                for name, text in menu_texts()
                if family(name) is None
            ),
        )

    def _command(self, what: str, text: str, short: str, update: Update, key: str = "") -> Command:
        """Without a key in a submenu."""
        tip = f"Every codec at the same {'size' if what == 'rate' else short}"
        return Command(
            f"equal_{what}",
            "&Rate",
            text,
            partial(self._store.update, update),
            (key,) if key else (),
            section=2,
            submenu="" if key else "Match by another me&tric",
            group="equal",
            short=short,
            tip=tip,
            words="equal same bytes quality rate compare",
            checked=lambda state: _equal(state) == what,
        )


OTHER_METRICS = tuple(f"equal_{name}" for name in CHOOSABLE if family(name) is None)
"""The commands that match by the metrics beside PSNR and MS-SSIM."""


def _equal(state: AppState) -> str:
    quality = state.session.quality
    return state.entering or ("rate" if quality is None else quality.metric)


def needs(state: AppState, styles: PaneStyles) -> tuple[str, ...]:
    """Sentences about what each codec needs for the same quality, a heading first; none at equal rate. What the line
    above the panes says is left out.
    """
    quality, labels = state.session.quality, styles.labels
    codecs = tuple(codec for codec in state.compared if codec not in state.locked)
    if state.entering:
        return _coming(state, styles)
    if quality is None:
        return ()
    results = {codec: state.results.get(codec) for codec in codecs}
    matches = {codec: one.match for codec, one in results.items() if one is not None and one.match is not None}
    from viewer.matching.size_ratios import byte_ratios, reference_codec, size_ratio_sentence

    in_db = state.session.scale.ms_ssim_db
    misses = tuple(
        quality_limit_sentence(labels[codec], match, in_db=in_db)
        for codec, match in matches.items()
        if match.target == quality and not match.reached
    )
    if state.session.pane_layout.layout is not Layout.SPLIT and set(state.matched) == set(codecs):
        return ("", *misses) if misses else ()
    heading = f"At {quality.title()} {value_text(quality, in_db=in_db)}, within {within_text(quality)}"
    present = {codec: match for codec, match in matches.items() if match.target == quality}
    if any(codec not in present and not state.failures.get(codec) for codec in codecs):
        return heading, "searching…"
    reference = reference_codec(present, codecs)
    sentences = [
        size_ratio_sentence(labels[codec], ratio, labels[reference]) + "."
        for codec, ratio in byte_ratios(present, reference).items()
    ]
    return heading, *sentences, *misses


def _coming(state: AppState, styles: PaneStyles) -> tuple[str, ...]:
    """While the score that equal quality begins at is computed."""
    shown = reference_result(state)
    if shown is None:
        return ()
    label = styles.labels[shown.result.request.codec]
    return f"Match by {label_of(state.entering)}", f"scoring {label}, to begin where it is…"
