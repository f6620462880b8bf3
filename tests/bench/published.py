"""CompressAI's bmshj2018-factorized on a picture, timed as the learned codec is. Prints a JSON line per row.

    python tests/bench/published.py PICTURE THREADS REPETITIONS [trained]

For the interpreter of an environment that has CompressAI, which wants another numpy than RateLens: `python -m venv
ENVIRONMENT; ENVIRONMENT/bin/pip install compressai`. It imports nothing of RateLens. `trained` loads the published
weights, which are downloaded; without it the weights are random, and only transforms take what they would take.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from PIL import Image

QUALITY = 4


def timed(work: Callable[[], Any], repetitions: int) -> dict[str, list[float]]:
    """As tests.bench.timed: milliseconds by the clock, of processors, of the main thread, after one uncounted."""
    work()
    samples: dict[str, list[float]] = {"wall_ms": [], "cpu_ms": [], "main_ms": []}
    for _ in range(repetitions):
        wall, cpu, main = time.perf_counter(), time.process_time(), time.thread_time()
        work()
        samples["main_ms"].append((time.thread_time() - main) * 1e3)
        samples["cpu_ms"].append((time.process_time() - cpu) * 1e3)
        samples["wall_ms"].append((time.perf_counter() - wall) * 1e3)
    return samples


def run(picture: str, threads: int, repetitions: int, *, trained: bool) -> None:
    """Time coding and decoding, entropy coding included, and the transforms alone."""
    from compressai.zoo import bmshj2018_factorized

    torch.set_num_threads(threads)
    if not trained:
        torch.manual_seed(0)
    model = bmshj2018_factorized(quality=QUALITY, metric="mse", pretrained=trained).eval()
    model.update()
    pixels = np.asarray(Image.open(picture).convert("RGB"), np.float32) / 255.0
    x = torch.from_numpy(pixels).permute(2, 0, 1)[None].contiguous()
    weights = "published weights" if trained else "random weights"
    with torch.inference_mode():
        coded = model.compress(x)
        y = model.g_a(x)
        byte_count = sum(len(stream) for streams in coded["strings"] for stream in streams)
        print(f"{byte_count} bytes", file=sys.stderr)
        rows: list[tuple[str, Callable[[], Any]]] = [
            ("encode", lambda: model.compress(x)),
            ("decode", lambda: model.decompress(coded["strings"], coded["shape"])),
            ("analysis alone", lambda: model.g_a(x)),
            ("synthesis alone", lambda: model.g_s(y)),
        ]
        for name, work in rows:
            told = f"CompressAI, {weights}: {name}"
            print(json.dumps([told, timed(work, repetitions)]), flush=True)


if __name__ == "__main__":
    run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), trained="trained" in sys.argv[4:])
