"""A sweep's rows in other formats: Parquet, and CompressAI's results."""

from __future__ import annotations

import importlib
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from models.errors import OutputError
from viewer.codecs.registry import known_codecs
from viewer.imaging.writer import check_overwrite, write_file
from viewer.metrics.base import Metric
from viewer.metrics.fast import PSNR_RGB
from viewer.sweep.identity import program_version
from viewer.sweep.rows import COLUMNS, Row, metric_columns
from viewer.sweep.summary import Average, averages, best_rows, comparable_rows, pictures_text


def check_parquet() -> None:
    """Raise OutputError if Parquet cannot be written here: to be asked before work is put into it."""
    _pyarrow()


def _pyarrow() -> tuple[Any, Any]:
    try:
        return importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise OutputError("Parquet needs pyarrow: run “pip install 'ratelens[parquet]'”, or leave it out.") from error


def write_parquet(rows: Sequence[Row], path: Path, *, force: bool) -> None:
    """The rows with the CSV's columns, empty cells as null. Raises OutputError."""
    pyarrow, parquet = _pyarrow()
    own: dict[str, list[Any]] = {column: [getattr(row, column) for row in rows] for column in COLUMNS}
    own["target_bpp"] = [row.target_bpp if row.target.is_rate else None for row in rows]
    scores = {name: [row.scores.get(name) for row in rows] for name in metric_columns(rows)}
    data = io.BytesIO()
    parquet.write_table(pyarrow.table({**own, **scores}), data)
    write_file(path, data.getvalue(), force=force)


def compressai_files(codecs: Sequence[str], folder: Path) -> dict[str, Path]:
    """The file of each codec's results."""
    return {codec: folder / f"{re.sub(r'[^A-Za-z0-9._=+-]', '-', codec)}.json" for codec in codecs}


def write_compressai(rows: Sequence[Row], folder: Path, metrics: Sequence[Metric] = (), *, force: bool) -> None:
    """A file for each codec, as CompressAI's evaluation writes it and its plots read it: means over the pictures on
    which every codec meets every target, MS-SSIM raw, times in seconds.

    metrics: to be in it besides PSNR and MS-SSIM. Raises OutputError.
    """
    common = comparable_rows(rows)
    if not common:
        raise OutputError(
            "No picture was brought to every target by every codec, so there are no means to write: choose --bpp."
        )
    means = averages(common, metrics)
    files = compressai_files(list(dict.fromkeys(mean.codec for mean in means)), folder)
    check_overwrite(files.values(), force=force)
    labels = {codec.name: codec.label for codec in known_codecs()}
    for codec, path in files.items():
        own = sorted((mean for mean in means if mean.codec == codec), key=lambda mean: mean.bpp)
        text = json.dumps(
            {
                "name": codec,
                "description": f"{labels.get(codec, codec)}, RateLens {program_version()}, "
                f"mean of {pictures_text(own[0].pictures)}",
                "results": {
                    "psnr-rgb": [mean.psnr_db for mean in own],
                    "ms-ssim-rgb": [mean.ms_ssim for mean in own],
                    "bpp": [mean.bpp for mean in own],
                    **_times(common, own),
                    **_scores(own, metrics),
                },
            },
            indent=2,
        )
        write_file(path, f"{text}\n".encode(), force=force)


def _times(rows: Sequence[Row], means: Sequence[Average]) -> dict[str, list[float]]:
    """Means of the rows that the rates and PSNR are of. Preparing is part of coding a single stream."""
    best = best_rows([row for row in rows if row.codec == means[0].codec], PSNR_RGB)
    of = [[row for row in best if row.target == mean.target] for mean in means]
    return {
        "encoding_time": [fmean(row.encode_ms + (row.prepare_ms or 0.0) for row in one) / 1e3 for one in of],
        "decoding_time": [fmean(row.decode_ms for row in one) / 1e3 for one in of],
    }


def _scores(means: Sequence[Average], metrics: Sequence[Metric]) -> dict[str, list[float]]:
    found = {}
    for metric in metrics:
        values = [mean.value(metric) for mean in means]
        if all(value is not None for value in values):
            found[metric.name] = [value for value in values if value is not None]
    return found
