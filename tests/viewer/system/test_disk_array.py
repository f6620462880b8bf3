"""Arrays on the disk have the same values, and leave nothing behind."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from viewer.system import disk_array
from viewer.system.memory import resident_bytes


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(disk_array, "_folder", lambda: tmp_path)
    return tmp_path


def test_an_array_on_the_disk_is_the_same_and_has_no_name(folder: Path) -> None:
    array = np.random.default_rng(0).integers(0, 256, (50, 70, 3), np.uint8)[:, ::2]
    kept = disk_array.on_disk(array)
    assert disk_array.is_on_disk(kept)
    assert not kept.flags.writeable
    assert np.array_equal(kept, array)
    assert list(folder.iterdir()) == []


def test_a_full_disk_leaves_the_array_in_memory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(folder)
    monkeypatch.setattr(disk_array, "_MIN_FREE_BYTES", usage.total)
    array = np.zeros((4, 4), np.float32)
    assert disk_array.on_disk(array) is array


def test_a_folder_that_cannot_be_written_leaves_the_array_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk_array, "_folder", lambda: Path("/nowhere/at/all"))
    array = np.zeros((4, 4), np.float32)
    assert disk_array.on_disk(array) is array


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's count is read from /proc")
@pytest.mark.usefixtures("folder")
def test_pages_that_were_read_are_let_go() -> None:
    kept = disk_array.on_disk(np.full(40_000_000, 3, np.uint8))
    before = resident_bytes()
    assert kept.sum() == 120_000_000
    assert resident_bytes() > before + 30_000_000
    disk_array.release_pages(kept, np.zeros(3))
    assert resident_bytes() < before + 10_000_000
    assert kept[-1] == 3
