"""The table of all measured points: its columns, and its text and CSV forms."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from viewer.matching.curve import RatePoint
from viewer.metrics.base import Metric
from viewer.metrics.scoring import format_score, score_in

Value = str | int | float


@dataclass(frozen=True)
class Column:
    """name: in the CSV file. title: for people, lines separated by line feeds. value: for sorting and for files."""

    name: str
    title: str
    value: Callable[[RatePoint], Value]
    text: Callable[[RatePoint], str]


def _db(value: float) -> str:
    return "∞" if math.isinf(value) else f"{value:.2f}"


COLUMNS = (
    Column("codec", "Codec", lambda p: p.codec, lambda p: p.codec),
    Column("detail", "Variant", lambda p: p.detail, lambda p: p.detail),
    Column("target_bpp", "Target\nbpp", lambda p: p.target_bpp, lambda p: f"{p.target_bpp:.4f}"),
    Column("bpp", "bpp", lambda p: p.bpp, lambda p: f"{p.bpp:.4f}"),
    Column("bytes", "Bytes", lambda p: p.byte_count, lambda p: f"{p.byte_count:,}"),
    Column("psnr_rgb_db", "PSNR\nRGB dB", lambda p: p.metrics.psnr_rgb_db, lambda p: _db(p.metrics.psnr_rgb_db)),
    Column("psnr_luma_db", "PSNR\nluma dB", lambda p: p.metrics.psnr_luma_db, lambda p: _db(p.metrics.psnr_luma_db)),
    Column("ms_ssim_rgb", "MS-SSIM\nRGB", lambda p: p.metrics.ms_ssim_rgb, lambda p: f"{p.metrics.ms_ssim_rgb:.5f}"),
    Column(
        "ms_ssim_luma", "MS-SSIM\nluma", lambda p: p.metrics.ms_ssim_luma, lambda p: f"{p.metrics.ms_ssim_luma:.5f}"
    ),
    Column("encode_ms", "Encode\nms", lambda p: p.encode_ms, lambda p: f"{p.encode_ms:.1f}"),
    Column("decode_ms", "Decode\nms", lambda p: p.decode_ms, lambda p: f"{p.decode_ms:.1f}"),
    Column("prepare_ms", "Prepare\nms", lambda p: p.prepare_ms, lambda p: f"{p.prepare_ms:.1f}"),
)
"""Encode: this one stream, at its known quality. Prepare: work done once for all rates of the picture, until then."""


def score_column(metric: Metric) -> Column:
    """The column of a slow metric; empty where a point has no score, or none yet."""

    def score(point: RatePoint) -> float | None:
        return score_in(metric, point.metrics, point.scores)

    def value(point: RatePoint) -> Value:
        found = score(point)
        return "" if found is None else found

    title = f"{metric.label}\n{metric.unit}" if metric.unit else metric.label
    return Column(metric.name, title, value, lambda point: format_score(metric, score(point), unit=False))


def as_csv(points: Sequence[RatePoint], columns: Sequence[Column] = COLUMNS) -> bytes:
    """A CSV file (RFC 4180, UTF-8) with unrounded values; PSNR is "inf" if lossless."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow([column.name for column in columns])
    writer.writerows([column.value(point) for column in columns] for point in points)
    return buffer.getvalue().encode()


def as_text(points: Sequence[RatePoint], columns: Sequence[Column] = COLUMNS) -> str:
    """Tab-separated lines for the clipboard, as spreadsheets expect: column heads, then unrounded values."""
    rows = [[column.name for column in columns]]
    rows += [[str(column.value(point)) for column in columns] for point in points]
    return "\n".join("\t".join(row) for row in rows) + "\n"
