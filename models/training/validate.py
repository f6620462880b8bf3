"""Validation by ideal code length and real rounding: fast enough to watch a run by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from models.training.loss import Quantiser, measure
from models.training.model import TrainableCodec


@dataclass(frozen=True)
class Validation:
    """Means over the pictures. bpp and psnr_db: one figure a level. loss: mean over levels and pictures."""

    loss: float
    bpp: tuple[float, ...]
    psnr_db: tuple[float, ...]


@torch.no_grad()
def validate(
    codec: TrainableCodec, pictures: Sequence[Tensor], lambdas: Sequence[float], exponent: float
) -> Validation:
    """Code each picture (1, 3, H, W) at every level."""
    levels = len(lambdas)
    level = torch.arange(levels, dtype=torch.float32)
    weights = torch.tensor(lambdas)
    losses, rates, psnrs = [], [], []
    for picture in pictures:
        device = next(codec.parameters()).device
        measured = measure(codec, picture.to(device).expand(levels, -1, -1, -1), level.to(device), Quantiser.ROUND)
        losses.append(measured.loss(weights.to(device), exponent).cpu())
        rates.append(measured.bpp.cpu())
        psnrs.append(10.0 * torch.log10(255.0**2 / measured.mse.cpu()))
    return Validation(
        float(torch.stack(losses).mean()),
        tuple(torch.stack(rates).mean(0).tolist()),
        tuple(torch.stack(psnrs).mean(0).tolist()),
    )
