"""A metric by command: every score is one run of its program, in a temporary folder, without a shell."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from models.errors import MetricError
from viewer.codecs.command.keys import filled, find_program
from viewer.codecs.command.pictures import picture_file
from viewer.imaging.image import Pixels
from viewer.metrics.base import Direction
from viewer.metrics.command.description import Description
from viewer.system.program import Ended, programs

_NUMBER = re.compile(
    r"(?<![\w.])[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|inf|nan)(?![\w])", re.IGNORECASE
)
_MAX_OUTPUT_BYTES = 1 << 20


@dataclass(frozen=True)
class CommandMetric:
    """The metric. asked: how a user asks for it, where its name is not enough."""

    description: Description
    asked: str = ""

    @property
    def name(self) -> str:
        return self.description.name

    @property
    def label(self) -> str:
        return self.description.label

    @property
    def unit(self) -> str:
        return self.description.unit

    @property
    def direction(self) -> Direction:
        return self.description.direction

    @property
    def range(self) -> tuple[float, float]:
        return self.description.range

    @property
    def usual_range(self) -> tuple[float, float] | None:
        return self.description.usual_range

    @property
    def bytes_per_pixel(self) -> float:
        """What its program takes, beside the files."""
        return self.description.bytes_per_pixel

    @property
    def origin(self) -> str:
        """Who computes it, for reports."""
        return f"the command “{' '.join(self.description.command)}”"

    @property
    def version(self) -> str:
        """Its program may not say one: a digest of how it is run."""
        return self.description.digest

    def prepare(self, original: Pixels) -> _Prepared:
        file = picture_file(original, self.description.input_format, self.description.chroma)
        return _Prepared(self.description, self.program(), file)

    def program(self) -> str:
        """The file to run. A path is meant from the description's folder, a bare name is looked up as a shell would.

        Raises MetricError where it is not there.
        """
        description = self.description
        word = description.command[0].replace("{folder}", description.folder)
        found = find_program(word, description.folder)
        if found is None:
            get = f"install {description.install}" if description.install else "install it"
            place = f"into “{description.file}”" if description.file else "instead"
            raise MetricError(
                f"{self.label} runs “{Path(word).name}”, which was not found: {get}, or give its full path {place}."
            )
        return found


@dataclass(frozen=True, eq=False)
class _Prepared:
    description: Description
    program: str
    original: bytes

    def score(self, pixels: Pixels) -> float:
        label, kind = self.description.label, self.description.input_format
        try:
            with tempfile.TemporaryDirectory(prefix="ratelens-", ignore_cleanup_errors=True) as name:
                folder = Path(name)
                places = {
                    "original": folder / f"original.{kind}",
                    "decoded": folder / f"decoded.{kind}",
                    "output": folder / "score.txt",
                }
                places["original"].write_bytes(self.original)
                places["decoded"].write_bytes(picture_file(pixels, kind, self.description.chroma))
                values = {**{place: str(path) for place, path in places.items()}, "folder": self.description.folder}
                words = [self.program, *filled(self.description.command[1:], values)]
                ended = programs().run(words, folder, self.description.limit_s)
                written = _text_in(places["output"])
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise MetricError(
                f"{label}: its program cannot be run ({reason}): check {self.description.where}."
            ) from error
        self._refuse_failure(ended)
        return self._score_in(written or ended.output, ended)

    def _refuse_failure(self, ended: Ended) -> None:
        label, program = self.description.label, Path(self.program).name
        if ended.stopped:
            raise MetricError(f"{label} was stopped because RateLens is exiting.")
        if ended.timed_out:
            more = f"raise time_limit_s in “{self.description.file}”" if self.description.file else "write a FILE.toml"
            after = f"was stopped after {self.description.limit_s:g} s"
            raise MetricError(f"{label}: “{program}” {after}: {more}, or take a smaller picture.")
        if ended.code:
            how = f"exit code {ended.code}" if ended.code > 0 else f"signal {-ended.code}"
            said = f": “{ended.last_line}”" if ended.last_line else ""
            needs = f"; it needs {self.description.install}" if self.description.install else ""
            raise MetricError(f"{label}: “{program}” failed ({how}{said}): check {self.description.where}{needs}.")

    def _score_in(self, text: str, ended: Ended) -> float:
        pattern = self.description.score
        if pattern:
            found = re.search(pattern, text, re.MULTILINE)
            number = found[1] if found else None
        else:
            number = next(reversed(_NUMBER.findall(text)), None)
        try:
            return float(number or "")
        except ValueError:
            program = Path(self.program).name
            said = f" (it said “{ended.last_line}”)" if ended.last_line else ""
            what = "no number where “score” looks for it" if pattern else "no number"
            raise MetricError(
                f"{self.description.label}: “{program}” printed {what}{said}: check {self.description.where}."
            ) from None


def _text_in(path: Path) -> str:
    """What a program has written; empty if nothing."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return file.read(_MAX_OUTPUT_BYTES).decode("utf-8", "replace").strip()
