"""Metrics from other packages, through entry points of the group “ratelens.metrics”.

An entry point names a `base.Metric`, or a class or function that makes one. If one is unusable, a sentence says why
and the program goes on without it. Usable ones are wrapped: whatever they raise later becomes a MetricError, and
what they return is checked.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import metadata
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import MetricError
from viewer.imaging.image import Pixels
from viewer.metrics.base import Direction, HasErrorMap, HasMap, HasUsualRange, Metric, NeedsMemory, PreparedMetric
from viewer.system import plugins
from viewer.system.plugins import Found, translating_errors

_TYPICAL_BYTES_PER_PIXEL = 512.0
"""Memory of other packages' metrics is unknown: assume that of the most demanding known one."""


@dataclass(frozen=True)
class PluginMetric:
    """Another package's metric. package: its name and version, for messages."""

    metric: Metric
    package: str
    name: str
    label: str
    unit: str
    direction: Direction
    range: tuple[float, float]
    bytes_per_pixel: float
    usual_range: tuple[float, float] | None = None
    map_high: float = 0.0

    @property
    def origin(self) -> str:
        """Who computes it, for reports."""
        return f"the package {self.package}"

    @property
    def version(self) -> str:
        return self.package

    def prepare(self, original: Pixels) -> _Prepared:
        with self.translating_errors("preparing the picture"):
            prepared = self.metric.prepare(original)
        return _PreparedWithMap(self, prepared) if isinstance(prepared, HasErrorMap) else _Prepared(self, prepared)

    def translating_errors(self, what: str) -> AbstractContextManager[None]:
        """Turn whatever the metric raises inside the block into a MetricError. what: it is doing."""
        who = f"{self.label}, a metric from the package {self.package}"
        return translating_errors(MetricError, who, what, "leave it out")


@dataclass(frozen=True, eq=False)
class _Prepared:
    metric: PluginMetric
    prepared: PreparedMetric

    def score(self, pixels: Pixels) -> float:
        with self.metric.translating_errors("comparing"):
            return float(self.prepared.score(pixels))


@dataclass(frozen=True, eq=False)
class _PreparedWithMap(_Prepared):
    def error_map(self, pixels: Pixels) -> NDArray[np.float32]:
        with self.metric.translating_errors("making its map"):
            assert isinstance(self.prepared, HasErrorMap)
            errors = np.asarray(self.prepared.error_map(pixels), np.float32)
            if errors.shape != pixels.shape[:2]:
                raise ValueError(f"a map has to be of shape {pixels.shape[:2]}, not {errors.shape}")
        return errors


def load_plugins(taken: Iterable[Metric], declared: Iterable[metadata.EntryPoint]) -> Found[PluginMetric]:
    """Load the metrics of other packages. taken: metrics whose names are in use."""
    return plugins.load_plugins("metric", _plugin_metric, taken, declared)


def _plugin_metric(named: Any, package: str) -> PluginMetric:
    """Raises TypeError or ValueError saying what is missing, and whatever making it raises."""
    metric = plugins.instance_of(named, ("unit", "direction", "range"), ("prepare",))
    if not isinstance(metric.unit, str):
        raise TypeError("its unit is not text")
    if metric.direction not in ("higher", "lower"):
        raise ValueError(f"its direction {metric.direction!r} is neither “higher” nor “lower”")
    low, high = map(float, metric.range)
    if not low < high or math.isnan(low) or math.isnan(high):
        raise ValueError(f"its range {metric.range!r} is not a lowest and a highest score")
    taken = float(metric.bytes_per_pixel) if isinstance(metric, NeedsMemory) else _TYPICAL_BYTES_PER_PIXEL
    usual = metric.usual_range if isinstance(metric, HasUsualRange) else None
    if usual is not None:
        worst, best = usual = float(usual[0]), float(usual[1])
        if not low <= worst < best <= high or math.isinf(worst) or math.isinf(best):
            raise ValueError(f"its usual range {usual!r} is not a lower and a higher score inside of its range")
    called = metric.name, metric.label, metric.unit, metric.direction
    map_high = float(metric.map_high) if isinstance(metric, HasMap) else 0.0
    if not 0.0 <= map_high < math.inf:
        raise ValueError(f"its “map_high” {metric.map_high!r} is not a value of a map")
    return PluginMetric(metric, package, *called, (low, high), taken, usual, map_high)
