"""Which files a sweep takes, in which order and by which names, and what it says of the others."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from models.errors import ImageError
from viewer.sweep.pictures import find_pictures, hashed


def put(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())


def names(*sources: Path) -> list[str]:
    return [picture.image for picture in find_pictures(sources).pictures]


def test_folders_inside_are_searched_in_natural_order(tmp_path: Path) -> None:
    put(tmp_path, "img10.png", "img2.png", "set10/a.png", "set2/b.png", "set2/deeper/a.png")
    assert names(tmp_path) == ["img2.png", "img10.png", "set2/b.png", "set2/deeper/a.png", "set10/a.png"]


def test_several_folders_give_names_that_tell_them_apart(tmp_path: Path) -> None:
    put(tmp_path, "kodak/1.png", "clic/1.png", "clic/2.png", "elsewhere/3.png")
    found = find_pictures([tmp_path / "kodak", tmp_path / "clic"])
    assert [picture.image for picture in found.pictures] == ["kodak/1.png", "clic/1.png", "clic/2.png"]
    assert {picture.folder for picture in found.pictures} == {str(tmp_path)}
    assert names(tmp_path / "clic", tmp_path / "clic" / "1.png") == ["1.png", "2.png"]


def test_a_manifest_lists_pictures_from_its_own_folder(tmp_path: Path) -> None:
    put(tmp_path, "set/a.png", "set/b.png", "other/c.png")
    manifest = tmp_path / "set" / "test.txt"
    manifest.write_text("# the test set\n\nb.png\na.png\n../other/c.png\nmissing.png\n", "utf-8")
    found = find_pictures([manifest])
    assert [picture.image for picture in found.pictures] == ["set/b.png", "set/a.png", "other/c.png"]
    assert found.problems == ("“missing.png”, in line 6 of “test.txt”, is not a file: correct or remove the line.",)


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    put(tmp_path, "a.png", "._a.png", ".cache/b.png", "clip.mp4", "notes.txt")
    put(tmp_path, *(f"more/{number}.mp4" for number in range(5)))
    found = find_pictures([tmp_path])
    assert [picture.image for picture in found.pictures] == ["a.png"]
    assert found.remarks == (
        "Skipped 7 files, because they are not picture files by their suffix: 6 × .mp4, 1 × .txt.",
        "Skipped 2 hidden files and folders, whose names begin with a dot.",
    )


def test_copies_are_measured_once_and_unreadable_files_are_named(tmp_path: Path) -> None:
    put(tmp_path, "a.png", "c.png")
    (tmp_path / "b.png").write_bytes(b"a.png")
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere")
    found = hashed(find_pictures([tmp_path]).pictures)
    assert [(one.image, one.sha256) for one in found.pictures] == [
        (name, hashlib.sha256(name.encode()).hexdigest()) for name in ("a.png", "c.png")
    ]
    assert found.remarks == ("“b.png” is the same file as “a.png”: it is measured once.",)
    assert found.problems == ("“gone.png” cannot be read (it is not a file): check its permissions.",)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no pipes with names")
def test_links_in_a_circle_and_pipes_do_not_stop_it(tmp_path: Path) -> None:
    put(tmp_path, "set/a.png")
    (tmp_path / "set" / "again").symlink_to(tmp_path / "set")
    os.mkfifo(tmp_path / "set" / "pipe.png")
    found = hashed(find_pictures([tmp_path / "set"]).pictures)
    assert [picture.image for picture in found.pictures] == ["a.png"]
    assert len(found.problems) == 1


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("empty", "There are no pictures in “.*empty”: give a folder"),
        ("nothing", "“.*nothing” is not a folder: give a folder of pictures, a picture, or a list of them"),
        ("clip.mp4", "is not a folder: give a folder of pictures"),
        ("list.txt", "There are no pictures in .* “a.png”, in line 1 of “list.txt”, is not a file"),
        ("binary.txt", "is no list of pictures in UTF-8: write a path on each line"),
    ],
)
def test_sources_without_pictures(name: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    put(tmp_path, "clip.mp4")
    (tmp_path / "list.txt").write_text("a.png\n", "utf-8")
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe\0")
    with pytest.raises(ImageError, match=sentence):
        find_pictures([tmp_path / name])


def test_the_file_that_a_sweep_writes_is_no_stray_one(tmp_path: Path) -> None:
    for name in ("a.png", "results.csv", "notes.txt"):
        (tmp_path / name).write_bytes(b"")
    (remark,) = find_pictures([tmp_path], tmp_path / "results.csv").remarks
    assert remark == "Skipped, because they are not picture files by their suffix: “notes.txt”."
