"""Files that are no plain files, or too large, are refused before they are read, in the words of what was wanted."""

from __future__ import annotations

import dataclasses
import os
import sys
from pathlib import Path

import pytest

from viewer.imaging.file_guard import PICTURE, SESSION, STREAM, Wanted, read_file

ALL = pytest.mark.parametrize("wanted", [PICTURE, STREAM, SESSION], ids=lambda wanted: wanted.noun)


@ALL
def test_a_file_is_read(wanted: Wanted, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"what it holds")
    assert read_file(path, wanted) == b"what it holds"


@ALL
@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("missing", "There is no file “.*missing”: check the name"),
        ("folder", "“folder” is a folder: "),
        ("empty", "“empty” is empty: "),
        ("large", "“large” is 1,000.0 MiB large, "),
        ("zero\0", "not a file name"),
        ("x" * 300, "cannot be read .*: check its name|There is no file"),  # Windows knows no such name
        ("empty/inside", "There is no file"),
        (".", "is a folder"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(wanted: Wanted, name: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty").touch()
    with (tmp_path / "large").open("wb") as file:
        file.truncate(1000 * 2**20)
    small = dataclasses.replace(wanted, max_bytes=min(wanted.max_bytes, 2**29))
    with pytest.raises(wanted.error, match=sentence):
        read_file(tmp_path / name, small)


@ALL
@pytest.mark.skipif(sys.platform == "win32", reason="has neither")
def test_what_has_no_end_is_not_read(wanted: Wanted, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(wanted.error, match=f"is a device or a pipe, not a file: save the {wanted.noun}"):
            read_file(path, wanted)
