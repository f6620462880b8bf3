"""What “ratelens codec” and “ratelens metric” have in common: their four subcommands, the part of a sample on which
things are tried, and the report of a check.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from models.errors import RateLensError
from viewer.cli.options import EXIT_OK, EXIT_USER_ERROR
from viewer.cli.printing import print_output
from viewer.imaging.image import Image
from viewer.imaging.reader import load_image
from viewer.system.resources import sample_images

_LEFT, _TOP, _WIDTH, _HEIGHT = 320, 200, 321, 241
"""Part of the first sample: details and a blurred background, with odd sides."""


class Report(Protocol):
    """The outcome of a check. problems: why a thing is unusable; remarks: worth knowing. figures: what was measured."""

    @property
    def problems(self) -> tuple[str, ...]: ...

    @property
    def remarks(self) -> tuple[str, ...]: ...

    @property
    def figures(self) -> str: ...


@dataclass(frozen=True)
class Words:
    """The help of the four subcommands; checked and added are what “check” and “add” take."""

    check: str
    add: str
    list: str
    remove: str
    force: str
    checked: tuple[str, str]
    added: tuple[str, str]


def add_subcommands(parser: argparse.ArgumentParser, words: Words) -> None:
    """check, add, list and remove; the parsed `does` says which, `what` holds its argument."""
    does = parser.add_subparsers(dest="does", required=True, metavar="{check,add,list,remove}")
    for name, help_text, (metavar, meaning) in (
        ("check", words.check, words.checked),
        ("add", words.add, words.added),
        ("remove", words.remove, ("NAME", "")),
    ):
        sub = does.add_parser(name, help=help_text)
        sub.add_argument("what", metavar=metavar, help=meaning or None)
        if name == "add":
            sub.add_argument("--force", action="store_true", help=words.force)
    does.add_parser("list", help=words.list)


def run_subcommand(
    parsed: argparse.Namespace,
    check: Callable[[str], int],
    add: Callable[[str, bool], int],
    list_all: Callable[[], int],
    remove: Callable[[str], object],
) -> int:
    """Do what was asked for; returns the exit code. Raises RateLensError."""
    if parsed.does == "check":
        return check(parsed.what)
    if parsed.does == "add":
        return add(parsed.what, parsed.force)
    if parsed.does == "list":
        return list_all()
    print_output(f"{remove(parsed.what)}: removed")
    return EXIT_OK


def sample_part() -> Image:
    """What a codec or metric is tried on."""
    sample = load_image(sample_images()[0].path)
    return Image(sample.pixels[_TOP : _TOP + _HEIGHT, _LEFT : _LEFT + _WIDTH].copy(), "sample")


def print_report(title: str, report: Report, works: str) -> int:
    """Print what a check found; returns the exit code. works: what to print, too, if there is no problem."""
    if report.figures:
        print_output(f"{title}: {report.figures}")
    print_problems((*report.remarks, *report.problems))
    if report.problems:
        return EXIT_USER_ERROR
    print_output(works)
    return EXIT_OK


def print_installed(place: object, use: str, find_programs: Callable[[], object]) -> int:
    """Say where something was installed, how to use it, and what it still lacks; returns the exit code."""
    print_output(f"{place}: installed. {use}")
    print_problems(why_not(find_programs))
    return EXIT_OK


def print_list(lines: Sequence[str], included: Mapping[str, str], noun: str, problems: Sequence[str]) -> int:
    """Print what there is, and what could be installed, by name; returns the exit code."""
    more = [f"Included with RateLens (install with “ratelens {noun} add NAME”):"] if included else []
    print_output("\n".join([*lines, *more, *(f"  {name}: {text}" for name, text in included.items())]))
    print_problems(problems)
    return EXIT_USER_ERROR if problems else EXIT_OK


def print_problems(sentences: Iterable[str]) -> None:
    """On standard error."""
    for sentence in sentences:
        print(f"ratelens: {sentence}", file=sys.stderr)


def why_not(find_programs: Callable[[], object]) -> tuple[str, ...]:
    """The sentence that it raises where a program is missing; else nothing."""
    try:
        find_programs()
    except RateLensError as error:
        return (str(error),)
    return ()
