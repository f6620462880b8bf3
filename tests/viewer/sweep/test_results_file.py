"""The CSV that a sweep fills: one sweep at a time, and a full disk loses nothing that was there."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from models.errors import OutputError
from tests.viewer.sweep.test_merging import ROW
from viewer.sweep.results_file import ResultsFile
from viewer.sweep.rows import read_rows


def test_rows_are_there_as_soon_as_they_are_added(tmp_path: Path) -> None:
    path = tmp_path / "new" / "r.csv"
    with ResultsFile(path) as results:
        results.begin(("flip",))
        results.append([ROW])
        assert read_rows(path) == [ROW]
        results.append([replace(ROW, image="b.png")])
    assert [row.image for row in read_rows(path)] == ["a.png", "b.png"]


@pytest.mark.skipif(sys.platform == "win32", reason="has no such locks")
def test_a_second_sweep_into_the_same_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    with ResultsFile(path) as results:
        results.begin(("flip",))
        results.append([ROW])
        with pytest.raises(OutputError, match=r"Another sweep writes to “.*r\.csv”.*--shard"):
            ResultsFile(path)
        results.append([replace(ROW, image="b.png")])
    assert len(ResultsFile(path).rows) == 2


def test_a_file_that_was_replaced_meanwhile_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    with ResultsFile(path) as results:
        results.begin(("flip",))
        path.rename(tmp_path / "moved.csv")
        path.write_text("mine", "utf-8")
        with pytest.raises(OutputError, match="Another sweep writes"):
            results.append([ROW])
    assert path.read_text("utf-8") == "mine"


@pytest.mark.skipif(sys.platform == "win32", reason="has no limits of that kind")
def test_a_disk_that_is_full_is_said_and_what_was_there_stays(tmp_path: Path) -> None:
    """The system's limit of a file's size stands for a disk's."""
    import resource

    path = tmp_path / "r.csv"
    with ResultsFile(path) as results:
        results.begin(("flip",))
        results.append([ROW])
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 20, before[1]))
        try:
            with pytest.raises(OutputError, match=r"cannot be written .*What was measured before is kept"):
                results.append([replace(ROW, image="b.png")])
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        path.write_bytes(path.read_bytes()[:-5])  # a line that was cut short, whatever the system wrote of it
    assert read_rows(path) in ([], [ROW])
