"""From a folder of photographs to a weights file: python -m models.training.train --data DIR --out RUN.

Starts from a block KLT whose densities are fitted first, or from --init; trains; validates on the way; and at the end
writes RUN/weights.safetensors and checks its real streams. Started again with the same --out, it resumes.
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
import json
import math
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from models.codec import LearnedCodec
from models.nn.factorized_prior import Density
from models.nn.layers import Widths
from models.quality import LAMBDAS
from models.training.config import Config, add_options, chosen
from models.training.export import weights_tensors
from models.training.klt import block_klt_codec, fit_density
from models.training.loss import Quantiser, limited, measure
from models.training.model import TrainableCodec, at_level, load_checkpoint, save_checkpoint
from models.training.optimiser import build_optimisers
from models.training.pictures.patches import Patches, centre_crops, levels_of_step
from models.training.piecewise import PiecewiseLinearDensity
from models.training.run import STATE, Schedule, Trained, TrainingRun, training_device
from models.training.streams import format_streams, measure_streams
from models.training.validate import COLUMNS, validate
from models.weights import save_weights


class CodecTraining:
    """A codec in training. The run's folder gets latest.safetensors and (best) checkpoint.safetensors, too."""

    def __init__(self, folder: Path, config: Config, initial: TrainableCodec, device: torch.device) -> None:
        self.config = config
        self.codec = initial.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = copy.deepcopy(self.codec).requires_grad_(False)
        trained = Trained({"codec": self.codec}, {"average": self.average}, build_optimisers(self.codec, config))
        self.run = TrainingRun(folder, Schedule.of(config), trained, device)
        self.lambdas = torch.tensor(config.lambdas, device=device)

    def train_step(self, x: Tensor, level: Tensor) -> float:
        """One step on patches x (N, 3, H, W) at whole levels (N,); returns the loss."""
        config, lambdas = self.config, self.lambdas[level.long()]

        def losses() -> tuple[Tensor, Tensor]:
            half = config.precision == "bfloat16"
            measured = measure(self.codec, x, level, Quantiser(config.quantiser), half_precision=half)
            each = measured.loss(lambdas, config.level_exponent, config.structural_share)
            return limited(each, config.loss_limit).mean(), each.mean()

        return self.run.update(losses)

    def validate_and_log(self, pictures: Sequence[Tensor], train_loss: float) -> float:
        """Validate the averaged weights, add a line to log.csv, keep latest and best. Returns the validation loss."""
        run = self.run
        result = validate(partial(measure, self.average, quantiser=Quantiser.ROUND), pictures, self.config, run.device)
        run.log(COLUMNS, result.columns(), train_loss)
        metadata = {
            **run.metadata,
            "validation_loss": f"{result.loss:.5f}",
            "lambdas": json.dumps(self.config.lambdas),
        }
        save_checkpoint(self.average, run.folder / "latest.safetensors", metadata)
        if result.loss < run.best:
            run.best = result.loss
            save_checkpoint(self.average, run.folder / "checkpoint.safetensors", metadata)
        return result.loss

    def train(self, patches: Patches, pictures: Sequence[Tensor]) -> None:
        """Train until the configured steps or minutes are used up."""
        config, run = self.config, self.run

        def step() -> float:
            x = patches.batch(run.step, config.patches_a_step).to(run.device, memory_format=torch.channels_last)
            level = levels_of_step(run.step, config.patches_a_step, len(config.lambdas)).to(run.device)
            return self.train_step(x, level)

        run.train(step, lambda train_loss: self.validate_and_log(pictures, train_loss))


def initial_codec(config: Config, patches: Patches, init: Path | None) -> TrainableCodec:
    """The codec that a fresh run starts from. Raises WeightsError if the checkpoint is unusable."""
    if init is not None:
        codec = load_checkpoint(init)
        if len(config.lambdas) == 1 and len(codec.gains.log_gain) > 1:
            codec = at_level(codec, level_of_lambda(config.lambdas[0]))
        return with_density(codec, config)
    print("Initialising from a block KLT and fitting the densities.", file=sys.stderr)
    pictures = patches.batch(-1, config.initial_patches)
    codec = block_klt_codec(pictures, Widths(*config.widths), config.lambdas)
    fit_density(codec, pictures, config.density_steps, config.seed)
    return with_density(codec, config)


def level_of_lambda(wanted: float) -> float:
    """The level between the shipped weights' ones that this lambda belongs to."""
    return float(np.interp(math.log(wanted), [math.log(one) for one in LAMBDAS], range(len(LAMBDAS))))


def with_density(codec: TrainableCodec, config: Config) -> TrainableCodec:
    """The codec with the kind of density that the run trains, initialised to the same values."""
    if config.density == "piecewise" and isinstance(codec.density, Density):
        gain, _ = codec.gains.at(torch.zeros(1))
        codec.density = PiecewiseLinearDensity.like(codec.density, gain[0].detach())
    return codec


def export(run: TrainingRun, validation: Path, stream_pictures: int) -> None:
    """Write RUN/weights.safetensors from the best checkpoint, and report what its real streams give."""
    best = run.folder / "checkpoint.safetensors"
    if len(load_checkpoint(best).gains.log_gain) == 1:
        print(f"{best}: a codec of one lambda has one rate for each picture, so there is no weights file of it.")
        return
    out = run.folder / "weights.safetensors"
    save_weights(out, weights_tensors(load_checkpoint(best)), {"validation_loss": f"{run.best:.5f}"})
    print(format_streams(measure_streams(LearnedCodec.load(out), validation, stream_pictures)))
    print(f"{out}: {out.stat().st_size} bytes")


def _parse(arguments: list[str]) -> tuple[argparse.Namespace, Config]:
    parser = argparse.ArgumentParser(
        prog="python -m models.training.train",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of training photographs, searched recursively")
    parser.add_argument("--validation", type=Path, required=True, help="folder of validation photographs")
    parser.add_argument("--out", type=Path, required=True, help="the run's folder; an earlier run there is resumed")
    parser.add_argument("--init", type=Path, help="a float checkpoint to start from, instead of the block KLT")
    parser.add_argument("--widths", type=int, nargs=3, default=Config.widths, metavar=("STAGE0", "STAGE1", "LATENT"))
    add_options(parser, Config())
    parser.add_argument("--lambda", type=float, dest="one_lambda", help="train for this one, as the paper does")
    parsed = parser.parse_args(arguments)
    config = chosen(parsed, Config(widths=tuple(parsed.widths)))
    if parsed.one_lambda is not None:
        config = dataclasses.replace(config, lambdas=(parsed.one_lambda,))
    if config.density not in ("smooth", "piecewise"):
        parser.error(f"“{config.density}” is not a density: choose smooth or piecewise.")
    if config.density == "piecewise" and len(config.lambdas) > 1:
        parser.error("The piecewise density is for one lambda: give --lambda, such as 0.013.")
    return parsed, config


def main(arguments: list[str]) -> int:
    """Train, or resume, as the command line says."""
    parsed, config = _parse(arguments)
    device = training_device(config.threads)
    torch.manual_seed(config.seed)
    parsed.out.mkdir(parents=True, exist_ok=True)
    patches = Patches(parsed.data, config.patch, config.seed, config.saturated_share, config.synthetic_share)
    resumed = (parsed.out / STATE).exists()
    # A resumed run takes everything from its state; the networks are only made to receive it.
    init = parsed.out / "latest.safetensors" if resumed and parsed.init is None else parsed.init
    initial = initial_codec(config, patches, init if init is None or init.exists() else None)
    (parsed.out / "config.json").write_text(json.dumps(dataclasses.asdict(config), indent=2) + "\n")
    pictures = list(centre_crops(parsed.validation, config.validation_crop, config.validation_pictures))
    training = CodecTraining(parsed.out, config, initial, device)
    if not resumed:
        training.run.save()
    training.train(patches, pictures)
    export(training.run, parsed.validation, config.stream_pictures)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
