"""Transforms and context network trained together: python -m models.training.context.joint --checkpoint FILE ...

The rate of the loss is the context network's instead of the plain density's, so that the transforms leave to it what it
can predict. The plain density goes on learning beside them, from the same symbols and without a say in the transforms.
Writes checkpoint.safetensors and context.pt (averaged) in the run's folder; context_train --init goes on from there.
Started again with the same --out it goes on where it stood.
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
from torch import Tensor, nn

from models.context.features import magnitude_table
from models.training import loop
from models.training.config import Config, add_options, chosen
from models.training.context.data import Known, knot_levels, log_gain_at
from models.training.context.net import ContextNet, ContextShape, LatentStatistics, laplace_bits
from models.training.context.restore import known_from, start_from
from models.training.data import Patches, centre_crops
from models.training.loop import append_row, follow, save_whole
from models.training.loss import REFERENCE_LAMBDA, Measured, Quantiser, code
from models.training.model import TrainableCodec, load_checkpoint, save_checkpoint
from models.training.optimiser import build_optimisers
from models.training.run import levels_of_step, scheduled_rate
from models.training.validate import COLUMNS, validate

_DEFAULTS = Config(minutes=30.0, learning_rate=1e-4, decay_share=0.9, validate_every_minutes=5.0)
_COLUMNS = ("step", "minutes", "train_loss", *COLUMNS)


@dataclass(frozen=True, eq=False)
class JointMeasured:
    """Per picture: what the transforms are judged by, and bits a pixel, (N,), of the rounded symbols by the network and
    of the noisy ones by the plain density; neither of these has gradients into the transforms.
    """

    transforms: Measured
    network_bpp: Tensor
    density_bpp: Tensor


class Joint:
    """A codec and its context network, trained side by side."""

    def __init__(self, codec: TrainableCodec, net: ContextNet, known: Known) -> None:
        self.codec = codec
        self.net = net
        self.known = known

    def follow_gains(self) -> None:
        """The network sees symbols at the gains of the moment."""
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
        """The transforms' part with real rounding, the rate the network's: what validation is by."""
        with torch.no_grad():
            return self.measure(x, level, Quantiser.ROUND).transforms


class JointRun:
    """The state of one run and its files: config.json, state.pt, log.csv, checkpoint.safetensors and context.pt."""

    def __init__(self, folder: Path, config: Config, network_rate: float, joint: Joint) -> None:
        self.folder = folder
        self.config = config
        self.network_rate = network_rate
        self.joint = joint
        self.average = Joint(copy.deepcopy(joint.codec), copy.deepcopy(joint.net), joint.known)
        network = torch.optim.Adam(joint.net.parameters(), network_rate, betas=(0.9, 0.98))
        self.optimisers = [*build_optimisers(joint.codec, config), network]
        self.lambdas = torch.tensor(config.lambdas, device=joint.codec.gains.log_gain.device)
        self.step = 0
        self.minutes = 0.0
        if (folder / "state.pt").exists():
            self._resume()

    @property
    def progress(self) -> float:
        """Share of the run that is done."""
        return self.config.progress(self.step, self.minutes)

    def _modules(self) -> dict[str, nn.Module]:
        joint, average = self.joint, self.average
        return {"codec": joint.codec, "net": joint.net, "average": average.codec, "average_net": average.net}

    def _resume(self) -> None:
        state = torch.load(self.folder / "state.pt", map_location=self.lambdas.device, weights_only=True)
        for name, module in self._modules().items():
            module.load_state_dict(state[name])
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        self.step, self.minutes = state["step"], state["minutes"]

    def save(self) -> None:
        """Write the whole state beside the old one, then rename."""
        state = {name: module.state_dict() for name, module in self._modules().items()}
        optimisers = [optimiser.state_dict() for optimiser in self.optimisers]
        whole = {**state, "optimisers": optimisers, "step": self.step, "minutes": self.minutes}
        save_whole(whole, self.folder / "state.pt")

    def train_step(self, x: Tensor, level: Tensor) -> float:
        """One step on patches x (N, 3, H, W) at whole levels (N,); returns the transforms' loss."""
        config, joint = self.config, self.joint
        rate = scheduled_rate(config, self.step, self.progress)
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = rate * group.get("scale", self.network_rate / config.learning_rate)
            optimiser.zero_grad(set_to_none=True)
        torch.manual_seed(config.seed << 32 | self.step)
        joint.follow_gains()
        lambdas = self.lambdas[level.long()]
        measured = joint.measure(x, level, Quantiser(config.quantiser), half_precision=config.precision == "bfloat16")
        transforms = measured.transforms.loss(lambdas, config.level_exponent, config.structural_share)
        # A level's bits count for the network and the density in the proportion in which they count for the transforms.
        share = (lambdas / REFERENCE_LAMBDA) ** config.level_exponent
        loss = (transforms + (measured.network_bpp + measured.density_bpp) / share).mean()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(joint.codec.parameters(), config.gradient_clip)
        torch.nn.utils.clip_grad_norm_(joint.net.parameters(), config.gradient_clip)
        for optimiser in self.optimisers:
            optimiser.step()
        follow(self.average.codec, joint.codec, config.average_decay, self.step)
        follow(self.average.net, joint.net, config.average_decay, self.step)
        self.step += 1
        return float(transforms.mean().detach())

    def validate_and_log(self, pictures: list[Tensor], train_loss: float) -> float:
        """Validate the averaged weights, add a line to log.csv, write them. Returns the validation loss."""
        self.average.follow_gains()
        result = validate(self.average.rounded, pictures, self.config, self.lambdas.device)
        row = [self.step, f"{self.minutes:.2f}", f"{train_loss:.5f}", *result.columns()]
        append_row(self.folder / "log.csv", _COLUMNS, row)
        story = {"steps": str(self.step), "minutes": f"{self.minutes:.1f}", "joint_loss": f"{result.loss:.5f}"}
        save_checkpoint(self.average.codec, self.folder / "checkpoint.safetensors", story)
        state = {"average": self.average.net.state_dict(), **dataclasses.asdict(self.joint.known)}
        torch.save(state, self.folder / "context.pt")
        return result.loss


def train(run: JointRun, patches: Patches, pictures: list[Tensor]) -> None:
    """Train until the configured minutes are used up."""
    config, device = run.config, run.lambdas.device

    def step() -> float:
        x = patches.batch(run.step, config.patches_a_step).to(device, memory_format=torch.channels_last)
        return run.train_step(x, levels_of_step(run.step, config.patches_a_step, len(config.lambdas)).to(device))

    every = (config.checkpoint_every_minutes, config.validate_every_minutes)
    loop.train(run, step, lambda train_loss: run.validate_and_log(pictures, train_loss), *every)


def start(checkpoint: Path, network: Path, device: torch.device, shape: ContextShape) -> Joint:
    """A float checkpoint and the context network that was trained for it, from a run's state.pt or a weights file."""
    codec = load_checkpoint(checkpoint).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    known = known_from(network)
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
    parser.add_argument("--checkpoint", type=Path, required=True, help="float checkpoint to go on from")
    parser.add_argument("--init", type=Path, required=True, help="its context network: a run's state.pt, or weights")
    parser.add_argument("--data", type=Path, required=True, help="folder of training photographs")
    parser.add_argument("--validation", type=Path, required=True, help="folder of validation photographs")
    parser.add_argument("--out", type=Path, required=True, help="the run's folder")
    parser.add_argument("--network-learning-rate", type=float, default=1e-3)
    parser.add_argument("--shape", default="{}", help='JSON of other than the usual sizes, such as {"state": 64}')
    add_options(parser, _DEFAULTS)
    parsed = parser.parse_args(arguments)
    config = chosen(parsed, _DEFAULTS)
    device = loop.training_device(config.threads)
    parsed.out.mkdir(parents=True, exist_ok=True)
    (parsed.out / "config.json").write_text(json.dumps(dataclasses.asdict(config), indent=2) + "\n")
    joint = start(parsed.checkpoint, parsed.init, device, ContextShape.from_json(parsed.shape))
    run = JointRun(parsed.out, config, parsed.network_learning_rate, joint)
    pictures = list(centre_crops(parsed.validation, config.validation_crop, config.validation_pictures))
    if run.step == 0:
        run.validate_and_log(pictures, float("nan"))
    train(run, Patches(parsed.data, config.patch, config.seed), pictures)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
