"""The interface of metrics."""

from __future__ import annotations

import math
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from viewer.imaging.image import Pixels

Direction = Literal["higher", "lower"]
"""Which scores are better."""


class PreparedMetric(Protocol):
    """A metric prepared for one original. Safe to use from several threads."""

    def score(self, pixels: Pixels) -> float:
        """The score of a reconstruction, uint8 (H, W, 3) of the original's size; infinite if the scale is open there.

        May raise MetricError, with a sentence, if this picture has no score.
        """


class Metric(Protocol):
    """A full-reference metric of pictures. Immutable."""

    @property
    def name(self) -> str:
        """Its identifier on the command line, in CSV and JSON: "ssimulacra2". Small letters, digits, - and _."""

    @property
    def label(self) -> str:
        """The name for people: "SSIMULACRA2"."""

    @property
    def unit(self) -> str:
        """The unit of its scores: "dB"; empty if they have none."""

    @property
    def direction(self) -> Direction:
        """Which scores are better."""

    @property
    def range(self) -> tuple[float, float]:
        """The lowest and highest possible score; infinite if there is no limit."""

    def prepare(self, original: Pixels) -> PreparedMetric:
        """Prepare for reconstructions of an original, uint8 (H, W, 3) sRGB, which must not be changed."""


@runtime_checkable
class HasErrorMap(Protocol):
    """A prepared metric that also shows where a reconstruction is off."""

    def error_map(self, pixels: Pixels) -> NDArray[np.float32]:
        """The error at each pixel of a reconstruction, (H, W), 0 for none."""


@runtime_checkable
class HasMap(Protocol):
    """A metric that says what its prepared ones' `error_map` is like, so that the window offers it."""

    @property
    def map_high(self) -> float:
        """The value of the map's brightest colour at gain 1; 0 if there is no map."""


@runtime_checkable
class HasAxis(Protocol):
    """A metric whose scores of good pictures are close together (MS-SSIM): plots, averages and BD-rates use a scale
    that spreads them.
    """

    @property
    def axis_unit(self) -> str:
        """The unit of that scale."""

    def on_axis(self, score: float) -> float:
        """A score on that scale, better in the same direction."""


@runtime_checkable
class HasUsualRange(Protocol):
    """A metric that says which scores people choose between: of a bad picture, and of one that looks like the original.

    They are the ends of the window's slider. A metric without them gets some that suit its range.
    """

    @property
    def usual_range(self) -> tuple[float, float] | None:
        """The lower and the higher score; None for what suits its range."""


@runtime_checkable
class NeedsMemory(Protocol):
    """A metric that states its memory: it waits, or is refused, if there is less."""

    @property
    def bytes_per_pixel(self) -> float:
        """Peak memory of preparing and scoring, divided by the picture's pixels."""


def usual_range(metric: Metric) -> tuple[float, float]:
    """The lower and the higher of the scores that people choose between; finite."""
    stated = metric.usual_range if isinstance(metric, HasUsualRange) else None
    if stated is not None and -math.inf < stated[0] < stated[1] < math.inf:
        return stated
    low, high = metric.range
    if metric.unit == "dB" and low <= 20.0 and high >= 50.0:
        return 20.0, 50.0
    extent = 10.0 if metric.direction == "lower" else 100.0
    if math.isinf(low):
        low = 0.0 if math.isinf(high) else high - extent
    return low, low + extent if math.isinf(high) else high


@runtime_checkable
class StatesVersion(Protocol):
    """A metric that says of which version it is: another one may give other scores."""

    @property
    def version(self) -> str:
        """Of the package or program that computes it: "0.3.0"."""


def version_of(metric: Metric) -> str:
    """Of which version a metric is; empty where it does not say."""
    return metric.version if isinstance(metric, StatesVersion) else ""


def axis_value(metric: Metric, score: float) -> float:
    """A score on the scale of plots, averages and BD-rates."""
    return metric.on_axis(score) if isinstance(metric, HasAxis) else score


def axis_unit(metric: Metric) -> str:
    """The unit of `axis_value`; may be empty."""
    return metric.axis_unit if isinstance(metric, HasAxis) else metric.unit


def axis_title(metric: Metric) -> str:
    """The title of an axis: "MS-SSIM RGB, dB"."""
    unit = axis_unit(metric)
    return f"{metric.label}, {unit}" if unit else metric.label


def axis_digits(metric: Metric) -> int:
    """Decimals on its axis: three on one that ends at 1, one on others."""
    if isinstance(metric, HasAxis):
        return 1
    return 3 if max(abs(end) for end in metric.range) <= 1.0 else 1


def quality(metric: Metric, score: float) -> float:
    """A number that is higher where a picture is better: the score on its axis, negative if lower scores are better."""
    value = axis_value(metric, score)
    return value if metric.direction == "higher" else -value
