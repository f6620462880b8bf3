"""What an encoder makes at a fixed grid of qualities: where a search begins, and which encoders can win it."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from models.errors import CodecError
from viewer.codecs.base import Codec, Encoder, Prepares, part_of
from viewer.imaging.image import Pixels
from viewer.matching.targets.quality import QualityMeasure
from viewer.metrics.measurement import quick_psnr_db

log = logging.getLogger("ratelens.grid")

_COUNT = 51
"""Qualities on the grid. A quarter of an octave of JPEG's quantisation steps lies between two of them."""

_DB_PER_OCTAVE = 3.0
"""About what twice the bits gain, for the small step from a quality of the grid to the target."""

_MARGIN_DB = 0.2
"""An encoder that is expected to be worse than another by more does not win: at none of 144 rates of photographs
did one, nor at 48 with half the margin."""

_PART_MARGIN_DB = 0.4
"""The same where a part of the picture was measured, which differs from the whole by some tenths of a decibel more with
one encoder than with another."""


@dataclass(frozen=True)
class Node:
    """A quality of the grid and the size there. values_db: of the reconstruction, as far as they were asked for."""

    quality: int
    byte_count: int
    values_db: dict[QualityMeasure, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Outlook:
    """What is known of an encoder before a target is searched for.

    value_db: what to expect there in the measure asked for, None if that is not known. prepared_s: spent on what serves
    every rate of the picture. margin_db: by how much less than the best one it may be expected to reach.
    """

    guess: Callable[[int], int]
    value_db: float | None
    prepared_s: float
    margin_db: float = _MARGIN_DB


class Grid:
    """One encoder's, made as targets come near and kept. As the grid is fixed, what is found with it depends on the
    picture and the target, and not on what was asked before. Safe to use from several threads.
    """

    def __init__(
        self, encoder: Encoder, value_db: Callable[[bytes, QualityMeasure], float], share: float = 1.0
    ) -> None:
        """value_db: decodes a stream and measures its PSNR. share: of the picture that the encoder has; targets are
        those of the whole.
        """
        self._encoder = encoder
        self._value_db = value_db
        self._share = share
        self._nodes: dict[int, Node] = {}
        self._step = max(1, len(encoder.qualities) // _COUNT)

    def outlook(self, target_bytes: float, measure: QualityMeasure | None, pause: Callable[[], None]) -> Outlook:
        """What to expect at a target. measure: None if no value is asked for. pause: called before costly steps."""
        prepared_s = 0.0
        size = self._size_of_part(target_bytes)
        try:
            guessed, node = self._encoder.guess(size), None
            for _ in range(2):  # the node next to a guess, and if that was far off, the one next to the corrected guess
                if node is not None and abs(guessed - node.quality) <= self._step:
                    break
                node, seconds = self._node(self._nearest(guessed), measure, pause)
                prepared_s += seconds
                guessed = self._corrected(node, size)
        except CodecError as error:
            log.info("%s: no outlook: %s", self._encoder.detail, error)
            return Outlook(lambda size: self._encoder.guess(self._size_of_part(size)), None, prepared_s)
        assert node is not None
        value_db = node.values_db.get(measure) if measure is not None else None
        if value_db is not None:
            value_db += _DB_PER_OCTAVE * math.log2(size / node.byte_count)
        margin_db = _MARGIN_DB if self._share == 1.0 else _PART_MARGIN_DB
        return Outlook(lambda size: self._corrected(node, self._size_of_part(size)), value_db, prepared_s, margin_db)

    def _size_of_part(self, target_bytes: float) -> int:
        return max(1, round(target_bytes * self._share))

    def _nearest(self, quality: int) -> int:
        first, last = self._encoder.qualities[0], self._encoder.qualities[-1]
        return min(first + round((quality - first) / self._step) * self._step, last)

    def _corrected(self, node: Node, size: int) -> int:
        """The encoder's guess, moved so that it is right at the node."""
        quality = node.quality + self._encoder.guess(size) - self._encoder.guess(node.byte_count)
        return min(max(quality, self._encoder.qualities[0]), self._encoder.qualities[-1])

    def _node(self, quality: int, measure: QualityMeasure | None, pause: Callable[[], None]) -> tuple[Node, float]:
        """The node, and the seconds that were spent on preparing."""
        known = self._nodes.get(quality)
        if known is not None and (measure is None or measure in known.values_db):
            return known, 0.0
        pause()
        begun = time.perf_counter()
        if isinstance(self._encoder, Prepares):
            self._encoder.prepare(quality)
        prepared_s = time.perf_counter() - begun
        stream = self._encoder.encode(quality)
        node = known or Node(quality, len(stream))
        if measure is not None:
            pause()
            node.values_db[measure] = self._value_db(stream, measure)
        self._nodes[quality] = node
        return node, prepared_s


def promising(outlooks: list[Outlook]) -> list[bool]:
    """Which of a codec's encoders may be the best at the target; those of which nothing is known may."""
    best_db = max((one.value_db for one in outlooks if one.value_db is not None), default=-math.inf)
    return [one.value_db is None or one.value_db >= best_db - one.margin_db for one in outlooks]


def grid_of(codec: Codec, encoder: Encoder, pixels: Pixels) -> Grid:
    """The grid of an encoder of a picture, judged by a part of it where there is one."""
    part = part_of(encoder)
    if part is None:
        return Grid(encoder, partial(_stream_psnr_db, codec, pixels))
    return Grid(part, partial(_stream_psnr_db, codec, part.pixels), part.pixels.size / pixels.size)


def decoded(codec: Codec, original: Pixels, stream: bytes) -> Pixels:
    """What a stream of a picture decodes to, read-only. Raises CodecError, also if its size is not the picture's."""
    reconstruction = codec.decode(stream)
    if reconstruction.shape != original.shape:
        height, width = reconstruction.shape[:2]
        raise CodecError(
            f"{codec.label} decoded its own stream to {width} x {height} pixels, not "
            f"{original.shape[1]} x {original.shape[0]}, so there is nothing to compare."
        )
    reconstruction.flags.writeable = False
    return reconstruction


def psnr_db(original: Pixels, reconstruction: Pixels, measure: QualityMeasure) -> float:
    """PSNR in the measure's channel, without all that a measurement has."""
    return quick_psnr_db(original, reconstruction, luma=measure.channel == "luma")


def _stream_psnr_db(codec: Codec, original: Pixels, stream: bytes, measure: QualityMeasure) -> float:
    return psnr_db(original, decoded(codec, original, stream), measure)
