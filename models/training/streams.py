"""Validation on real streams: bytes written and decoded again, level by level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.codec import LearnedCodec
from models.quality import STEPS_PER_LEVEL, level_of
from models.training.pictures.patches import find_photographs, read_photograph


@dataclass(frozen=True)
class StreamMeasure:
    """Means over whole pictures at one trained level: bits per pixel of the real streams, PSNR RGB once decoded."""

    level: int
    bpp: float
    psnr_db: float


def measure_streams(codec: LearnedCodec, folder: Path, limit: int) -> list[StreamMeasure]:
    """Encode and decode the first pictures of a folder at every trained level."""
    qualities = [q for q in codec.qualities[::STEPS_PER_LEVEL] if 0 <= level_of(q) < codec.levels]
    rates = np.zeros((limit, len(qualities)))
    psnrs = np.zeros((limit, len(qualities)))
    paths = find_photographs(folder)[:limit]
    for i, path in enumerate(paths):
        pixels = read_photograph(path)
        prepared = codec.prepare(pixels)
        for j, quality in enumerate(qualities):
            stream = prepared.encode(quality)
            error = codec.decode(stream).astype(np.float64) - pixels
            rates[i, j] = 8.0 * len(stream) / (pixels.shape[0] * pixels.shape[1])
            psnrs[i, j] = 10.0 * np.log10(255.0**2 / np.mean(error**2))
    means = zip(rates[: len(paths)].mean(0), psnrs[: len(paths)].mean(0), strict=True)
    return [StreamMeasure(level, float(bpp), float(psnr)) for level, (bpp, psnr) in enumerate(means)]


def format_streams(measures: Sequence[StreamMeasure]) -> str:
    """A table for people."""
    lines = [f"{m.level:5d}  {m.bpp:7.4f}  {m.psnr_db:7.2f}" for m in measures]
    return "\n".join(["level      bpp  PSNR dB", *lines])
