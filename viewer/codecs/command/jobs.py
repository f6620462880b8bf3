"""Runs a codec's program once: fills in its command line, puts its files in a temporary folder, and words
its errors.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.cpu import told_threads
from models.errors import CodecError
from viewer.codecs.command.description import Description
from viewer.codecs.command.keys import filled, find_program
from viewer.codecs.files.temporary_files import temporary_file_errors
from viewer.system.program import Ended, programs

_VERSION_LIMIT_S = 10.0
_LONGEST_VERSION = 120


class ProgramError(CodecError):
    """A program failed or wrote nothing, which may be different at another quality."""


@dataclass(frozen=True)
class Job:
    """A task for a program. command: its words. input_suffix, output_suffix: of its files. most_bytes: limit of its
    output. quality: as in its command line, empty for a decoder.
    """

    description: Description
    command: tuple[str, ...]
    input_suffix: str
    output_suffix: str
    most_bytes: int
    quality: str = ""

    def run(self, data: bytes | memoryview) -> bytes:
        """The program's output for an input file. Raises CodecError; ProgramError if the quality may be the cause."""
        label = self.description.label
        with temporary_file_errors(label), _folder() as name:
            folder = Path(name)
            given, made = folder / f"input{self.input_suffix}", folder / f"output{self.output_suffix}"
            with given.open("wb") as file:
                file.write(data)
            places = {"input": str(given), "output": str(made), "quality": self.quality, "threads": str(told_threads())}
            words = command_line(self.command, self.description, places)
            ended = _end_of(words, folder, self.description.limit_s, self.description)
            self._refuse_failure(ended, words[0])
            return self._written(made, words[0])

    def _refuse_failure(self, ended: Ended, program: str) -> None:
        at, file = self._at, self.description.file
        if ended.stopped:
            raise CodecError(f"{self.description.label} was stopped{at} because RateLens is exiting.")
        if ended.timed_out:
            raise CodecError(
                f"{self.description.label}: “{_short(program)}” was stopped{at} after {self.description.limit_s:g} s: "
                f"raise time_limit_s in “{file}”, or use a smaller picture."
            )
        if ended.code:
            how = f"exit code {ended.code}" if ended.code > 0 else f"signal {-ended.code}"
            said = f": “{ended.last_line}”" if ended.last_line else ""
            raise ProgramError(
                f"{self.description.label}: “{_short(program)}” failed{at} ({how}{said}): try another rate, or check "
                f"the command in “{file}”."
            )

    def _written(self, path: Path, program: str) -> bytes:
        label, file = self.description.label, self.description.file
        try:
            count = path.stat().st_size if path.is_file() else 0
        except OSError:
            count = 0
        if not count:
            raise ProgramError(
                f"{label}: “{_short(program)}” ended{self._at} without an error, but wrote nothing to {{output}}: "
                f"check the command in “{file}”."
            )
        if count > self.most_bytes:
            raise CodecError(
                f"{label}: “{_short(program)}” wrote {count / 1e6:,.1f} MB{self._at}, far more than the picture: "
                f"check the command in “{file}”."
            )
        return path.read_bytes()

    @property
    def _at(self) -> str:
        return f" at quality {self.quality}" if self.quality else ""


def _folder() -> tempfile.TemporaryDirectory[str]:
    # A killed program may leave files that cannot be removed yet.
    return tempfile.TemporaryDirectory(prefix="ratelens-", ignore_cleanup_errors=True)


def version_of(description: Description) -> str:
    """The first line with a version number that the version command prints, else its first line; empty if there is no
    command, or it fails.
    """
    if not description.version:
        return ""
    with _folder() as name:
        try:
            words = command_line(description.version, description, {})
            ended = _end_of(words, Path(name), _VERSION_LIMIT_S, description)
        except CodecError:
            return ""
    lines = [line.strip() for line in ended.output.splitlines() if line.strip()]
    line = next((line for line in lines if re.search(r"\d\.\d", line)), next(iter(lines), ""))
    return line[:_LONGEST_VERSION]


def command_line(words: Sequence[str], description: Description, places: Mapping[str, str]) -> list[str]:
    """The command line to run, with placeholders replaced and the program's path. Raises CodecError if it is missing.

    places: values of placeholders, by name.
    """
    program, *arguments = filled(words, {**places, "folder": description.folder})
    return [_program(program, description), *arguments]


def _program(word: str, description: Description) -> str:
    found = find_program(word, description.folder)
    if found is None:
        get = f"install {description.install}" if description.install else "install it"
        raise CodecError(
            f"{description.label} runs “{_short(word)}”, which was not found: {get}, or give its full path in "
            f"“{description.file}”."
        )
    return found


def _end_of(words: Sequence[str], folder: Path, limit_s: float, description: Description) -> Ended:
    try:
        return programs().run(words, folder, limit_s)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CodecError(
            f"{description.label}: “{_short(words[0])}” cannot be run ({reason}): check the command in "
            f"“{description.file}”."
        ) from error


def _short(program: str) -> str:
    return Path(program).name
