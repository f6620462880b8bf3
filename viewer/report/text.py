"""Sentences and number formats of the report."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from viewer.imaging.image_info import format_bytes
from viewer.matching.comparison import Result
from viewer.matching.limits import quality_limit_sentence, rate_limit_sentence
from viewer.matching.quality_search import QualityMatch
from viewer.matching.quality_target import ms_ssim_db
from viewer.metrics.measurement import Metrics

MINUS = "\N{MINUS SIGN}"

_QUALITIES: tuple[tuple[str, Callable[[Metrics], float]], ...] = (
    ("PSNR", lambda metrics: metrics.psnr_rgb_db),
    ("MS-SSIM", lambda metrics: ms_ssim_db(metrics.ms_ssim_rgb)),
)


def verdict(labels: Mapping[str, str], results: Sequence[Result]) -> list[str]:
    """Which codec is ahead at a rate, in sentences, among those that reached it. labels: of codecs, by name."""
    reached = [result for result in results if result.reachable]
    sentences = []
    if len(reached) > 1:
        for title, value in _QUALITIES:
            figures = {labels[result.request.codec]: value(result.measurement.metrics) for result in reached}
            sentences.append(_leader(title, figures))
    missed = [result for result in results if not result.reachable]
    return sentences + [rate_limit_sentence(labels[result.request.codec], result) for result in missed]


def needs(labels: Mapping[str, str], matches: Sequence[QualityMatch]) -> list[str]:
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


def number(value: float, digits: int) -> str:
    """A number, or the sign for infinity."""
    return "∞" if math.isinf(value) else f"{value:.{digits}f}"


def format_signed_percent(value: float, digits: int) -> str:
    """Percent with its sign; zero has none."""
    text = f"{abs(value):.{digits}f}"
    sign = "" if float(text) == 0 else ("+" if value > 0 else MINUS)
    return f"{sign}{text} %"


def listed(words: Sequence[str]) -> str:
    """ "A", "A and B", "A, B and C"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
