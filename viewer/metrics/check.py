"""Whether a metric works, tried on a picture and three JPEGs of it: what is wrong, in sentences."""

from __future__ import annotations

import io
import itertools
import time
from dataclasses import dataclass

import numpy as np
from PIL import Image as PillowImage

from viewer.imaging.image import Pixels
from viewer.metrics.base import Metric
from viewer.metrics.scoring import Score, Scorer, format_score

_QUALITIES = (10, 40, 85)
_SLOW_S = 2.0


@dataclass(frozen=True)
class CheckReport:
    """The outcome of a check. problems: why the metric cannot be used as it is. remarks: what is worth knowing.
    figures: a line about what was measured; empty where nothing could be.
    """

    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    figures: str = ""


def check(metric: Metric, original: Pixels) -> CheckReport:
    """Score three JPEGs of a picture, coarse to fine, and the picture itself, which has to be best of all."""
    scorer = Scorer(original, [metric])
    begun = time.perf_counter()
    found: list[Score] = []
    for pixels in (*(_jpeg(original, quality) for quality in _QUALITIES), original):
        found.append(scorer.score(metric.name, pixels))
        if found[-1].value is None:
            return CheckReport((found[-1].problem,))
    seconds = (time.perf_counter() - begun) / len(found)
    scores = [score.value for score in found if score.value is not None]
    texts = [format_score(metric, score) for score in scores]
    figures = f"JPEG of quality {', '.join(map(str, _QUALITIES))}: {', '.join(texts[:-1])}; the original: {texts[-1]}"
    again = scorer.score(metric.name, _jpeg(original, _QUALITIES[0])).value
    remarks = []
    if seconds > _SLOW_S:
        remarks.append(f"It is slow: a score took {seconds:.1f} s for this small picture.")
    if again != scores[0]:
        remarks.append(
            f"The same picture scored {texts[0]} and {format_score(metric, again)}: scores are not reproducible."
        )
    problems = []
    rising = all(before < after for before, after in itertools.pairwise(scores))
    falling = all(before > after for before, after in itertools.pairwise(scores))
    if len(set(scores)) == 1:
        problems.append("All pictures have the same score: check that it compares both pictures.")
    elif (metric.direction == "higher" and falling) or (metric.direction == "lower" and rising):
        other = "lower" if metric.direction == "higher" else "higher"
        advice = f'set better = "{other}" in its file, or give NAME:{other}:COMMAND'
        problems.append(f"Scores get worse as the picture gets better: {advice}.")
    elif not rising and not falling:
        problems.append("Scores neither rise nor fall with quality: check which number is read.")
    return CheckReport(tuple(problems), tuple(remarks), f"{figures} ({1e3 * seconds:.0f} ms each)")


def _jpeg(pixels: Pixels, quality: int) -> Pixels:
    buffer = io.BytesIO()
    PillowImage.fromarray(pixels).save(buffer, "JPEG", quality=quality)
    with PillowImage.open(buffer) as picture:
        return np.asarray(picture.convert("RGB"))
