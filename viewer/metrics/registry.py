"""The metrics: a file each, and a line here. assets/guide/metrics.md explains how to add your own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from models.errors import MetricError
from viewer.metrics.base import Metric
from viewer.metrics.command.installed import description_file, load_installed, recipes, require_unique
from viewer.metrics.fast import FAST, FastMetric
from viewer.metrics.flip import Flip
from viewer.metrics.ssimulacra2 import Ssimulacra2
from viewer.system.plugins import Found, entry_points

if TYPE_CHECKING:
    from viewer.metrics.plugins import PluginMetric

GROUP = "ratelens.metrics"
"""Of the entry points through which other packages bring metrics."""

BUILT_IN: tuple[Metric, ...] = (
    *FAST,
    Ssimulacra2(),
    Flip(),
)


def _plugins() -> Found[PluginMetric]:
    declared = entry_points(GROUP)
    if not declared:
        return Found()
    from viewer.metrics.plugins import load_plugins

    return load_plugins(BUILT_IN, declared)


PLUGINS = _plugins()
"""Metrics from other packages, and what is wrong with unusable ones."""

INSTALLED = load_installed((*BUILT_IN, *PLUGINS.usable))
"""The metrics by command that the user has installed, and what is wrong with unusable ones."""

METRICS: tuple[Metric, ...] = (*BUILT_IN, *PLUGINS.usable, *INSTALLED.usable)
"""Every metric that is installed, in the order in which they are shown."""


def metric_named(name: str, metrics: Iterable[Metric] = METRICS) -> Metric:
    """The metric with an identifier. Raises MetricError, naming those that there are."""
    known = tuple(metrics)
    for metric in known:
        if metric.name == name:
            return metric
    if name in recipes():
        raise MetricError(f"The metric “{name}” is not installed: add it with “ratelens metric add {name}”.")
    raise MetricError(f"There is no metric “{name}”: choose from {', '.join(metric.name for metric in known)}.")


def metric_of(text: str) -> Metric:
    """The metric that a user asks for: a name, a description's FILE.toml, or NAME:COMMAND. Raises MetricError."""
    if ":" not in text and not text.endswith(".toml"):
        return metric_named(text)
    from viewer.metrics.command.description import is_line, load_description, parse_line
    from viewer.metrics.command.metric import CommandMetric

    if is_line(text):
        metric = CommandMetric(parse_line(text), text)
    elif text.endswith(".toml"):
        metric = CommandMetric(load_description(description_file(text)), text)
    else:
        return metric_named(text)
    require_unique(metric, METRICS)
    return metric


def slow(metrics: Sequence[Metric]) -> tuple[Metric, ...]:
    """The metrics that a Result does not include."""
    return tuple(metric for metric in metrics if not isinstance(metric, FastMetric))
