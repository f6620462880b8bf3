"""The files that come with the program are there, readable, and what they are said to be."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as PillowImage

from viewer.codecs.learned import WEIGHTS
from viewer.system.resources import Sample, icon_path, sample_images, weights_path

SOURCES = Path(sample_images()[0].path).with_name("SOURCES.md")


BLOCKING_LIMIT = 1.06


def blocking(luma: NDArray[np.float64], period: int) -> float:
    """Mean step between neighbours at the worst phase of a grid, over the mean at all; 1 where there is no grid."""
    across, down = np.abs(np.diff(luma, axis=1)), np.abs(np.diff(luma, axis=0)).T
    phases = [[steps[:, phase::period].mean() for phase in range(period)] for steps in (across, down)]
    return float(max(max(means) / np.mean(means) for means in phases))


def samples() -> list[object]:
    return [pytest.param(sample, id=sample.name) for sample in sample_images()]


def test_there_are_three_to_five_samples_with_distinct_names_and_titles() -> None:
    found = sample_images()
    assert 3 <= len(found) <= 5
    assert len({sample.name for sample in found}) == len({sample.title for sample in found}) == len(found)


@pytest.mark.parametrize("sample", samples())
def test_a_sample_is_a_small_plain_rgb_picture(sample: Sample) -> None:
    with PillowImage.open(sample.path) as picture:
        assert picture.mode == "RGB"
        assert 0.3e6 <= picture.width * picture.height <= 1.5e6
        assert not picture.getexif()
        assert "icc_profile" not in picture.info


@pytest.mark.parametrize("sample", samples())
def test_a_sample_has_no_blocking_of_its_own(sample: Sample) -> None:
    """An earlier JPEG, its 8x8 blocks shrunk to 2 to 8 pixels, would leave larger steps on its grid than beside it."""
    with PillowImage.open(sample.path) as picture:
        luma = np.asarray(picture.convert("L"), dtype=np.float64)
    assert max(blocking(luma, period) for period in (2, 3, 4, 8)) < BLOCKING_LIMIT


def test_blocking_is_seen_where_there_is_some() -> None:
    with PillowImage.open(sample_images()[0].path) as picture:
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=75)
    with PillowImage.open(buffer) as picture:
        luma = np.asarray(picture.convert("L"), dtype=np.float64)
    assert blocking(luma, 8) > BLOCKING_LIMIT


@pytest.mark.parametrize("sample", samples())
def test_a_sample_is_named_with_its_licence(sample: Sample) -> None:
    rows = [line for line in SOURCES.read_text("utf-8").splitlines() if f"`{sample.path.name}`" in line]
    assert len(rows) == 1
    assert "CC0 1.0" in rows[0]


def test_no_sample_file_is_left_out() -> None:
    assert {path.name for path in SOURCES.parent.glob("*.webp")} == {sample.path.name for sample in sample_images()}


def test_the_weights_and_the_icon_are_there() -> None:
    assert weights_path(WEIGHTS).stat().st_size > 2**20
    assert icon_path().read_text("utf-8").startswith("<svg")
    with PillowImage.open(icon_path().with_suffix(".png")) as picture:
        assert picture.size == (256, 256)


@pytest.mark.parametrize("name", ["", "no-such-weights"])
def test_a_weights_path_need_not_exist(name: str) -> None:
    assert weights_path(name).parent.is_relative_to(icon_path().parents[1])
