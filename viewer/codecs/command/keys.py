"""Reads a TOML table key by key; errors name the file and the key."""

from __future__ import annotations

import difflib
import re
import shlex
import tomllib
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from models.errors import CodecError

PLACEHOLDER = re.compile(r"\{(\w+)\}")
"""{input} and similar inside a word of a command line."""

_Choice = TypeVar("_Choice", bound=str)


class Keys:
    """One table of a file. Every method raises CodecError for an invalid key."""

    def __init__(self, table: Mapping[str, Any], file: str, title: str = "") -> None:
        """file: name of the file in messages. title: of a table inside it."""
        self._table = table
        self._file = file
        self._title = title

    def __contains__(self, key: str) -> bool:
        return key in self._table

    def wrong(self, key: str, what: str) -> CodecError:
        """The error for a key. what: follows its name."""
        return CodecError(f"In “{self._file}”, {self._called(key)} {what}.")

    def refuse_others(self, known: Collection[str]) -> None:
        """Reject unknown keys, which may be typing errors."""
        for key in self._table:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                hint = f"did you mean “{near[0]}”?" if near else f"the keys are {', '.join(known)}"
                raise CodecError(f"In “{self._file}”, {self._called(key)} is not a known key: {hint}.")

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

    def table(self, key: str) -> Keys:
        """A table inside this one."""
        value = self._table.get(key)
        if not isinstance(value, dict):
            raise CodecError(f"In “{self._file}”, the table [{key}] is missing: add it with min and max.")
        return Keys(value, self._file, key)

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


def read_toml(text: str, file: str) -> Keys:
    """The keys of a file, its decimals exact. Raises CodecError."""
    try:
        return Keys(tomllib.loads(text, parse_float=Decimal), file)
    except (tomllib.TOMLDecodeError, RecursionError, ArithmeticError) as error:
        raise CodecError(f"“{file}” is not valid TOML ({error}): fix it there.") from error
