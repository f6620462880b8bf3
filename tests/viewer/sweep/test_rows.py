"""Rows say what they are of, and give way to those of another picture, codec, weights, metric or program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.photographs import sample_crop
from viewer.codecs.registry import codec_named
from viewer.imaging.writer import png_bytes
from viewer.sweep import identity
from viewer.sweep.pictures import find_pictures, hashed
from viewer.sweep.rows import COLUMNS, Row, merged, read_rows, write_rows
from viewer.sweep.run import sweep
from viewer.sweep.target import rate_target, score_target
from viewer.system.versions import version_of

ROW = Row("a.png", "jpeg", 0.3, 0.3, 768, True, 30.0, 31.0, 0.9, 0.95, 20.0, 2.0, "4:2:0", 1.0)
WHOLE = replace(
    ROW,
    image_sha256="aa",
    codec_version="libjpeg-turbo 3",
    weights="",
    metric_versions="flip=1.7",
    program_version="1.0.0",
    repeats=3,
    host="here",
    threads=1,
    folder="/pictures",
    scores={"flip": 0.5},
)


class Asked:
    """How many pictures a sweep set out to measure."""

    def __init__(self) -> None:
        self.counts: list[int] = []

    def __call__(self, finished: Iterator[list[Row]], count: int) -> Iterable[list[Row]]:
        self.counts.append(count)
        return finished


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for name in ("heron", "spices"):
        (pictures / f"{name}.png").write_bytes(png_bytes(sample_crop(64, 80, name).pixels))
    return pictures


def test_rows_come_back_as_they_were_written(tmp_path: Path) -> None:
    quality = replace(WHOLE, target_bpp=0.0, target_quality="psnr_rgb=35")
    path = tmp_path / "r.csv"
    write_rows(path, [WHOLE, quality], ["flip"])
    assert read_rows(path) == [WHOLE, quality]
    header, *_, last = path.read_text("utf-8").splitlines()
    assert dict(zip(header.split(","), last.split(","), strict=True))["target_bpp"] == ""
    assert [row.target for row in read_rows(path)] == [rate_target(0.3), score_target("psnr_rgb", 35)]


@pytest.mark.parametrize("count", [12, 14])
def test_files_of_older_versions_are_read(count: int, tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    values = ("a.png", "jpeg", 0.3, 0.3, 768, True, 30.0, 31.0, 0.9, 0.95, 20.0, 2.0, "4:2:0", 1.0)
    lines = [*COLUMNS[:count], "flip"], [*values[:count], 0.5]
    path.write_text("".join(f"{','.join(map(str, line))}\n" for line in lines), "utf-8")
    old = replace(ROW, scores={"flip": 0.5})
    assert read_rows(path) == [old if count == 14 else replace(old, variant="", prepare_ms=None)]


def test_a_measured_row_says_what_it_is_of(folder: Path, tmp_path: Path) -> None:
    rows = sweep(folder, tmp_path / "r.csv", ("jpeg", "learned"), (0.8,), metrics=("flip",))
    (picture,) = hashed([one for one in find_pictures([folder]).pictures if one.image == "heron.png"]).pictures
    learned = next(row for row in rows if row.key == ("heron.png", "learned", rate_target(0.8)))
    assert learned.image_sha256 == picture.sha256
    assert learned.weights == codec_named("learned").weights.model_id.hex()  # type: ignore[attr-defined]
    assert learned.codec_version.startswith("torch ")
    assert learned.program_version == version_of("ratelens").partition(" ")[0]
    assert learned.metric_versions == f"flip={version_of('flip-evaluator')}"
    assert (learned.repeats, learned.threads, learned.folder) == (1, 1, str(folder))
    jpeg = next(row for row in rows if row.codec == "jpeg")
    assert jpeg.codec_version.startswith("libjpeg-turbo ")
    assert jpeg.weights == ""


def test_a_replaced_picture_is_measured_again_and_its_old_rows_go(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.csv"
    before = sweep(folder, out, ("jpeg2000",), (0.5, 1.0))
    (folder / "heron.png").write_bytes(png_bytes(sample_crop(64, 80, "shrike").pixels))
    asked = Asked()
    after = sweep(folder, out, ("jpeg2000",), (0.5,), asked)
    assert asked.counts == [1]
    heron = [row for row in after if row.image == "heron.png"]
    assert [row.target for row in heron] == [rate_target(0.5)]
    assert heron[0].image_sha256 != before[0].image_sha256
    assert [row for row in read_rows(out) if row.image == "heron.png"] == heron


def test_a_renamed_picture_keeps_its_rows_under_its_new_name(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.csv"
    before = sweep(folder, out, ("jpeg2000",), (0.5,))
    (folder / "heron.png").rename(folder / "bird.png")
    asked = Asked()
    after = sweep(folder, out, ("jpeg2000",), (0.5,), asked)
    assert asked.counts == [0]
    assert {row.image: row.bytes for row in after} == {
        "bird.png": before[0].bytes,
        "spices.png": before[1].bytes,
    }


@pytest.mark.parametrize(
    "change",
    [
        {"codec_version": "OpenJPEG 1.0"},
        {"weights": "00"},
        {"program_version": "0.9"},
        {"metric_versions": "flip=0.1"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_rows_of_another_version_are_measured_again(change: dict[str, str], folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.csv"
    first = sweep(folder, out, ("jpeg2000",), (0.5,), metrics=("flip",))
    write_rows(out, [replace(first[0], **change), *first[1:]], ["flip"])  # type: ignore[arg-type]
    asked = Asked()
    again = sweep(folder, out, ("jpeg2000",), (0.5,), asked, metrics=("flip",))
    assert asked.counts == [1]
    assert [(row.key, row.bytes, row.scores, row.made_by) for row in again] == [
        (row.key, row.bytes, row.scores, row.made_by) for row in first
    ]


def test_later_rows_take_the_place_of_what_they_contradict() -> None:
    other_target = replace(WHOLE, target_bpp=0.6)
    newer = replace(WHOLE, codec_version="libjpeg-turbo 4")
    assert merged([WHOLE, other_target, newer]) == [newer]
    assert merged([WHOLE, other_target, replace(WHOLE, codec="webp")])[:2] == [WHOLE, other_target]
    replaced = replace(WHOLE, image_sha256="bb", codec="webp")
    assert merged([WHOLE, other_target, replaced]) == [replaced]


def test_scores_of_the_same_stream_are_kept_with_their_versions() -> None:
    later = replace(WHOLE, scores={"ssimulacra2": 70.0}, metric_versions="ssimulacra2=0.3.0")
    (row,) = merged([WHOLE, later])
    assert row.scores == {"flip": 0.5, "ssimulacra2": 70.0}
    assert row.metric_versions == "flip=1.7;ssimulacra2=0.3.0"


def test_rows_that_do_not_say_what_they_are_of_count_and_that_is_said(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.csv"
    names = dict.fromkeys(("image_sha256", "codec_version", "metric_versions", "program_version"), "")
    old = [replace(row, **names) for row in sweep(folder, out, ("jpeg2000",), (0.5,))]  # type: ignore[arg-type]
    write_rows(out, old, [])
    remarks: list[str] = []
    assert sweep(folder, out, ("jpeg2000",), (0.5,), remark=remarks.append) == old
    assert identity.lacks_identity(old) == 2
    assert " ".join(remarks) == (
        "“r.csv” has 2 rows by an older version, which do not say which picture and weights they are of: they count by "
        "the picture's name, and a new --out has everything measured."
    )
