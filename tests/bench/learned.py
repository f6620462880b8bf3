"""Child process: the learned codec as `ratelens encode` and `decode` run it, on all cores. Prints a JSON line per row.

Arguments: name of the sample, repetitions. What two cores are to reach: 768x512 encoded in 200 ms, the search for the
rate included, decoded in 150 ms, a further rate in 100 ms; 12 megapixels in 8 s each way and in 2 GB; the weights, at
most 16 MB, loaded in 0.5 s. What needs no clock of that is tested: tests/models/test_learned_size.py.
"""

from __future__ import annotations

import itertools
import sys
from functools import partial

from tests.bench.photograph import enlarged, photograph
from tests.bench.timed import peak_bytes, tell, timed, timed_from_cold
from viewer.codecs.base import Encoder
from viewer.codecs.learned import WEIGHTS
from viewer.codecs.registry import codec_named
from viewer.imaging.image import Image
from viewer.matching.rate_search import Match, match
from viewer.system.resources import weights_path

TARGETS_BPP = (0.25, 0.5, 1.0)
LARGE_BPP = 0.5
MEGAPIXELS = 12.0


def encoded(image: Image, bpp: float) -> Match:
    """A picture's stream from the beginning: analysis, search, coding."""
    return matched(codec_named("learned").encoders(image)[0], image, bpp)


def matched(encoder: Encoder, image: Image, bpp: float) -> Match:
    """The stream of a picture that has been analysed."""
    return match(encoder, bpp * image.pixel_count / 8)


def run(name: str, repetitions: int) -> None:
    """Measure everything."""
    path = weights_path(WEIGHTS)
    tell("weights file", path.stat().st_size / 1e6)
    codec = codec_named("learned")
    image = photograph(name)
    codec.encoders(image)  # torch is loaded here, not below
    from models.codec import LearnedCodec

    tell("load weights", timed_from_cold(partial(LearnedCodec.load, path), repetitions))
    for bpp in TARGETS_BPP:
        tell(f"{bpp} bpp: encode, search included", timed(partial(encoded, image, bpp), repetitions))
        encoder = codec.encoders(image)[0]
        stream = matched(encoder, image, bpp).stream
        others = map(partial(matched, encoder, image), (bpp * (1.0 + 0.01 * step) for step in itertools.count(1)))
        tell(f"{bpp} bpp: a further rate", timed(partial(next, others), repetitions))
        tell(f"{bpp} bpp: decode", timed(partial(codec.decode, stream), repetitions))
    large = Image(enlarged(MEGAPIXELS), "large")
    found = encoded(large, LARGE_BPP)
    tell("12 MP: encode, search included", timed_from_cold(partial(encoded, large, LARGE_BPP), 1))
    tell("12 MP: decode", timed_from_cold(partial(codec.decode, found.stream), 1))
    tell("12 MP: peak memory of the process", peak_bytes() / 1e6)


if __name__ == "__main__":
    run(sys.argv[1], int(sys.argv[2]))
