"""“ratelens metric”: metrics by command, checked, installed and removed; the list of all that there are."""

from __future__ import annotations

import argparse
import sys

from models.errors import MetricError
from viewer.cli.options import EXIT_OK, EXIT_USER_ERROR
from viewer.cli.printing import print_output
from viewer.imaging.image import Pixels
from viewer.imaging.reader import load_image
from viewer.metrics.base import Metric
from viewer.metrics.check import check
from viewer.metrics.command.description import load_description
from viewer.metrics.command.installed import description_file, install, recipes, remove
from viewer.metrics.command.metric import CommandMetric
from viewer.metrics.registry import INSTALLED, METRICS, metric_of
from viewer.system.resources import sample_images

_LEFT, _TOP, _WIDTH, _HEIGHT = 320, 200, 321, 241
"""Of the first sample: details and a blurred ground, with odd sides."""


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    does = parser.add_subparsers(dest="does", required=True, metavar="{check,add,list,remove}")
    checked = does.add_parser("check", help="try a metric on a sample, and say what is wrong")
    checked.add_argument("metric", metavar="METRIC", help="a name, FILE.toml, or NAME:COMMAND, as --metric takes it")
    added = does.add_parser("add", help="install a metric by command, for you")
    added.add_argument(
        "description", metavar="FILE.toml", help=f"a description, or one that comes along: {', '.join(recipes())}"
    )
    added.add_argument("--force", action="store_true", help="put it in the place of an installed one of its name")
    does.add_parser("list", help="the metrics that there are, and those that could be installed")
    removed = does.add_parser("remove", help="remove an installed metric by command")
    removed.add_argument("name", metavar="NAME")


def run(parsed: argparse.Namespace) -> int:
    """Do it; returns the exit code. Raises RateLensError."""
    if parsed.does == "check":
        return _check(parsed.metric)
    if parsed.does == "add":
        return _add(parsed.description, force=parsed.force)
    if parsed.does == "list":
        return _list()
    print_output(f"{remove(parsed.name)}: removed")
    return EXIT_OK


def _check(text: str) -> int:
    is_recipe = text in recipes() and text not in {metric.name for metric in METRICS}
    metric = metric_of(f"{text}.toml" if is_recipe else text)
    report = check(metric, _picture())
    if report.figures:
        print_output(f"{metric.label}, {metric.direction} is better: {report.figures}")
    for sentence in (*report.remarks, *report.problems):
        print(f"ratelens: {sentence}", file=sys.stderr)
    if report.problems:
        return EXIT_USER_ERROR
    print_output(f"“{text}” can be used.")
    return EXIT_OK


def _picture() -> Pixels:
    pixels = load_image(sample_images()[0].path).pixels
    return pixels[_TOP : _TOP + _HEIGHT, _LEFT : _LEFT + _WIDTH].copy()


def _add(text: str, *, force: bool) -> int:
    metric, target = install(description_file(text), METRICS, force=force)
    print_output(f"{target}: installed; “--metric {metric.name}” has it.")
    try:
        metric.program()
    except MetricError as error:
        print(f"ratelens: {error}", file=sys.stderr)
    return EXIT_OK


def _list() -> int:
    lines = [f"  {_line(metric)}" for metric in METRICS]
    known = {metric.name for metric in METRICS}
    others = [CommandMetric(load_description(path)) for name, path in recipes().items() if name not in known]
    if others:
        lines.append("These come with RateLens, for “ratelens metric add NAME”:")
        lines += [f"  {_line(metric)}" for metric in others]
    print_output("\n".join(lines))
    for what, fix in INSTALLED.findings:
        print(f"ratelens: {what}: {fix}", file=sys.stderr)
    return EXIT_USER_ERROR if INSTALLED.findings else EXIT_OK


def _line(metric: Metric) -> str:
    return f"{metric.name}: {metric.label}, {metric.direction} is better{_state(metric)}"


def _state(metric: Metric) -> str:
    if not isinstance(metric, CommandMetric):
        return ""
    try:
        return f", runs {metric.program()}"
    except MetricError as error:
        return f". {error}"
