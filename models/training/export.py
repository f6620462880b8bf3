"""Exports a float checkpoint as the program's weights file: python -m models.training.export CHECKPOINT OUT."""

from __future__ import annotations

import argparse
import copy
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open

from models.entropy.range_coder import FrequencyTables, build_tables
from models.nn.factorized_prior import Density, sigmoid_difference
from models.quality import level_of, quality_of_table, table_count
from models.tensors import Tensors
from models.training.model import TrainableCodec, load_checkpoint
from models.weights import save_weights

_TAIL = 2.0**-16
_MAX_REACH_LOG2 = 12


@torch.no_grad()
def _reach(density: Density, gain: torch.Tensor) -> NDArray[np.int64]:
    """For each channel (C,) a power of two that |q| exceeds with a probability below 2^-16 on either side."""
    threshold = float(torch.logit(torch.tensor(_TAIL)))
    reach = torch.ones_like(gain)
    for _ in range(_MAX_REACH_LOG2):
        edge = (reach[:, None] + 0.5) / gain[:, None]
        outside = torch.maximum(density.logits(-edge), -density.logits(edge)).squeeze(1) > threshold
        reach = torch.where(outside, reach * 2, reach)
    return np.asarray(reach.numpy(), np.int64)


@torch.no_grad()
def _densities(density: Density, gain: torch.Tensor) -> Iterator[tuple[NDArray[np.float64], int]]:
    """Probabilities of -reach..reach, and -reach, of each channel in order."""
    reach = _reach(density, gain)
    rows: dict[int, NDArray[np.float64]] = {}
    for bound in np.unique(reach).tolist():
        members = torch.from_numpy(np.flatnonzero(reach == bound))
        edges = torch.arange(-bound, bound + 2, dtype=torch.float64) - 0.5
        logits = density.logits(edges[None, :] / gain[members, None], members)
        lower, upper = logits[:, :-1], logits[:, 1:]
        mass = sigmoid_difference(lower, upper).numpy()
        rows.update(zip(members.tolist(), mass, strict=True))
    for channel in range(len(gain)):
        yield rows[channel], -int(reach[channel])


def frozen_tables(codec: TrainableCodec) -> FrequencyTables:
    """The plain density as integers: one table per channel for every table index of models.quality."""
    density = copy.deepcopy(codec.smooth_density).double()
    logs = codec.gains.log_gain.detach().double()

    def every() -> Iterator[tuple[NDArray[np.float64], int]]:
        for table in range(table_count(len(logs))):
            level = level_of(quality_of_table(table))
            low = min(max(int(np.floor(level)), 0), len(logs) - 2)
            yield from _densities(density, torch.lerp(logs[low], logs[low + 1], level - low).exp())

    return build_tables(every())


def weights_tensors(codec: TrainableCodec) -> Tensors:
    """Every tensor of the weights file except the context model's."""
    tensors: Tensors = {}
    for key, value in codec.effective_tensors().items():
        # The density is not used again, its tables are: it lets training go on from a weights file.
        kernel = key.endswith(".weight")
        tensors[key] = value.numpy().astype(np.float16 if kernel else np.float32)
    tables = frozen_tables(codec)
    return {**tensors, "tables.freq": tables.freq, "tables.offset": tables.offset, "tables.lo": tables.lo}


def main(arguments: list[str]) -> int:
    """Export as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m models.training.export", description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--context", type=Path, help="a trained context model to include (context.safetensors)")
    parsed = parser.parse_args(arguments)
    with safe_open(parsed.checkpoint, "numpy") as file:
        metadata = file.metadata() or {}
    tensors = weights_tensors(load_checkpoint(parsed.checkpoint))
    if parsed.context:
        with safe_open(parsed.context, "numpy") as file:
            tensors.update({f"context.{key}": file.get_tensor(key) for key in file.keys()})  # noqa: SIM118 (not a dict)
    save_weights(parsed.out, tensors, metadata)
    sizes = {key: value.nbytes for key, value in tensors.items() if value.nbytes > 2**17}
    print(json.dumps({"bytes": parsed.out.stat().st_size, "largest": sizes}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
