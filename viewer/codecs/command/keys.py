"""Reads the description of a codec or a metric by command, a TOML table, key by key; errors name the file and the key.

Also what the two have in common: placeholders in command lines, and where their programs are.
"""

from __future__ import annotations

import difflib
import re
import shlex
import shutil
import tomllib
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from models.errors import RateLensError
from viewer.imaging.file_guard import Wanted, read_file

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
LONGEST_LABEL = 40
PLACEHOLDER = re.compile(r"\{(\w+)\}")
"""{input} and similar inside a word of a command line."""

_LONGEST_LIMIT_S = Decimal(86_400)
_MAX_BYTES_PER_PIXEL = Decimal(10_000)
_MAX_BYTES = 2**16

_Choice = TypeVar("_Choice", bound=str)


class Keys:
    """One table of a file. Every method raises `error` for an invalid key."""

    def __init__(self, table: Mapping[str, Any], file: str, error: type[RateLensError], title: str = "") -> None:
        """file: name of the file in messages. title: of a table inside it."""
        self._table = table
        self._error = error
        self._file = file
        self._title = title

    def __contains__(self, key: str) -> bool:
        return key in self._table

    def wrong(self, key: str, what: str) -> RateLensError:
        """The error for a key. what: follows its name."""
        return self._error(f"In “{self._file}”, {self._called(key)} {what}.")

    def refuse_others(self, known: Collection[str]) -> None:
        """Reject unknown keys, which may be typing errors."""
        for key in self._table:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                hint = f"did you mean “{near[0]}”?" if near else f"the keys are {', '.join(known)}"
                raise self._error(f"In “{self._file}”, {self._called(key)} is not a known key: {hint}.")

    def text(self, key: str, otherwise: str | None = None) -> str:
        """A key's text."""
        value = self._table.get(key, otherwise)
        if value is None:
            raise self.wrong(key, "is missing: add it")
        if not isinstance(value, str):
            raise self.wrong(key, "must be text in quotation marks")
        return value

    def matching(self, key: str, pattern: re.Pattern[str], what: str) -> str:
        """A key's text, if it matches a pattern. what: describes the pattern."""
        value = self.text(key)
        if not pattern.fullmatch(value):
            raise self.wrong(key, f"is “{value}”, but must be {what}")
        return value

    def printable(self, key: str, shortest: int, longest: int) -> str:
        """A key's text without spaces around it, if it can be shown in a line and has this many characters."""
        text = self.text(key).strip()
        if (text and not text.isprintable()) or not shortest <= len(text) <= longest:
            raise self.wrong(key, f"must be {shortest} to {longest} printable characters")
        return text

    def one_of(self, key: str, choices: tuple[_Choice, ...], otherwise: _Choice) -> _Choice:
        """A key's text, if it is one of these."""
        value = self.text(key, otherwise)
        for choice in choices:
            if choice == value:
                return choice
        raise self.wrong(key, f"is “{value}”, but must be one of {', '.join(choices)}")

    def number(self, key: str, lowest: Decimal, highest: Decimal, otherwise: Decimal | None = None) -> Decimal:
        """A key's number, if it is in this range."""
        value = self._table.get(key, otherwise)
        if value is None:
            raise self.wrong(key, "is missing: add it")
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
            raise self.wrong(key, "must be a number, without quotation marks")
        value = Decimal(value)
        if not value.is_finite() or not lowest <= value <= highest:
            raise self.wrong(key, f"must be a number from {lowest:f} to {highest:f}")
        return value

    def time_limit_s(self, otherwise: Decimal) -> float:
        """How long its program may take."""
        return float(self.number("time_limit_s", Decimal("0.1"), _LONGEST_LIMIT_S, otherwise))

    def bytes_per_pixel(self, otherwise: Decimal) -> float:
        """What its program takes."""
        return float(self.number("memory_bytes_per_pixel", Decimal(1), _MAX_BYTES_PER_PIXEL, otherwise))

    def table(self, key: str) -> Keys:
        """A table inside this one."""
        value = self._table.get(key)
        if not isinstance(value, dict):
            raise self._error(f"In “{self._file}”, the table [{key}] is missing: add it with min and max.")
        return Keys(value, self._file, self._error, key)

    def command(self, key: str, needed: Collection[str], optional: Collection[str] = ()) -> tuple[str, ...]:
        """The words of a key's command line. needed, optional: the placeholders that it has, and may have."""
        try:
            words = tuple(shlex.split(self.text(key)))
        except ValueError as error:
            raise self.wrong(key, f"has a quotation mark that is not closed ({error})") from error
        if not words:
            raise self.wrong(key, "names no program: write its command line")
        if any("\0" in word for word in words):
            raise self.wrong(key, "holds a zero character, which no command line can")
        if set(PLACEHOLDER.findall(words[0])) - {"folder"}:
            raise self.wrong(key, "begins with a placeholder: begin with the program's name")
        used = {name for word in words for name in PLACEHOLDER.findall(word)}
        for name in sorted(used - {*needed, *optional}):
            there = ", ".join(f"{{{known}}}" for known in (*needed, *optional))
            raise self.wrong(key, f"uses {{{name}}}, which is not available there: use {there}")
        for name in needed:
            if name not in used:
                raise self.wrong(key, f"does not use {{{name}}}: add it")
        return words

    def _called(self, key: str) -> str:
        return f"“{key}” of the table [{self._title}]" if self._title else f"“{key}”"


def read_toml(text: str, file: str, error: type[RateLensError]) -> Keys:
    """The keys of a file, its decimals exact. Raises `error`."""
    try:
        return Keys(tomllib.loads(text, parse_float=Decimal), file, error)
    except (tomllib.TOMLDecodeError, RecursionError, ArithmeticError) as raised:
        raise error(f"“{file}” is not valid TOML ({raised}): fix it there.") from raised


def text_of(path: Path, noun: str, error: type[RateLensError]) -> str:
    """The text of a description's file. noun: what it describes ("codec"). Raises `error`."""
    useless = f"so it is not a {noun}'s description: check the name"
    wanted = Wanted(
        error,
        "description",
        "read",
        "name the TOML file in it",
        f"write a {noun}'s description into it",
        useless,
        _MAX_BYTES,
    )
    try:
        return read_file(path, wanted).decode("utf-8")
    except UnicodeDecodeError as raised:
        raise error(f"“{path.name}” is not UTF-8 text, {useless}.") from raised


def with_folder(text: str, folder: Path) -> str:
    """A valid description's text for another place: {folder}, if any of its command lines uses it, keeps its value."""
    table = tomllib.loads(text)
    commands = (table[key] for key in ("encode", "decode", "version", "command") if key in table)
    if "folder" in table or not any(map(_depends_on_folder, commands)):
        return text
    quoted = str(folder).replace("\\", "\\\\").replace('"', '\\"')
    return f'folder = "{quoted}"\n{text}'


def _depends_on_folder(command: str) -> bool:
    program, *_ = command.split(maxsplit=1) or [""]
    return "folder" in PLACEHOLDER.findall(command) or "/" in program or "\\" in program


def filled(words: Sequence[str], values: Mapping[str, str]) -> list[str]:
    """A command line's words with the placeholders that have a value replaced."""
    return [PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), word) for word in words]


def find_program(word: str, folder: str) -> str | None:
    """The file to run. A path is relative to a description's folder; a bare name is looked up as in a shell."""
    path = Path(word).expanduser()
    return shutil.which(str(Path(folder, path)) if len(path.parts) > 1 else word)
