"""The other pictures of a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.errors import ImageError
from viewer.imaging.folder import list_pictures, neighbour


def test_pictures_follow_each_other_by_name(tmp_path: Path) -> None:
    for name in ("b.png", "A.JPG", "c.webp", "notes.txt"):
        tmp_path.joinpath(name).touch()
    assert neighbour(tmp_path / "b.png", 1).name == "c.webp"
    assert neighbour(tmp_path / "b.png", -1).name == "A.JPG"
    for name, by, end in (("c.webp", 1, "last"), ("A.JPG", -1, "first")):
        with pytest.raises(ImageError, match=end):
            neighbour(tmp_path / name, by)


def test_a_file_that_is_gone_is_replaced_by_the_ends(tmp_path: Path) -> None:
    tmp_path.joinpath("only.png").touch()
    assert neighbour(tmp_path / "gone.png", 1).name == "only.png"
    with pytest.raises(ImageError, match="cannot be read"):
        neighbour(tmp_path / "no folder" / "x.png", 1)


def test_numbers_in_names_count_as_numbers(tmp_path: Path) -> None:
    for name in ("img10.png", "img2.png", "Img1.png", "img2b.png"):
        tmp_path.joinpath(name).touch()
    assert [file.name for file in list_pictures(tmp_path)[0]] == ["Img1.png", "img2.png", "img2b.png", "img10.png"]
    assert neighbour(tmp_path / "img2b.png", 1).name == "img10.png"


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    for name in ("a.png", "._a.png", ".hidden.jpg", "b.jpg", "notes.txt"):
        tmp_path.joinpath(name).touch()
    tmp_path.joinpath("folder.png").mkdir()
    pictures, others = list_pictures(tmp_path)
    assert [file.name for file in pictures] == ["a.png", "b.jpg"]
    assert [file.name for file in others] == ["notes.txt"]
    assert neighbour(tmp_path / "a.png", 1).name == "b.jpg"
    with pytest.raises(ImageError, match="first"):
        neighbour(tmp_path / "a.png", -1)


def test_a_hidden_picture_that_was_opened_has_neighbours(tmp_path: Path) -> None:
    for name in (".hidden.png", "a.png"):
        tmp_path.joinpath(name).touch()
    assert neighbour(tmp_path / ".hidden.png", 1).name == "a.png"
