"""What can be opened as a set, and what is said of what cannot."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from models.errors import ImageError, SetError
from tests.photographs import sample_crop
from tests.viewer.sets.made import line, two_codecs
from viewer.imaging.writer import png_bytes
from viewer.sets.source import RESULTS_NAME, open_set
from viewer.sweep.rows import Row, write_rows


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number, name in enumerate(("heron", "spices", "shrike")):
        (pictures / f"{number}.png").write_bytes(png_bytes(sample_crop(24, 32, name).pixels))
    return pictures


def write(path: Path, rows: list[Row]) -> Path:
    write_rows(path, rows, ())
    return path


def test_a_folder_is_a_set_before_anything_is_measured(folder: Path) -> None:
    found = open_set(folder)
    assert found.name == "pictures"
    assert found.pictures == ("0.png", "1.png", "2.png")
    assert found.results == folder / RESULTS_NAME
    assert found.rows == ()
    assert found.remarks == ()


def test_a_folder_brings_what_was_measured_before(folder: Path) -> None:
    rows = two_codecs({"0.png": 1.0, "1.png": 2.0})
    write(folder / RESULTS_NAME, rows)
    found = open_set(folder)
    assert set(found.rows) == set(rows)
    assert found.remarks == ()  # its own results are no stray file


def test_a_picture_that_is_there_twice_counts_once(folder: Path) -> None:
    (folder / "8.png").write_bytes((folder / "1.png").read_bytes())
    write(folder / RESULTS_NAME, two_codecs({"1.png": 1.0, "8.png": 1.0}))
    found = open_set(folder)
    assert found.pictures == ("0.png", "1.png", "2.png")
    assert {row.image for row in found.rows} == {"1.png"}
    assert found.remarks == ("“8.png” is a copy of “1.png”, so it is not counted.",)
    (folder / "9.png").write_bytes((folder / "1.png").read_bytes())
    assert open_set(folder).remarks == ("“8.png” and 1 more are copies of other pictures, so they are not counted.",)


def test_an_empty_folder_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"There are no pictures in .+: give a folder of"):
        open_set(tmp_path)


@pytest.mark.parametrize("content", ["name,price\nlamp,3\n", "", "\x00\x01\x02", "image,codec\n"])
def test_a_csv_of_another_program_is_a_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "prices.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SetError, match=r"“prices\.csv” is not the CSV of a RateLens sweep: open one that"):
        open_set(path)


def test_a_csv_without_rows_a_missing_one_and_a_closed_one_are_sentences(tmp_path: Path) -> None:
    path = write(tmp_path / "results.csv", [])
    with pytest.raises(SetError, match="has no measurements yet"):
        open_set(path)
    with pytest.raises(SetError, match="was not found: check the name"):
        open_set(tmp_path / "other.csv")
    if os.name == "posix" and os.geteuid() != 0:
        path.chmod(0)
        with pytest.raises(SetError, match="cannot be read"):
            open_set(path)


def test_the_pictures_of_a_csv_are_found_beside_it_and_in_a_folder_beside_it(folder: Path) -> None:
    rows = two_codecs({"0.png": 1.0, "1.png": 2.0})
    for place in (folder, folder.parent):
        found = open_set(write(place / "results.csv", rows))
        assert found.folder == folder
        assert found.files == {"0.png": folder / "0.png", "1.png": folder / "1.png"}
        assert found.remarks == ()


def test_pictures_that_are_not_found_are_named(folder: Path, tmp_path: Path) -> None:
    found = open_set(write(folder / "results.csv", [*line("0.png", "new", 35.0), *line("3.png", "new", 35.0)]))
    assert found.pictures == ("0.png", "3.png")
    assert found.remarks == (f"“3.png” not found in “{folder}”.",)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    found = open_set(write(elsewhere / "results.csv", two_codecs({"0.png": 1.0})))
    assert found.folder is None
    assert found.remarks == ("The pictures of this sweep were not found: locate their folder to see them.",)
