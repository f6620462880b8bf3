"""What a metric is, to the rest of the program."""

from __future__ import annotations

from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from viewer.imaging.image import Pixels

Direction = Literal["higher", "lower"]
"""Which scores are better."""


class PreparedMetric(Protocol):
    """A metric of one original, with what depends on the original alone done. Safe to use from several threads."""

    def score(self, pixels: Pixels) -> float:
        """The score of a reconstruction, uint8 (H, W, 3) of the original's size; infinite if the scale is open there.

        May raise MetricError, with a sentence, where it has none for this picture.
        """


class Metric(Protocol):
    """A full-reference metric of pictures. Never changes."""

    @property
    def name(self) -> str:
        """Its identifier on the command line, in CSV and JSON: "ssimulacra2". Small letters, digits, - and _."""

    @property
    def label(self) -> str:
        """What people read: "SSIMULACRA2"."""

    @property
    def unit(self) -> str:
        """What its scores are in: "dB"; empty if in nothing."""

    @property
    def direction(self) -> Direction:
        """Which scores are better."""

    @property
    def range(self) -> tuple[float, float]:
        """The lowest and the highest score that there can be; infinite where the scale is open."""

    def prepare(self, original: Pixels) -> PreparedMetric:
        """Get ready for reconstructions of an original, uint8 (H, W, 3) sRGB, which is not to be changed."""


@runtime_checkable
class HasErrorMap(Protocol):
    """What a prepared metric is, besides, if it knows where a reconstruction is off."""

    def error_map(self, pixels: Pixels) -> NDArray[np.float32]:
        """The error of each pixel of a reconstruction, (H, W), 0 where there is none."""


@runtime_checkable
class HasAxis(Protocol):
    """What a metric is, besides, if its scores crowd together where pictures are good (MS-SSIM): plots, averages and
    BD-rates take them on a scale that spreads them.
    """

    @property
    def axis_unit(self) -> str:
        """The unit of that scale."""

    def on_axis(self, score: float) -> float:
        """A score on that scale, better in the same direction."""


@runtime_checkable
class NeedsMemory(Protocol):
    """What a metric is, besides, if it says how much memory it takes: it waits, or is refused, where there is less."""

    @property
    def bytes_per_pixel(self) -> float:
        """Peak memory of preparing and scoring, divided by the picture's pixels."""


def axis_value(metric: Metric, score: float) -> float:
    """A score as plots, averages and BD-rates take it."""
    return metric.on_axis(score) if isinstance(metric, HasAxis) else score


def axis_unit(metric: Metric) -> str:
    """The unit of `axis_value`; may be empty."""
    return metric.axis_unit if isinstance(metric, HasAxis) else metric.unit


def axis_title(metric: Metric) -> str:
    """What an axis says: "MS-SSIM RGB, dB"."""
    unit = axis_unit(metric)
    return f"{metric.label}, {unit}" if unit else metric.label


def axis_digits(metric: Metric) -> int:
    """Decimals that say enough on its axis: three on one that ends at 1, one on others."""
    if isinstance(metric, HasAxis):
        return 1
    return 3 if max(abs(end) for end in metric.range) <= 1.0 else 1


def quality(metric: Metric, score: float) -> float:
    """A number that is higher where a picture is better: the score on its axis, negative if lower scores are better."""
    value = axis_value(metric, score)
    return value if metric.direction == "higher" else -value
