"""Rows with known answers: every codec is a straight line in dB over the logarithm of the rate."""

from __future__ import annotations

import math

from viewer.metrics.fast import ms_ssim_raw
from viewer.sweep.rows import Row

TARGETS = (0.125, 0.25, 0.5, 1.0, 2.0)


def row(image: str, codec: str, bpp: float, psnr_db: float, ms_ssim_db: float = 15.0, **changes: object) -> Row:
    """One row of a picture of a megapixel."""
    values: dict[str, object] = {
        "image": image,
        "codec": codec,
        "target_bpp": bpp,
        "bpp": bpp,
        "bytes": round(bpp * 1e6 / 8),
        "reachable": True,
        "psnr_rgb": psnr_db,
        "psnr_luma": psnr_db + 1,
        "ms_ssim_rgb": ms_ssim_raw(ms_ssim_db),
        "ms_ssim_luma": ms_ssim_raw(ms_ssim_db + 1),
        "encode_ms": 10.0,
        "decode_ms": 5.0,
        **changes,
    }
    return Row(**values)  # type: ignore[arg-type]


def line(
    image: str,
    codec: str,
    at_1_bpp: float,
    slope_db: float = 5.0,
    targets: tuple[float, ...] = TARGETS,
    **changes: object,
) -> list[Row]:
    """A codec on a picture: PSNR and MS-SSIM rise by slope_db an octave of the rate, MS-SSIM 20 dB below PSNR."""
    return [
        row(image, codec, bpp, value, value - 20, **changes)
        for bpp in targets
        for value in (at_1_bpp + slope_db * math.log2(bpp),)
    ]


def two_codecs(gains_db: dict[str, float], slope_db: float = 5.0) -> list[Row]:
    """“new” is better than “old” by so many dB on each of these pictures, at every rate."""
    rows = []
    for image, gain_db in gains_db.items():
        rows += line(image, "old", 35.0, slope_db) + line(image, "new", 35.0 + gain_db, slope_db)
    return rows
