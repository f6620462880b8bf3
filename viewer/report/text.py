"""Sentences and number formats of the report."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from viewer.imaging.image_info import format_bytes
from viewer.matching.limits import quality_limit_sentence, rate_limit_sentence
from viewer.matching.quality_search import QualityMatch
from viewer.matching.result import Result
from viewer.matching.score_search import ScoreMatch
from viewer.matching.targets.quality import ms_ssim_db
from viewer.metrics.base import Metric
from viewer.metrics.registry import slow
from viewer.metrics.scoring import format_score, score_in

MINUS = "\N{MINUS SIGN}"


def verdict(labels: Mapping[str, str], results: Sequence[Result], metrics: Sequence[Metric] = ()) -> list[str]:
    """Which codec is ahead at a rate, in sentences, among those that reached it. labels: of codecs, by name. metrics:
    in addition to PSNR and MS-SSIM.
    """
    reached = {labels[result.request.codec]: result for result in results if result.reachable}
    sentences = []
    if len(reached) > 1:
        measured = {label: result.measurement.metrics for label, result in reached.items()}
        sentences = [
            _leader("PSNR", {label: one.psnr_rgb_db for label, one in measured.items()}),
            _leader("MS-SSIM", {label: ms_ssim_db(one.ms_ssim_rgb) for label, one in measured.items()}),
        ]
        for metric in slow(metrics):
            scores = {label: score_in(metric, measured[label], result.scores) for label, result in reached.items()}
            sentences += _leader_in(metric, {label: score for label, score in scores.items() if score is not None})
    missed = [result for result in results if not result.reachable]
    return sentences + [rate_limit_sentence(labels[result.request.codec], result) for result in missed]


def needs(labels: Mapping[str, str], matches: Sequence[QualityMatch | ScoreMatch]) -> list[str]:
    """What codecs need for the same quality, in sentences, for those that reached it."""
    sizes = sorted(
        ((labels[match.result.request.codec], len(match.result.stream)) for match in matches if match.reached),
        key=lambda pair: pair[1],
    )
    sentences = []
    if sizes:
        (first, fewest), *others = sizes
        sentences = [
            f"Fewest bytes: {first} with {format_bytes(fewest)}.",
            *(f"{label} needs {count / fewest:.2f} times as many." for label, count in others),
        ]
    missed = [match for match in matches if not match.reached]
    return sentences + [
        quality_limit_sentence(labels[match.result.request.codec], match, in_db=True) for match in missed
    ]


def _leader(title: str, figures_db: Mapping[str, float]) -> str:
    (first, highest), (second, next_highest), *_ = sorted(figures_db.items(), key=lambda pair: -pair[1])
    if number(highest, 2) == number(next_highest, 2):
        return f"In {title}, {first} and {second} are level at {number(highest, 2)} dB."
    if math.isinf(highest):
        return f"Highest {title}: {first}, which is lossless here."
    lead = round(highest, 2) - round(next_highest, 2)
    return f"Highest {title}: {first} with {number(highest, 2)} dB, {number(lead, 2)} dB above {second}."


def _leader_in(metric: Metric, scores: Mapping[str, float]) -> list[str]:
    """Like `_leader`, for any metric; empty if fewer than two have a score."""
    higher = metric.direction == "higher"
    ranked = sorted(scores.items(), key=lambda pair: pair[1], reverse=higher)
    if len(ranked) < 2:
        return []
    (first, best), (second, next_best), *_ = ranked
    if format_score(metric, best) == format_score(metric, next_best):
        return [f"In {metric.label}, {first} and {second} are level at {format_score(metric, best)}."]
    lead = format_score(metric, abs(best - next_best))
    which, beside = ("Highest", "above") if higher else ("Lowest", "below")
    return [f"{which} {metric.label}: {first} with {format_score(metric, best)}, {lead} {beside} {second}."]


def number(value: float, digits: int) -> str:
    """A number, or the sign for infinity."""
    return "∞" if math.isinf(value) else f"{value:.{digits}f}"


def format_signed_percent(value: float, digits: int) -> str:
    """Percent with its sign; zero has none."""
    return f"{format_signed(value, digits)} %"


def format_signed(value: float, digits: int) -> str:
    """A number with its sign; zero has none."""
    text = f"{abs(value):.{digits}f}"
    sign = "" if float(text) == 0 else ("+" if value > 0 else MINUS)
    return f"{sign}{text}"


def listed(words: Sequence[str]) -> str:
    """ "A", "A and B", "A, B and C"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
