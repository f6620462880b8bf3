"""Blind tests: which of two hidden codecs is closer to the original? Plans, answers and what they prove; no Qt.

Two-alternative forced choice: every trial shows the same region of both reconstructions side by side, and one of them
has to be chosen. Sides and regions come from a seed, in two streams, so that neither tells of the other.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from viewer.matching.quality_target import QualityTarget, format_quality

Side = Literal["left", "right"]

MAX_TRIALS = 500
MAX_SEED = 999_999

LARGEST_REGION = 512
REGION_SHARE = 0.6
"""Regions are no larger than this share of the picture's sides, so that there are different ones."""


@dataclass(frozen=True)
class Trial:
    """One choice. left, top, width, height: the region, in pixels of the picture. on_left, on_right: codecs' names."""

    number: int
    left: int
    top: int
    width: int
    height: int
    on_left: str
    on_right: str


@dataclass(frozen=True)
class BlindTest:
    """What is asked.

    image_digest: SHA-256 of the picture's pixels. target_bpp, quality: what both codecs have in common: the quality, or
    where that is None the rate (both real rates are within 1 % of it). codecs: the two, in the order in which the
    result names them. bpp: their real rates.
    """

    seed: int
    image_name: str
    image_digest: str
    target_bpp: float
    codecs: tuple[str, str]
    bpp: tuple[float, float]
    trials: tuple[Trial, ...]
    quality: QualityTarget | None = None


@dataclass(frozen=True)
class Answer:
    """What was chosen. response_ms: from the moment at which both sides were seen. looks: at the original."""

    trial: Trial
    side: Side
    response_ms: float
    looks: int

    @property
    def codec(self) -> str:
        """The codec that was chosen."""
        return self.trial.on_left if self.side == "left" else self.trial.on_right


@dataclass(frozen=True)
class Verdict:
    """What the answers show about the first codec.

    chosen: how often it was chosen in `trials` answers. low, high: 95 % confidence interval of its share
    (Wilson score, no continuity correction). p_value: two-sided exact binomial test against no preference; None for a
    test that was stopped early, because whoever may stop at a favourable moment finds small p-values by chance.
    """

    chosen: int
    trials: int
    planned: int
    low: float
    high: float
    p_value: float | None

    @property
    def share(self) -> float:
        return self.chosen / self.trials


def region_size(image: tuple[int, int], room: tuple[int, int]) -> tuple[int, int]:
    """Width and height of regions of a picture, of which `room` can be seen."""
    width, height = (
        max(1, min(shown, LARGEST_REGION, max(round(REGION_SHARE * side), min(side, 64))))
        for side, shown in zip(image, room, strict=True)
    )
    return width, height


def plan_trials(
    seed: int, codecs: tuple[str, str], count: int, image: tuple[int, int], region: tuple[int, int]
) -> tuple[Trial, ...]:
    """Trials on random regions of a picture, each codec on a random side. Sizes: width and height, in pixels."""
    sides, places = random.Random(f"sides {seed}"), random.Random(f"regions {seed}")
    trials = []
    for number in range(1, count + 1):
        left, top = (int(places.random() * (size - part + 1)) for size, part in zip(image, region, strict=True))
        first, second = codecs if sides.random() < 0.5 else codecs[::-1]
        trials.append(Trial(number, left, top, *region, first, second))
    return tuple(trials)


def verdict(test: BlindTest, answers: Sequence[Answer]) -> Verdict:
    """Evaluate at least one answer."""
    return evaluate(sum(answer.codec == test.codecs[0] for answer in answers), len(answers), len(test.trials))


def evaluate(chosen: int, trials: int, planned: int) -> Verdict:
    """Interval and p-value for a codec that was chosen in `chosen` of `trials` answers, when `planned` were planned."""
    from scipy.stats import binomtest  # slow to import, and the window opens without it

    found = binomtest(chosen, trials)
    interval = found.proportion_ci(0.95, method="wilson")
    p_value = float(found.pvalue) if trials == planned else None
    return Verdict(chosen, trials, planned, float(interval.low), float(interval.high), p_value)


def quality_text(quality: QualityTarget) -> str:
    """A target quality for people: "PSNR RGB 33.10 dB"."""
    return f"{quality.title()} {format_quality(quality.metric, quality.value_db, in_db=True)}"


COLUMNS = (
    *("seed", "trial", "image", "image_sha256", "target_bpp", "left", "top", "width", "height"),
    *(
        "left_codec",
        "right_codec",
        "left_bpp",
        "right_bpp",
        "answer",
        "chosen_codec",
        "response_ms",
        "looks_at_original",
    ),
    *("trials_planned", "target_quality"),
)


def as_csv(test: BlindTest, answers: Sequence[Answer]) -> bytes:
    """The answers as CSV (RFC 4180, UTF-8), a line each below the names of the columns.

    Fewer lines than trials_planned mean that the test was stopped early: a p-value of theirs would be biased. Either
    target_bpp or target_quality is empty: what the codecs did not have in common.
    """
    bpp = dict(zip(test.codecs, test.bpp, strict=True))
    target_bpp = f"{test.target_bpp:.6g}" if test.quality is None else ""
    quality = "" if test.quality is None else quality_text(test.quality)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for answer in answers:
        trial = answer.trial
        writer.writerow(
            (
                *(test.seed, trial.number, test.image_name, test.image_digest, target_bpp),
                *(trial.left, trial.top, trial.width, trial.height, trial.on_left, trial.on_right),
                *(f"{bpp[trial.on_left]:.6g}", f"{bpp[trial.on_right]:.6g}", answer.side, answer.codec),
                *(f"{answer.response_ms:.1f}", answer.looks, len(test.trials), quality),
            )
        )
    return text.getvalue().encode(errors="backslashreplace")  # names of files need not be text
