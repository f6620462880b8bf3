"""What the comparison says, in one sentence: how the codecs are matched, who is ahead by how much, and what the others
would need for the same quality.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from viewer.imaging.image_info import format_bytes
from viewer.matching.curve import RatePoint, rated_qualities
from viewer.matching.limits import quality_limit_note, rate_limit_note
from viewer.matching.targets.quality import METRIC_NAMES, QualityMeasure, QualityMetric
from viewer.matching.targets.rate import MAX_BPP, target_bytes
from viewer.matching.targets.score import ScoreTarget, value_text, within_text
from viewer.session.ranking import highest
from viewer.session.state import MetricScale

if TYPE_CHECKING:  # they import the codecs
    from viewer.matching.quality_search import QualityMatch
    from viewer.matching.result import Result
    from viewer.matching.score_search import ScoreMatch

WIDEST_GAP = 2.0
"""While a curve is being measured, nothing is interpolated between points farther apart than this factor of rate."""
INTERPOLATED = (
    "“About”: interpolated between measured points of the curves. Match by MS-SSIM to have it measured exactly."
)


@dataclass(frozen=True, eq=False)
class Subject:
    """One picture that the sentence is about. match: at equal quality, what came of the search."""

    label: str
    codec: str
    result: Result
    match: QualityMatch | ScoreMatch | None = None


@dataclass(frozen=True)
class ResultSentence:
    """matched: what the codecs have in common. lead: who is ahead. needs: bytes for the same quality; may be empty.

    brief_needs: the same of one codec only. pending: needs is a word about curves that are still being measured. note:
    how a figure came about.
    """

    matched: str
    lead: str = ""
    needs: str = ""
    brief_needs: str = ""
    pending: bool = False
    note: str = ""

    @property
    def text(self) -> str:
        """All of it."""
        parts = (part for part in (self.matched, self.lead, self.needs) if part)
        return " ".join(part if part.endswith("…") else f"{part}." for part in parts)


def result_sentence(
    subjects: Sequence[Subject],
    scale: MetricScale,
    curves: Mapping[str, Sequence[RatePoint]],
    *,
    complete: bool,
) -> ResultSentence:
    """What is to be said of pictures that have all arrived. curves: measured points by codec; complete: all of them."""
    if not subjects:
        return ResultSentence("")
    matches = [one.match for one in subjects if one.match is not None]
    if len(matches) == len(subjects):
        return _at_equal_quality(subjects, matches, scale)
    if len({one.result.request.target_bpp for one in subjects}) > 1:
        sizes = ", ".join(f"{one.label} {format_bytes(len(one.result.stream))}" for one in subjects)
        return ResultSentence(f"Different sizes: {sizes}", _lead(subjects, scale))
    reached = [one for one in subjects if one.result.reachable]
    missed = [f"{one.label} {rate_limit_note(one.result)}" for one in subjects if not one.result.reachable]
    request = subjects[0].result.request
    size = format_bytes(target_bytes(request.target_bpp, request.image))
    matched = "; ".join((*_those_at(reached, len(subjects), f"at {size}, within {_within(reached)}"), *missed))
    lead = _lead(reached, scale) or _lead_with_fewer(reached, subjects, scale)
    needs = _needs(reached, subjects, scale, curves, complete=complete)
    return ResultSentence(matched, lead, *needs)


def rate_needed(curve: Sequence[tuple[float, float]], value: float, *, complete: bool) -> float | None:
    """The rate in bpp at which a curve (rate ascending, value) first reaches a value; infinite if it never does, None
    if that is not known yet.

    Linear in the logarithm of the rate between measured points, as curves are nearly straight there.
    """
    for (low, below), (high, above) in pairwise(curve):
        if below < value <= above:
            if not complete and high > WIDEST_GAP * low:
                return None
            if math.isinf(above):
                return high
            return low * math.exp(math.log(high / low) * (value - below) / (above - below))
    if not complete or not curve or curve[0][1] >= value:
        return None
    return math.inf


def _those_at(reached: Sequence[Subject], count: int, where: str) -> tuple[str, ...]:
    """The pictures that are where all were asked to be, out of so many."""
    if not reached:
        return ()
    if len(reached) < count or count == 1:
        return (f"{_listed([one.label for one in reached])} {where}",)
    return (f"{'Both' if count == 2 else 'All'} {where}",)


def _within(reached: Sequence[Subject]) -> str:
    """The largest deviation from the target, rounded up."""
    largest = max((abs(one.result.deviation) for one in reached), default=0.0)
    return f"{max(math.ceil(round(largest * 1000, 6)), 1) / 10:.1f} %"


def _lead(subjects: Sequence[Subject], scale: MetricScale) -> str:
    """Who is ahead in which metric by how much, by the figures as they are printed."""
    if len(subjects) < 2:
        return ""
    found = {metric: _ahead(subjects, scale, metric) for metric in METRIC_NAMES}
    leaders = {ahead.leader for ahead in found.values()}
    amounts = {metric: _amount(ahead, metric, scale) for metric, ahead in found.items()}
    if len(leaders) > 1 or "" in leaders:
        return "; ".join(_in_metric(metric, found[metric], amounts[metric], scale) for metric in METRIC_NAMES)
    (leader,) = leaders
    rivals = {ahead.rival for ahead in found.values()}
    if len(rivals) == 1:
        return f"{leader} is ahead of {rivals.pop()} by {' and '.join(amounts.values())}"
    over = (f"of {ahead.rival} by {amounts[metric]}" for metric, ahead in found.items())
    return f"{leader} is ahead {' and '.join(over)}"


def _lead_with_fewer(reached: Sequence[Subject], subjects: Sequence[Subject], scale: MetricScale) -> str:
    """That the only codec at the target is ahead even of another one that could not go down to it."""
    if len(reached) != 1 or len(subjects) != 2:
        return ""
    (first,) = reached
    (other,) = (one for one in subjects if one is not first)
    ahead = [_ahead(subjects, scale, metric) for metric in METRIC_NAMES]
    share = 1 - len(first.result.stream) / len(other.result.stream)
    if share <= 0 or any(one.leader != first.label for one in ahead):
        return ""
    return f"{_lead(subjects, scale)}, with {100 * share:.1f} % fewer bytes"


@dataclass(frozen=True)
class _Ahead:
    """leader: empty where several are level, which level names. by: infinite where only the leader is lossless."""

    leader: str
    rival: str
    by: float
    level: tuple[str, ...] = ()


def _ahead(subjects: Sequence[Subject], scale: MetricScale, metric: QualityMetric) -> _Ahead:
    digits = _digits(metric, scale)
    values = {
        str(place): round(_value(metric, scale, one.result), digits) for place, one in enumerate(subjects)
    }  # by place, as labels may be the same
    best = highest(values, digits)
    if len(best) > 1:
        return _Ahead("", "", 0.0, tuple(subjects[int(place)].label for place in values if place in best))
    (leader,) = best
    rival = max((place for place in values if place != leader), key=lambda place: values[place])
    return _Ahead(subjects[int(leader)].label, subjects[int(rival)].label, values[leader] - values[rival])


def _amount(ahead: _Ahead, metric: QualityMetric, scale: MetricScale) -> str:
    unit = " dB" if metric == "psnr" or scale.ms_ssim_db else ""
    return f"{'∞' if math.isinf(ahead.by) else f'{ahead.by:.{_digits(metric, scale)}f}'}{unit} {_name(metric, scale)}"


def _in_metric(metric: QualityMetric, ahead: _Ahead, amount: str, scale: MetricScale) -> str:
    if ahead.level:
        return f"{_listed(ahead.level)} have the same {_name(metric, scale)}"
    return f"{ahead.leader} is ahead of {ahead.rival} by {amount}"


def _needs(
    reached: Sequence[Subject],
    subjects: Sequence[Subject],
    scale: MetricScale,
    curves: Mapping[str, Sequence[RatePoint]],
    *,
    complete: bool,
) -> tuple[str, str, bool, str]:
    """What the others need for the MS-SSIM of the best one: all, one only, whether that is yet to come, and a note."""
    measure = QualityMeasure("ms_ssim", scale.channel)
    if len(subjects) < 2 or not reached:
        return "", "", False, ""
    leader = max(reached, key=lambda one: measure.of(one.result.measurement.metrics))
    value_db = measure.of(leader.result.measurement.metrics)
    if math.isinf(value_db):
        return "", "", False, ""
    others = {one.codec: one.label for one in subjects if one.codec != leader.codec}
    rates = {
        codec: rate_needed(rated_qualities(curves.get(codec, ()), measure), value_db, complete=complete)
        for codec in others
    }
    known = {codec: rate / leader.result.bpp for codec, rate in rates.items() if rate is not None}
    if not known:
        return ("", "", False, "") if complete else ("Measuring the bytes for the same quality…",) * 2 + (True, "")
    ordered = sorted(known, key=lambda codec: known[codec])
    if len(ordered) > 2:  # the nearest rival and the farthest say enough
        ordered = [ordered[0], ordered[-1]]
    name = _name("ms_ssim", scale)
    full, brief = (_need({others[codec]: known[codec] for codec in some}, name) for some in (ordered, ordered[-1:]))
    return full, brief, False, INTERPOLATED


def _need(ratios: Mapping[str, float], name: str) -> str:
    """What some codecs need, by their labels, for the same value of a metric; infinite: none of their rates is enough.

    "JPEG 2000 needs about 1.6 times the bytes, JPEG 2.9 times, for the same MS-SSIM".
    """
    finite = {label: _times(ratio) for label, ratio in ratios.items() if math.isfinite(ratio)}
    never = [label for label, ratio in ratios.items() if not math.isfinite(ratio)]
    if not finite:
        return f"{_listed(never)} cannot reach this {name} below {MAX_BPP:g} bpp"
    (first, times), *more = finite.items()
    also = "".join(f", {label} {others}" for label, others in more)
    same = f"{first} needs about {times} the bytes{also}{',' if also else ''} for the same {name}"
    return "; ".join((same, *(f"{label} cannot reach it" for label in never)))


def _times(ratio: float) -> str:
    return f"{ratio:.{0 if ratio >= 9.95 else 1 if ratio >= 1.15 else 2}f} times"


def _at_equal_quality(
    subjects: Sequence[Subject], matches: Sequence[QualityMatch | ScoreMatch], scale: MetricScale
) -> ResultSentence:
    from viewer.matching.size_ratios import size_ratio_sentence

    target = matches[0].target
    value = value_text(target, in_db=scale.ms_ssim_db)
    title = target.title() if isinstance(target, ScoreTarget) else _name(target.metric, scale)
    reached = [one for one, match in zip(subjects, matches, strict=True) if match.reached]
    missed = [
        f"{one.label} {quality_limit_note(match, in_db=scale.ms_ssim_db)}"
        for one, match in zip(subjects, matches, strict=True)
        if not match.reached
    ]
    where = f"at {title} {value}, within {within_text(target)}"
    matched = "; ".join((*_those_at(reached, len(subjects), where), *missed))
    sizes = sorted(reached, key=lambda one: len(one.result.stream))
    if len(sizes) < 2:
        return ResultSentence(matched)
    least, *more = sizes
    ratios = [len(one.result.stream) / len(least.result.stream) for one in more]
    if len(more) == 1:
        return ResultSentence(matched, size_ratio_sentence(more[0].label, ratios[0], least.label))
    others = ", ".join(f"{one.label} {ratio:.2f} times" for one, ratio in zip(more, ratios, strict=True))
    size = format_bytes(len(least.result.stream))
    return ResultSentence(matched, f"{least.label} needs the fewest bytes, {size}", f"{others} as many", f"{others}")


def _value(metric: QualityMetric, scale: MetricScale, result: Result) -> float:
    metrics = result.measurement.metrics
    return scale.psnr_db(metrics) if metric == "psnr" else scale.ms_ssim(metrics)


def _digits(metric: QualityMetric, scale: MetricScale) -> int:
    return 2 if metric == "psnr" or scale.ms_ssim_db else 5


def _name(metric: QualityMetric, scale: MetricScale) -> str:
    return METRIC_NAMES[metric] if scale.channel == "rgb" else f"luma {METRIC_NAMES[metric]}"


def _listed(names: Sequence[str]) -> str:
    """ "A", "A and B", "A, B and C"."""
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)
