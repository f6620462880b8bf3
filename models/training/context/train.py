"""From a float checkpoint to its context model: python -m models.training.context.train --checkpoint FILE ...

The transforms stay as they are: their latents are computed once and kept in the run's folder, which holds config.json,
latents.pt, state.pt, log.csv and, at the end, context.safetensors (integers, ready for models.training.export).
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.numpy
import torch
from torch import Tensor

from models.context.features import magnitude_table
from models.training.context.data import Crops, LatentData, latents_at, load_data
from models.training.context.export import export
from models.training.context.fit import fit_tables, gains_of_tables, relative_bits, zero_shares
from models.training.context.net import ContextNet, ContextShape, laplace_bits
from models.training.context.restore import start_from, statistics_of
from models.training.model import load_checkpoint
from models.training.run import STATE, Schedule, Trained, TrainingRun, training_device

_VALIDATION_LEVELS = (-1.0, 0.0, 2.0, 4.0, 6.0, 8.0)
_COLUMNS = ("validation_loss", *(f"level {v:g}" for v in _VALIDATION_LEVELS))


@dataclass(frozen=True)
class ContextConfig:
    """All that a run depends on besides the checkpoint and the photographs. Times in minutes, crops in positions."""

    shape: ContextShape = dataclasses.field(default_factory=ContextShape)
    seed: int = 1
    steps: int = 0
    """Steps that the schedule is laid out for; 0: by time."""
    minutes: float = 25.0
    """Training time that the schedule is laid out for where steps are not given."""
    crop: int = 24
    crops_a_step: int = 3
    learning_rate: float = 5e-3
    final_learning_rate: float = 5e-5
    warmup_steps: int = 50
    decay_share: float = 0.7
    gradient_clip: float = 1.0
    average_decay: float = 0.998
    lowest_level: float = -2.0
    highest_level: float = 10.5
    mirrored: bool = True
    threads: int = 2
    validate_every_minutes: float = 5.0
    checkpoint_every_minutes: float = 2.0


class ContextTraining:
    """A context network in training on latents."""

    def __init__(self, folder: Path, config: ContextConfig, data: LatentData, device: torch.device) -> None:
        self.config = config
        self.data = data
        magnitude = torch.from_numpy(magnitude_table()).float()
        self.net = ContextNet(config.shape, data.statistics.to(device), magnitude).to(device)
        self.average = copy.deepcopy(self.net).requires_grad_(False)
        optimiser = torch.optim.Adam(self.net.parameters(), config.learning_rate, betas=(0.9, 0.98))
        known = {
            "order": data.order,
            "deviation": data.statistics.deviation,
            "magnitude": data.statistics.magnitude,
        }
        trained = Trained({"net": self.net}, {"average": self.average}, [optimiser], known)
        self.run = TrainingRun(folder, Schedule.of(config), trained, device)

    def start_from(self, other: Path) -> None:
        """As models.training.context.restore.start_from."""
        start_from(self.net, other)
        self.average.load_state_dict(self.net.state_dict())

    def train_step(self, y: Tensor, level: Tensor) -> float:
        """One step on latents y (N, C, h, w) at levels (N,); returns the loss: bits relative to the plain density's."""

        def losses() -> tuple[Tensor, Tensor]:
            statistics = self.net.statistics
            symbols = torch.round(y * statistics.gain(level)[:, :, None, None])
            bits = laplace_bits(symbols, *self.net(symbols, level)).sum((1, 2, 3)) / (y.shape[2] * y.shape[3])
            plain = statistics.between(self.data.plain_bits.to(self.run.device), level)
            loss = (bits / plain).mean()
            return loss, loss

        return self.run.update(losses)

    @torch.no_grad()
    def validate(self) -> list[float]:
        """Bits relative to the plain density's on whole validation latents, one figure for each of _VALIDATION_LEVELS.

        Of the averaged float network, without the fitted tables.
        """
        statistics, device = self.average.statistics, self.run.device
        level = torch.tensor(_VALIDATION_LEVELS, device=device)
        bits = torch.zeros(len(level), device=device)
        positions = 0
        for latent in self.data.validation:
            y = latents_at(latent[None].to(device), level)
            symbols = torch.round(y * statistics.gain(level)[:, :, None, None])
            bits += laplace_bits(symbols, *self.average(symbols, level)).sum((1, 2, 3))
            positions += y.shape[2] * y.shape[3]
        plain = statistics.between(self.data.validation_bits.to(device), level)
        return [float(v) for v in (bits / positions / plain).cpu()]

    def validate_and_log(self, train_loss: float) -> float:
        """Validate, add a line to log.csv; returns the validation loss."""
        levels = self.validate()
        mean = sum(levels) / len(levels)
        self.run.log(_COLUMNS, [f"{v:.5f}" for v in (mean, *levels)], train_loss)
        return mean

    def train(self) -> None:
        """Train until the configured steps or minutes are used up."""
        config, run = self.config, self.run
        crops = Crops(self.data.train, config.crop, config.seed)

        def step() -> float:
            y, level = crops.batch(run.step, config.crops_a_step, config.lowest_level, config.highest_level)
            return self.train_step(y.to(run.device), level.to(run.device))

        run.train(step, self.validate_and_log)


def finish(training: ContextTraining, log_gain: Tensor, metadata: dict[str, str]) -> dict[str, float]:
    """Round to integers, fit the tables, write context.safetensors; returns real bits against plain by level."""
    folder = training.run.folder
    gains = gains_of_tables(log_gain, training.data.order)
    zeros = zero_shares(training.data.train[::8], gains)
    tensors = export(copy.deepcopy(training.average).cpu(), gains, zeros, training.data.order.numpy())
    before = relative_bits(tensors, training.data, gains)
    fitted = fit_tables(tensors, training.data, gains)
    after = relative_bits(fitted, training.data, gains)
    beside = folder / "context.safetensors.part"
    safetensors.numpy.save_file(fitted, beside, metadata)
    beside.replace(folder / "context.safetensors")
    return {f"level {k:g}: Laplace {before[k]:.4f}, fitted": after[k] for k in after}


def _parse(arguments: list[str]) -> tuple[argparse.Namespace, ContextConfig]:
    parser = argparse.ArgumentParser(prog="python -m models.training.context.train", description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True, help="float checkpoint whose transforms are used")
    parser.add_argument("--data", type=Path, required=True, help="folder of training photographs, searched recursively")
    parser.add_argument("--validation", type=Path, required=True, help="folder of validation photographs")
    parser.add_argument("--out", type=Path, required=True, help="the run's folder; an earlier run there is resumed")
    parser.add_argument("--init", type=Path, help="state.pt or weights file of a similar checkpoint to start from")
    names = [field.name for field in dataclasses.fields(ContextConfig) if field.name != "shape"]
    defaults = ContextConfig()
    for name in names:
        value = getattr(defaults, name)
        kind = argparse.BooleanOptionalAction if isinstance(value, bool) else None
        options: dict[str, Any] = {"action": kind} if kind else {"type": type(value)}
        parser.add_argument(f"--{name.replace('_', '-')}", default=value, **options)
    parser.add_argument("--shape", default="{}", help='non-default network sizes, as JSON: {"state": 64}')
    parsed = parser.parse_args(arguments)
    shape = ContextShape.from_json(parsed.shape)
    return parsed, ContextConfig(shape=shape, **{name: getattr(parsed, name) for name in names})


def main(arguments: list[str]) -> int:
    """Train, or resume, as the command line says."""
    parsed, config = _parse(arguments)
    device = training_device(config.threads)
    torch.manual_seed(config.seed)
    parsed.out.mkdir(parents=True, exist_ok=True)
    codec = load_checkpoint(parsed.checkpoint).to(device)
    (parsed.out / "config.json").write_text(json.dumps(dataclasses.asdict(config), indent=2) + "\n")
    resumed = parsed.out / STATE
    source = resumed if resumed.exists() else parsed.init
    known = statistics_of(source) if source else None
    cache = parsed.out / "latents.pt"
    data = load_data(codec, parsed.data, parsed.validation, cache, mirrored=config.mirrored, known=known)
    training = ContextTraining(parsed.out, config, data, device)
    if parsed.init and not resumed.exists():
        training.start_from(parsed.init)
    training.train()
    metadata = {**training.run.metadata, "shape": json.dumps(dataclasses.asdict(config.shape))}
    print(json.dumps(finish(training, codec.gains.log_gain.detach().cpu(), metadata), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
