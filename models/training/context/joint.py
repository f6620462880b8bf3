"""Transforms and context network trained together: python -m models.training.context.joint --checkpoint FILE ...

The rate of the loss is the context network's instead of the plain density's, so that the transforms leave to it what it
can predict. The plain density keeps training on the same symbols, without influencing the transforms. Writes
checkpoint.safetensors and context.pt (averaged) in the run's folder; models.training.context.train --init continues
from there. Started again with the same --out, it resumes.
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from models.context.features import magnitude_table
from models.training.config import Config, add_options, chosen
from models.training.context.data import ChannelStatistics, knot_levels, log_gain_at
from models.training.context.net import ContextNet, ContextShape, LatentStatistics, laplace_bits
from models.training.context.restore import start_from, statistics_of
from models.training.loss import REFERENCE_LAMBDA, Measured, Quantiser, code
from models.training.model import TrainableCodec, load_checkpoint, save_checkpoint
from models.training.optimiser import build_optimisers
from models.training.pictures.patches import Patches, centre_crops, levels_of_step
from models.training.run import Schedule, Trained, TrainingRun, save_atomically, training_device
from models.training.validate import COLUMNS, validate

_DEFAULTS = Config(minutes=30.0, learning_rate=1e-4, decay_share=0.9, validate_every_minutes=5.0)


@dataclass(frozen=True, eq=False)
class JointMeasured:
    """Per picture: the transforms' measurement, and bits per pixel, (N,), of the rounded symbols by the network and of
    the noisy ones by the plain density. No gradient of either reaches the transforms.
    """

    transforms: Measured
    network_bpp: Tensor
    density_bpp: Tensor


class Joint:
    """A codec and its context network, trained side by side."""

    def __init__(self, codec: TrainableCodec, net: ContextNet, known: ChannelStatistics) -> None:
        self.codec = codec
        self.net = net
        self.known = known

    def follow_gains(self) -> None:
        """Let the network see symbols at the current gains."""
        log_gain = self.codec.gains.log_gain.detach()
        knots = self.net.statistics.knot_levels
        ordered = log_gain_at(log_gain, knots)[:, self.known.order.to(log_gain.device)]
        self.net.statistics = dataclasses.replace(self.net.statistics, log_gain=ordered)

    def measure(self, x: Tensor, level: Tensor, quantiser: Quantiser, *, half_precision: bool = False) -> JointMeasured:
        """Patches x (N, 3, H, W) in [0, 1] at levels (N,); half_precision as `models.training.loss.code` has it."""
        coded = code(self.codec, x, level, quantiser, half_precision=half_precision)
        order, pixels = self.known.order.to(x.device), x.shape[2] * x.shape[3]
        symbols = coded.rounded.detach()[:, order]
        mean, log2_scale = self.net(symbols, level)
        # The transforms learn what a symbol costs where it stands, not how to make others predictable: the features
        # are steps, through which no gradient passes.
        rate = laplace_bits(coded.noisy[:, order], mean.detach(), log2_scale.detach()).sum((1, 2, 3))
        network = laplace_bits(symbols, mean, log2_scale).sum((1, 2, 3))
        density = self.codec.density.bits(coded.noisy.detach(), coded.gain.detach()).sum((1, 2, 3))
        return JointMeasured(coded.against(x, rate / pixels), network / pixels, density / pixels)

    def rounded(self, x: Tensor, level: Tensor) -> Measured:
        """The transforms with real rounding, and the network's rate: for validation."""
        with torch.no_grad():
            return self.measure(x, level, Quantiser.ROUND).transforms


class JointTraining:
    """The training of both. The run's folder gets checkpoint.safetensors and context.pt, too."""

    def __init__(self, folder: Path, config: Config, network_learning_rate: float, joint: Joint) -> None:
        self.config = config
        self.joint = joint
        self.average = Joint(copy.deepcopy(joint.codec), copy.deepcopy(joint.net), joint.known)
        network = torch.optim.Adam(joint.net.parameters(), network_learning_rate, betas=(0.9, 0.98))
        network.param_groups[0]["scale"] = network_learning_rate / config.learning_rate
        trained = Trained(
            {"codec": joint.codec, "net": joint.net},
            {"average": self.average.codec, "average_net": self.average.net},
            [*build_optimisers(joint.codec, config), network],
        )
        device = joint.codec.gains.log_gain.device
        self.run = TrainingRun(folder, Schedule.of(config), trained, device)
        self.lambdas = torch.tensor(config.lambdas, device=device)

    def train_step(self, x: Tensor, level: Tensor) -> float:
        """One step on patches x (N, 3, H, W) at whole levels (N,); returns the transforms' loss."""
        config, joint, lambdas = self.config, self.joint, self.lambdas[level.long()]

        def losses() -> tuple[Tensor, Tensor]:
            joint.follow_gains()
            half = config.precision == "bfloat16"
            measured = joint.measure(x, level, Quantiser(config.quantiser), half_precision=half)
            transforms = measured.transforms.loss(lambdas, config.level_exponent, config.structural_share)
            # A level's bits count for the network and the density in the same proportion as for the transforms.
            share = (lambdas / REFERENCE_LAMBDA) ** config.level_exponent
            loss = (transforms + (measured.network_bpp + measured.density_bpp) / share).mean()
            return loss, transforms.mean()

        return self.run.update(losses)

    def validate_and_log(self, pictures: list[Tensor], train_loss: float) -> float:
        """Validate the averaged weights, add a line to log.csv, write them. Returns the validation loss."""
        run = self.run
        self.average.follow_gains()
        result = validate(self.average.rounded, pictures, self.config, run.device)
        run.log(COLUMNS, result.columns(), train_loss)
        metadata = {**run.metadata, "joint_loss": f"{result.loss:.5f}"}
        save_checkpoint(self.average.codec, run.folder / "checkpoint.safetensors", metadata)
        state = {"average": self.average.net.state_dict(), **dataclasses.asdict(self.joint.known)}
        save_atomically(state, run.folder / "context.pt")
        return result.loss

    def train(self, patches: Patches, pictures: list[Tensor]) -> None:
        """Train until the configured steps or minutes are used up."""
        config, run = self.config, self.run

        def step() -> float:
            x = patches.batch(run.step, config.patches_a_step).to(run.device, memory_format=torch.channels_last)
            level = levels_of_step(run.step, config.patches_a_step, len(config.lambdas)).to(run.device)
            return self.train_step(x, level)

        run.train(step, lambda train_loss: self.validate_and_log(pictures, train_loss))


def start(checkpoint: Path, network: Path, device: torch.device, shape: ContextShape) -> Joint:
    """A float checkpoint and the context network that was trained for it, from a run's state.pt or a weights file."""
    codec = load_checkpoint(checkpoint).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    known = statistics_of(network)
    log_gain = codec.gains.log_gain.detach().cpu()
    knots = knot_levels(len(log_gain))
    gains = log_gain_at(log_gain, knots)[:, known.order]
    statistics = LatentStatistics(known.deviation, known.magnitude, knots, gains)
    net = ContextNet(shape, statistics, torch.from_numpy(magnitude_table()).float())
    start_from(net, network)
    net.statistics = statistics.to(device)
    return Joint(codec, net.to(device), known)


def main(arguments: list[str]) -> int:
    """Train as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m models.training.context.joint", description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True, help="float checkpoint to start from")
    parser.add_argument("--init", type=Path, required=True, help="its context network: a run's state.pt, or weights")
    parser.add_argument("--data", type=Path, required=True, help="folder of training photographs")
    parser.add_argument("--validation", type=Path, required=True, help="folder of validation photographs")
    parser.add_argument("--out", type=Path, required=True, help="the run's folder")
    parser.add_argument("--network-learning-rate", type=float, default=1e-3)
    parser.add_argument("--shape", default="{}", help='non-default network sizes, as JSON: {"state": 64}')
    add_options(parser, _DEFAULTS)
    parsed = parser.parse_args(arguments)
    config = chosen(parsed, _DEFAULTS)
    device = training_device(config.threads)
    parsed.out.mkdir(parents=True, exist_ok=True)
    (parsed.out / "config.json").write_text(json.dumps(dataclasses.asdict(config), indent=2) + "\n")
    joint = start(parsed.checkpoint, parsed.init, device, ContextShape.from_json(parsed.shape))
    training = JointTraining(parsed.out, config, parsed.network_learning_rate, joint)
    pictures = list(centre_crops(parsed.validation, config.validation_crop, config.validation_pictures))
    if training.run.step == 0:
        training.validate_and_log(pictures, float("nan"))
    training.train(Patches(parsed.data, config.patch, config.seed), pictures)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
