"""Pictures decoded elsewhere: how they are named, and the curves that they make."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.photographs import sample_crop
from viewer.imaging.writer import png_bytes
from viewer.matching.reconstruction import Given, curves_of, load_reconstruction, parse_given
from viewer.metrics.measurement import Reference


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("a.png", Given(Path("a.png"))),
        ("a.png=a.bin", Given(Path("a.png"), "a.bin")),
        ("VVC:a.png", Given(Path("a.png"), "", "VVC")),
        ("Paper 2024:sub/a.png=12.3kB", Given(Path("sub/a.png"), "12.3kB", "Paper 2024")),
        ("C:/pictures/a.png=3", Given(Path("C:/pictures/a.png"), "3")),  # a drive
    ],
)
def test_a_name_and_a_size_stand_around_the_picture(text: str, given: Given) -> None:
    assert parse_given(text) == given


def test_a_file_of_just_that_name_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("VVC:a.png", "b=c.png"):
        Path(name).write_bytes(b"")
        assert parse_given(name) == Given(Path(name))
    assert parse_given("VVC:a.png=7") == Given(Path("VVC:a.png"), "7")


def test_pictures_of_one_name_whose_sizes_are_known_are_a_curve(tmp_path: Path) -> None:
    image = sample_crop(32, 48)
    path = tmp_path / "a.png"
    path.write_bytes(png_bytes(image.pixels))
    one = load_reconstruction(Given(path, "900", "VVC"), image, Reference(image.pixels))
    assert one.title == "VVC: a.png"
    files = [one, replace(one, byte_count=300), replace(one, byte_count=None), replace(one, series="")]
    curves = curves_of(files, image)
    assert list(curves) == ["VVC"]
    assert [point.byte_count for point in curves["VVC"]] == [300, 900]
    assert curves["VVC"][1].bpp == image.bpp(900)
