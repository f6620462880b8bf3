"""What every training run does alike: steps until it is done, an average, a log, files that a kill leaves whole."""

from __future__ import annotations

import csv
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import nn
from tqdm import tqdm


class Trainee(Protocol):
    """The state of a run. minutes: of training so far. progress: the share that is done, 1 at the end."""

    step: int
    minutes: float

    @property
    def progress(self) -> float: ...

    def save(self) -> None: ...


def train(
    run: Trainee,
    step: Callable[[], float],
    validate: Callable[[float], float],
    checkpoint_every_minutes: float,
    validate_every_minutes: float,
) -> None:
    """Step until the run is done; log, validate and save on the way.

    step: does one, counts it in run.step, and returns its loss. validate: takes the mean loss since the last time,
    writes the log, and returns the validation loss.
    """
    saved = validated = run.minutes
    recent: list[float] = []
    bar = tqdm(total=100.0, initial=round(100.0 * run.progress, 2), bar_format="{l_bar}{bar}| {elapsed} {postfix}")
    while run.progress < 1.0:
        begun = time.monotonic()
        recent.append(step())
        run.minutes += (time.monotonic() - begun) / 60.0
        bar.update(100.0 * min(run.progress, 1.0) - bar.n)
        if run.minutes - saved >= checkpoint_every_minutes:
            run.save()
            saved = run.minutes
        if run.minutes - validated >= validate_every_minutes or run.progress >= 1.0:
            train_loss = sum(recent) / len(recent)
            loss = validate(train_loss)
            bar.set_postfix_str(f"step {run.step} training {train_loss:.4f} validation {loss:.4f}")
            recent.clear()
            validated = run.minutes
    run.save()
    bar.close()


@torch.no_grad()
def follow(average: nn.Module, current: nn.Module, decay: float, step: int) -> None:
    """Move the averaged weights towards the present ones; early on faster, so that the start is forgotten."""
    weight = 1.0 - min(decay, (1 + step) / (10 + step))
    torch._foreach_lerp_(list(average.parameters()), list(current.parameters()), weight)


def cosine_rate(
    peak: float, floor: float, warmup_steps: int, decay_share: float, *, step: int, progress: float
) -> float:
    """Learning rate: linear warm-up, constant, then a cosine to the floor over the last decay_share of the run."""
    warm = peak * min(1.0, (step + 1) / warmup_steps)
    start = 1.0 - decay_share
    if progress <= start:
        return warm
    through = min(1.0, (progress - start) / decay_share)
    return min(warm, floor + (peak - floor) * 0.5 * (1.0 + math.cos(math.pi * through)))


def save_whole(state: dict[str, Any], path: Path) -> None:
    """torch.save beside the old file, then a rename: a kill leaves the old one whole."""
    beside = path.with_name(path.name + ".part")
    torch.save(state, beside)
    beside.replace(path)


def append_row(path: Path, columns: Sequence[str], row: Sequence[object]) -> None:
    """A line of a CSV log; the first one brings the heading."""
    new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(columns)
        writer.writerow(row)


def training_device(threads: int) -> torch.device:
    """CUDA where there is one, else the processor with so many threads."""
    torch.set_num_threads(threads)
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
