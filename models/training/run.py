"""One training run of any kind: its state, steps, averages and log, and checkpoints that survive being killed at any
moment.
"""

from __future__ import annotations

import csv
import dataclasses
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

STATE = "state.pt"
LOG = "log.csv"


@dataclass(frozen=True)
class Schedule:
    """How a run proceeds; the fields are those of models.training.config.Config."""

    seed: int
    steps: int
    minutes: float
    learning_rate: float
    final_learning_rate: float
    warmup_steps: int
    decay_share: float
    gradient_clip: float
    average_decay: float
    validate_every_minutes: float
    checkpoint_every_minutes: float

    @classmethod
    def of(cls, config: object) -> Schedule:
        """From a configuration that has these fields among others."""
        return cls(**{field.name: getattr(config, field.name) for field in dataclasses.fields(cls)})

    def progress(self, step: int, minutes: float) -> float:
        """Share of the run that is done, 1 at the end: of its steps if their number is given, else of its time."""
        return step / self.steps if self.steps else minutes / self.minutes

    def rate(self, step: int, progress: float) -> float:
        """Learning rate of a step: linear warm-up, constant, then a cosine over the last decay_share of the run."""
        peak, floor = self.learning_rate, self.final_learning_rate
        warm = peak * min(1.0, (step + 1) / self.warmup_steps)
        start = 1.0 - self.decay_share
        if progress <= start:
            return warm
        through = min(1.0, (progress - start) / self.decay_share)
        return min(warm, floor + (peak - floor) * 0.5 * (1.0 + math.cos(math.pi * through)))


@dataclass(frozen=True, eq=False)
class Trained:
    """What a run trains.

    networks and their running averages, in the same order, under the names that they have in state.pt. optimisers: a
    group's "scale" (1 where it has none) is its learning rate relative to the schedule's. constants: tensors that
    state.pt keeps for its readers.
    """

    networks: Mapping[str, nn.Module]
    averages: Mapping[str, nn.Module]
    optimisers: Sequence[torch.optim.Optimizer]
    constants: Mapping[str, Tensor] = field(default_factory=dict)


class TrainingRun:
    """The state of a run, resumed from its folder if there is one."""

    def __init__(self, folder: Path, schedule: Schedule, trained: Trained, device: torch.device) -> None:
        self.folder = folder
        self.schedule = schedule
        self.trained = trained
        self.device = device
        self.step = 0
        self.minutes = 0.0
        """Of training so far."""
        self.best = float("inf")
        """Lowest validation loss so far, of kinds of training that keep the best."""
        if (folder / STATE).exists():
            self._resume()

    @property
    def progress(self) -> float:
        """Share of the run that is done."""
        return self.schedule.progress(self.step, self.minutes)

    @property
    def metadata(self) -> dict[str, str]:
        """The run's progress, for the files that it writes."""
        return {"steps": str(self.step), "minutes": f"{self.minutes:.1f}"}

    def _resume(self) -> None:
        # Our own file, written below: weights_only still refuses anything but tensors and plain values.
        state = torch.load(self.folder / STATE, map_location=self.device, weights_only=True)
        for name, module in (*self.trained.networks.items(), *self.trained.averages.items()):
            module.load_state_dict(state[name])
        # Older files of a context network have its only optimiser under the second name.
        saved = state["optimisers"] if "optimisers" in state else [state["optimiser"]]
        for optimiser, values in zip(self.trained.optimisers, saved, strict=True):
            scales = [_scale(group) for group in optimiser.param_groups]
            optimiser.load_state_dict(values)
            for group, scale in zip(optimiser.param_groups, scales, strict=True):
                group["scale"] = scale
        self.step, self.minutes, self.best = state["step"], state["minutes"], state.get("best", self.best)

    def save(self) -> None:
        """Write the whole state."""
        networks = {**self.trained.networks, **self.trained.averages}
        state = {
            **{name: module.state_dict() for name, module in networks.items()},
            **self.trained.constants,
            "optimisers": [optimiser.state_dict() for optimiser in self.trained.optimisers],
            "step": self.step,
            "minutes": self.minutes,
            "best": self.best,
        }
        save_atomically(state, self.folder / STATE)

    def update(self, losses: Callable[[], tuple[Tensor, Tensor]]) -> float:
        """One step. losses: computes what is minimised and what is reported, both scalars; returns the latter."""
        rate = self.schedule.rate(self.step, self.progress)
        for optimiser in self.trained.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = rate * _scale(group)
            optimiser.zero_grad(set_to_none=True)
        # The noise of a step depends on the step alone, so that a resumed run repeats what a kill undid.
        torch.manual_seed(self.schedule.seed << 32 | self.step)
        minimised, reported = losses()
        minimised.backward()  # type: ignore[no-untyped-call]
        for network in self.trained.networks.values():
            torch.nn.utils.clip_grad_norm_(network.parameters(), self.schedule.gradient_clip)
        for optimiser in self.trained.optimisers:
            optimiser.step()
        for average, network in zip(self.trained.averages.values(), self.trained.networks.values(), strict=True):
            _follow(average, network, self.schedule.average_decay, self.step)
        self.step += 1
        return float(reported.detach())

    def log(self, columns: Sequence[str], figures: Sequence[str], train_loss: float) -> None:
        """Add a line to log.csv: step, minutes, training loss, and the figures under their columns."""
        path = self.folder / LOG
        new = not path.exists()
        with path.open("a", newline="") as file:
            writer = csv.writer(file)
            if new:
                writer.writerow(["step", "minutes", "train_loss", *columns])
            writer.writerow([self.step, f"{self.minutes:.2f}", f"{train_loss:.5f}", *figures])

    def train(self, step: Callable[[], float], validate: Callable[[float], float]) -> None:
        """Step until the run is done; validate and save on the way.

        step: does one and returns its loss. validate: takes the mean loss since the last time, writes the log, and
        returns the validation loss.
        """
        saved = validated = self.minutes
        recent: list[float] = []
        done = round(100.0 * self.progress, 2)
        bar = tqdm(total=100.0, initial=done, bar_format="{l_bar}{bar}| {elapsed} {postfix}")
        while self.progress < 1.0:
            begun = time.monotonic()
            recent.append(step())
            self.minutes += (time.monotonic() - begun) / 60.0
            bar.update(100.0 * min(self.progress, 1.0) - bar.n)
            if self.minutes - saved >= self.schedule.checkpoint_every_minutes:
                self.save()
                saved = self.minutes
            if self.minutes - validated >= self.schedule.validate_every_minutes or self.progress >= 1.0:
                train_loss = sum(recent) / len(recent)
                loss = validate(train_loss)
                bar.set_postfix_str(f"step {self.step} training {train_loss:.4f} validation {loss:.4f}")
                recent.clear()
                validated = self.minutes
        self.save()
        bar.close()


def _scale(group: Mapping[str, Any]) -> float:
    return float(group.get("scale", 1.0))


@torch.no_grad()
def _follow(average: nn.Module, current: nn.Module, decay: float, step: int) -> None:
    """Move the averaged weights towards the current ones; faster at first, to forget the initial weights."""
    weight = 1.0 - min(decay, (1 + step) / (10 + step))
    torch._foreach_lerp_(list(average.parameters()), list(current.parameters()), weight)


def save_atomically(state: Mapping[str, Any], path: Path) -> None:
    """torch.save to a temporary file, then rename it: if the run is killed, the old file is intact."""
    beside = path.with_name(path.name + ".part")
    torch.save(dict(state), beside)
    beside.replace(path)


def training_device(threads: int) -> torch.device:
    """CUDA if available, else the CPU with this many threads."""
    torch.set_num_threads(threads)
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
