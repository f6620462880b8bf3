"""Updates of the target (the rate or, at equal quality, the quality), and retries."""

from __future__ import annotations

from dataclasses import replace

from viewer.matching.targets.quality import RANGE_DB, QualityMetric, QualityTarget
from viewer.matching.targets.rate import usable_bpp
from viewer.matching.targets.score import EqualTarget, ScoreTarget, at_value
from viewer.metrics.registry import metric_named
from viewer.metrics.scoring import score_digits
from viewer.session.metric_choice import MetricChoice
from viewer.session.metric_reading import family
from viewer.session.pane_layout import Layout
from viewer.session.state import MetricScale
from viewer.ui.common.slider_scale import RATE_SCALE, QualityScale, SliderScale, Stride, rounded_bpp, score_scale
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.store import update
from viewer.ui.engine.updates.compared import set_pins, without_pins
from viewer.ui.engine.updates.messages import gone_on, show_error
from viewer.ui.engine.updates.view import set_pane_layout
from viewer.ui.engine.wanted_scores import reference_result, scores_of

DEFAULT_DB: dict[QualityMetric, float] = {"psnr": 35.0, "ms_ssim": 15.0}
"""The initial quality if there is no result to take it from."""


@update
def set_target(state: AppState, bpp: float) -> AppState:
    """Set the rate of every codec; ends equal quality, and the comparison of pins."""
    state = without_pins(state)
    session = state.session
    if bpp == session.target_bpp and session.quality is None and not state.entering:
        return state
    session = replace(session, target_bpp=bpp, quality=None)
    return replace(gone_on(state), session=session, entered_quality=None, entering="")


@update
def set_quality(state: AppState, quality: EqualTarget) -> AppState:
    """Set the quality of every codec, at whatever rate."""
    state = without_pins(state)
    if quality == state.session.quality and not state.entering:
        return state
    return replace(gone_on(state), session=replace(state.session, quality=quality), entering="")


@update
def set_on_scale(state: AppState, value: float) -> AppState:
    """Set the target on the slider's scale: bpp or, at equal quality, dB or a score."""
    quality = state.session.quality
    if quality is None:
        return set_target(value)(state)
    return set_quality(at_value(quality, value))(state)


@update
def step_target(state: AppState, steps: float, stride: Stride = Stride.STEP) -> AppState:
    """Move the target by this many steps."""
    scale, value = target_on_scale(state)
    return set_on_scale(scale.stepped(value, steps, stride))(state)


def target_on_scale(state: AppState) -> tuple[SliderScale, float]:
    """The slider's scale and value."""
    session = state.session
    if session.quality is None:
        return RATE_SCALE, session.target_bpp
    quality = session.quality
    if isinstance(quality, ScoreTarget):
        return score_scale(metric_named(quality.metric)), quality.value
    return QualityScale(quality.metric, quality.channel, session.scale.ms_ssim_db), quality.value_db


@update
def toggle_lock(state: AppState, pane: str) -> AppState:
    """Keep a codec at the rate that it shows, whatever the slider does; a locked one follows again."""
    if pane not in state.compared:
        return show_error("Select a codec’s pane first: its rate is locked.")(state)
    if pane in state.locked:
        return replace(state, locked={codec: bpp for codec, bpp in state.locked.items() if codec != pane})
    bpp, quality = state.session.target_bpp, state.session.quality
    if quality is not None:
        shown = state.results.get(pane)
        if shown is None:
            return show_error("There is nothing to lock yet: wait for the codec.")(state)
        bpp = rounded_bpp(shown.result.bpp)
    return replace(state, locked={**state.locked, pane: bpp})


@update
def unlock_all(state: AppState) -> AppState:
    """Let every codec follow the slider."""
    return replace(state, locked={})


@update
def toggle_equal(state: AppState, metric: str) -> AppState:
    """Match by quality in a metric, named as in a MetricChoice, or by rate again."""
    quality = state.session.quality
    if state.entering == metric:
        return replace(state, entering="")
    if quality is not None and quality.metric == metric:
        return equal_rate()(state)
    fast = family(metric)
    return enter_by_score(replace(without_pins(state), entering=metric)) if fast is None else _entering(state, fast)


@update
def equal_rate(state: AppState) -> AppState:
    """Match by rate: the previous one or, if the quality was changed, that of the reference now."""
    session, result = state.session, state.results.get(state.reference)
    if session.quality is None:
        return replace(state, entering="")
    if session.quality != state.entered_quality and result is not None and result.match is not None:
        return set_target(rounded_bpp(result.result.bpp))(state)
    return set_target(session.target_bpp)(state)


def _entering(state: AppState, metric: QualityMetric) -> AppState:
    """Match by about the quality that the reference codec has now."""
    return _begun(state, quality_shown(state, state.reference, metric))


def quality_shown(state: AppState, codec: str, metric: QualityMetric) -> QualityTarget:
    """About the quality that a codec has now, as equal quality begins; the initial one if there is no result."""
    target = QualityTarget(metric, state.session.scale.channel, DEFAULT_DB[metric])
    result = state.results.get(codec)
    if result is None:
        return target
    low, high = RANGE_DB[metric]
    present = target.of(result.result.measurement.metrics)
    return replace(target, value_db=round(min(max(present, low), high), 1))


def enter_by_score(state: AppState) -> AppState:
    """Begin equal quality in the slow metric that was chosen for it, once the reference's picture has a score there."""
    result = reference_result(state)
    if not state.entering or result is None:
        return state
    score = scores_of(state.scores, result.result).get(state.entering)
    if score is None:
        return state
    if score.value is None:
        return show_error(score.problem)(replace(state, entering=""))
    metric = metric_named(state.entering)
    return _begun(state, ScoreTarget(metric.name, round(score.value, score_digits(metric))))


def _begun(state: AppState, target: EqualTarget) -> AppState:
    unmoved = state.session.quality in (None, state.entered_quality)
    return replace(set_quality(target)(state), entered_quality=target if unmoved else None)


@update
def set_scale(state: AppState, scale: MetricScale) -> AppState:
    """Change the channel or scale of the metrics; an equal quality follows the channel."""
    quality = state.session.quality
    state = replace(state, session=replace(state.session, scale=scale))
    if not isinstance(quality, QualityTarget) or quality.channel == scale.channel:
        return state
    return _entering(state, quality.metric)


@update
def set_metric_choice(state: AppState, choice: MetricChoice) -> AppState:
    """Other columns in the heads, or other metrics plotted."""
    return replace(state, session=replace(state.session, metric_choice=choice))


@update
def try_again(state: AppState) -> AppState:
    """Retry what has failed; also what is running, in case it fails for lack of memory."""
    failed = [pane for pane in state.panes if state.failures.get(pane)]
    attempts = {pane: state.attempts.get(pane, 0) + 1 for pane in failed}
    again = {} if not failed else {"curves_complete": False, "curve_attempt": state.curve_attempt + 1}
    at_work = frozenset(state.awaited.values())
    return replace(state, attempts={**state.attempts, **attempts}, doubtful=at_work, **again)  # type: ignore[arg-type]


@update
def set_memory_limit(state: AppState, limit_gb: int | None) -> AppState:
    """Change the memory limit, and retry what was refused."""
    return try_again()(replace(state, memory_limit_gb=limit_gb))


@update
def go_to_pin(state: AppState, index: int) -> AppState:
    """Go to a pin's rate and, if a single pane is shown, to its codec."""
    pin = state.session.pins.pins[index]
    state = without_pins(set_pins(state.session.pins.choosing(index))(state))
    layout = state.session.pane_layout
    if layout.layout is Layout.SINGLE and pin.codec in state.compared:
        state = set_pane_layout(layout.alone(pin.codec))(state)
    opened = state.opened
    if opened is not None and (kept := pin.stream_for(opened.image.digest)) is not None:
        state = replace(state, kept_streams=(*state.kept_streams, kept))
    return set_target(usable_bpp(pin.target_bpp))(state)
