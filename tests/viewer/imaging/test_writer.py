"""Writing files."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from models.errors import OutputError
from tests.photographs import noise
from viewer.imaging.writer import png_bytes, write_file


def test_png_is_lossless() -> None:
    pixels = noise(13, 17).pixels
    with PillowImage.open(io.BytesIO(png_bytes(pixels))) as picture:
        assert np.array_equal(np.asarray(picture), pixels)


def test_an_old_file_is_kept_unless_forced(tmp_path: Path) -> None:
    path = tmp_path / "out.bin"
    write_file(path, b"old")
    with pytest.raises(OutputError, match="already exists: add --force"):
        write_file(path, b"new")
    assert path.read_bytes() == b"old"
    write_file(path, b"new", force=True)
    assert path.read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["out.bin"]


def test_folders_are_made(tmp_path: Path) -> None:
    write_file(tmp_path / "a" / "b" / "out.bin", b"x")
    assert (tmp_path / "a" / "b" / "out.bin").read_bytes() == b"x"


def test_a_folder_in_the_way(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is a folder"):
        write_file(tmp_path, b"x", force=True)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no pipes with names")
def test_a_pipe_or_a_device_is_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OutputError, match="is a device or a pipe"):
        write_file(pipe, b"x", force=True)
    assert pipe.is_fifo()


def test_an_impossible_place_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(OutputError, match=r"cannot be written .*: check"):
        write_file(tmp_path / "file" / "out.bin", b"x")


@pytest.mark.skipif(sys.platform == "win32", reason="names that are too long do not exist there")
@pytest.mark.parametrize("force", [False, True])
def test_a_place_that_cannot_be_asked_about_gets_a_sentence(force: bool, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"cannot be written \(File name too long\)"):
        write_file(tmp_path / ("n" * 300) / "out.bin", b"x", force=force)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_a_full_disk_leaves_the_old_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.bin"
    write_file(path, b"old")
    real = os.fdopen

    def onto_a_full_disk(handle: int, *_arguments: object) -> object:
        os.close(handle)
        return real(os.open("/dev/full", os.O_WRONLY), "wb")

    monkeypatch.setattr(os, "fdopen", onto_a_full_disk)
    with pytest.raises(OutputError, match="No space left"):
        write_file(path, b"new" * 10_000, force=True)
    assert path.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["out.bin"]
