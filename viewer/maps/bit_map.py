"""Where the bits of a stream go in the picture."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from viewer.codecs.base import BITS_BLOCK, SupportsBitMap
from viewer.codecs.registry import codec_named
from viewer.imaging.image import Pixels

if TYPE_CHECKING:
    from viewer.matching.result import Result


def no_bit_map_reason(codec: str) -> str:
    """Why a codec has no bit map, as a sentence; empty if it has one."""
    known = codec_named(codec)
    if isinstance(known, SupportsBitMap):
        return ""
    return f"Only the learned codec’s bits are mapped, not {known.label}’s."


def block_bits(result: Result) -> NDArray[np.float32]:
    """Bits of each 16x16 block of a result's stream, (rows, columns). ValueError if the codec has no bit map."""
    return _block_bits(result.request.codec, result.stream)


@lru_cache(maxsize=4)
def _block_bits(codec: str, stream: bytes) -> NDArray[np.float32]:
    supporting = codec_named(codec)
    if not isinstance(supporting, SupportsBitMap):
        raise ValueError(no_bit_map_reason(codec))
    bits = supporting.bits_map(stream)
    bits.flags.writeable = False
    return bits


def upscale_blocks(blocks: Pixels, height: int, width: int) -> Pixels:
    """Each block's colour at each of its pixels: uint8 (rows, columns, 3) -> (height, width, 3)."""
    wide = np.repeat(blocks, BITS_BLOCK, axis=1)[:, :width]
    return np.repeat(wide, BITS_BLOCK, axis=0)[:height]
