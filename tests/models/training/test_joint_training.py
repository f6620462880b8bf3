"""Transforms and context network trained together: on from both, and back to a weights file."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import torch

from models.codec import EntropyMode, LearnedCodec
from models.training import export, train
from models.training.config import Config
from models.training.context import joint as context_joint
from models.training.context import train as context_train
from models.training.context.joint import Joint, JointTraining, start
from models.training.context.net import ContextShape
from models.training.loss import Quantiser
from models.training.pictures.patches import Patches
from tests.photographs import mean_squared_error, sample_crop
from viewer.imaging.writer import png_bytes

SHAPE = {"groups": [2, 6, 8], "passes": [4, 2, 2], "kernels": [5, 3, 3], "state": 16, "head": 12}
SMALL = ["--patch", "64", "--patches-a-step", "3", "--validation-crop", "64", "--validation-pictures", "1"]
CONTEXT = ["--shape", json.dumps(SHAPE), "--crop", "6", "--no-mirrored", "--minutes", "0.02", "--threads", "1"]


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photographs")
    for name in ("heron", "spices"):
        (folder / f"{name}.png").write_bytes(png_bytes(sample_crop(128, 128, name).pixels))
    return folder


@pytest.fixture(scope="module")
def trained(photographs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small codec, `codec/latest.safetensors`, and its context network, `context/state.pt`."""
    folder = tmp_path_factory.mktemp("runs")
    source = ["--data", str(photographs), "--validation", str(photographs)]
    options = ["--steps", "12", "--initial-patches", "24", "--density-steps", "60", "--stream-pictures", "1"]
    options += ["--widths", "6", "10", "16", "--threads", "1", *SMALL]
    assert train.main([*source, "--out", str(folder / "codec"), *options]) == 0
    checkpoint = ["--checkpoint", str(folder / "codec" / "latest.safetensors")]
    assert context_train.main([*source, *checkpoint, "--out", str(folder / "context"), *CONTEXT]) == 0
    return folder


@pytest.fixture
def joint(trained: Path) -> Joint:
    torch.set_num_threads(1)
    shape = ContextShape.from_json(json.dumps(SHAPE))
    checkpoint = trained / "codec" / "latest.safetensors"
    return start(checkpoint, trained / "context" / "state.pt", torch.device("cpu"), shape)


def advance(training: JointTraining, patches: Patches, steps: int) -> list[float]:
    return [
        training.train_step(patches.batch(training.run.step, 3), torch.tensor([1.0, 4.0, 7.0]) + step % 2)
        for step in range(steps)
    ]


def test_from_a_trained_codec_to_a_weights_file_that_codes(photographs: Path, trained: Path, tmp_path: Path) -> None:
    source = ["--data", str(photographs), "--validation", str(photographs)]
    options = ["--steps", "6", "--shape", json.dumps(SHAPE), "--threads", "1", *SMALL]
    checkpoint = ["--checkpoint", str(trained / "codec" / "latest.safetensors")]
    network = ["--init", str(trained / "context" / "state.pt")]
    joint = tmp_path / "joint"
    assert context_joint.main([*source, *checkpoint, *network, "--out", str(joint), *options]) == 0
    with (joint / "log.csv").open(newline="") as file:
        assert [row["step"] for row in csv.DictReader(file)] == ["0", "6"]
    checkpoint = ["--checkpoint", str(joint / "checkpoint.safetensors"), "--init", str(joint / "context.pt")]
    assert context_train.main([*source, *checkpoint, "--out", str(tmp_path / "context"), *CONTEXT]) == 0
    context = ["--context", str(tmp_path / "context" / "context.safetensors")]
    weights = tmp_path / "weights.safetensors"
    assert export.main([str(joint / "checkpoint.safetensors"), str(weights), *context]) == 0
    codec = LearnedCodec.load(weights)
    pixels = sample_crop(128, 128).pixels
    prepared = codec.prepare(pixels, EntropyMode.CONTEXT)
    coarse, fine = (prepared.encode(codec.qualities[at]) for at in (500, 1300))
    assert len(coarse) < len(fine)
    assert mean_squared_error(codec.decode(coarse), pixels) > mean_squared_error(codec.decode(fine), pixels)


def test_training_lowers_the_loss(joint: Joint, photographs: Path, tmp_path: Path) -> None:
    training = JointTraining(tmp_path, Config(steps=100, patch=64, learning_rate=5e-4, warmup_steps=5), 1e-3, joint)
    patches = Patches(photographs, 64, 1)
    x, level = patches.batch(-1, 9), torch.arange(9.0)

    def losses() -> torch.Tensor:
        joint.follow_gains()
        return joint.rounded(x, level).loss(training.lambdas, training.config.level_exponent)

    before = losses()
    advance(training, patches, 100)
    assert float((losses() / before).mean()) < 0.985


def test_a_resumed_run_goes_on(joint: Joint, photographs: Path, tmp_path: Path) -> None:
    config = Config(steps=6, patch=64)
    patches = Patches(photographs, 64, 1)
    training = JointTraining(tmp_path, config, 1e-3, joint)
    advance(training, patches, 3)
    training.run.save()
    lost = advance(training, patches, 2)
    again = JointTraining(tmp_path, config, 1e-3, joint)
    assert again.run.step == 3
    assert advance(again, patches, 2) == lost


def test_the_transforms_learn_the_rate_of_the_network(joint: Joint, photographs: Path) -> None:
    """A network that finds everything dear makes symbols smaller; the plain density has no say."""
    x, level = Patches(photographs, 64, 1).batch(0, 2), torch.tensor([3.0, 6.0])
    measured = joint.measure(x, level, Quantiser.MIXED)
    parameters = list(joint.codec.analysis.parameters())
    rate = torch.autograd.grad(measured.transforms.bpp.sum(), parameters, retain_graph=True)
    assert all(float(gradient.abs().max()) > 0 for gradient in rate)
    for separate in (measured.network_bpp, measured.density_bpp):
        found = torch.autograd.grad(separate.sum(), parameters, retain_graph=True, allow_unused=True)
        assert all(gradient is None for gradient in found)
    with torch.no_grad():
        whole = joint.measure(x, level, Quantiser.ROUND)
    assert torch.allclose(whole.transforms.bpp, whole.network_bpp)


def test_the_network_follows_the_gains(joint: Joint) -> None:
    with torch.no_grad():
        joint.codec.gains.log_gain.add_(0.5)
    joint.follow_gains()
    gain = joint.net.statistics.gain(torch.tensor([2.0]))
    expected = joint.codec.gains.at(torch.tensor([2.0]))[0][:, joint.known.order]
    assert torch.allclose(gain, expected)
