"""About what a codec shows at a rate, at once: for a slider that is being dragged."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from viewer.codecs.base import Approximates, Encoder, detail_of
from viewer.imaging.image import Image, Pixels
from viewer.matching.comparison import Comparison
from viewer.matching.rate_search import Pause, Search
from viewer.matching.targets.quality import QualityMeasure
from viewer.matching.targets.rate import target_bytes

_FAR_OFF = 0.1
"""A first guess that misses the target by more is corrected once, so that the panes show about the same rate."""


@dataclass(frozen=True, eq=False)
class Provisional:
    """A picture to look at until the result is there. byte_count: of a real stream at the rate that was guessed, of
    which the pixels may be an approximation. Not measured, and never saved, exported or reported.
    """

    image: Image
    codec: str
    target_bpp: float
    byte_count: int
    pixels: Pixels
    detail: str

    @property
    def bpp(self) -> float:
        """8 * bytes / pixels of the stream."""
        return self.image.bpp(self.byte_count)


def provisional(
    comparison: Comparison, codec: str, target_bpp: float, best_in: QualityMeasure, wait: Callable[[], None] | None
) -> Provisional:
    """Encode once, or twice if the first guess is far off, and show about what that decodes to.

    best_in: what decides between a codec's variants. wait: as `pause` of `Comparison.result`. Raises CodecError;
    MemoryLimitError.
    """
    with comparison.memory_granted(codec, wait) as pause:
        search = _search(comparison, codec, target_bytes(target_bpp, comparison.image), best_in, pause)
        search.run(1, pause)
        if not search.found or search.deviation > _FAR_OFF:
            search.run(2, pause)
        found = search.result()
        pause()
        pixels = _pixels(comparison, codec, search.encoder, found.quality, found.stream)
        detail = detail_of(search.encoder, found.stream)
        return Provisional(comparison.image, codec, target_bpp, len(found.stream), pixels, detail)


def _search(comparison: Comparison, codec: str, size: float, best_in: QualityMeasure, pause: Pause) -> Search:
    """The search of the encoder that is likely to be the best one at a size."""
    encoders = comparison.encoders(codec)
    if not comparison.codecs[codec].tries_every_encoder:
        return Search(encoders[0], size)
    outlooks = comparison.outlooks(codec, size, best_in, pause)
    values_db = [-math.inf if one.value_db is None else one.value_db for one in outlooks]
    best = max(range(len(encoders)), key=values_db.__getitem__)
    return Search(encoders[best], size, outlooks[best].guess)


def _pixels(comparison: Comparison, codec: str, encoder: Encoder, quality: int, stream: bytes) -> Pixels:
    if isinstance(encoder, Approximates):
        return encoder.approximated(quality)
    return comparison.decoded(codec, stream)
