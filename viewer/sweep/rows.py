"""The results of a sweep: rows, and the CSV that they stand in."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from models.errors import OutputError
from viewer.imaging.writer import write_file
from viewer.metrics.base import Metric, axis_value
from viewer.metrics.fast import FAST, MS_SSIM_LUMA, MS_SSIM_RGB, FastMetric
from viewer.sweep.target import Target, rate_target, read_score_target

_MAX_MS_SSIM_DB = 90.0
_METRIC_COLUMN = re.compile(r"[a-z0-9][a-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Row:
    """One codec at one target on one picture: a line of the CSV, columns in this order. PSNR in dB.

    image: its path from `folder`, with slashes. target_bpp: 0, and empty in the CSV, where the target is a quality,
    which target_quality says then ("psnr_rgb=35"). reachable: the target was met. A codec that tries several variants
    (JPEG's subsamplings) has a line of each. prepare_ms: what was done until then once for all rates of the picture.
    encode_ms: coding this one stream.

    What a row is of: image_sha256, of the picture's file; codec with its settings, codec_version, of the library or
    program, and weights, the id of the weights file; metric_versions, of what computes the scores ("flip=1.7"; PSNR and
    MS-SSIM are of the program's version); the target; program_version. How it was measured: repeats, of which the times
    are the medians; host and threads.

    Files of older versions lack columns: they read as empty, and as None where that is allowed.

    scores: in other metrics, by name; each is one more column, whose cell is empty where there is no score.
    """

    image: str
    codec: str
    target_bpp: float
    bpp: float
    bytes: int
    reachable: bool
    psnr_rgb: float
    psnr_luma: float
    ms_ssim_rgb: float
    ms_ssim_luma: float
    encode_ms: float
    decode_ms: float
    variant: str = ""
    prepare_ms: float | None = None
    target_quality: str = ""
    image_sha256: str = ""
    codec_version: str = ""
    weights: str = ""
    metric_versions: str = ""
    program_version: str = ""
    repeats: int | None = None
    host: str = ""
    threads: int | None = None
    folder: str = ""
    scores: Mapping[str, float] = field(default_factory=dict, hash=False)

    @property
    def target(self) -> Target:
        """What the codec was brought to: a rate, or a score in a metric."""
        return read_score_target(self.target_quality) if self.target_quality else rate_target(self.target_bpp)

    @property
    def key(self) -> tuple[str, str, Target]:
        """What is measured once."""
        return self.image, self.codec, self.target

    @property
    def made_by(self) -> tuple[str, str, str]:
        """What made the stream, besides the codec's settings, which its name says."""
        return self.codec_version, self.weights, self.program_version

    def metric_version(self, name: str) -> str:
        """The version of what computed a score; empty where that is not known."""
        return read_versions(self.metric_versions).get(name, "")

    def score(self, metric: Metric) -> float | None:
        """The score in a metric; None if it has none."""
        return float(getattr(self, metric.name)) if isinstance(metric, FastMetric) else self.scores.get(metric.name)

    def value(self, metric: Metric) -> float | None:
        """The score on the metric's axis, bounded where it is MS-SSIM, so that means can be taken of it."""
        if not isinstance(metric, FastMetric):
            score = self.scores.get(metric.name)
            return None if score is None else axis_value(metric, score)
        value = metric.on_axis(getattr(self, metric.name))  # without asking what it has: there are millions of rows
        return min(value, _MAX_MS_SSIM_DB) if metric in (MS_SSIM_RGB, MS_SSIM_LUMA) else value


COLUMNS = tuple(column.name for column in fields(Row) if column.name != "scores")
"""Those that every result has. A metric's column is called after it."""
_OLDER_COLUMNS = (COLUMNS[:14], COLUMNS[:12])
"""Before rows said what they are of, and before there were variants."""
_WHOLE = frozenset({"bytes", "repeats", "threads"})
_TEXTS = frozenset(column.name for column in fields(Row) if column.type == "str")
_OPTIONAL = frozenset({"prepare_ms", "repeats", "threads"})


def read_rows(path: Path) -> list[Row]:
    """The rows of an earlier sweep, each once; none if there is no file; a line that a kill cut short is left out.

    Raises OutputError when the file is something else, or cannot be read.
    """
    try:
        if path.exists() and not path.is_file():  # reading a pipe would wait for ever
            raise OutputError(f"“{path}” is not a file: give --out the name of a CSV file.")
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.reader(file)
            header = tuple(next(reader, ()))
            if is_header(header):
                return merged(_whole([_parse(cells, header) for cells in reader]))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise OutputError(f"“{path}” cannot be read ({error.strerror}): give --out the name of a CSV file.") from error
    except (UnicodeDecodeError, csv.Error):
        pass
    raise OutputError(f"“{path}” is not the result of a sweep: give another --out, or remove it.")


def is_header(cells: Sequence[str]) -> bool:
    """Whether a CSV's first line is that of a sweep's result."""
    known = _known_columns(cells)
    return bool(known) and all(map(_METRIC_COLUMN.fullmatch, cells[len(known) :])) and len(set(cells)) == len(cells)


def _known_columns(header: Sequence[str]) -> tuple[str, ...]:
    """The columns that a header begins with: today's, or those of an older version; none in another file."""
    every = (COLUMNS, *_OLDER_COLUMNS)
    return next((known for known in every if tuple(header[: len(known)]) == known), ())


def _whole(rows: Sequence[Row | None]) -> list[Row]:
    """The rows; where a kill cut one short, which is None then, without the others of its kind: it may have been one of
    several variants.
    """
    found = [row for row in rows if row is not None]
    if rows and rows[-1] is None and found:
        last = found[-1].key
        return [row for row in found if row.key != last]
    return found


def merged(rows: Iterable[Row]) -> list[Row]:
    """The rows, each variant of a key once: as measured last, with scores that only earlier ones have.

    Rows give way to later ones of the same picture's name with another content, and of the same codec on that picture
    with another version, weights or program; a row without variants, of an older version, to those with them.
    """
    pictures: dict[str, dict[str, dict[Target, dict[str, Row]]]] = {}
    contents: dict[str, str] = {}
    makers: dict[tuple[str, str], tuple[str, str, str]] = {}
    for row in rows:
        codecs = pictures.setdefault(row.image, {})
        if row.image_sha256 and contents.setdefault(row.image, row.image_sha256) != row.image_sha256:
            codecs.clear()
            contents[row.image] = row.image_sha256
        targets = codecs.setdefault(row.codec, {})
        if row.program_version and makers.setdefault((row.image, row.codec), row.made_by) != row.made_by:
            targets.clear()
            makers[row.image, row.codec] = row.made_by
        variants = targets.setdefault(row.target, {})
        earlier = variants.get(row.variant)
        if earlier is None and row.variant:
            variants.pop("", None)
        same = earlier is not None and earlier.bytes == row.bytes
        variants[row.variant] = _with_scores_of(row, earlier) if earlier and same else row
    return [
        row
        for codecs in pictures.values()
        for targets in codecs.values()
        for variants in targets.values()
        for row in variants.values()
    ]


def _with_scores_of(row: Row, earlier: Row) -> Row:
    """A row with the scores that only an earlier one of the same stream has, and with their versions."""
    versions = {**read_versions(earlier.metric_versions), **read_versions(row.metric_versions)}
    return replace(row, scores={**earlier.scores, **row.scores}, metric_versions=format_versions(versions))


def read_versions(text: str) -> dict[str, str]:
    """The versions of metrics by their names, from a cell."""
    return dict(part.split("=", 1) for part in text.split(";") if "=" in part)


def format_versions(versions: Mapping[str, str]) -> str:
    """The versions of metrics as a cell has them: "flip=1.7;ssimulacra2=0.3.0"."""
    return ";".join(f"{name}={versions[name]}" for name in sorted(versions))


def metric_columns(rows: Iterable[Row], wanted: Iterable[str] = ()) -> tuple[str, ...]:
    """The columns of metrics that a file of these rows has: those that there are, then those that are wanted."""
    own = {metric.name for metric in FAST}
    return tuple(name for name in dict.fromkeys([*(n for row in rows for n in row.scores), *wanted]) if name not in own)


def write_rows(path: Path, rows: Sequence[Row], metrics: Sequence[str]) -> None:
    """Write header and rows; what a kill cut short is dropped. metrics: their columns. Raises OutputError."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([[*COLUMNS, *metrics], *(cells_of(row, metrics) for row in rows)])
    write_file(path, text.getvalue().encode(), force=True)


def cells_of(row: Row, metrics: Sequence[str]) -> list[object]:
    """A row's line in a file with these columns of metrics."""
    own = {column: getattr(row, column) for column in COLUMNS}
    if row.target_quality:
        own["target_bpp"] = None
    return [*("" if cell is None else cell for cell in own.values()), *(row.scores.get(name, "") for name in metrics)]


def _parse(cells: Sequence[str], header: Sequence[str]) -> Row | None:
    if len(cells) != len(header):
        return None
    known = _known_columns(header)
    given = dict(zip(header, cells, strict=True))
    try:
        if given.get("target_quality"):
            read_score_target(given["target_quality"])
            given["target_bpp"] = "0"
        own: dict[str, Any] = {column: _value(column, given[column]) for column in known}
        scores = {name: float(given[name]) for name in header[len(known) :] if given[name]}
        return Row(**own, scores=scores)
    except ValueError:
        return None


def _value(column: str, cell: str) -> object:
    """A cell's value. Raises ValueError."""
    if column in _TEXTS:
        return sys.intern(cell)  # a hundred thousand pictures have millions of rows
    if column == "reachable":
        return cell == "True"
    if column in _OPTIONAL and not cell:
        return None
    return int(cell) if column in _WHOLE else float(cell)
