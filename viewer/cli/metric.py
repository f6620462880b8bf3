"""“ratelens metric”: checks, installs, lists and removes metrics by command; lists all metrics."""

from __future__ import annotations

import argparse

from viewer.cli.installing import (
    Words,
    add_subcommands,
    print_installed,
    print_list,
    print_report,
    run_subcommand,
    sample_part,
    why_not,
)
from viewer.metrics.base import Metric
from viewer.metrics.check import check
from viewer.metrics.command.description import load_description
from viewer.metrics.command.installed import description_file, install, recipes, remove
from viewer.metrics.command.metric import CommandMetric
from viewer.metrics.registry import INSTALLED, METRICS, metric_of


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    words = Words(
        check="try a metric on a sample, and report problems",
        add="install a metric by command for your user account",
        list="list all metrics, and those that could be installed",
        remove="remove an installed metric by command",
        force="replace an installed metric with the same name",
        checked=("METRIC", "a name, FILE.toml, or NAME:COMMAND, as --metric takes it"),
        added=("FILE.toml", f"a description, or an included one: {', '.join(recipes())}"),
    )
    add_subcommands(parser, words)


def run(parsed: argparse.Namespace) -> int:
    """Do it; returns the exit code. Raises RateLensError."""
    return run_subcommand(parsed, _check, _add, _list, remove)


def _check(text: str) -> int:
    is_recipe = text in recipes() and text not in {metric.name for metric in METRICS}
    metric = metric_of(f"{text}.toml" if is_recipe else text)
    title = f"{metric.label}, {metric.direction} is better"
    return print_report(title, check(metric, sample_part().pixels), f"“{text}” works.")


def _add(text: str, force: bool) -> int:
    metric, target = install(description_file(text), METRICS, force=force)
    return print_installed(target, f"Use “--metric {metric.name}” or the menu Metrics.", metric.program)


def _list() -> int:
    known = {metric.name for metric in METRICS}
    others = [CommandMetric(load_description(path)) for name, path in recipes().items() if name not in known]
    lines = [f"  {metric.name}: {_line(metric)}" for metric in METRICS]
    return print_list(lines, {metric.name: _line(metric) for metric in others}, "metric", INSTALLED.problems)


def _line(metric: Metric) -> str:
    line = f"{metric.label}, {metric.direction} is better"
    if not isinstance(metric, CommandMetric):
        return line
    problems = why_not(metric.program)
    return f"{line}. {problems[0]}" if problems else f"{line}, runs {metric.program()}"
