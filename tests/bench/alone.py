"""Child process: codecs and metrics by themselves, one after the other, nothing else at work. Prints a JSON line.

Arguments: name of the sample, repetitions.
"""

from __future__ import annotations

import importlib.util
import itertools
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from tests.bench.photograph import photograph
from viewer.codecs import CODECS
from viewer.compare import Comparison
from viewer.metrics import Reference

TARGETS_BPP = (0.1, 0.25, 0.5, 1.0)


def timed(work: Callable[[], Any], repetitions: int) -> dict[str, list[float]]:
    """Wall and processor milliseconds of each repetition, after one that is not counted."""
    work()
    samples: dict[str, list[float]] = {"wall_ms": [], "cpu_ms": []}
    for _ in range(repetitions):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        samples["cpu_ms"].append((time.process_time() - cpu) * 1e3)
        samples["wall_ms"].append((time.perf_counter() - wall) * 1e3)
    return samples


def run(name: str, repetitions: int) -> dict[str, Any]:
    """Samples by what was timed."""
    image = photograph(name)
    report: dict[str, Any] = {}
    results = {}
    for codec in CODECS:
        report[f"{codec.name}: prepare picture"] = timed(partial(codec.encoders, image), repetitions)
        comparison = Comparison(image, [codec])
        for bpp in TARGETS_BPP:
            encoder = comparison.encoders(codec.name)[0]
            result = results[bpp] = comparison.result(codec.name, bpp)
            report[f"{codec.name} {bpp}: one encoding"] = timed(partial(encoder.encode, result.quality), repetitions)
            report[f"{codec.name} {bpp}: decode"] = timed(partial(codec.decode, result.stream), repetitions)
            # A little beside the target: the same would come from the cache.
            near = (partial(comparison.result, codec.name, bpp * (1.0 + 1e-6 * step)) for step in itertools.count(1))
            report[f"{codec.name} {bpp}: search, decode, measure"] = timed(lambda near=near: next(near)(), repetitions)  # type: ignore[misc]
    reconstruction = results[0.5].reconstruction
    report["metrics: prepare picture"] = timed(lambda: Reference(image.pixels), repetitions)
    reference = Reference(image.pixels)
    report["metrics: measure"] = timed(lambda: reference.measure(reconstruction), repetitions)
    if importlib.util.find_spec("pytorch_msssim"):
        report["pytorch_msssim: RGB and luma, no maps"] = timed(_published(image.pixels, reconstruction), repetitions)
    return report


def _published(*pictures: Any) -> Callable[[], Any]:
    import torch
    from pytorch_msssim import ms_ssim

    rgb = [torch.from_numpy(np.ascontiguousarray(p.transpose(2, 0, 1)[None]).astype(np.float32)) for p in pictures]
    luma = [(p * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, keepdim=True) for p in rgb]
    return lambda: (ms_ssim(*rgb, data_range=255), ms_ssim(*luma, data_range=255))


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1], int(sys.argv[2]))), flush=True)
