"""Validation by ideal code length and real rounding: fast enough to watch a run by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from models.training.config import Config
from models.training.loss import Measured


@dataclass(frozen=True)
class Validation:
    """Means over the pictures. loss: mean over levels and pictures. The others: one figure per level, MS-SSIM in dB.

    ms_ssim_db is empty for pictures too small for MS-SSIM.
    """

    loss: float
    bpp: tuple[float, ...]
    psnr_db: tuple[float, ...]
    ms_ssim_db: tuple[float, ...]

    def columns(self) -> list[str]:
        """For log.csv, under COLUMNS."""
        joined = (" ".join(f"{value:.4f}" for value in v) for v in (self.bpp, self.psnr_db, self.ms_ssim_db))
        return [f"{self.loss:.5f}", *joined]


COLUMNS = ("validation_loss", "bpp", "psnr_db", "ms_ssim_db")


@torch.no_grad()
def validate(
    measure: Callable[[Tensor, Tensor], Measured], pictures: Sequence[Tensor], config: Config, device: torch.device
) -> Validation:
    """Code each picture (1, 3, H, W) at every level; measure: pictures (N, 3, H, W) at levels (N,), really rounded."""
    lambdas = torch.tensor(config.lambdas, device=device)
    levels = torch.arange(len(lambdas), dtype=torch.float32, device=device)
    losses, rates, psnrs, ms_ssims = [], [], [], []
    for picture in pictures:
        measured = measure(picture.to(device).expand(len(levels), -1, -1, -1), levels)
        losses.append(measured.loss(lambdas, config.level_exponent, config.structural_share).cpu())
        rates.append(measured.bpp.cpu())
        psnrs.append(10.0 * torch.log10(255.0**2 / measured.mse.cpu()))
        if measured.structural is not None:
            ms_ssims.append(-10.0 * torch.log10(measured.structural.cpu()))
    return Validation(
        float(torch.stack(losses).mean()),
        tuple(torch.stack(rates).mean(0).tolist()),
        tuple(torch.stack(psnrs).mean(0).tolist()),
        tuple(torch.stack(ms_ssims).mean(0).tolist()) if ms_ssims else (),
    )
