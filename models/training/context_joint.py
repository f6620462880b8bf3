"""Transforms and context network trained together: python -m models.training.context_joint --checkpoint FILE ...

The rate of the loss is the context network's instead of the plain density's, so that the transforms leave to it what it
can predict. The plain density goes on learning beside them, from the same symbols and without a say in the transforms.
Writes checkpoint.safetensors and context.pt (averaged) in the run's folder; context_train --init goes on from there.
"""

from __future__ import annotations

import argparse
import copy
import csv
import dataclasses
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from models.context_features import magnitude_table
from models.training.config import Config
from models.training.context_data import Known, knot_levels, known_of, log_gain_at
from models.training.context_net import ContextNet, ContextShape, LatentStatistics, laplace_bits
from models.training.data import Patches, centre_crops
from models.training.loss import REFERENCE_LAMBDA
from models.training.model import TrainableCodec, load_checkpoint, save_checkpoint
from models.training.optimiser import build_optimisers, learning_rate
from models.training.run import levels_of_step


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
        ordered = log_gain_at(log_gain, knots)[:, self.known.order]
        self.net.statistics = dataclasses.replace(self.net.statistics, log_gain=ordered)

    def measure(self, x: Tensor, level: Tensor, lambdas: Tensor, exponent: float) -> JointLoss:
        """Patches x (N, 3, H, W) in [0, 1] at levels (N,): mixed quantisation as models.training.loss has it."""
        codec, order = self.codec, self.known.order
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
    level = torch.arange(len(lambdas), dtype=torch.float32)
    losses, rates = [], []
    for x in pictures:
        measured = joint.measure(x.expand(len(level), -1, -1, -1), level, lambdas, exponent)
        loss = (measured.network_bpp + lambdas * measured.mse) / (lambdas / REFERENCE_LAMBDA) ** exponent
        losses.append(loss.mean())
        rates.append(measured.network_bpp)
    return float(torch.stack(losses).mean()), torch.stack(rates).mean(0).tolist()


def train(joint: Joint, config: Config, *, network_rate: float, folder: Path, data: Path, validation: Path) -> None:
    """Train for config.minutes; log every validate_every_minutes; write the averaged weights each time."""
    patches = Patches(data, config.patch, config.seed)
    pictures = list(centre_crops(validation, config.validation_crop, config.validation_pictures))
    lambdas = torch.tensor(config.lambdas)
    optimisers = build_optimisers(joint.codec, config)
    network = torch.optim.Adam(joint.net.parameters(), network_rate, betas=(0.9, 0.98))
    average = Joint(copy.deepcopy(joint.codec), copy.deepcopy(joint.net), joint.known)
    minutes, validated, step = 0.0, 0.0, 0
    bar = tqdm(total=config.minutes, bar_format="{l_bar}{bar}| {n:.1f}/{total} min {postfix}")
    _log(folder, average, validate(average, pictures, lambdas, config.level_exponent), minutes, step)
    while minutes < config.minutes:
        begun = time.monotonic()
        rate = learning_rate(config, step, minutes / config.minutes)
        for optimiser in optimisers:
            for group in optimiser.param_groups:
                group["lr"] = rate * group["scale"]
        for group in network.param_groups:
            group["lr"] = network_rate * rate / config.learning_rate
        x = patches.batch(step, config.patches_a_step).contiguous(memory_format=torch.channels_last)
        level = levels_of_step(step, config.patches_a_step, len(lambdas))
        torch.manual_seed(config.seed << 32 | step)
        joint.follow_gains()
        measured = joint.measure(x, level, lambdas[level.long()], config.level_exponent)
        # A level's bits count for the network and the density in the proportion in which they count for the transforms.
        share = (lambdas[level.long()] / REFERENCE_LAMBDA) ** config.level_exponent
        loss = (measured.transform + (measured.network_bpp + measured.density_bpp) / share).mean()
        for optimiser in (*optimisers, network):
            optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(joint.codec.parameters(), config.gradient_clip)
        torch.nn.utils.clip_grad_norm_(joint.net.parameters(), config.gradient_clip)
        for optimiser in (*optimisers, network):
            optimiser.step()
        _follow(average, joint, min(config.average_decay, (1 + step) / (10 + step)))
        step += 1
        elapsed = (time.monotonic() - begun) / 60.0
        minutes += elapsed
        bar.update(elapsed)
        if minutes - validated >= config.validate_every_minutes or minutes >= config.minutes:
            average.follow_gains()
            _log(folder, average, validate(average, pictures, lambdas, config.level_exponent), minutes, step)
            validated = minutes
    bar.close()


@torch.no_grad()
def _follow(average: Joint, current: Joint, decay: float) -> None:
    for mean, now in ((average.codec, current.codec), (average.net, current.net)):
        torch._foreach_lerp_(list(mean.parameters()), list(now.parameters()), 1.0 - decay)


def _log(folder: Path, joint: Joint, result: tuple[float, list[float]], minutes: float, step: int) -> None:
    loss, rates = result
    path = folder / "log.csv"
    new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(["step", "minutes", "validation_loss", "network_bpp"])
        writer.writerow([step, f"{minutes:.2f}", f"{loss:.5f}", " ".join(f"{rate:.4f}" for rate in rates)])
    save_checkpoint(joint.codec, folder / "checkpoint.safetensors", {"steps": str(step), "joint_loss": f"{loss:.5f}"})
    known = joint.known
    state = {
        "average": joint.net.state_dict(),
        "order": known.order,
        "deviation": known.deviation,
        "magnitude": known.magnitude,
    }
    torch.save(state, folder / "context.pt")


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
    torch.set_num_threads(config.threads)
    parsed.out.mkdir(parents=True, exist_ok=True)
    known = known_of(parsed.context)
    codec = load_checkpoint(parsed.checkpoint)
    knots = knot_levels(len(codec.gains.log_gain))
    gains = log_gain_at(codec.gains.log_gain.detach(), knots)[:, known.order]
    statistics = LatentStatistics(known.deviation, known.magnitude, knots, gains)
    net = ContextNet(ContextShape(), statistics, torch.from_numpy(magnitude_table()).float())
    net.load_state_dict(torch.load(parsed.context, map_location="cpu", weights_only=True)["average"])
    (parsed.out / "config.json").write_text(json.dumps(dataclasses.asdict(config), indent=2) + "\n")
    joint = Joint(codec.to(memory_format=torch.channels_last), net, known)  # type: ignore[call-overload]
    train(
        joint,
        config,
        network_rate=parsed.network_learning_rate,
        folder=parsed.out,
        data=parsed.data,
        validation=parsed.validation,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
