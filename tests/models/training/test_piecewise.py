"""The paper's piecewise linear density, and a codec of one lambda trained with it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from models.errors import WeightsError
from models.nn.factorized_prior import Density
from models.quality import LAMBDAS
from models.training.model import at_level, load_checkpoint
from models.training.piecewise import REACH, SAMPLES_PER_STEP, PiecewiseLinearDensity
from models.training.train import level_of_lambda, main
from tests.models.training.test_training import train


@pytest.fixture
def density() -> PiecewiseLinearDensity:
    made = PiecewiseLinearDensity(3)
    with torch.no_grad():
        made.log_samples.normal_(generator=torch.Generator().manual_seed(5))
    return made


@torch.no_grad()
def test_it_integrates_to_one_and_is_linear_between_samples(density: PiecewiseLinearDensity) -> None:
    fine = torch.linspace(-REACH, REACH, 2 * REACH * SAMPLES_PER_STEP * 4 + 1).expand(3, -1)
    area = torch.trapezoid(density.probability(fine), fine, dim=1)
    assert torch.allclose(area, torch.ones(3), atol=1e-4)
    left, right = (torch.full((3, 1), 7.0 + step / SAMPLES_PER_STEP) for step in (2, 3))
    between = density.probability(0.25 * left + 0.75 * right)
    assert torch.allclose(between, 0.25 * density.probability(left) + 0.75 * density.probability(right), rtol=1e-3)


@torch.no_grad()
def test_what_lies_beyond_its_reach_costs_the_floor(density: PiecewiseLinearDensity) -> None:
    far = torch.full((3, 1), REACH + 1.0)
    assert torch.allclose(density.probability(far), torch.tensor(1e-9))
    assert torch.isfinite(density.bits(torch.full((1, 3, 2, 2), -1e4), torch.ones(1, 3))).all()


@torch.no_grad()
def test_at_its_start_it_gives_the_bits_of_the_smooth_one() -> None:
    torch.manual_seed(2)
    smooth, gain = Density(4), torch.tensor([0.5, 1.0, 2.0, 3.0])
    q = 3.0 * torch.randn(2, 4, 5, 5)
    expected = smooth.bits(q, gain.expand(2, -1))
    assert torch.allclose(PiecewiseLinearDensity.like(smooth, gain).bits(q, gain), expected, atol=0.02)


def test_it_learns_the_distribution_of_noisy_symbols() -> None:
    torch.manual_seed(3)
    density = PiecewiseLinearDensity.like(Density(1), torch.ones(1))
    optimiser = torch.optim.Adam(density.parameters(), 0.05)
    symbols = torch.tensor([-1.0, 0.0, 0.0, 0.0])[torch.randint(4, (4096,))]
    for _ in range(150):
        noisy = (symbols + torch.rand(4096) - 0.5).reshape(1, 1, 64, 64)
        loss = density.bits(noisy, torch.ones(1, 1)).mean()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    found = density.probability(torch.tensor([[-1.0, 0.0, 1.0]])).detach()[0]
    assert found[0] == pytest.approx(0.25, abs=0.04)
    assert found[1] == pytest.approx(0.75, abs=0.08)
    assert found[2] < 0.01


def test_a_codec_of_one_lambda_is_trained_with_it_and_goes_on(folder: Path, tmp_path: Path) -> None:
    options = ("--steps", "6", "--lambda", "0.013", "--density", "piecewise", "--quantiser", "noise")
    rows = train(folder, tmp_path / "run", *options)
    assert float(rows[-1]["validation_loss"]) < 20.0
    codec = load_checkpoint(tmp_path / "run" / "checkpoint.safetensors")
    assert isinstance(codec.density, PiecewiseLinearDensity)
    assert len(codec.gains.log_gain) == 1
    assert not (tmp_path / "run" / "weights.safetensors").exists()
    with pytest.raises(WeightsError, match="one rate"):
        _ = codec.smooth_density


def test_the_piecewise_density_needs_one_lambda(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--data", str(tmp_path), "--validation", str(tmp_path), "--out", str(tmp_path), "--density", "piecewise"])
    assert "give --lambda" in capsys.readouterr().err


def test_a_level_can_be_cut_out_of_a_codec_of_several(folder: Path, tmp_path: Path) -> None:
    train(folder, tmp_path / "run", "--steps", "2")
    codec = load_checkpoint(tmp_path / "run" / "checkpoint.safetensors")
    assert level_of_lambda(LAMBDAS[4]) == pytest.approx(4.0)
    single = at_level(codec, 4.0)
    assert torch.allclose(single.gains.log_gain[0], codec.gains.log_gain[4], atol=1e-5)
