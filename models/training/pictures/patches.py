"""Photographs in memory, and random patches of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from models.training.pictures.colours import MAX_SATURATION, saturated, without_colour
from models.training.pictures.synthetic import synthetic_picture

_SUFFIXES = {".webp", ".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff"}


def find_photographs(folder: Path) -> list[Path]:
    """Every picture below a folder, sorted by path. Raises FileNotFoundError when there is none."""
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES)
    if not found:
        raise FileNotFoundError(f"No photographs in {folder}: give a folder of PNG, WebP, JPEG or TIFF files.")
    return found


def read_photograph(path: Path) -> NDArray[np.uint8]:
    """One picture as uint8 (H, W, 3) sRGB."""
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


_GREY_PHOTOGRAPHS = 0.15
"""Share of the synthetic patches that are photographs without colour."""


class Patches:
    """Endless random patches, each picture in proportion to its pixels; seeded by the step, so runs can resume.

    saturated_share: share of the patches whose saturation is raised, up to MAX_SATURATION times (`saturated`).
    synthetic_share: share of the patches that are synthetic, or photographs in grey.
    """

    def __init__(
        self, folder: Path, patch: int, seed: int, saturated_share: float = 0.0, synthetic_share: float = 0.0
    ) -> None:
        self._pictures = [p for p in map(read_photograph, find_photographs(folder)) if min(p.shape[:2]) >= patch]
        if not self._pictures:
            raise ValueError(_too_small(folder, patch))
        areas = np.array([p.shape[0] * p.shape[1] for p in self._pictures], float)
        self._weights = areas / areas.sum()
        self._patch = patch
        self._seed = seed
        self._saturated_share = saturated_share
        self._synthetic_share = synthetic_share

    def batch(self, step: int, count: int) -> Tensor:
        """The step's patches: float32 (count, 3, patch, patch) in [0, 1], half of them mirrored."""
        rng = np.random.default_rng((self._seed, step + 1))
        chosen = [self._one(rng) for _ in range(count)]
        return torch.from_numpy(np.stack(chosen)).permute(0, 3, 1, 2).float().div_(255.0)

    def _one(self, rng: np.random.Generator) -> NDArray[np.uint8]:
        if self._synthetic_share and rng.random() < self._synthetic_share:
            if rng.random() < _GREY_PHOTOGRAPHS:
                return without_colour(self._photograph(rng))
            return synthetic_picture(rng, self._patch, self._patch)
        return self._photograph(rng)

    def _photograph(self, rng: np.random.Generator) -> NDArray[np.uint8]:
        picture = self._pictures[rng.choice(len(self._pictures), p=self._weights)]
        top = rng.integers(0, picture.shape[0] - self._patch + 1)
        left = rng.integers(0, picture.shape[1] - self._patch + 1)
        cut = picture[top : top + self._patch, left : left + self._patch]
        if rng.random() < 0.5:
            cut = cut[:, ::-1]
        if self._saturated_share and rng.random() < self._saturated_share:
            cut = saturated(cut, MAX_SATURATION ** rng.random())
        return np.ascontiguousarray(cut)


def centre_crops(folder: Path, size: int, limit: int) -> Iterator[Tensor]:
    """Centre crops of the first pictures by name, skipping smaller ones: float32 (1, 3, size, size) in [0, 1].

    Raises FileNotFoundError if there is no picture, ValueError if none is large enough.
    """
    large = (picture for picture in map(read_photograph, find_photographs(folder)) if min(picture.shape[:2]) >= size)
    found = False
    for picture in itertools.islice(large, limit):
        found = True
        top, left = (picture.shape[0] - size) // 2, (picture.shape[1] - size) // 2
        cut = picture[top : top + size, left : left + size].copy()
        yield torch.from_numpy(cut).permute(2, 0, 1)[None].float().div_(255.0)
    if not found:
        raise ValueError(_too_small(folder, size))


def _too_small(folder: Path, side: int) -> str:
    return f"No photograph in {folder} is at least {side} pixels on both sides: add larger ones, or use a smaller size."


def levels_of_step(step: int, count: int, levels: int) -> Tensor:
    """Levels of a step's patches, float32 (count,): every run of `levels` patches has each level once, shuffled."""
    positions = range(step * count, (step + 1) * count)
    rounds = {p // levels: torch.randperm(levels, generator=_seeded(p // levels)) for p in positions}
    return torch.tensor([float(rounds[p // levels][p % levels]) for p in positions])


def _seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)
