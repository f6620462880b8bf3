"""Transforms and context network trained together: python -m models.training.context_joint --checkpoint FILE ...

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

from models.context_features import magnitude_table
from models.training import loop
from models.training.config import Config
from models.training.context_data import Known, knot_levels, known_of, log_gain_at
from models.training.context_net import ContextNet, ContextShape, LatentStatistics, laplace_bits
from models.training.data import Patches, centre_crops
from models.training.loop import append_row, follow, save_whole
from models.training.loss import REFERENCE_LAMBDA
from models.training.model import TrainableCodec, load_checkpoint, save_checkpoint
from models.training.optimiser import build_optimisers
from models.training.run import levels_of_step, scheduled_rate

_COLUMNS = ("step", "minutes", "train_loss", "validation_loss", "network_bpp")


@dataclass(frozen=True, eq=False)
class JointLoss:
    """Per picture, each (N,): the transforms' loss, the network's bits a pixel on rounded symbols, the density's."""

    transform: Tensor
    network_bpp: Tensor
    density_bpp: Tensor
    mse: Tensor


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

    def measure(self, x: Tensor, level: Tensor, lambdas: Tensor, exponent: float) -> JointLoss:
        """Patches x (N, 3, H, W) in [0, 1] at levels (N,): mixed quantisation as models.training.loss has it."""
        codec, order = self.codec, self.known.order.to(x.device)
        gain, inverse_gain = codec.gains.at(level)
        scaled = codec.analysis(x) * gain[:, :, None, None]
        rounded = scaled + (torch.round(scaled) - scaled).detach()
        reconstruction = codec.synthesis(rounded * inverse_gain[:, :, None, None])
        mse = (reconstruction - x).square().mean((1, 2, 3)) * 255.0**2
        pixels = x.shape[2] * x.shape[3]
        symbols = rounded.detach()[:, order]
        mean, log2_scale = self.net(symbols, level)
        noise = torch.rand_like(scaled) - 0.5
        noisy = (scaled + noise)[:, order]
        rate = laplace_bits(noisy, mean.detach(), log2_scale.detach()).sum((1, 2, 3)) / pixels
        density = codec.density.bits((scaled + noise).detach(), gain.detach()).sum((1, 2, 3)) / pixels
        network = laplace_bits(symbols, mean, log2_scale).sum((1, 2, 3)) / pixels
        loss = (rate + lambdas * mse) / (lambdas / REFERENCE_LAMBDA) ** exponent
        return JointLoss(loss, network, density, mse)


@torch.no_grad()
def validate(joint: Joint, pictures: list[Tensor], lambdas: Tensor, exponent: float) -> tuple[float, list[float]]:
    """Mean loss over pictures and levels with the network's rate on rounded symbols, and its bits a pixel by level."""
    level = torch.arange(len(lambdas), dtype=torch.float32, device=lambdas.device)
    losses, rates = [], []
    for x in pictures:
        measured = joint.measure(x.expand(len(level), -1, -1, -1), level, lambdas, exponent)
        loss = (measured.network_bpp + lambdas * measured.mse) / (lambdas / REFERENCE_LAMBDA) ** exponent
        losses.append(loss.mean())
        rates.append(measured.network_bpp)
    return float(torch.stack(losses).mean()), torch.stack(rates).mean(0).tolist()


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
        """Share of the run's time that is used up."""
        return self.minutes / self.config.minutes

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
        measured = joint.measure(x, level, lambdas, config.level_exponent)
        # A level's bits count for the network and the density in the proportion in which they count for the transforms.
        share = (lambdas / REFERENCE_LAMBDA) ** config.level_exponent
        loss = (measured.transform + (measured.network_bpp + measured.density_bpp) / share).mean()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(joint.codec.parameters(), config.gradient_clip)
        torch.nn.utils.clip_grad_norm_(joint.net.parameters(), config.gradient_clip)
        for optimiser in self.optimisers:
            optimiser.step()
        follow(self.average.codec, joint.codec, config.average_decay, self.step)
        follow(self.average.net, joint.net, config.average_decay, self.step)
        self.step += 1
        return float(measured.transform.mean().detach())

    def validate_and_log(self, pictures: list[Tensor], train_loss: float) -> float:
        """Validate the averaged weights, add a line to log.csv, write them. Returns the validation loss."""
        self.average.follow_gains()
        loss, rates = validate(self.average, pictures, self.lambdas, self.config.level_exponent)
        bpp = " ".join(f"{rate:.4f}" for rate in rates)
        row = [self.step, f"{self.minutes:.2f}", f"{train_loss:.5f}", f"{loss:.5f}", bpp]
        append_row(self.folder / "log.csv", _COLUMNS, row)
        story = {"steps": str(self.step), "minutes": f"{self.minutes:.1f}", "joint_loss": f"{loss:.5f}"}
        save_checkpoint(self.average.codec, self.folder / "checkpoint.safetensors", story)
        state = {"average": self.average.net.state_dict(), **dataclasses.asdict(self.joint.known)}
        torch.save(state, self.folder / "context.pt")
        return loss


def train(run: JointRun, patches: Patches, pictures: list[Tensor]) -> None:
    """Train until the configured minutes are used up."""
    config, device = run.config, run.lambdas.device

    def step() -> float:
        x = patches.batch(run.step, config.patches_a_step).to(device, memory_format=torch.channels_last)
        return run.train_step(x, levels_of_step(run.step, config.patches_a_step, len(config.lambdas)).to(device))

    every = (config.checkpoint_every_minutes, config.validate_every_minutes)
    loop.train(run, step, lambda train_loss: run.validate_and_log(pictures, train_loss), *every)


def main(arguments: list[str]) -> int:
    """Train as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m models.training.context_joint", description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True, help="float checkpoint to go on from")
    parser.add_argument("--context", type=Path, required=True, help="state.pt of its context network's run")
    parser.add_argument("--data", type=Path, required=True, help="folder of training photographs")
    parser.add_argument("--validation", type=Path, required=True, help="folder of validation photographs")
    parser.add_argument("--out", type=Path, required=True, help="the run's folder")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--learning-rate", type=float, default=1e-4)
    parser.add_argument("--network-learning-rate", type=float, default=1e-3)
    parser.add_argument("--threads", type=int, default=2)
    parsed = parser.parse_args(arguments)
    config = Config(
        minutes=parsed.minutes,
        learning_rate=parsed.learning_rate,
        threads=parsed.threads,
        decay_share=0.9,
        validate_every_minutes=5.0,
    )
    device = loop.training_device(config.threads)
    parsed.out.mkdir(parents=True, exist_ok=True)
    known = known_of(parsed.context)
    codec = load_checkpoint(parsed.checkpoint).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    knots = knot_levels(len(config.lambdas))
    gains = log_gain_at(codec.gains.log_gain.detach().cpu(), knots)[:, known.order]
    statistics = LatentStatistics(known.deviation, known.magnitude, knots, gains).to(device)
    net = ContextNet(ContextShape(), statistics, torch.from_numpy(magnitude_table()).float()).to(device)
    net.load_state_dict(torch.load(parsed.context, map_location=device, weights_only=True)["average"])
    (parsed.out / "config.json").write_text(json.dumps(dataclasses.asdict(config), indent=2) + "\n")
    run = JointRun(parsed.out, config, parsed.network_learning_rate, Joint(codec, net, known))
    pictures = [
        x.to(device) for x in centre_crops(parsed.validation, config.validation_crop, config.validation_pictures)
    ]
    if run.step == 0:
        run.validate_and_log(pictures, float("nan"))
    train(run, Patches(parsed.data, config.patch, config.seed), pictures)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
