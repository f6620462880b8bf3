"""Blind tests: which of two hidden codecs is closer to the original? Plans, answers and their statistics.

Every trial shows the same region of both reconstructions side by side, and the user picks one, or cannot tell: such
trials are counted, and left out of the statistics, as in a sign test. Sides and regions are drawn from one seed in two
independent streams, so that neither reveals the other.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from viewer.matching.targets.score import EqualTarget, value_text

Side = Literal["left", "right", "neither"]

MAX_TRIALS = 500
MAX_SEED = 999_999

LARGEST_REGION = 1024
REGION_SHARE = 0.8
"""Largest share of the picture's sides that a region takes, so that regions can differ."""


@dataclass(frozen=True)
class Trial:
    """One choice. left, top, width, height: the region, in picture pixels. on_left, on_right: names of codecs."""

    number: int
    left: int
    top: int
    width: int
    height: int
    on_left: str
    on_right: str


@dataclass(frozen=True)
class BlindTest:
    """The setup of a test.

    image_digest: SHA-256 of the picture's pixels. quality: what is equal for both codecs; if None, the rate target_bpp
    is (both real rates are within 1 % of it). codecs: the two, in the order in which the result lists them. bpp: their
    real rates.
    """

    seed: int
    image_name: str
    image_digest: str
    target_bpp: float
    codecs: tuple[str, str]
    bpp: tuple[float, float]
    trials: tuple[Trial, ...]
    quality: EqualTarget | None = None


@dataclass(frozen=True)
class Answer:
    """The user's choice. response_ms: since both sides became visible. looks: how often the original was viewed."""

    trial: Trial
    side: Side
    response_ms: float
    looks: int

    @property
    def codec(self) -> str:
        """The chosen codec; empty for one who could not tell."""
        return {"left": self.trial.on_left, "right": self.trial.on_right, "neither": ""}[self.side]


@dataclass(frozen=True)
class Verdict:
    """Statistics of the first codec.

    chosen: how often it was chosen in `trials` answers that chose one. ties: those that could not tell. low, high: 95 %
    confidence interval of its share (Wilson score, no continuity correction). p_value: two-sided exact binomial test
    against no preference; None for a test that was stopped early, because stopping at a favourable moment makes small
    p-values likely by chance, and where nothing was chosen.
    """

    chosen: int
    trials: int
    planned: int
    low: float
    high: float
    p_value: float | None
    ties: int = 0

    @property
    def answered(self) -> int:
        return self.trials + self.ties

    @property
    def share(self) -> float:
        """Of the answers that chose one; there must be some."""
        return self.chosen / self.trials


def region_size(image: tuple[int, int], room: tuple[int, int]) -> tuple[int, int]:
    """Width and height of a picture's regions. room: visible area, width and height."""
    width, height = (
        max(1, min(shown, LARGEST_REGION, max(round(REGION_SHARE * side), min(side, 64))))
        for side, shown in zip(image, room, strict=True)
    )
    return width, height


def plan_trials(
    seed: int, codecs: tuple[str, str], count: int, image: tuple[int, int], region: tuple[int, int]
) -> tuple[Trial, ...]:
    """Trials on random regions of a picture, with random sides. Sizes: width and height, in pixels."""
    sides, places = random.Random(f"sides {seed}"), random.Random(f"regions {seed}")
    trials = []
    for number in range(1, count + 1):
        left, top = (int(places.random() * (size - part + 1)) for size, part in zip(image, region, strict=True))
        first, second = codecs if sides.random() < 0.5 else codecs[::-1]
        trials.append(Trial(number, left, top, *region, first, second))
    return tuple(trials)


def verdict(test: BlindTest, answers: Sequence[Answer]) -> Verdict:
    """Evaluate at least one answer."""
    ties = sum(answer.side == "neither" for answer in answers)
    chosen = sum(answer.codec == test.codecs[0] for answer in answers)
    return evaluate(chosen, len(answers) - ties, len(test.trials), ties)


def evaluate(chosen: int, trials: int, planned: int, ties: int = 0) -> Verdict:
    """Interval and p-value of a codec chosen in `chosen` of `trials` answers that chose one, out of `planned`."""
    if not trials:
        return Verdict(0, 0, planned, 0.0, 1.0, None, ties)
    from scipy.stats import binomtest  # slow to import, and not needed to open the window

    found = binomtest(chosen, trials)
    interval = found.proportion_ci(0.95, method="wilson")
    p_value = float(found.pvalue) if trials + ties == planned else None
    return Verdict(chosen, trials, planned, float(interval.low), float(interval.high), p_value, ties)


def quality_text(quality: EqualTarget) -> str:
    """A target quality for people: "PSNR RGB 33.10 dB", "SSIMULACRA2 70.00"."""
    return f"{quality.title()} {value_text(quality, in_db=True)}"


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
    """The answers as CSV (RFC 4180, UTF-8), one line each below a line of column names.

    Fewer lines than trials_planned mean that the test was stopped early, so a p-value would be biased. Of target_bpp
    and target_quality, the one that was not equal for both codecs is empty.
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
    return text.getvalue().encode(errors="backslashreplace")  # file names need not be text
