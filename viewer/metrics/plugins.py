"""Metrics from other packages, through entry points of the group “ratelens.metrics”.

An entry point names a `base.Metric`, or a class or function that makes one. If one is unusable, a sentence says why
and the program goes on without it. Usable ones are wrapped: whatever they raise later becomes a MetricError, and
what they return is checked.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import MetricError, RateLensError
from viewer.imaging.image import Pixels
from viewer.metrics.base import Direction, HasErrorMap, HasUsualRange, Metric, NeedsMemory, PreparedMetric

GROUP = "ratelens.metrics"

NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_TYPICAL_BYTES_PER_PIXEL = 512.0
"""Memory of other packages' metrics is unknown: assume that of the most demanding known one."""


@dataclass(frozen=True)
class Plugins:
    """metrics: those that can be used. findings: what is wrong with the others, and what to do about it."""

    metrics: tuple[PluggedMetric, ...] = ()
    findings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class PluggedMetric:
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

    @property
    def origin(self) -> str:
        """Who computes it, for reports."""
        return f"the package {self.package}"

    @property
    def version(self) -> str:
        return self.package

    def prepare(self, original: Pixels) -> _Prepared:
        with self.answering("preparing the picture"):
            prepared = self.metric.prepare(original)
        return _PreparedWithMap(self, prepared) if isinstance(prepared, HasErrorMap) else _Prepared(self, prepared)

    @contextmanager
    def answering(self, what: str) -> Iterator[None]:
        """Turn any exception inside the block into a MetricError. what: what the metric is doing."""
        try:
            yield
        except RateLensError:
            raise
        except (Exception, SystemExit) as error:  # another package's code may raise anything
            raise MetricError(
                f"{self.label}, a metric from the package {self.package}, failed while {what} "
                f"({type(error).__name__}: {error}): report this to its authors, or leave it out."
            ) from error


@dataclass(frozen=True, eq=False)
class _Prepared:
    metric: PluggedMetric
    prepared: PreparedMetric

    def score(self, pixels: Pixels) -> float:
        with self.metric.answering("comparing"):
            return float(self.prepared.score(pixels))


@dataclass(frozen=True, eq=False)
class _PreparedWithMap(_Prepared):
    def error_map(self, pixels: Pixels) -> NDArray[np.float32]:
        with self.metric.answering("making its map"):
            assert isinstance(self.prepared, HasErrorMap)
            errors = np.asarray(self.prepared.error_map(pixels), np.float32)
            if errors.shape != pixels.shape[:2]:
                raise ValueError(f"a map has to be of shape {pixels.shape[:2]}, not {errors.shape}")
        return errors


def load_plugins(taken: Iterable[Metric], entry_points: Iterable[metadata.EntryPoint] | None = None) -> Plugins:
    """Load the installed plug-ins. taken: metrics whose names are in use."""
    if entry_points is None:
        entry_points = metadata.entry_points(group=GROUP)
    names = {name for metric in taken for name in (metric.name, metric.label)}
    metrics: list[PluggedMetric] = []
    findings: list[tuple[str, str]] = []
    for entry_point in sorted(entry_points, key=lambda entry_point: (entry_point.name, entry_point.value)):
        package = _package(entry_point)
        try:
            metric = _load(entry_point, package)
            clash = next((name for name in (metric.name, metric.label) if name in names), None)
            if clash is not None:
                raise ValueError(f"there already is a metric called “{clash}”")
        except (Exception, SystemExit) as error:  # as above, on import too
            reason = str(error) or "no reason given"
            kind = "" if isinstance(error, (TypeError, ValueError)) else f"{type(error).__name__}: "
            what = f"The metric “{entry_point.name}” of the package {package} cannot be used ({kind}{reason})"
            findings.append((what, "update or remove that package."))
            continue
        names |= {metric.name, metric.label}
        metrics.append(metric)
    return Plugins(tuple(metrics), tuple(findings))


def _package(entry_point: metadata.EntryPoint) -> str:
    distribution = entry_point.dist
    return f"{distribution.name} {distribution.version}" if distribution is not None else entry_point.value


def _load(entry_point: metadata.EntryPoint, package: str) -> PluggedMetric:
    """Load one. Raises TypeError or ValueError saying what is wrong, and whatever its import raises."""
    found: Any = entry_point.load()
    metric = found() if isinstance(found, type) or not hasattr(found, "prepare") else found
    for attribute in ("name", "label", "unit", "direction", "range", "prepare"):
        if not hasattr(metric, attribute):
            raise TypeError(f"it has no “{attribute}”")
    if not callable(metric.prepare):
        raise TypeError("its “prepare” cannot be called")
    if not isinstance(metric.name, str) or not NAME.fullmatch(metric.name):
        raise ValueError(f"its name {metric.name!r} is not of small letters, digits, - and _")
    if not isinstance(metric.label, str) or not metric.label.strip():
        raise ValueError("its label is empty")
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
    named = metric.name, metric.label, metric.unit, metric.direction
    return PluggedMetric(metric, package, *named, (low, high), taken, usual)
