"""Descriptions of metrics by command: a TOML file, or one line. assets/guide/metrics.md explains every key."""

from __future__ import annotations

import hashlib
import math
import re
import shlex
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import get_args

from models.errors import MetricError
from viewer.codecs.command.description import Chroma, PictureFormat
from viewer.codecs.command.keys import LONGEST_LABEL, NAME, PLACEHOLDER, Keys, read_toml, text_of
from viewer.metrics.base import Direction

_LINE = re.compile(rf"({NAME.pattern}):(?:(higher|lower):)?(.+)", re.DOTALL)
_LONGEST_UNIT = 12
_LARGEST_SCORE = Decimal(10**9)
_LIMIT_S = Decimal(60)
_BYTES_PER_PIXEL = Decimal(100)
_PLACES = ("original", "decoded")
_MORE_PLACES = ("output", "folder")

KEYS = (
    "name",
    "label",
    "unit",
    "better",
    "min",
    "max",
    "usual_min",
    "usual_max",
    "command",
    "input",
    "chroma",
    "score",
    "time_limit_s",
    "memory_bytes_per_pixel",
    "install",
    "folder",
)


@dataclass(frozen=True)
class Description:
    """A metric by command. command: its words, the program first. input_format: what the pictures are written as.
    chroma: of Y4M.

    score: a regular expression whose first group is the score, in what the program writes to {output}, or prints; empty
    takes the last number. folder: what {folder} stands for, and where programs with a relative path are. install: what
    brings the program, may be empty. file: what this was read from; empty if it was one line. usual_range: see
    HasUsualRange.
    """

    name: str
    label: str
    unit: str
    direction: Direction
    range: tuple[float, float]
    command: tuple[str, ...]
    input_format: PictureFormat = "png"
    chroma: Chroma = "420"
    score: str = ""
    limit_s: float = float(_LIMIT_S)
    bytes_per_pixel: float = float(_BYTES_PER_PIXEL)
    install: str = ""
    folder: str = ""
    file: str = ""
    usual_range: tuple[float, float] | None = None

    @property
    def digest(self) -> str:
        """Of what its scores depend on, hexadecimal."""
        return hashlib.sha256(repr((self.command, self.input_format, self.chroma, self.score)).encode()).hexdigest()[:8]

    @property
    def where(self) -> str:
        """Where to look for mistakes, for messages."""
        return f"the command in “{self.file}”" if self.file else "the command"


def is_line(text: str) -> bool:
    """Whether a text describes a metric in one line, NAME:COMMAND."""
    return _LINE.fullmatch(text) is not None


def parse_line(text: str) -> Description:
    """A metric from NAME:COMMAND or NAME:lower:COMMAND, whose program is given original, decoded and output.

    As in benchmark_xl of libjxl; the command may also place the files itself: {original}, {decoded}, {output}.
    Raises MetricError.
    """
    found = _LINE.fullmatch(text)
    if found is None:
        raise MetricError(f"“{text}” is not a metric by command: give NAME:COMMAND.")
    name, direction, command = found[1], found[2] or "higher", found[3]
    try:
        words = tuple(shlex.split(command))
    except ValueError as error:
        raise MetricError(f"The command of the metric “{name}” has an unclosed quotation mark.") from error
    if not words or "\0" in command:
        raise MetricError(f"The metric “{name}” names no program: give {name}:COMMAND.")
    used = {place for word in words for place in PLACEHOLDER.findall(word)} & {*_PLACES, "output"}
    if not used:
        words = (*words, "{original}", "{decoded}", "{output}")
    elif missing := [place for place in _PLACES if place not in used]:
        raise MetricError(f"The command of the metric “{name}” does not use {{{missing[0]}}}: add it.")
    better: Direction = "lower" if direction == "lower" else "higher"
    return Description(name, name, "", better, (-math.inf, math.inf), words, folder=str(Path.cwd()))


def load_description(path: Path) -> Description:
    """Read a metric's description. Raises MetricError, in a sentence that names the file and the key that is wrong."""
    return parse_description(text_of(path, "metric", MetricError), path)


def parse_description(text: str, path: Path) -> Description:
    """A description from its text. path: of its file, for messages and for {folder}. Raises MetricError."""
    keys = read_toml(text, path.name, MetricError)
    keys.refuse_others(KEYS)
    input_format = keys.one_of("input", get_args(PictureFormat), "png")
    if "chroma" in keys and input_format != "y4m":
        raise keys.wrong("chroma", 'only applies to Y4M: remove it, or set input = "y4m"')
    if "better" not in keys:
        raise keys.wrong("better", 'is missing: write better = "higher" or better = "lower"')
    low = float(keys.number("min", -_LARGEST_SCORE, _LARGEST_SCORE)) if "min" in keys else -math.inf
    high = float(keys.number("max", -_LARGEST_SCORE, _LARGEST_SCORE)) if "max" in keys else math.inf
    if low >= high:
        raise keys.wrong("max", f"must be more than min, which is {low:g}")
    name = keys.matching("name", NAME, "1 to 40 small letters, digits, - and _")
    return Description(
        name=name,
        label=keys.printable("label", 1, LONGEST_LABEL),
        unit=keys.printable("unit", 0, _LONGEST_UNIT) if "unit" in keys else "",
        direction="lower" if keys.one_of("better", ("higher", "lower"), "higher") == "lower" else "higher",
        range=(low, high),
        command=keys.command("command", _PLACES, _MORE_PLACES),
        input_format=input_format,
        chroma=keys.one_of("chroma", get_args(Chroma), "420"),
        score=_pattern(keys),
        limit_s=keys.time_limit_s(_LIMIT_S),
        bytes_per_pixel=keys.bytes_per_pixel(_BYTES_PER_PIXEL),
        install=keys.text("install", ""),
        folder=keys.text("folder", str(path.absolute().parent)),
        file=path.name,
        usual_range=_usual_range(keys, low, high),
    )


def _usual_range(keys: Keys, low: float, high: float) -> tuple[float, float] | None:
    if "usual_min" not in keys and "usual_max" not in keys:
        return None
    lowest, highest = (Decimal(max(low, -float(_LARGEST_SCORE))), Decimal(min(high, float(_LARGEST_SCORE))))
    usual = float(keys.number("usual_min", lowest, highest)), float(keys.number("usual_max", lowest, highest))
    if usual[0] >= usual[1]:
        raise keys.wrong("usual_max", f"must be more than usual_min, which is {usual[0]:g}")
    return usual


def _pattern(keys: Keys) -> str:
    pattern = keys.text("score", "")
    try:
        groups = re.compile(pattern).groups
    except re.error as error:
        raise keys.wrong("score", f"is not a regular expression ({error})") from error
    if pattern and not groups:
        raise keys.wrong("score", "has no group: put the number's part in parentheses, such as 'VMAF score: ([0-9.]+)'")
    return pattern
