"""The metrics by command that the user has installed, and which of them may take another's place."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import MetricError
from viewer.codecs.command import installed_files
from viewer.codecs.command.installed_files import InstalledFiles
from viewer.metrics.base import Metric
from viewer.system.resources import metric_recipes_folder

if TYPE_CHECKING:
    from viewer.metrics.command.metric import CommandMetric


def _made(text: str, path: Path) -> CommandMetric:
    from viewer.metrics.command.description import parse_description  # not needed by most, as with codecs
    from viewer.metrics.command.metric import CommandMetric

    return CommandMetric(parse_description(text, path))


_FILES = InstalledFiles("metric", MetricError, _made, metric_recipes_folder)
load_installed, recipes = _FILES.load, _FILES.recipes
description_file, remove = _FILES.file_of, _FILES.remove


def install(path: Path, taken: Iterable[Metric], *, force: bool) -> tuple[CommandMetric, Path]:
    """Copy a description to the folder of installed ones. Returns the metric and its file.

    taken: metrics whose names are in use. force: replace an installed one with the same name. Raises MetricError, or
    OutputError if there is one already or it cannot be written.
    """
    return _FILES.install(path, lambda metric: _others(metric, taken), force=force)


def require_unique(metric: Metric, taken: Iterable[Metric]) -> None:
    """Raise MetricError if a metric's name or label is in use. A metric by command may replace another of its name."""
    installed_files.require_unique(metric, _others(metric, taken), "metric", MetricError)


def _others(metric: Metric, taken: Iterable[Metric]) -> list[Metric]:
    from viewer.metrics.command.metric import CommandMetric

    return [other for other in taken if other.name != metric.name or not isinstance(other, CommandMetric)]
