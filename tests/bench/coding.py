"""Child process: the learned codec's coding and decoding with a number of threads, beside CompressAI's in
tests.bench.published. Prints a JSON line per row.

Arguments: name of the sample, threads, repetitions.
"""

from __future__ import annotations

import sys
from functools import partial

from tests.bench.photograph import photograph
from tests.bench.timed import tell, timed
from viewer.codecs.registry import codec_named
from viewer.matching.rate_search import match

BPP = 0.5


def run(name: str, threads: int, repetitions: int) -> None:
    """Time what CompressAI's `compress` and `decompress` do: a picture to bytes at a known quality, and back."""
    import torch

    torch.set_num_threads(threads)
    image, codec = photograph(name), codec_named("learned")
    found = match(codec.encoders(image)[0], BPP * image.pixel_count / 8)
    encode = timed(lambda: codec.encoders(image)[0].encode(found.quality), repetitions)
    tell("RateLens: encode", encode)
    tell("RateLens: decode", timed(partial(codec.decode, found.stream), repetitions))


if __name__ == "__main__":
    run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
