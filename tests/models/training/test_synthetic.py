"""Pictures made in code: the same for a seed, of every kind, and as large a share of the patches as asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from models.training.loss import limited
from models.training.pictures.colours import without_colour
from models.training.pictures.patches import Patches
from models.training.pictures.synthetic import KINDS, main, synthetic_picture
from tests.photographs import sample_crop
from viewer.imaging.writer import png_bytes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "heron.png").write_bytes(png_bytes(sample_crop(96, 96, "heron").pixels))
    return tmp_path


@pytest.mark.parametrize("kind", range(len(KINDS)), ids=lambda kind: KINDS[kind].__name__.strip("_"))
def test_a_kind_depends_on_the_seed_alone(kind: int) -> None:
    first, again = (synthetic_picture(np.random.default_rng((kind, 5)), 70, 90, kind) for _ in range(2))
    assert first.shape == (70, 90, 3)
    assert first.dtype == np.uint8
    assert np.array_equal(first, again)
    others = [synthetic_picture(np.random.default_rng((kind, 6 + seed)), 70, 90, kind) for seed in range(3)]
    assert any(not np.array_equal(first, other) for other in others)


def test_the_kept_set_is_written_as_often_the_same(tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert main([str(tmp_path / name), "--count", "11", "--size", "64", "48"]) == 0
    written = sorted((tmp_path / "one").iterdir())
    assert len(written) == 11
    assert Image.open(written[0]).size == (64, 48)
    assert [path.read_bytes() for path in written] == [(tmp_path / "two" / path.name).read_bytes() for path in written]


def test_a_share_of_the_patches_is_synthetic(folder: Path) -> None:
    photograph = sample_crop(96, 96, "heron").pixels
    photographs, some, all_of_them = (Patches(folder, 96, 1, 0.0, share).batch(0, 60) for share in (0.0, 0.3, 1.0))
    assert _share_of(photograph, photographs) == 1.0
    assert 0.5 < _share_of(photograph, some) < 0.85
    assert _share_of(photograph, all_of_them) == 0.0
    assert _share_of(without_colour(photograph), all_of_them) > 0.0


def _share_of(picture: np.ndarray, patches: torch.Tensor) -> float:
    """How many of the patches are the picture, mirrored or not."""
    pixels = patches.mul(255.0).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
    return float(np.mean([np.array_equal(p, picture) or np.array_equal(p, picture[:, ::-1]) for p in pixels]))


def test_a_loss_beyond_the_limit_pulls_as_one_at_the_limit() -> None:
    error = torch.tensor([1.0, 3.0, 40.0], requires_grad=True)
    limited(error.square(), 4.0).sum().backward()  # type: ignore[no-untyped-call]
    assert error.grad is not None
    # d(error^2) = 2 error; beyond 4 it is scaled by 4 / error^2, so that d(log loss) * 4 is left.
    assert error.grad.tolist() == pytest.approx([2.0, 6.0 * 4 / 9, 80.0 * 4 / 1600])
    assert torch.equal(limited(error, 0.0), error)
