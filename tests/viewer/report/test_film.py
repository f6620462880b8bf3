"""Films: what is in their frames, and that players read the files."""

from __future__ import annotations

import io
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from PIL import Image as PillowImage

from models.errors import OutputError
from tests.photographs import sample_crop
from viewer.matching.targets.rate import MAX_BPP, MIN_BPP
from viewer.report import film_file
from viewer.report.film import MOST_HEIGHT, MOST_WIDTH, RATES, Shot, film_rates, sweep, wipe
from viewer.report.film_file import film_bytes


def shots(height: int = 96, width: int = 161) -> tuple[Shot, Shot]:
    pixels = sample_crop(height, width).pixels
    return Shot(pixels, "Original", "46.4 kB, uncompressed"), Shot(255 - pixels, "JPEG", "1.2 kB", "#2f8bd6")


def test_a_wipe_has_one_picture_left_of_its_line_and_the_other_right_at_their_own_places() -> None:
    left, right = shots()
    frames = list(wipe(left, right, 8))
    assert len(frames) == 8
    for frame in frames:
        height, width = frame.shape[:2]
        assert (height % 2, width % 2) == (0, 0)
        top = next(top for top in (height - 96, height - 97) if (frame[top, :4] == left.pixels[0, :4]).all())
        picture = frame[top : top + 96, :161]
        columns = [np.array_equal(picture[:, x], left.pixels[:, x]) for x in range(161)]
        others = [np.array_equal(picture[:, x], right.pixels[:, x]) for x in range(161)]
        line = columns.index(False)
        assert all(columns[:line])
        assert all(others[line + 4 :])
    assert not np.array_equal(frames[0], frames[4])


def test_a_sweep_goes_up_and_down_with_two_pictures_side_by_side() -> None:
    left, right = shots()
    pairs = [(left, Shot(right.pixels // (n + 1), "JPEG", f"{n} kB")) for n in range(4)]
    frames = list(sweep(pairs))
    assert len(frames) == 4 + 2
    assert len({frame.shape for frame in frames}) == 1
    assert np.array_equal(frames[2], frames[4])
    height = frames[0].shape[0]
    for frame, pair in zip(frames, pairs, strict=False):
        found = [
            np.array_equal(frame[top : top + 96, :161], left.pixels)
            and np.array_equal(frame[top : top + 96, 161 + 12 : 2 * 161 + 12], pair[1].pixels)
            for top in (height - 97, height - 96)
        ]
        assert any(found)


def test_large_pictures_are_made_small_enough_to_play() -> None:
    big = np.zeros((2400, 4000, 3), np.uint8)
    (frame,) = wipe(Shot(big, "a", "b"), Shot(big, "c", "d"), 1)
    assert frame.shape[1] <= MOST_WIDTH
    assert frame.shape[0] <= MOST_HEIGHT


@pytest.mark.parametrize("bpp", [0.05, 0.2, 3.0])
def test_the_rates_of_a_sweep_rise_within_the_slider(bpp: float) -> None:
    rates = film_rates(bpp)
    assert len(rates) == RATES
    assert list(rates) == sorted(rates)
    assert min(rates) >= MIN_BPP * 0.999999
    assert max(rates) <= MAX_BPP * 1.000001


@pytest.mark.parametrize("suffix", [".gif", ".WEBP"])
def test_pillow_alone_writes_an_endless_animation(suffix: str) -> None:
    frames = list(wipe(*shots(), 6))
    film = PillowImage.open(io.BytesIO(film_bytes(frames, suffix, frame_ms=80)))
    assert film.n_frames == 6  # type: ignore[attr-defined]
    assert film.size == frames[0].shape[1::-1]
    assert film.info["loop"] == 0
    film.seek(2)
    shown = np.asarray(film.convert("RGB")).astype(int)
    assert film.info["duration"] == 80
    assert np.abs(shown - frames[2]).mean() < 12


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_video_comes_with_the_extra(suffix: str, tmp_path: Path) -> None:
    av = pytest.importorskip("av")
    frames = list(wipe(*shots(), 5))
    path = tmp_path / f"film{suffix}"
    path.write_bytes(film_bytes(frames, suffix, frame_ms=80))
    with av.open(path) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == frames[0].shape[1::-1]
        decoded = [frame.to_ndarray(format="rgb24").astype(int) for frame in container.decode(stream)]
    assert len(decoded) == 10  # each frame is seen for 80 ms, at 25 a second
    assert np.abs(decoded[4] - frames[2]).mean() < 6


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_without_the_extra_one_sentence_says_what_to_do(suffix: str) -> None:
    with patch.object(film_file, "find_spec", return_value=None), pytest.raises(OutputError) as raised:
        film_bytes(wipe(*shots(), 2), suffix, frame_ms=40)
    assert str(raised.value) == ("MP4 and WebM need PyAV: run pip install 'ratelens[video]', or save as .gif or .webp.")


def test_another_suffix_is_refused_before_any_work() -> None:
    with pytest.raises(OutputError, match=r"cannot be written as “.avi”: give it the suffix .mp4"):
        film_bytes(iter(()), ".avi", frame_ms=40)
