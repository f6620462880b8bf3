"""What the guided tour says: one sentence a step, from the results that are shown."""

from __future__ import annotations

import math

from viewer.imaging.image_info import format_bytes
from viewer.matching.limits import quality_limit_sentence, rate_limit_sentence
from viewer.matching.targets.rate import format_ratio
from viewer.session.pane_layout import Layout
from viewer.session.tour import Tour, TourStep
from viewer.ui.engine.app_state import DIFFER, AppState
from viewer.ui.engine.workers.jobs import DisplayedResult
from viewer.ui.presenters.pane_styles import PaneStyles
from viewer.ui.presenting.headlines import NO_DIFFERENCE_DB, byte_ratio, ratio_text

WAITING = "Encoding…"


def tour_sentence(state: AppState, styles: PaneStyles) -> str:
    """The sentence of the present step; empty outside the tour."""
    tour = state.tour
    if tour is None:
        return ""
    failed = [state.failures[pane] for pane in (tour.codec, tour.anchor) if state.failures.get(pane)]
    if failed:
        return failed[0]
    sentences = {
        TourStep.SIZE: _same_size,
        TourStep.REGION: _worst_region,
        TourStep.SWEEP: _sweep,
        TourStep.QUALITY: _equal_quality,
        TourStep.BLIND: _blind_trial,
        TourStep.REPORT: _report,
    }
    return sentences[tour.step](state, styles, tour)


def _pair(state: AppState, tour: Tour) -> tuple[DisplayedResult, DisplayedResult] | None:
    """Both results, once both are what was asked for last."""
    ours, theirs = state.results.get(tour.codec), state.results.get(tour.anchor)
    if ours is None or theirs is None or state.awaited:
        return None
    return ours, theirs


def _same_size(state: AppState, styles: PaneStyles, tour: Tour) -> str:
    pair = _pair(state, tour)
    if pair is None:
        return WAITING
    results = [shown.result for pane in state.panes if (shown := state.results.get(pane)) is not None]
    missed = [one for one in results if not one.reachable]
    if missed:
        return rate_limit_sentence(styles.label(state, missed[0].request.codec), missed[0])
    size = format_bytes(len(pair[0].result.stream))
    worst = max(abs(one.deviation) for one in results)
    ratio = format_ratio(pair[0].result.bpp)
    return f"All {len(results)} files are the same size: {size} within {100 * worst:.1f} %, {ratio} of the original."


def _worst_region(state: AppState, styles: PaneStyles, _tour: Tour) -> str:
    if state.awaited:
        return WAITING
    if state.regions is None:
        return "Looking for the place where the codecs differ most…"
    if not state.regions.groups.get(DIFFER):
        return "On this picture the codecs differ nowhere."
    layout = state.session.pane_layout
    if layout.layout is not Layout.SPLIT:
        return "This is where the codecs differ most, at the same size."
    left, right = (styles.label(state, side) for side in (layout.left, layout.right))
    return f"Where the codecs differ most, at the same size: {left} on the left, {right} on the right."


def _sweep(_state: AppState, styles: PaneStyles, tour: Tour) -> str:
    codec, anchor = styles.codecs[tour.codec][0], styles.codecs[tour.anchor][0]
    if tour.limit[0]:
        return f"Now {styles.codecs[tour.limit[0]][0]} {tour.limit[1]}."
    if tour.seen is None:
        return "The rate goes down and up by itself…"
    size, ours, theirs = tour.seen
    at = f"At {format_bytes(size)}"
    if not math.isfinite(ours - theirs) or abs(ours - theirs) <= NO_DIFFERENCE_DB:
        return f"{at} {codec} and {anchor} are equally good in MS-SSIM."
    word = "better" if ours > theirs else "worse"
    return f"{at} {codec} is {abs(ours - theirs):.1f} dB {word} than {anchor} in MS-SSIM."


def _equal_quality(state: AppState, styles: PaneStyles, tour: Tour) -> str:
    pair = _pair(state, tour)
    quality = state.session.quality
    if pair is None or quality is None or any(one.match is None or one.match.target != quality for one in pair):
        return "Looking for the bytes that each codec needs for the same quality…"
    in_db = state.session.scale.ms_ssim_db
    for pane, shown in zip((tour.codec, tour.anchor), pair, strict=True):
        if shown.match is not None and not shown.match.reached:
            return quality_limit_sentence(styles.label(state, pane), shown.match, in_db=in_db)
    ratio = byte_ratio(state, tour.anchor, tour.codec)
    assert ratio is not None
    more, fewer = (tour.anchor, tour.codec) if ratio >= 1.0 else (tour.codec, tour.anchor)
    sizes = {pane: format_bytes(len(state.results[pane].result.stream)) for pane in (more, fewer)}
    return (
        f"For the same MS-SSIM, {styles.label(state, more)} needs {ratio_text(max(ratio, 1 / ratio))} the bytes of "
        f"{styles.label(state, fewer)}: {sizes[more]} against {sizes[fewer]}."
    )


def _blind_trial(state: AppState, styles: PaneStyles, tour: Tour) -> str:
    if tour.problem:
        return tour.problem
    if tour.awaits_start:
        return (
            "Blind trial: Space begins. ← or → picks what is closer to the original (hold Space to see it), Esc skips."
        )
    if tour.chosen is None:
        return "Preparing two pictures of the same size, without names…"
    if not tour.chosen:
        return "The blind trial was skipped."
    if tour.chosen not in (tour.codec, tour.anchor):
        codec, anchor = styles.label(state, tour.codec), styles.label(state, tour.anchor)
        return f"You could not tell {codec} from {anchor}."
    other = tour.anchor if tour.chosen == tour.codec else tour.codec
    return f"Without knowing it, you chose {styles.label(state, tour.chosen)} over {styles.label(state, other)}."


def _report(_state: AppState, _styles: PaneStyles, _tour: Tour) -> str:
    return "All figures, curves and crops go into one file to hand on: the report."
