"""From a folder of photographs to a float checkpoint: python -m models.training.train --data DIR --out RUN."""

from __future__ import annotations

import argparse
import copy
import csv
import dataclasses
import json
import sys
import time
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from models.network import Widths
from models.training.config import Config
from models.training.data import Patches, centre_crops
from models.training.loss import Quantiser, measure
from models.training.model import TrainableCodec, load_checkpoint, save_checkpoint
from models.training.optimiser import build_optimisers, learning_rate
from models.training.validate import validate

_VALIDATION_CROP = 256
_VALIDATION_PICTURES = 16


class Run:
    """A run's state, and its files in one folder: config.json, state.pt, log.csv, checkpoint.safetensors."""

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

    def _resume(self) -> None:
        # Our own file, written by this script: weights_only still refuses anything but tensors and plain values.
        state = torch.load(self.folder / "state.pt", map_location=self.device, weights_only=True)
        self.codec.load_state_dict(state["codec"])
        self.average.load_state_dict(state["average"])
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        self.step, self.minutes, self.best = state["step"], state["minutes"], state["best"]

    def save(self) -> None:
        """Write the whole state beside the old one, then rename."""
        beside = self.folder / "state.pt.part"
        torch.save(
            {
                "codec": self.codec.state_dict(),
                "average": self.average.state_dict(),
                "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
                "step": self.step,
                "minutes": self.minutes,
                "best": self.best,
            },
            beside,
        )
        beside.replace(self.folder / "state.pt")

    def train_step(self, x: Tensor, level: Tensor, lambdas: Tensor) -> float:
        """One step on patches x (N, 3, H, W) at levels (N,); returns the loss."""
        rate = learning_rate(self.config, self.step, self.minutes / self.config.minutes)
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = rate * group["scale"]
            optimiser.zero_grad(set_to_none=True)
        measured = measure(self.codec, x, level, Quantiser(self.config.quantiser))
        loss = measured.loss(lambdas, self.config.level_exponent).mean()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.codec.parameters(), self.config.gradient_clip)
        for optimiser in self.optimisers:
            optimiser.step()
        self._follow()
        self.step += 1
        return float(loss.detach())

    @torch.no_grad()
    def _follow(self) -> None:
        decay = min(self.config.average_decay, (1 + self.step) / (10 + self.step))
        pairs = zip(self.average.parameters(), self.codec.parameters(), strict=True)
        averages, currents = zip(*pairs, strict=True)
        torch._foreach_lerp_(averages, currents, 1.0 - decay)


def levels_of_step(step: int, count: int, levels: int) -> Tensor:
    """Levels of a step's patches: every level comes equally often, a full turn every levels / count steps."""
    generator = torch.Generator().manual_seed(step * count // levels)
    turn = torch.randperm(levels, generator=generator)
    return turn[(torch.arange(count) + step * count) % levels].float()


def train(run: Run, patches: Patches, pictures: list[Tensor]) -> None:
    """Train until the configured minutes are used up; log, validate and checkpoint on the way."""
    config, device = run.config, run.device
    lambdas = torch.tensor(config.lambdas, device=device)
    last_saved = last_validated = run.minutes
    recent: list[float] = []
    bar = tqdm(
        total=config.minutes,
        initial=round(run.minutes, 2),
        unit="min",
        bar_format="{l_bar}{bar}| {n:.1f}/{total} min {postfix}",
    )
    while run.minutes < config.minutes:
        begun = time.monotonic()
        x = patches.batch(run.step, config.patches_a_step).to(device, memory_format=torch.channels_last)
        level = levels_of_step(run.step, config.patches_a_step, len(config.lambdas)).to(device)
        recent.append(run.train_step(x, level, lambdas[level.long()]))
        elapsed = (time.monotonic() - begun) / 60.0
        run.minutes += elapsed
        bar.update(elapsed)
        if run.minutes - last_saved >= config.checkpoint_every_minutes:
            run.save()
            last_saved = run.minutes
        if run.minutes - last_validated >= config.validate_every_minutes or run.minutes >= config.minutes:
            recent_loss = sum(recent) / len(recent)
            bar.set_postfix_str(f"step {run.step} train {recent_loss:.4f}")
            _validate_and_log(run, pictures, recent_loss)
            recent.clear()
            last_validated = run.minutes
    run.save()
    bar.close()


def _validate_and_log(run: Run, pictures: list[Tensor], recent_loss: float) -> None:
    result = validate(run.average, pictures, run.config.lambdas, run.config.level_exponent)
    new = not (run.folder / "log.csv").exists()
    with (run.folder / "log.csv").open("a", newline="") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(["step", "minutes", "train_loss", "validation_loss", "bpp", "psnr_db"])
        rates, psnrs = (" ".join(f"{v:.4f}" for v in values) for values in (result.bpp, result.psnr_db))
        writer.writerow([run.step, f"{run.minutes:.2f}", f"{recent_loss:.5f}", f"{result.loss:.5f}", rates, psnrs])
    metadata = {
        "steps": str(run.step),
        "validation_loss": f"{result.loss:.5f}",
        "lambdas": json.dumps(run.config.lambdas),
    }
    save_checkpoint(run.average, run.folder / "latest.safetensors", metadata)
    if result.loss < run.best:
        run.best = result.loss
        save_checkpoint(run.average, run.folder / "checkpoint.safetensors", metadata)


def _parse(arguments: list[str]) -> tuple[argparse.Namespace, Config]:
    parser = argparse.ArgumentParser(prog="python -m models.training.train", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of training photographs, searched recursively")
    parser.add_argument("--validation", type=Path, required=True, help="folder of validation photographs")
    parser.add_argument("--out", type=Path, required=True, help="the run's folder; an earlier run there is resumed")
    parser.add_argument("--init", type=Path, help="a float checkpoint to start from")
    for field in dataclasses.fields(Config):
        if field.name not in ("widths", "lambdas"):
            parser.add_argument(f"--{field.name.replace('_', '-')}", type=type(field.default), default=field.default)
    parsed = parser.parse_args(arguments)
    names = [f.name for f in dataclasses.fields(Config) if f.name not in ("widths", "lambdas")]
    return parsed, Config(**{name: getattr(parsed, name) for name in names})


def main(arguments: list[str]) -> int:
    """Train, or resume, as the command line says."""
    parsed, config = _parse(arguments)
    torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    parsed.out.mkdir(parents=True, exist_ok=True)
    initial = load_checkpoint(parsed.init) if parsed.init else TrainableCodec(Widths(*config.widths))
    (parsed.out / "config.json").write_text(json.dumps(dataclasses.asdict(config), indent=2) + "\n")
    pictures = list(centre_crops(parsed.validation, _VALIDATION_CROP, _VALIDATION_PICTURES))
    train(Run(parsed.out, config, initial, device), Patches(parsed.data, config.patch, config.seed), pictures)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
