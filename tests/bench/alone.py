"""Child process: codecs and metrics by themselves, one after the other, nothing else running. Prints one JSON line per
row.

Arguments: name of the sample, repetitions.
"""

from __future__ import annotations

import importlib.util
import itertools
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from tests.bench.photograph import photograph
from tests.bench.timed import keep_to_cores, tell, timed
from viewer.codecs.registry import DEFAULT_CODECS, codec_named
from viewer.matching.comparison import Comparison
from viewer.metrics.measurement import Reference

TARGETS_BPP = (0.1, 0.25, 0.5, 1.0)


def run(name: str, repetitions: int) -> None:
    """Time everything."""
    image = photograph(name)
    results = {}
    for codec in map(codec_named, DEFAULT_CODECS):
        tell(f"{codec.name}: prepare picture", timed(partial(codec.encoders, image), repetitions))
        comparison = Comparison(image, [codec])
        for bpp in TARGETS_BPP:
            encoder = comparison.encoders(codec.name)[0]
            result = results[bpp] = comparison.result(codec.name, bpp)
            tell(f"{codec.name} {bpp}: one encoding", timed(partial(encoder.encode, result.quality), repetitions))
            tell(f"{codec.name} {bpp}: decode", timed(partial(codec.decode, result.stream), repetitions))
            # A little beside the target: the same would come from the cache.
            near = (partial(comparison.result, codec.name, bpp * (1.0 + 1e-6 * step)) for step in itertools.count(1))
            tell(f"{codec.name} {bpp}: search, decode, measure", timed(lambda near=near: next(near)(), repetitions))  # type: ignore[misc]
    reconstruction = results[0.5].reconstruction
    tell("metrics: prepare picture", timed(lambda: Reference(image.pixels), repetitions))
    reference = Reference(image.pixels)
    tell("metrics: measure", timed(lambda: reference.measure(reconstruction), repetitions))
    if importlib.util.find_spec("pytorch_msssim"):
        tell("pytorch_msssim: RGB and luma, no maps", timed(_published(image.pixels, reconstruction), repetitions))


def _published(*pictures: Any) -> Callable[[], Any]:
    import torch
    from pytorch_msssim import ms_ssim

    rgb = [torch.from_numpy(np.ascontiguousarray(p.transpose(2, 0, 1)[None]).astype(np.float32)) for p in pictures]
    luma = [(p * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, keepdim=True) for p in rgb]
    return lambda: (ms_ssim(*rgb, data_range=255), ms_ssim(*luma, data_range=255))


if __name__ == "__main__":
    keep_to_cores()
    run(sys.argv[1], int(sys.argv[2]))
