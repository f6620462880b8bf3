"""Reference curves from files: published averages, to be drawn and compared with a sweep's own.

Read are RateLens' own CSV, CompressAI's results as JSON, the result texts of tensorflow/compression, and any CSV with a
column of rates and one of values a metric (or one of metrics' names and one of values).
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import CurveError
from viewer.imaging.file_guard import Wanted, read_file
from viewer.metrics.base import Metric, axis_value
from viewer.metrics.fast import FAST, MS_SSIM_LUMA, MS_SSIM_RGB, PSNR_LUMA, PSNR_RGB, ms_ssim_raw
from viewer.sweep.rows import is_header, read_rows
from viewer.sweep.summary import averages, comparable_rows, pictures_text

_FILE = Wanted(
    CurveError,
    "reference curve",
    "read",
    "name one of the files in it",
    "give a CSV, a JSON file of CompressAI or a text of tensorflow/compression",
    "so it is no table of averages: check the name",
    2**24,
)
_RATES = {"bpp", "rate", "bitrate", "bitsperpixel", "bitspixel"}
_METHODS = {"method", "name", "codec", "label", "model", "curve"}
_METRIC = {"metric", "measure"}
_VALUES = {"value", "score", "quality"}
_PICTURES = {"image", "file", "filename", "picture", "img"}
_SYNONYMS = {
    PSNR_RGB.name: ("psnr", "psnrdb", "psnrrgb", "psnrrgbdb", "psnrsrgbrgb", "rgbpsnr"),
    PSNR_LUMA.name: ("psnry", "psnryuv", "psnrluma", "psnrlumadb", "psnrsrgby", "ypsnr"),
    MS_SSIM_RGB.name: ("msssim", "msssimdb", "msssimrgb", "msssimrgbdb", "msssimsrgbrgb"),
    MS_SSIM_LUMA.name: ("msssimy", "msssimluma", "msssimlumadb", "msssimsrgby"),
}
_TITLE = re.compile(r'^#.*data for "(.+?)"(?: on (\S+?)\.?)?$', re.MULTILINE)
_SECOND = re.compile(r"^#.*second column contains (.+?) values", re.MULTILINE)
_DELIMITERS = ",;\t"


@dataclass(frozen=True)
class ReferenceCurve:
    """One published curve. source: the file, and what it says of itself. points: by the metric's name, rates in bpp,
    ascending, and values on the metric's axis; MS-SSIM is averaged before it is put into dB, as published figures are.
    """

    label: str
    source: str
    points: Mapping[str, tuple[tuple[float, float], ...]]

    def within(self, metric: Metric, low_bpp: float, high_bpp: float) -> list[tuple[float, float]]:
        """Its points in a metric between two rates."""
        return [(bpp, value) for bpp, value in self.points.get(metric.name, ()) if low_bpp <= bpp <= high_bpp]


def load_references(texts: Iterable[str], metrics: Sequence[Metric]) -> list[ReferenceCurve]:
    """The curves that users name as FILE, or FILE:NAME for one of several in it. metrics: those that count besides PSNR
    and MS-SSIM. Raises CurveError.
    """
    return [curve for text in texts for curve in _chosen(text, metrics)]


def _chosen(text: str, metrics: Sequence[Metric]) -> list[ReferenceCurve]:
    path, sign, name = text.rpartition(":")
    if not sign or Path(text).is_file() or not Path(path).is_file():
        return read_references(Path(text), metrics)
    curves = read_references(Path(path), metrics)
    found = [curve for curve in curves if curve.label == name]
    if not found:
        there = ", ".join(curve.label for curve in curves)
        raise CurveError(f"There is no curve “{name}” in “{Path(path).name}”: it has {there}.")
    return found


def read_references(path: Path, metrics: Sequence[Metric] = ()) -> list[ReferenceCurve]:
    """The curves in a file. Raises CurveError."""
    try:
        text = read_file(path, _FILE).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(path, "is no text in UTF-8") from error
    known = _names((*FAST, *metrics))
    if text.lstrip().startswith(("{", "[")):
        curves = _compressai(text, path, known)
    elif text.lstrip().startswith("#"):
        curves = [_tensorflow(text, path, known)]
    else:
        curves = _table(text, path, known, metrics)
    found = [curve for curve in curves if any(curve.points.values())]
    if not found:
        raise _unreadable(path, "has no points with a rate and a metric that is known here")
    return found


def _unreadable(path: Path, what: str) -> CurveError:
    return CurveError(
        f"“{path.name}” {what}: give a CSV with columns for rate (bpp) and metrics (psnr_rgb, ms_ssim_rgb), a JSON "
        "file of CompressAI, or a text of tensorflow/compression."
    )


def _names(metrics: Iterable[Metric]) -> dict[str, Metric]:
    """Metrics by what files call them, letters and digits only."""
    known = {}
    for metric in metrics:
        for name in (metric.name, metric.label, *_SYNONYMS.get(metric.name, ())):
            known[_plain(name)] = metric
    return known


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _curve(
    label: str, source: str, points: Mapping[str, Iterable[tuple[float, float]]], known: Mapping[str, Metric]
) -> ReferenceCurve:
    by_name = {metric.name: metric for metric in known.values()}
    return ReferenceCurve(
        label,
        source,
        {
            name: tuple(sorted((bpp, _on_axis(by_name[name], value)) for bpp, value in pairs if bpp > 0))
            for name, pairs in points.items()
        },
    )


def _on_axis(metric: Metric, value: float) -> float:
    """A published value on the metric's axis. MS-SSIM over 1 is in dB already."""
    if metric in (MS_SSIM_RGB, MS_SSIM_LUMA) and value > 1:
        value = ms_ssim_raw(value)
    return axis_value(metric, value)


def _compressai(text: str, path: Path, known: Mapping[str, Metric]) -> list[ReferenceCurve]:
    """Results as compressai.utils writes them: lists of figures by their name, one of them of rates."""
    try:
        data: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _unreadable(path, "is no valid JSON") from error
    curves = []
    for one in data if isinstance(data, list) else [data]:
        results = one.get("results") if isinstance(one, dict) else None
        if not isinstance(results, dict):
            raise _unreadable(path, "has no “results”")
        rates = next((values for name, values in results.items() if _plain(name) in _RATES), None)
        if rates is None:
            raise _unreadable(path, "has no rates among its “results”")
        points = {}
        for name, values in results.items():
            metric = known.get(_plain(name))
            if metric is not None:
                points[metric.name] = _pairs(rates, values, path)
        said = one.get("description")
        source = f"{path.name}: {said}" if isinstance(said, str) and said else path.name
        curves.append(_curve(str(one.get("name") or path.stem), source, points, known))
    return curves


def _pairs(rates: Any, values: Any, path: Path) -> list[tuple[float, float]]:
    try:
        pairs = [(float(bpp), float(value)) for bpp, value in zip(rates, values, strict=True)]
    except (TypeError, ValueError) as error:
        raise _unreadable(path, "has lists of unequal length, or what is no number in them") from error
    return [pair for pair in pairs if all(map(math.isfinite, pair))]


def _tensorflow(text: str, path: Path, known: Mapping[str, Metric]) -> ReferenceCurve:
    """The texts in results/image_compression of tensorflow/compression: comments, then rate and value a line."""
    second, title = _SECOND.search(text), _TITLE.search(text)
    metric = known.get(_plain(second[1])) if second else None
    if metric is None:
        raise _unreadable(path, "does not say, in its comments, which metric its second column has")
    lines = [line.split(",") for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if any(len(line) != 2 for line in lines):
        raise _unreadable(path, "has lines that are not a rate and a value")
    points = _pairs([line[0] for line in lines], [line[1] for line in lines], path)
    label = title[1] if title else path.stem
    source = f"{path.name}: “{title[1]}” on {title[2]}" if title and title[2] else path.name
    return _curve(label, source, {metric.name: points}, known)


def _table(text: str, path: Path, known: Mapping[str, Metric], metrics: Sequence[Metric]) -> list[ReferenceCurve]:
    first = text.lstrip("\n").split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        header, *lines = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(row)] or [[]]
    except csv.Error as error:
        raise _unreadable(path, f"is no CSV ({error})") from error
    if is_header(header):
        return _own(path, metrics)
    columns = [_plain(name) for name in header]
    rate = next((i for i, name in enumerate(columns) if name in _RATES), None)
    if rate is None:
        raise _unreadable(path, "has no column of rates")
    if any(name in _PICTURES for name in columns):
        raise CurveError(
            f"“{path.name}” has a row for each picture, and a reference curve is of averages: give the averages of "
            "each rate, or the CSV of a sweep of RateLens."
        )
    points: dict[str, dict[str, list[tuple[float, float]]]] = {}
    for row in lines:
        if len(row) != len(header):
            raise _unreadable(path, "has lines of unequal length")
        label = next((row[i] for i, name in enumerate(columns) if name in _METHODS), "") or path.stem
        for metric, cell in _cells(columns, row, known):
            pair = _pairs([_number(row[rate], delimiter)], [_number(cell, delimiter)], path) if cell.strip() else []
            points.setdefault(label, {}).setdefault(metric.name, []).extend(pair)
    return [_curve(label, path.name, found, known) for label, found in points.items()]


def _cells(columns: Sequence[str], row: Sequence[str], known: Mapping[str, Metric]) -> list[tuple[Metric, str]]:
    """The metrics of a row with their cells: named by one cell, or by the columns."""
    named = next((i for i, name in enumerate(columns) if name in _METRIC), None)
    value = next((i for i, name in enumerate(columns) if name in _VALUES), None)
    if named is not None and value is not None:
        metric = known.get(_plain(row[named]))
        return [] if metric is None else [(metric, row[value])]
    return [(known[name], cell) for name, cell in zip(columns, row, strict=True) if name in known]


def _number(cell: str, delimiter: str) -> str:
    return cell.replace(",", ".") if delimiter == ";" else cell


def _own(path: Path, metrics: Sequence[Metric]) -> list[ReferenceCurve]:
    """The averages of an earlier sweep, over the pictures on which every codec reaches every rate."""
    rows = comparable_rows(read_rows(path))
    chosen = tuple(dict.fromkeys((*FAST, *metrics)))
    means = averages(rows, chosen)
    source = f"{path.name}, mean of {pictures_text(len({row.image for row in rows}))}"
    curves = []
    for codec in dict.fromkeys(mean.codec for mean in means):
        own = [mean for mean in means if mean.codec == codec]
        points = {
            metric.name: tuple(
                (mean.bpp, value) for mean in own if (value := mean.published.get(metric.name)) is not None
            )
            for metric in chosen
        }
        curves.append(ReferenceCurve(f"{codec} in {path.stem}", source, points))
    return curves
