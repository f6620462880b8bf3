"""The hand-written gradients are those of automatic differentiation, of what they should be taken of."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from pytorch_msssim import ms_ssim

from models.nn.gradient import GradientSynthesis
from models.nn.layers import Synthesis, Widths
from models.refine.distortion import STRUCTURAL_SCALE, Distortion
from models.refine.ms_ssim import SMALLEST_SIDE, MsSsim
from models.refine.rate import Densities
from models.refine.relaxation import relaxed_rounding
from models.refine.settings import Aim, Region
from models.training import loss
from tests.photographs import sample_crop


def _pair(height: int, width: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A photograph in [0, 1] and itself with noise."""
    x = sample_crop(height, width).pixels.astype(np.float32) / np.float32(255.0)
    noise = np.random.default_rng(1).normal(0.0, 0.05, x.shape)
    return x, np.clip(x + noise, 0.0, 1.0).astype(np.float32)


def _as_tensor(picture: NDArray[np.float32]) -> torch.Tensor:
    return torch.from_numpy(picture).permute(2, 0, 1)[None].double()


@pytest.mark.parametrize("size", [(176, 192), (177, 190), (163, 241)])
def test_ms_ssim_and_its_gradient_are_pytorch_msssims(size: tuple[int, int]) -> None:
    x, y = _pair(*size)
    shown = _as_tensor(y).requires_grad_()
    expected = 1.0 - ms_ssim(shown, _as_tensor(x), data_range=1.0)
    expected.backward()
    value, gradient = MsSsim(x).loss_and_gradient(y)
    assert value == pytest.approx(float(expected.detach()), rel=1e-3)
    assert shown.grad is not None
    by_autograd = shown.grad[0].permute(1, 2, 0).numpy()
    assert np.abs(gradient - by_autograd).max() < 2e-3 * np.abs(by_autograd).max()


def test_even_weights_change_nothing_and_a_region_counts_for_more() -> None:
    x, y = _pair(176, 192)
    even = MsSsim(x, np.ones(x.shape[:2], np.float32)).loss_and_gradient(y)[0]
    assert even == pytest.approx(MsSsim(x).loss_and_gradient(y)[0], rel=1e-4)
    worse_left = y.copy()
    worse_left[:, 96:] = x[:, 96:]
    left, right = (
        MsSsim(x, Region(at, 0, 96, 176, 4.0).weights(176, 192)).loss_and_gradient(worse_left)[0] for at in (0, 96)
    )
    assert left > 1.5 * right


def test_a_picture_too_small_for_ms_ssim_is_compared_by_its_squared_error() -> None:
    with pytest.raises(ValueError, match="161 pixels"):
        MsSsim(np.zeros((160, 200, 3), np.float32))
    small = sample_crop(SMALLEST_SIDE - 1, 192).pixels
    shown = np.clip(small.astype(int) + 3, 0, 255).astype(np.uint8)
    assert Distortion(small, Aim.MS_SSIM)(shown) == pytest.approx(Distortion(small, Aim.PSNR)(shown))


@pytest.mark.parametrize("aim", list(Aim))
def test_distortion_falls_along_its_gradient_as_the_gradient_says(aim: Aim) -> None:
    x = sample_crop(176, 192).pixels
    _, y = _pair(176, 192)
    y = np.clip(y, 0.02, 0.98)  # away from black and white, where clipping bends it
    distortion = Distortion(x, aim, Region(10, 20, 60, 80).weights(176, 192))
    gradient = distortion.gradient(y)
    step = 0.002 / float(np.abs(gradient).max())

    def at(picture: NDArray[np.float32]) -> float:
        return distortion._measure(picture)[0]

    moved = (y - np.float32(step) * gradient).astype(np.float32)
    expected = step * float(np.vdot(gradient, gradient))
    assert at(y) - at(moved) == pytest.approx(expected, rel=0.15)


def test_training_and_refinement_weigh_the_two_errors_alike() -> None:
    assert loss.STRUCTURAL_SCALE == STRUCTURAL_SCALE


@pytest.mark.parametrize("size", [(3, 5), (1, 4), (4, 1)])
def test_the_synthesis_and_its_transpose_are_the_networks(size: tuple[int, int]) -> None:
    torch.manual_seed(1)
    synthesis = Synthesis(Widths(6, 10, 16))
    used = torch.tensor([1, 2, 5, 11])
    y_hat = torch.randn(1, 16, *size)
    y_hat[:, [c for c in range(16) if c not in used]] = 0.0
    y_hat.requires_grad_()
    picture = synthesis(y_hat)
    by_picture = torch.randn_like(picture)
    (picture * by_picture).sum().backward()
    assert y_hat.grad is not None
    with torch.inference_mode():
        given = y_hat.detach()[0, used].permute(1, 2, 0).contiguous()
        shown, back = GradientSynthesis(synthesis, torch.float32)(given, used)
        gradient = back(by_picture[0].permute(1, 2, 0).contiguous())
    assert torch.allclose(shown, picture.detach()[0].permute(1, 2, 0), atol=1e-5)
    assert torch.allclose(gradient, y_hat.grad[0, used].permute(1, 2, 0), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("scale", [0.05, 0.3, 1.0, 6.0])
def test_the_rates_gradient_is_that_of_a_laplace_density(scale: float) -> None:
    symbols = torch.linspace(-4.0, 4.0, 101).double() + 0.013
    densities = Densities(torch.full((101, 1), 0.25), torch.full((101, 1), 1.0 / scale), np.zeros((1, 1), np.float32))

    def cdf(v: torch.Tensor) -> torch.Tensor:
        return torch.where(v < 0, 0.5 * torch.exp(v / scale), 1.0 - 0.5 * torch.exp(-v / scale))

    v = symbols.clone().requires_grad_()
    distance = -(v - 0.25).abs()  # the tail below the mean, which loses no digits
    bits = -torch.log2(cdf(distance + 0.5) - cdf(distance - 0.5))
    bits.sum().backward()  # type: ignore[no-untyped-call]
    assert v.grad is not None
    found = densities.gradient(symbols.float()[:, None])[:, 0].double()
    assert torch.allclose(found, v.grad, rtol=2e-3, atol=2e-3 / scale)


def test_soft_rounding_lies_between_the_two_neighbours_and_ends_as_rounding() -> None:
    z = torch.linspace(-3.0, 3.0, 601)[:, None]
    warm, _ = relaxed_rounding(z, 1.0, torch.Generator().manual_seed(1))
    assert ((warm >= z.floor()) & (warm <= z.floor() + 1.0)).all()
    cold, _ = relaxed_rounding(z, 0.01, torch.Generator().manual_seed(1))
    clear = ((z - z.floor()) - 0.5).abs() > 0.1
    assert torch.allclose(cold[clear], z.round()[clear], atol=1e-3)


def test_the_derivative_of_soft_rounding_is_automatic_differentiations() -> None:
    z = torch.rand(400, 1, generator=torch.Generator().manual_seed(3)).mul(6.0).sub(3.0).double().requires_grad_()
    temperature = 0.7
    soft, derivative = relaxed_rounding(z.detach().float(), temperature, torch.Generator().manual_seed(5))
    u = torch.rand(z.shape, generator=torch.Generator().manual_seed(5)).double()
    f = z - z.detach().floor()
    logit = (torch.atanh(f) - torch.atanh(1.0 - f)) / temperature
    expected = z.detach().floor() + torch.sigmoid((logit + torch.logit(u)) / temperature)
    expected.sum().backward()  # type: ignore[no-untyped-call]
    assert z.grad is not None
    assert torch.allclose(soft.double(), expected.detach(), atol=1e-4)
    assert torch.allclose(derivative.double(), z.grad, rtol=1e-2, atol=1e-3)
    assert math.isfinite(float(derivative.max()))
