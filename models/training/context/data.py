"""Latents of photographs, cached once for frozen transforms, and their statistics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from models.nn.factorized_prior import Density
from models.nn.layers import pad_to_stride
from models.quality import LEVELS_BEYOND_LAST, LOWEST_LEVEL
from models.training.context.net import LatentStatistics
from models.training.correction import correction, correction_share
from models.training.model import TrainableCodec
from models.training.pictures.patches import find_photographs, read_photograph
from models.training.run import save_atomically

Latents = list[Tensor]
"""One float16 (2, C, h, w) a picture: y and its correction, channels in coding order."""


def latents_at(latents: Tensor, level: Tensor) -> Tensor:
    """The latents coded at levels (N,), of latents and corrections (N or 1, 2, C, h, w): float32 (N, C, h, w)."""
    return latents[:, 0].float() + correction_share(level)[:, None, None, None] * latents[:, 1].float()


@dataclass(frozen=True, eq=False)
class LatentData:
    """Training and validation latents. order (C,): latent channels by decreasing deviation.

    plain_bits (K,): the plain density's bits per latent position at each knot, over the training latents; a level's
    loss is relative to them. validation_bits (K,): the same over the validation latents.
    """

    train: Latents
    validation: Latents
    order: Tensor
    statistics: LatentStatistics
    plain_bits: Tensor
    validation_bits: Tensor


@dataclass(frozen=True, eq=False)
class ChannelStatistics:
    """What a context network is trained with and must keep: each (C,); deviation and magnitude in coding order."""

    order: Tensor
    deviation: Tensor
    magnitude: Tensor


def statistics_of_run(state: Path) -> ChannelStatistics:
    """From a run's state.pt."""
    stored = torch.load(state, map_location="cpu", weights_only=True)
    return ChannelStatistics(stored["order"], stored["deviation"], stored["magnitude"])


@torch.no_grad()
def analyse_folder(codec: TrainableCodec, folder: Path, mirrored: bool) -> Latents:
    """Every photograph below a folder, and its mirror image if asked for; natural channel order."""
    found: Latents = []
    for path in tqdm(find_photographs(folder), desc=folder.name, unit="photo"):
        picture = torch.from_numpy(read_photograph(path).copy()).permute(2, 0, 1)[None].float().div_(255.0)
        for x in (picture, picture.flip(3)) if mirrored else (picture,):
            device = codec.gains.log_gain.device
            padded = pad_to_stride(x).to(device)
            y = codec.analysis(padded)
            found.append(torch.cat([y, correction(codec, padded, y)]).half().cpu())
    return found


def knot_levels(levels: int) -> Tensor:
    """Whole levels from the lowest to the highest that a quality can ask for."""
    return torch.arange(round(LOWEST_LEVEL), levels + round(LEVELS_BEYOND_LAST), dtype=torch.float32)


def log_gain_at(log_gain: Tensor, level: Tensor) -> Tensor:
    """Log gains (levels, C) at levels (N,), extrapolated linearly beyond the trained ones -> (N, C)."""
    low = level.floor().long().clamp(0, len(log_gain) - 2)
    return torch.lerp(log_gain[low], log_gain[low + 1], (level - low)[:, None])


def load_data(
    codec: TrainableCodec,
    train: Path,
    validation: Path,
    cache: Path,
    *,
    mirrored: bool,
    known: ChannelStatistics | None = None,
) -> LatentData:
    """Analyse both folders, or read them from the cache file that an earlier call wrote."""
    if cache.exists():
        # Our own file; weights_only refuses anything but tensors and plain values.
        stored = torch.load(cache, weights_only=True)
        if any(latent.ndim != 4 for latent in stored["train"][:1]):
            raise ValueError(f"“{cache}” was written by an older version: delete it to compute the latents again.")
    else:
        codec.eval()
        stored = {
            "train": analyse_folder(codec, train, mirrored),
            "validation": analyse_folder(codec, validation, mirrored=False),
        }
        save_atomically(stored, cache)
    return arrange(codec, stored["train"], stored["validation"], known)


@torch.no_grad()
def arrange(
    codec: TrainableCodec, train: Latents, validation: Latents, known: ChannelStatistics | None = None
) -> LatentData:
    """Bring the channels into coding order and take the statistics of a part of the training latents.

    known: what a network to start from was trained with, in place of this data's own order and deviations.
    """
    part = _positions(train[::8])
    y = part[0]
    if known is None:
        order = torch.argsort(y.std(1), descending=True, stable=True)
        known = ChannelStatistics(order, y.std(1)[order], y.abs().mean(1)[order])
    log_gain = codec.gains.log_gain.detach().cpu()
    knots = knot_levels(len(log_gain))
    at_knots = log_gain_at(log_gain, knots)
    return LatentData(
        [latent[:, known.order] for latent in train],
        [latent[:, known.order] for latent in validation],
        known.order,
        LatentStatistics(known.deviation, known.magnitude, knots, at_knots[:, known.order]),
        plain_bits(codec.smooth_density, part[:, :, ::7], knots, at_knots),
        plain_bits(codec.smooth_density, _positions(validation), knots, at_knots),
    )


def _positions(latents: Latents) -> Tensor:
    """Every position of every picture, float32 (2, C, M)."""
    return torch.cat([latent.flatten(2) for latent in latents], 2).float()


@torch.no_grad()
def plain_bits(density: Density, latents: Tensor, levels: Tensor, log_gain: Tensor) -> Tensor:
    """The plain density's bits per position, (K,), at levels (K,), of log_gain (K, C).

    latents: y and its correction, (2, C, M), natural order.
    """
    density = density.cpu()
    bits = []
    for share, logs in zip(correction_share(levels), log_gain, strict=True):
        y, gain = latents[0] + share * latents[1], logs.exp()[:, None]
        bits.append(-torch.log2(density.probability(torch.round(y * gain), gain)).sum(0).mean())
    return torch.stack(bits)


class Crops:
    """Random square crops of latents; seeded by the step, so that a resumed run continues exactly."""

    def __init__(self, latents: Sequence[Tensor], crop: int, seed: int) -> None:
        self._latents = [latent for latent in latents if min(latent.shape[2:]) >= crop]
        if not self._latents:
            raise ValueError(f"No photograph is at least {16 * crop} pixels on both sides.")
        areas = np.array([latent[0, 0].numel() for latent in self._latents], float)
        self._weights = areas / areas.sum()
        self._crop = crop
        self._seed = seed

    def batch(self, step: int, count: int, lowest: float, highest: float) -> tuple[Tensor, Tensor]:
        """The step's crops, float32 (count, C, crop, crop), and their levels (count,), stratified over the range."""
        rng = np.random.default_rng((self._seed, step))
        chosen = []
        for i in rng.choice(len(self._latents), count, p=self._weights):
            latent = self._latents[i]
            top, left = (int(rng.integers(0, side - self._crop + 1)) for side in latent.shape[2:])
            chosen.append(latent[:, :, top : top + self._crop, left : left + self._crop])
        share = (rng.permutation(count) + rng.random(count)) / count
        level = torch.from_numpy(lowest + share * (highest - lowest)).float()
        return latents_at(torch.stack(chosen), level), level
