"""Adds levels above a checkpoint's last one: python -m models.training.gains --init FILE --data DIR --out FILE.

Only the new levels' gains and inverse gains are trained, from extrapolated ones: the transforms, the density and the
other levels stay as they are, and so do their streams. Latents are computed once, as the encoder corrects them in full.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from models.quality import LAMBDAS
from models.training.correction import correction
from models.training.loss import Coded
from models.training.model import TrainableCodec, load_checkpoint, save_checkpoint, with_levels
from models.training.pictures.patches import Patches
from models.training.run import training_device


@dataclass(frozen=True)
class GainsConfig:
    """What the training depends on besides the checkpoint and the photographs."""

    seed: int = 1
    steps: int = 1500
    patches: int = 240
    patch: int = 256
    patches_a_step: int = 3
    learning_rate: float = 0.01
    """At first, of the gains' logarithms; it falls linearly to a hundredth."""
    structural_share: float = 0.3
    level_exponent: float = 0.3
    saturated_share: float = 0.25
    threads: int = 2


class NewLevels:
    """The gains of the levels above `kept`, in training on latents y (C, h, w) of patches x (3, H, W)."""

    def __init__(self, codec: TrainableCodec, kept: int, config: GainsConfig, lambdas: Sequence[float]) -> None:
        self.codec = codec.eval().requires_grad_(False)
        self._kept = kept
        self._config = config
        self._lambdas = torch.tensor(lambdas)
        gains = self.codec.gains.requires_grad_(True)
        self._optimiser = torch.optim.Adam(gains.parameters(), config.learning_rate, betas=(0.9, 0.98))
        self._fixed = gains.log_gain.detach()[:kept].clone(), gains.log_inverse_gain.detach()[:kept].clone()

    def loss(self, x: Tensor, y: Tensor, level: Tensor) -> Tensor:
        """Of each patch (N,): pictures (N, 3, H, W) and latents (N, C, h, w) at levels (N,)."""
        codec, config = self.codec, self._config
        gain, inverse_gain = codec.gains.at(level)
        scaled = y * gain[:, :, None, None]
        rounded = scaled + (torch.round(scaled) - scaled).detach()
        noisy = scaled + torch.rand_like(scaled) - 0.5
        shown = codec.synthesis(rounded * inverse_gain[:, :, None, None])
        bits = codec.smooth_density.bits(noisy, gain).sum(dim=(1, 2, 3))
        measured = Coded(noisy, rounded, gain, shown).against(x, bits / (x.shape[2] * x.shape[3]))
        return measured.loss(self._lambdas[level.long()], config.level_exponent, config.structural_share)

    def step(self, x: Tensor, y: Tensor, number: int) -> float:
        """One step; returns the mean loss. number: of the step, which gives the levels."""
        new = len(self._lambdas) - self._kept
        level = torch.tensor([float(self._kept + (number * len(x) + i) % new) for i in range(len(x))])
        for group in self._optimiser.param_groups:
            group["lr"] = self._config.learning_rate * max(1.0 - number / self._config.steps, 0.01)
        self._optimiser.zero_grad(set_to_none=True)
        loss = self.loss(x, y, level).mean()
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        with torch.no_grad():
            for parameter, fixed in zip(self.codec.gains.parameters(), self._fixed, strict=True):
                parameter[: self._kept] = fixed
        return float(loss.detach())


@torch.no_grad()
def corrected_latents(codec: TrainableCodec, x: Tensor) -> Tensor:
    """Latents (N, C, h, w) of pictures x (N, 3, H, W) as the highest levels code them."""
    y: Tensor = codec.analysis(x)
    return y + correction(codec, x, y)


def train(codec: TrainableCodec, kept: int, patches: Patches, config: GainsConfig) -> None:
    """Train the levels above the first `kept` ones of a codec, in place."""
    pictures = torch.cat([patches.batch(number, 4) for number in range(-(-config.patches // 4))])
    latents = torch.cat([corrected_latents(codec, part) for part in torch.split(pictures, 4)])
    training = NewLevels(codec, kept, config, LAMBDAS)
    choice = torch.Generator().manual_seed(config.seed)
    torch.manual_seed(config.seed)
    with tqdm(total=config.steps, unit="step") as bar:
        for number in range(config.steps):
            chosen = torch.randperm(len(pictures), generator=choice)[: config.patches_a_step]
            bar.set_postfix_str(f"loss {training.step(pictures[chosen], latents[chosen], number):.4f}")
            bar.update()


def main(arguments: list[str]) -> int:
    """Train as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m models.training.gains", description=__doc__)
    parser.add_argument("--init", type=Path, required=True, help="a float checkpoint, or a weights file")
    parser.add_argument("--data", type=Path, required=True, help="folder of training photographs, searched recursively")
    parser.add_argument("--out", type=Path, required=True, help="the checkpoint to write")
    defaults = GainsConfig()
    for field in dataclasses.fields(GainsConfig):
        value = getattr(defaults, field.name)
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=type(value), default=value)
    parsed = parser.parse_args(arguments)
    config = GainsConfig(**{field.name: getattr(parsed, field.name) for field in dataclasses.fields(GainsConfig)})
    training_device(config.threads)
    given = load_checkpoint(parsed.init)
    kept = len(given.gains.log_gain)
    if kept >= len(LAMBDAS):
        parser.error(f"{parsed.init} has {kept} levels already.")
    codec = with_levels(given, len(LAMBDAS))
    train(codec, kept, Patches(parsed.data, config.patch, config.seed, config.saturated_share), config)
    save_checkpoint(codec, parsed.out, {"steps": str(config.steps)})
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
