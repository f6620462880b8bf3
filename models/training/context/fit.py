"""Statistics of a trained context network: zeros per channel, and tables fitted to what they really code."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.context.model import ContextModel
from models.context.scan_order import Grid
from models.context.tables import MEAN_STEPS, TAIL, laplace, row_layout, scale_of
from models.entropy.range_coder import build_tables
from models.quality import level_of, quality_of_table, table_count
from models.tensors import Tensors
from models.training.context.data import LatentData, latents_at, log_gain_at
from models.training.context.export import table_tensors

_PRIOR_WEIGHT = 100.0
"""Symbols that the Laplace density counts as, against those that were counted."""

_LEVELS_PER_PICTURE = 2
_TABLES_PER_LEVEL = 16


def gains_of_tables(log_gain: Tensor, order: Tensor) -> NDArray[np.float64]:
    """Gains (T, C) of every table's quality, channels in coding order. log_gain (levels, C) in natural order."""
    levels = [level_of(quality_of_table(table)) for table in range(table_count(len(log_gain)))]
    return log_gain_at(log_gain.double(), torch.tensor(levels, dtype=torch.float64)).exp()[:, order].numpy()


def zero_shares(latents: list[Tensor], gains: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of zeros (T, C) among the symbols of latents in coding order."""
    zeros = np.zeros(gains.shape)
    for latent in latents:
        for table in range(len(gains)):
            zeros[table] += (_at_table(latent, gains, table).abs() < 0.5).sum((1, 2)).numpy()
    return zeros / sum(latent[0, 0].numel() for latent in latents)


def _at_table(latent: Tensor, gains: NDArray[np.float64], table: int) -> Tensor:
    """One picture's latents (2, C, h, w), scaled for the quality of a table and not yet rounded: (C, h, w)."""
    level = torch.tensor([level_of(quality_of_table(table))])
    return latents_at(latent[None], level)[0] * torch.from_numpy(gains[table]).float()[:, None, None]


def _coded(
    model: ContextModel, latents: list[Tensor], gains: NDArray[np.float64], tables: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.uint16], NDArray[np.int32], int]]:
    """Rows and what is coded with them, of every picture (coding order) at its table: (rows, distances, table)."""
    natural = np.argsort(model.tensors()["order"])
    for latent, table in zip(latents, tables, strict=True):
        symbols = torch.round(_at_table(latent, gains, int(table)))[natural].int().numpy()
        coded, used = model.arrange(symbols)
        for prediction, own in model.predictions(coded, used, Grid(*symbols.shape[1:]), int(table)):
            order = prediction.all_positions()
            rows, distance = model.coder.distances(own[order], prediction)
            yield rows, distance, int(table)


def fit_tables(tensors: Tensors, data: LatentData, gains: NDArray[np.float64]) -> Tensors:
    """The tensors with tables fitted to the training latents; a picture weighs more the fewer bits its level takes."""
    model = ContextModel.from_tensors(tensors)
    _, rows = row_layout()
    bounds = [laplace(float(scale_of(index)), fraction / MEAN_STEPS) for index, fraction in rows]
    reach = np.array([-lo for _, lo in bounds])
    start = np.concatenate([[0], np.cumsum([len(mass) for mass, _ in bounds])])
    counts = np.zeros(int(start[-1]))
    latents = [latent for latent in data.train[::2] for _ in range(_LEVELS_PER_PICTURE)]
    # From level -1 to level 9, evenly.
    tables = np.rint(np.linspace(2, 12, len(latents)) * _TABLES_PER_LEVEL).astype(np.int64)
    np.random.default_rng(0).shuffle(tables)
    knots = data.plain_bits.double().numpy()
    for row, distance, table in _coded(model, latents, gains, tables):
        inside = np.abs(distance) <= reach[row]
        weight = 1.0 / np.interp(table / _TABLES_PER_LEVEL, np.arange(len(knots)), knots)
        at = start[row[inside]] + distance[inside] + reach[row[inside]]
        counts += np.bincount(at, minlength=len(counts)) * (weight * knots.mean())
    densities = []
    for i, (mass, lo) in enumerate(bounds):
        counted = counts[start[i] : start[i + 1]]
        blended = counted + _PRIOR_WEIGHT * mass
        densities.append((blended / blended.sum(), lo))
    return {**tensors, **table_tensors(build_tables(densities, TAIL))}


def relative_bits(tensors: Tensors, data: LatentData, gains: NDArray[np.float64]) -> dict[float, float]:
    """Real integer model on the validation latents: bits per position against the plain density's, by level."""
    model = ContextModel.from_tensors(tensors)
    result = {}
    inverse = torch.argsort(data.order)
    for knot, level in enumerate(data.statistics.knot_levels.tolist()):
        if level < -1 or level > 9:
            continue
        table = knot * _TABLES_PER_LEVEL
        bits, positions = 0.0, 0
        for latent in data.validation:
            symbols = torch.round(_at_table(latent, gains, table))[inverse].int().numpy()
            bits += model.estimate_bits(symbols, table)
            positions += latent[0, 0].numel()
        result[level] = bits / positions / float(data.validation_bits[knot])
    return result
