"""The state of a training run: one step, and a save that a kill at any moment survives."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from models.training.config import Config
from models.training.loop import append_row, cosine_rate, follow, save_whole
from models.training.loss import Quantiser, measure
from models.training.model import TrainableCodec, save_checkpoint
from models.training.optimiser import build_optimisers
from models.training.validate import COLUMNS, validate

_COLUMNS = ("step", "minutes", "train_loss", *COLUMNS)


class Run:
    """A run and its folder: config.json, state.pt, log.csv, latest and (best) checkpoint.safetensors."""

    def __init__(self, folder: Path, config: Config, initial: TrainableCodec, device: torch.device) -> None:
        self.folder = folder
        self.config = config
        self.device = device
        self.codec = initial.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = copy.deepcopy(self.codec).requires_grad_(False)
        self.optimisers = build_optimisers(self.codec, config)
        self.step = 0
        self.minutes = 0.0
        self.best = float("inf")
        if (folder / "state.pt").exists():
            self._resume()

    @property
    def progress(self) -> float:
        """Share of the run that is done."""
        return self.config.progress(self.step, self.minutes)

    def _resume(self) -> None:
        # Our own file, written below: weights_only still refuses anything but tensors and plain values.
        state = torch.load(self.folder / "state.pt", map_location=self.device, weights_only=True)
        self.codec.load_state_dict(state["codec"])
        self.average.load_state_dict(state["average"])
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        self.step, self.minutes, self.best = state["step"], state["minutes"], state["best"]

    def save(self) -> None:
        """Write the whole state beside the old one, then rename."""
        state = {
            "codec": self.codec.state_dict(),
            "average": self.average.state_dict(),
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
            "step": self.step,
            "minutes": self.minutes,
            "best": self.best,
        }
        save_whole(state, self.folder / "state.pt")

    def train_step(self, x: Tensor, level: Tensor, lambdas: Tensor) -> float:
        """One step on patches x (N, 3, H, W) at levels (N,); returns the loss."""
        rate = scheduled_rate(self.config, self.step, self.progress)
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = rate * group["scale"]
            optimiser.zero_grad(set_to_none=True)
        # The noise of a step depends on the step alone, so that a resumed run repeats what a kill undid.
        torch.manual_seed(self.config.seed << 32 | self.step)
        config = self.config
        half = config.precision == "bfloat16"
        measured = measure(self.codec, x, level, Quantiser(config.quantiser), half_precision=half)
        loss = measured.loss(lambdas, config.level_exponent, config.structural_share).mean()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.codec.parameters(), self.config.gradient_clip)
        for optimiser in self.optimisers:
            optimiser.step()
        follow(self.average, self.codec, self.config.average_decay, self.step)
        self.step += 1
        return float(loss.detach())

    def validate_and_log(self, pictures: Sequence[Tensor], train_loss: float) -> float:
        """Validate the averaged weights, add a line to log.csv, keep latest and best. Returns the validation loss."""
        result = validate(partial(measure, self.average, quantiser=Quantiser.ROUND), pictures, self.config, self.device)
        row = [self.step, f"{self.minutes:.2f}", f"{train_loss:.5f}", *result.columns()]
        append_row(self.folder / "log.csv", _COLUMNS, row)
        story = {
            "steps": str(self.step),
            "minutes": f"{self.minutes:.1f}",
            "validation_loss": f"{result.loss:.5f}",
            "lambdas": json.dumps(self.config.lambdas),
        }
        save_checkpoint(self.average, self.folder / "latest.safetensors", story)
        if result.loss < self.best:
            self.best = result.loss
            save_checkpoint(self.average, self.folder / "checkpoint.safetensors", story)
        return result.loss


def scheduled_rate(config: Config, step: int, progress: float) -> float:
    """The kernels' learning rate of a step."""
    peak, floor = config.learning_rate, config.final_learning_rate
    return cosine_rate(peak, floor, config.warmup_steps, config.decay_share, step=step, progress=progress)


def levels_of_step(step: int, count: int, levels: int) -> Tensor:
    """Levels of a step's patches, float32 (count,): each turn of `levels` patches holds every level once, shuffled."""
    positions = range(step * count, (step + 1) * count)
    turns = {p // levels: torch.randperm(levels, generator=_seeded(p // levels)) for p in positions}
    return torch.tensor([float(turns[p // levels][p % levels]) for p in positions])


def _seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)
