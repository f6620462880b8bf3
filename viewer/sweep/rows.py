"""The results of a sweep: rows, and the CSV that they stand in."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from models.errors import OutputError
from viewer.imaging.writer import reason_and_advice, write_file
from viewer.metrics.base import Metric, axis_value
from viewer.metrics.fast import FAST, MS_SSIM_LUMA, MS_SSIM_RGB, FastMetric

_MAX_MS_SSIM_DB = 90.0
_METRIC_COLUMN = re.compile(r"[a-z0-9][a-z0-9_-]*")


@dataclass(frozen=True)
class Row:
    """One codec at one target rate on one picture: a line of the CSV, columns in this order. PSNR in dB.

    A codec that tries several variants (JPEG's subsamplings) has a line of each. prepare_ms: what was done until then
    once for all rates of the picture. encode_ms: coding this one stream. variant and prepare_ms are empty in a file of
    an older version.

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
    scores: Mapping[str, float] = field(default_factory=dict, hash=False)

    @property
    def key(self) -> tuple[str, str, float]:
        """What is measured once."""
        return self.image, self.codec, self.target_bpp

    def score(self, metric: Metric) -> float | None:
        """The score in a metric; None if it has none."""
        return float(getattr(self, metric.name)) if isinstance(metric, FastMetric) else self.scores.get(metric.name)

    def value(self, metric: Metric) -> float | None:
        """The score on the metric's axis, bounded where it is MS-SSIM, so that means can be taken of it."""
        score = self.score(metric)
        value = None if score is None else axis_value(metric, score)
        return min(value, _MAX_MS_SSIM_DB) if value is not None and metric in (MS_SSIM_RGB, MS_SSIM_LUMA) else value


COLUMNS = tuple(column.name for column in fields(Row) if column.name != "scores")
"""Those that every result has. A metric's column is called after it."""
_OLD_COLUMNS = COLUMNS[:-2]
"""Before there were variants."""


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
    return next((known for known in (COLUMNS, _OLD_COLUMNS) if tuple(header[: len(known)]) == known), ())


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
    """The rows, each variant of a key once: as measured last, with scores that only earlier ones have. A row of an
    older version, without variants, gives way to them.
    """
    by_key: dict[tuple[str, str, float], dict[str, Row]] = {}
    for row in rows:
        variants = by_key.setdefault(row.key, {})
        earlier = variants.get(row.variant)
        if earlier is None and row.variant:
            variants.pop("", None)
        same = earlier is not None and earlier.bytes == row.bytes
        variants[row.variant] = replace(row, scores={**earlier.scores, **row.scores}) if earlier and same else row
    return [row for variants in by_key.values() for row in variants.values()]


def metric_columns(rows: Iterable[Row], wanted: Iterable[str] = ()) -> tuple[str, ...]:
    """The columns of metrics that a file of these rows has: those that there are, then those that are wanted."""
    own = {metric.name for metric in FAST}
    return tuple(name for name in dict.fromkeys([*(n for row in rows for n in row.scores), *wanted]) if name not in own)


def write_rows(path: Path, rows: Sequence[Row], metrics: Sequence[str]) -> None:
    """Write header and rows; what a kill cut short is dropped. metrics: their columns. Raises OutputError."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([[*COLUMNS, *metrics], *(_cells(row, metrics) for row in rows)])
    write_file(path, text.getvalue().encode(), force=True)


def append_rows(path: Path, rows: Sequence[Row], metrics: Sequence[str]) -> None:
    """Add rows to a file with these columns of metrics. Raises OutputError."""
    try:
        with path.open("a", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(_cells(row, metrics) for row in rows)
    except OSError as error:
        raise OutputError(
            f"“{path}” cannot be written {reason_and_advice(error)}. What was measured before is kept, and the same "
            "command goes on from there."
        ) from error


def _cells(row: Row, metrics: Sequence[str]) -> list[object]:
    own = (getattr(row, column) for column in COLUMNS)
    return [*("" if cell is None else cell for cell in own), *(row.scores.get(name, "") for name in metrics)]


def _parse(cells: Sequence[str], header: Sequence[str]) -> Row | None:
    if len(cells) != len(header):
        return None
    count = len(_known_columns(header))
    scores = zip(header[count:], cells[count:], strict=True)
    try:
        image, codec, target, bpp, size, reachable, *figures = cells[: len(_OLD_COLUMNS)]
        variant, prepare_ms = cells[len(_OLD_COLUMNS) : count] if count == len(COLUMNS) else ("", "")
        known = {name: float(cell) for name, cell in scores if cell}
        psnr_rgb, psnr_luma, ms_ssim_rgb, ms_ssim_luma, encode_ms, decode_ms = map(float, figures)
        return Row(
            image,
            codec,
            float(target),
            float(bpp),
            int(size),
            reachable == "True",
            psnr_rgb,
            psnr_luma,
            ms_ssim_rgb,
            ms_ssim_luma,
            encode_ms,
            decode_ms,
            variant,
            float(prepare_ms) if prepare_ms else None,
            known,
        )
    except ValueError:
        return None
