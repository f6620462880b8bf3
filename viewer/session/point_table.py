"""All measured points as a table: its columns, and the table as text and as CSV."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from viewer.matching.curve import RatePoint

Value = str | int | float


@dataclass(frozen=True)
class Column:
    """name: in the CSV file. title: for people, lines apart by a line feed. value: to sort and store by."""

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
"""Encode: this one stream, its quality known. Prepare: what was done until then once for all rates of the picture."""


def as_csv(points: Sequence[RatePoint]) -> bytes:
    """A CSV file (RFC 4180, UTF-8) with the values in full; PSNR is "inf" where nothing is lost."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow([column.name for column in COLUMNS])
    writer.writerows([column.value(point) for column in COLUMNS] for point in points)
    return buffer.getvalue().encode()


def as_text(points: Sequence[RatePoint]) -> str:
    """Lines with tabs, as spreadsheets take them from the clipboard: the heads, then the values in full."""
    rows = [[column.name for column in COLUMNS]]
    rows += [[str(column.value(point)) for column in COLUMNS] for point in points]
    return "\n".join("\t".join(row) for row in rows) + "\n"
