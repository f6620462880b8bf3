"""The correction of the latents on batches, with gradients; models.nn.transforms computes the same."""

from __future__ import annotations

import torch
from torch import Tensor

from models.quality import CORRECTED_FROM_LEVEL, FULLY_CORRECTED_AT_LEVEL
from models.training.model import TrainableCodec


def correction_share(level: Tensor) -> Tensor:
    """models.quality.correction_share for levels (N,)."""
    span = FULLY_CORRECTED_AT_LEVEL - CORRECTED_FROM_LEVEL
    return ((level - CORRECTED_FROM_LEVEL) / span).clamp(0.0, 1.0)


def correction(codec: TrainableCodec, x: Tensor, y: Tensor) -> Tensor:
    """What to add to latents y (N, C, h, w) of pictures x (N, 3, H, W) in [0, 1]."""
    scale = (codec.gains.log_gain[-1] + codec.gains.log_inverse_gain[-1]).exp()
    shown = codec.synthesis(y * scale[:, None, None]).float().clamp(0.0, 1.0)
    second: Tensor = codec.analysis(2.0 * x - shown)
    return second - y


def corrected(codec: TrainableCodec, x: Tensor, level: Tensor) -> Tensor:
    """The latents (N, C, h, w) that pictures x (N, 3, H, W) are coded from at levels (N,)."""
    y: Tensor = codec.analysis(x)
    share = correction_share(level)
    chosen = torch.nonzero(share)[:, 0]
    if not len(chosen):
        return y
    added = share[chosen, None, None, None] * correction(codec, x[chosen], y[chosen])
    return y.index_add(0, chosen, added.to(y.dtype))
