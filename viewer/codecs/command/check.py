"""Checks a codec by command on a small picture with odd sides, and reports problems in sentences."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.errors import CodecError
from viewer.codecs.command.codec import CommandCodec, CommandEncoder
from viewer.codecs.command.jobs import ProgramError
from viewer.imaging.image import Image, Pixels

_TRIED = 9
"""Number of qualities to try, evenly over the range."""
_FALL = 0.02
"""A size that falls by more than this share at a better quality is reported."""
_FAR_OFF_DB = 15.0
"""If even the best PSNR is lower, the decoder returns a different picture, or mixes up the colours."""
_SLOW_S = 2.0
"""An encoder that takes longer for this small picture is reported as slow."""


@dataclass(frozen=True)
class CheckReport:
    """The result of a check. problems: why the codec cannot be used. remarks: worth knowing. figures: a line about the
    measurements; empty if there are none.
    """

    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    figures: str = ""


@dataclass(frozen=True)
class _Tried:
    """One quality that worked. distance_db: PSNR over R, G and B."""

    text: str
    byte_count: int
    distance_db: float
    encode_s: float
    decode_s: float


def check(codec: CommandCodec, image: Image) -> CheckReport:
    """Encode and decode a picture at qualities over the whole range, up to the first error not due to the quality."""
    encoder = CommandEncoder.of(codec.description, image)
    last = encoder.qualities[-1]
    tried: list[_Tried] = []
    failed: list[tuple[str, str]] = []
    try:
        codec.require_programs()
        for index in dict.fromkeys(round(i * last / (_TRIED - 1)) for i in range(_TRIED)):
            text = codec.description.quality.text(index)
            try:
                tried.append(_try(codec, encoder, index, image.pixels))
            except ProgramError as error:
                failed.append((text, str(error)))
        again = len(encoder.encode(last // 2)) if tried and not failed else None
    except CodecError as error:
        return CheckReport((str(error),), (), _figures(tried))
    problems = [*_failures(failed, tried), *_wrong(codec, tried)]
    return CheckReport(tuple(problems), tuple(_remarks(codec, tried, again, last)), _figures(tried))


def _try(codec: CommandCodec, encoder: CommandEncoder, index: int, pixels: Pixels) -> _Tried:
    begun = time.perf_counter()
    stream = encoder.encode(index)
    encoded = time.perf_counter()
    decoded = codec.decode(stream)
    ended = time.perf_counter()
    if decoded.shape != pixels.shape:
        height, width = pixels.shape[:2]
        raise CodecError(
            f"{codec.label} decoded a picture of {width} x {height} pixels to {decoded.shape[1]} x {decoded.shape[0]}: "
            f"check both commands in “{codec.description.file}”."
        )
    squared = float(np.mean((decoded.astype(np.float32) - pixels) ** 2))
    distance_db = 10 * math.log10(255**2 / squared) if squared else math.inf
    text = codec.description.quality.text(index)
    return _Tried(text, len(stream), distance_db, encoded - begun, ended - encoded)


def _failures(failed: Sequence[tuple[str, str]], tried: Sequence[_Tried]) -> list[str]:
    if not failed:
        return []
    if not tried:
        return [failed[0][1]]
    qualities = ", ".join(text for text, _ in failed)
    return [f"It fails at quality {qualities}, but works at others: narrow [quality]. {failed[0][1]}"]


def _wrong(codec: CommandCodec, tried: Sequence[_Tried]) -> list[str]:
    """Problems of the streams, whose qualities are in order of rising rate."""
    if len(tried) < 2:
        return []
    sizes = [one.byte_count for one in tried]
    if sizes[-1] == min(sizes) == max(sizes):
        return ["All qualities give the same size: check how the encoder's command uses {quality}."]
    if sizes[-1] < sizes[0]:
        other = "lower" if codec.description.quality.better_is_higher else "higher"
        return [f'Sizes fall as the quality gets better: set better = "{other}" in [quality].']
    if max(one.distance_db for one in tried) < _FAR_OFF_DB:
        best = max(one.distance_db for one in tried)
        sentence = (
            f"The decoded picture is far from the original (PSNR {best:.1f} dB at best): check that the "
            "decoder returns the same picture, with red, green and blue in the right order."
        )
        return [sentence]
    falls = [
        f"from {before.text} ({before.byte_count:,} bytes) to {after.text} ({after.byte_count:,})"
        for before, after in itertools.pairwise(tried)
        if after.byte_count < before.byte_count * (1 - _FALL)
    ]
    if falls:
        return [f"Sizes are not monotone: they fall {'; '.join(falls)}. Narrow [quality] to the part where they rise."]
    return []


def _remarks(codec: CommandCodec, tried: Sequence[_Tried], again: int | None, last: int) -> list[str]:
    remarks = []
    slowest = max((one.encode_s + one.decode_s for one in tried), default=0.0)
    if slowest > _SLOW_S:
        remarks.append(
            f"It is slow: a stream of this small picture took up to {slowest:.1f} s. A rate takes three to eight "
            f"streams, and time_limit_s ({codec.description.limit_s:g}) has to be long enough for your pictures."
        )
    middle = codec.description.quality.text(last // 2)
    before = next((one.byte_count for one in tried if one.text == middle), None)
    if again is not None and before is not None and again != before:
        remarks.append(
            f"Two runs at quality {middle} gave {before:,} and {again:,} bytes: results are not exactly reproducible."
        )
    return remarks


def _figures(tried: Sequence[_Tried]) -> str:
    if not tried:
        return ""
    sizes, distances = [one.byte_count for one in tried], [one.distance_db for one in tried]
    best = f"{max(distances):.1f} dB" if math.isfinite(max(distances)) else "lossless"
    encode_ms, decode_ms = (
        1e3 * sorted(times)[len(tried) // 2]
        for times in ([one.encode_s for one in tried], [one.decode_s for one in tried])
    )
    return (
        f"{len(tried)} qualities from {tried[0].text} to {tried[-1].text}: {min(sizes):,} to {max(sizes):,} bytes, "
        f"PSNR {min(distances):.1f} dB to {best}; encoding {encode_ms:.0f} ms, decoding {decode_ms:.0f} ms (median)"
    )
