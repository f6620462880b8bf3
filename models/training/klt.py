"""Initial weights that can code already: a hierarchical block Karhunen-Loeve transform in the centres of the kernels.

A 4x4 KLT in the 9x9 kernels of the first stage, then 2x2 KLTs in the 5x5 kernels of the other two; the synthesis is the
transpose; GDN is nearly linear; each level's gain is the inverse of the high-rate optimal step.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from models.nn.layers import GDN, Widths
from models.training.model import TrainableCodec

_GAMMA = 0.002


def _patches(x: Tensor, side: int) -> Tensor:
    """Blocks of x (N, C, H, W), side x side, as rows (M, C * side * side)."""
    n, c, h, w = x.shape
    blocks = x.reshape(n, c, h // side, side, w // side, side).permute(0, 2, 4, 1, 3, 5)
    return blocks.reshape(-1, c * side * side)


def _basis(rows: Tensor, keep: int) -> Tensor:
    """Orthonormal eigenvectors of the second moments of rows (M, D), largest first: (min(keep, D), D)."""
    rows = rows.double()
    _, vectors = torch.linalg.eigh(rows.t() @ rows / len(rows))
    largest_first: Tensor = vectors.flip(1).t()[:keep].float()
    return largest_first


def _set_centre(conv: nn.Conv2d | nn.ConvTranspose2d, basis: Tensor, side: int) -> None:
    """Put basis vectors (K, C * side * side) into the kernel's taps that lie on its own block."""
    first = conv.padding[0]
    assert isinstance(first, int)
    channels = basis.shape[1] // side**2
    conv.weight.zero_()
    assert conv.bias is not None
    conv.bias.zero_()
    block = slice(first, first + side)
    conv.weight[: len(basis), :channels, block, block] = basis.reshape(len(basis), channels, side, side)


def _transform(x: Tensor, basis: Tensor, side: int, channels: int) -> Tensor:
    """Apply a block transform to x (N, C, H, W): (N, channels, H / side, W / side), unused channels zero."""
    n, _, h, w = x.shape
    out = torch.zeros(n, channels, h // side, w // side)
    coded = (_patches(x, side) @ basis.t()).reshape(n, h // side, w // side, len(basis))
    out[:, : len(basis)] = coded.permute(0, 3, 1, 2)
    return out


@torch.no_grad()
def block_klt_codec(pictures: Tensor, widths: Widths, lambdas: Sequence[float]) -> TrainableCodec:
    """A codec from pictures (N, 3, H, W) in [0, 1], sides multiples of 16; a few hundred of 256x256 are enough.

    Step: step^2 = 18 / (lambda * 255^2 * ln 2), where the rate-distortion slope of a uniform quantiser at high rate
    equals lambda. The scale of each density is the standard deviation of its channel.
    """
    codec = TrainableCodec(widths, len(lambdas))
    x = pictures - 0.5
    stages = ((4, widths.stage0), (2, widths.stage1), (2, widths.latent))
    for index, (side, channels) in enumerate(stages):
        basis = _basis(_patches(x, side), channels)
        _set_centre(getattr(codec.analysis, f"conv{index}"), basis, side)
        _set_centre(getattr(codec.synthesis, f"conv{2 - index}"), basis, side)
        x = _transform(x, basis, side, channels)
    for module in codec.modules():
        if isinstance(module, GDN):
            channels = len(module.beta_root)
            module.set_effective(torch.ones(channels), _GAMMA * torch.eye(channels))
    steps = torch.tensor([math.sqrt(18.0 / (lam * 255.0**2 * math.log(2.0))) for lam in lambdas])
    codec.gains.log_gain.copy_(-steps.log()[:, None].expand_as(codec.gains.log_gain))
    codec.gains.log_inverse_gain.copy_(steps.log()[:, None].expand_as(codec.gains.log_inverse_gain))
    deviation = x.transpose(0, 1).reshape(widths.latent, -1).std(dim=1)
    codec.density.scale.copy_(deviation.clamp_min(1e-3))  # type: ignore[operator]
    return codec


def fit_density(codec: TrainableCodec, pictures: Tensor, steps: int = 600, seed: int = 1) -> float:
    """Fit the density alone on frozen latents of pictures (N, 3, H, W): no convolution in the loop. Returns bits a
    latent position at the end. Removes the first several hundred steps of a training run.
    """
    with torch.no_grad():
        y = torch.cat([codec.analysis(part) for part in torch.split(pictures, 8)])
    levels = len(codec.gains.log_gain)
    optimiser = torch.optim.Adam(codec.density.parameters(), 5e-3)
    generator = torch.Generator().manual_seed(seed)
    bits = math.nan
    for step in range(steps):
        level = torch.tensor([float(step % levels)])
        with torch.no_grad():
            gain, _ = codec.gains.at(level)
            chosen = y[torch.randint(len(y), (4,), generator=generator)]
            q = chosen * gain[:, :, None, None]
            q = q + torch.rand(q.shape, generator=generator) - 0.5
        loss = codec.density.bits(q, gain.expand(len(q), -1)).sum() / (q.shape[0] * q.shape[2] * q.shape[3])
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        bits = float(loss.detach())
    return bits
