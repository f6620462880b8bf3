"""Every decision of a training run, in one frozen value that is saved beside its weights."""

from __future__ import annotations

import argparse
import dataclasses
from dataclasses import dataclass

from models.quality import LAMBDAS


@dataclass(frozen=True)
class Config:
    """Everything a run depends on except the photographs. Lengths in pixels, times in minutes."""

    widths: tuple[int, int, int] = (64, 192, 320)
    lambdas: tuple[float, ...] = LAMBDAS
    seed: int = 1
    steps: int = 0
    """Steps that the schedule is laid out for; 0: by time, for a machine whose speed varies."""
    minutes: float = 120.0
    """Training time that the schedule is laid out for where steps are not given."""
    initial_patches: int = 256
    """Patches that the block KLT and the first fit of the densities see."""
    density_steps: int = 600
    patch: int = 256
    patches_a_step: int = 3
    saturated_share: float = 0.0
    """Share of the patches whose colours are made stronger: see models.training.pictures.patches.saturated."""
    synthetic_share: float = 0.0
    """Share of the patches that no camera took: see models.training.pictures.synthetic."""
    loss_limit: float = 0.0
    """A patch whose loss is larger pulls as hard as one with this loss (0: no limit), as patterns of a pixel would."""
    learning_rate: float = 2e-4
    final_learning_rate: float = 1e-5
    side_rate_factor: float = 7.0
    """Learning rate of GDN, density and gains, relative to the convolutions'."""
    warmup_steps: int = 100
    decay_share: float = 0.6
    """Last share of the time over which the learning rate falls to its final value (cosine)."""
    level_exponent: float = 0.4
    """Each level's loss is divided by (lambda / 0.013) ** level_exponent, so that none dominates."""
    structural_share: float = 0.0
    """Share of the distortion that is 1 - MS-SSIM instead of MSE: see models.training.loss.Measured.loss."""
    precision: str = "float32"
    """Of the transforms while training: float32 or bfloat16, which is faster where the processor has it."""
    gradient_clip: float = 1.0
    average_decay: float = 0.998
    """Decay a step of the averaged weights that are validated and exported."""
    optimizer: str = "adam"
    quantiser: str = "mixed"
    """What stands in for rounding: see models.training.loss.Quantiser."""
    density: str = "smooth"
    """Of the latents: smooth, for every level, or the paper's, piecewise, for one lambda."""
    threads: int = 2
    validate_every_minutes: float = 10.0
    validation_crop: int = 256
    validation_pictures: int = 16
    stream_pictures: int = 8
    """Whole pictures whose real streams are checked at the end."""
    checkpoint_every_minutes: float = 3.0


_OPTIONS = [field for field in dataclasses.fields(Config) if field.name not in ("widths", "lambdas")]


def add_options(parser: argparse.ArgumentParser, defaults: Config) -> None:
    """Add an option for every field except those of the architecture."""
    for field in _OPTIONS:
        default = getattr(defaults, field.name)
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=type(default), default=default)


def chosen(parsed: argparse.Namespace, defaults: Config) -> Config:
    """The configuration that the options of `add_options` ask for."""
    return dataclasses.replace(defaults, **{field.name: getattr(parsed, field.name) for field in _OPTIONS})
