"""What a presentation says of each pane: from the state to text."""

from __future__ import annotations

import math

from viewer.imaging.image_info import format_bytes
from viewer.matching.curve import rated_qualities
from viewer.matching.limits import quality_limit_note, rate_limit_note
from viewer.matching.targets.quality import METRIC_NAMES, QualityMeasure, QualityTarget, format_quality
from viewer.session.pane_layout import ORIGINAL
from viewer.session.result_sentence import rate_needed
from viewer.session.tour import TourStep
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.workers.jobs import DisplayedResult
from viewer.ui.panes.presented_head import PresentedText
from viewer.ui.presenters.pane_styles import PaneStyles

NO_DIFFERENCE_DB = 0.05
"""Two values that are closer are called equal, as the search for equal quality has it."""


def presented_texts(state: AppState, styles: PaneStyles) -> dict[str, PresentedText]:
    """By pane, the original's too."""
    texts = {ORIGINAL: _of_original(state)}
    for pane in state.panes:
        label, style = styles.label(state, pane), styles.style(state, pane)
        texts[pane] = PresentedText(label, style, _size(state, pane), _headline(state, styles, pane))
    return texts


def measure_of(state: AppState) -> QualityMeasure:
    """What headlines speak of: MS-SSIM, which is nearer to what people see, or PSNR where that is matched."""
    quality = state.session.quality
    metric = quality.metric if isinstance(quality, QualityTarget) else "ms_ssim"
    return QualityMeasure(metric, state.session.scale.channel)


def value_text(state: AppState, measure: QualityMeasure, shown: DisplayedResult) -> str:
    """A result's value: "MS-SSIM 14.52 dB"."""
    value_db, in_db = measure.of(shown.result.measurement.metrics), state.session.scale.ms_ssim_db
    return f"{METRIC_NAMES[measure.metric]} {format_quality(measure.metric, value_db, in_db=in_db)}"


def comparable(state: AppState, *panes: str) -> bool:
    """Whether these codecs show what was asked for, with the same bits."""
    shown = [state.results.get(pane) for pane in panes]
    arrived = all(
        one is not None and pane not in state.awaited and one.match is None and one.result.reachable
        for pane, one in zip(panes, shown, strict=True)
    )
    return arrived and len({one.result.request.target_bpp for one in shown if one is not None}) == 1


def byte_ratio(state: AppState, codec: str, reference: str) -> float | None:
    """How many times the reference's bytes a codec needs for the quality that the reference shows: measured where they
    are matched by quality, else interpolated on the codec's curve; infinite where that never reaches it. None where it
    is not known.
    """
    ours, theirs = state.results.get(codec), state.results.get(reference)
    if ours is None or theirs is None or codec in state.awaited or reference in state.awaited:
        return None
    if ours.match is not None and theirs.match is not None:
        met = ours.match.reached and theirs.match.reached and ours.match.target == theirs.match.target
        return len(ours.result.stream) / len(theirs.result.stream) if met else None
    measure = measure_of(state)
    value_db = measure.of(theirs.result.measurement.metrics)
    if not comparable(state, reference) or math.isinf(value_db):
        return None
    curve = rated_qualities(state.curves.get(codec, ()), measure)
    needed_bpp = rate_needed(curve, value_db, complete=state.curves_complete)
    return None if needed_bpp is None else needed_bpp / theirs.result.bpp


def ratio_text(ratio: float) -> str:
    """A ratio of sizes: "2.9 ×", or "0.87 ×" where it is near 1."""
    return f"{ratio:.{2 if ratio < 1.995 else 1}f} ×"


def _of_original(state: AppState) -> PresentedText:
    image = state.session.image
    if image is None:
        return PresentedText("Original")
    return PresentedText("Original", None, format_bytes(3 * image.pixel_count), "uncompressed")


def _size(state: AppState, pane: str) -> str:
    if pane in state.files:
        count = state.files[pane].result.byte_count
        return "" if count is None else format_bytes(count)
    if pane in state.provisional:  # a quick picture while the slider moves
        return f"≈ {format_bytes(state.provisional[pane].provisional.byte_count)}"
    content = state.contents.get(pane)
    if content is None or not isinstance(content.result, DisplayedResult):
        return ""
    return format_bytes(len(content.result.result.stream))


def _headline(state: AppState, styles: PaneStyles, pane: str) -> str:
    if pane in state.failures:
        return state.failures[pane]
    if pane in state.files:
        return "decoded elsewhere"
    shown = state.results.get(pane)
    if shown is None or pane in state.provisional:
        return ""
    sweeping = state.tour is not None and state.tour.step is TourStep.SWEEP
    if sweeping or pane in state.awaited:  # what is true of this picture alone, whatever the others show
        return value_text(state, measure_of(state), shown)
    if shown.match is not None:
        return _at_equal_quality(state, styles, pane)
    if not shown.result.reachable:
        return rate_limit_note(shown.result)
    codec, anchor = state.bd_pair
    if state.pinned is not None or codec == anchor:
        return value_text(state, measure_of(state), shown)
    return _against_anchor(state, styles, pane) if pane != anchor else _of_anchor(state, styles, shown)


def _against_anchor(state: AppState, styles: PaneStyles, pane: str) -> str:
    anchor = state.bd_pair[1]
    if not comparable(state, pane, anchor):
        return value_text(state, measure_of(state), state.results[pane])
    measure = measure_of(state)
    ours, theirs = (measure.of(state.results[one].result.measurement.metrics) for one in (pane, anchor))
    title, label = METRIC_NAMES[measure.metric], styles.label(state, anchor)
    if not math.isfinite(ours - theirs):
        return value_text(state, measure, state.results[pane])
    if abs(ours - theirs) <= NO_DIFFERENCE_DB:
        return f"as good as {label} in {title}"
    return f"{abs(ours - theirs):.1f} dB {'better' if ours > theirs else 'worse'} than {label} in {title}"


def _of_anchor(state: AppState, styles: PaneStyles, shown: DisplayedResult) -> str:
    codec, anchor = state.bd_pair
    ratio = byte_ratio(state, anchor, codec)
    if ratio is None:
        return value_text(state, measure_of(state), shown)
    if math.isinf(ratio):
        return f"cannot reach {styles.label(state, codec)}’s quality"
    return f"needs about {ratio_text(ratio)} the bytes for {styles.label(state, codec)}’s quality"


def _at_equal_quality(state: AppState, styles: PaneStyles, pane: str) -> str:
    match = state.results[pane].match
    assert match is not None
    if not match.reached:
        return quality_limit_note(match, in_db=state.session.scale.ms_ssim_db)
    met = {
        one: len(shown.result.stream)
        for one in state.panes
        if (shown := state.results.get(one)) is not None
        and one not in state.awaited
        and shown.match is not None
        and shown.match.reached
        and shown.match.target == match.target
    }
    if len(met) < 2 or pane not in met or any(one in state.awaited for one in state.panes):
        return ""
    fewest = min(met, key=lambda one: met[one])
    if met[pane] == met[fewest]:
        return "fewest bytes for the same quality"
    return f"{ratio_text(met[pane] / met[fewest])} the bytes of {styles.label(state, fewest)}"
