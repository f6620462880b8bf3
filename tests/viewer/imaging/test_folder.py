"""The other pictures of a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.errors import ImageError
from viewer.imaging.folder import neighbour


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
