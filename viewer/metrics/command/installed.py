"""The metrics by command that the user has installed, and those included with RateLens.

Only these are known from the start. No opened file, be it a session or a picture, can add one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from models.errors import MetricError, OutputError
from viewer.imaging.writer import write_file
from viewer.metrics.base import Metric
from viewer.system.resources import metric_recipes_folder

if TYPE_CHECKING:
    from viewer.metrics.command.metric import CommandMetric


@dataclass(frozen=True)
class InstalledMetrics:
    """metrics: the usable ones. findings: what is wrong with the others, and what to do about it."""

    metrics: tuple[CommandMetric, ...] = ()
    findings: tuple[tuple[str, str], ...] = ()


def folder() -> Path:
    """The folder of installed descriptions."""
    return platformdirs.user_config_path("RateLens", appauthor=False) / "metrics"


def load_installed(taken: Iterable[Metric]) -> InstalledMetrics:
    """Read what is installed. taken: metrics whose names and labels are in use."""
    known = list(taken)
    metrics: list[CommandMetric] = []
    findings: list[tuple[str, str]] = []
    try:
        files = sorted(path for path in folder().iterdir() if path.suffix == ".toml")
    except (FileNotFoundError, NotADirectoryError):
        return InstalledMetrics()
    except OSError as error:
        what = f"The installed metrics in “{folder()}” cannot be read ({error.strerror})"
        return InstalledMetrics((), ((what, "check its permissions."),))
    if not files:
        return InstalledMetrics()
    from viewer.metrics.command.description import load_description  # not needed by most, as with codecs
    from viewer.metrics.command.metric import CommandMetric

    for path in files:
        try:
            metric = CommandMetric(load_description(path))
            require_unique(metric, known)
        except MetricError as error:
            what = f"The installed metric “{path.stem}” cannot be used ({error})"
            findings.append((what, f"fix or remove “{path}”."))
            continue
        metrics.append(metric)
        known.append(metric)
    return InstalledMetrics(tuple(metrics), tuple(findings))


def require_unique(metric: Metric, taken: Iterable[Metric]) -> None:
    """Raise MetricError if a metric's name or label is in use. A metric by command may replace another of its name."""
    from viewer.metrics.command.metric import CommandMetric

    for other in taken:
        if isinstance(other, CommandMetric) and other.name == metric.name:
            continue
        if metric.name == other.name:
            raise MetricError(f"There already is a metric called “{metric.name}”: choose another name.")
        if metric.label.casefold() == other.label.casefold():
            raise MetricError(f"The metric “{other.name}” already has the label “{metric.label}”: choose another.")


def recipes() -> dict[str, Path]:
    """The descriptions included with RateLens, by name."""
    return {path.stem: path for path in sorted(metric_recipes_folder().glob("*.toml"))}


def description_file(name: str | Path) -> Path:
    """The file that a user means: a path, or the name of an included description."""
    path, found = Path(name), recipes()
    is_bare = path.name == str(name) and path.suffix in ("", ".toml")
    return found[path.stem] if is_bare and path.stem in found and not path.is_file() else path


def install(path: Path, taken: Iterable[Metric], *, force: bool) -> tuple[CommandMetric, Path]:
    """Install a description by copying it. Returns the metric and its file.

    taken: metrics whose names it cannot have. force: replace an installed one of the same name. Raises
    MetricError; OutputError where there is one already, or it cannot be written.
    """
    from viewer.metrics.command.description import parse_description, text_of, with_folder
    from viewer.metrics.command.metric import CommandMetric

    text = text_of(path)
    metric = CommandMetric(parse_description(text, path))
    require_unique(metric, taken)
    target = folder() / f"{metric.name}.toml"
    if target.exists() and not force:
        raise OutputError(f"The metric “{metric.name}” is already installed: add --force to replace it.")
    write_file(target, with_folder(text, path.absolute().parent).encode(), force=force)
    return metric, target


def remove(name: str) -> Path:
    """Remove an installed description; returns where it was. Raises MetricError if there is none; OutputError."""
    target = folder() / f"{name}.toml"
    if target.parent != folder() or not target.is_file():
        raise MetricError(f"No metric “{name}” is installed: see “ratelens metric list”.")
    try:
        target.unlink()
    except OSError as error:
        raise OutputError(f"“{target}” cannot be removed ({error.strerror}): check its permissions.") from error
    return target
