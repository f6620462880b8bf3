"""Photographs to train on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tests.photographs import sample_crop
from viewer.imaging.writer import png_bytes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pictures = tmp_path / "photographs"
    pictures.mkdir()
    for name in ("heron", "spices"):
        (pictures / f"{name}.png").write_bytes(png_bytes(sample_crop(96, 96, name).pixels))
    return pictures


@pytest.fixture(autouse=True)
def _threads_as_before() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)
