"""Shards, and what becomes of their results: one table, exports for other programs, and no contradictions."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from models.errors import OutputError
from tests.photographs import sample_crop
from viewer.cli.main import run_command
from viewer.imaging.writer import png_bytes
from viewer.sweep.merging import merge
from viewer.sweep.reference import read_references
from viewer.sweep.rows import Row, read_rows, write_rows

ROW = Row(
    *("a.png", "jpeg", 0.3, 0.3, 768, True, 30.0, 31.0, 0.9, 0.95, 20.0, 2.0, "4:2:0", 1.0),
    image_sha256="aa",
    codec_version="libjpeg-turbo 3",
    metric_versions="flip=1.7",
    program_version="1.0.0",
    scores={"flip": 0.5},
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    pictures = tmp_path / "pictures"
    (pictures / "more").mkdir(parents=True)
    for index, name in enumerate(("heron", "spices", "shrike")):
        place = pictures / "more" if index else pictures
        (place / f"p{index + 8}.png").write_bytes(png_bytes(sample_crop(64, 80, name).pixels))
    return pictures


def without_times(rows: list[Row]) -> list[Row]:
    rows = [replace(row, encode_ms=0.0, decode_ms=0.0, prepare_ms=0.0) for row in rows]
    return sorted(rows, key=lambda row: (row.key, row.variant))


def test_shards_together_are_the_whole_sweep(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["sweep", str(folder), "--codec", "jpeg", "jpeg2000", "--bpp", "1", "--metric", "flip", "--jobs", "1"]
    assert run_command([*arguments, "--out", "whole.csv"]) == 0
    for part in ("1/2", "2/2"):
        assert run_command([*arguments, "--out", "r.csv", "--shard", part]) == 0
    parts = ["r.1-of-2.csv", "r.2-of-2.csv"]
    assert [{row.image for row in read_rows(Path(part))} for part in parts] == [
        {"p8.png", "more/p9.png"},
        {"more/p10.png"},
    ]
    capsys.readouterr()
    assert run_command(["merge", *parts, "--out", "r.csv", "--compressai", "json", "--plot", "r.png"]) == 0
    assert without_times(read_rows(Path("r.csv"))) == without_times(read_rows(Path("whole.csv")))
    assert list(dict.fromkeys(row.image for row in read_rows(Path("r.csv")))) == [
        "more/p9.png",
        "more/p10.png",
        "p8.png",
    ]
    summary = capsys.readouterr().out
    assert "jpeg2000         3" in summary
    assert "FLIP" in summary
    assert Path("r.png").exists()
    (curve,) = read_references(Path("json/jpeg2000.json"))
    assert curve.label == "jpeg2000"
    assert set(curve.points) == {"psnr_rgb", "ms_ssim_rgb"}
    written = json.loads(Path("json/jpeg2000.json").read_text("utf-8"))
    mean = [row for row in read_rows(Path("whole.csv")) if row.codec == "jpeg2000"]
    assert written["results"]["bpp"] == [pytest.approx(sum(row.bpp for row in mean) / 3)]
    assert written["results"]["ms-ssim-rgb"] == [pytest.approx(sum(row.ms_ssim_rgb for row in mean) / 3)]
    assert written["results"]["flip"] == [pytest.approx(sum(row.scores["flip"] for row in mean) / 3)]
    assert written["results"]["encoding_time"][0] > 0
    assert written["description"].endswith("mean of 3 pictures")


def test_rows_go_to_parquet_with_their_types(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    source, out = tmp_path / "r.csv", tmp_path / "r.parquet"
    quality = replace(ROW, target_bpp=0.0, target_quality="psnr_rgb=35", scores={})
    write_rows(source, [ROW, quality], ["flip"])
    assert run_command(["merge", str(source), "--out", str(tmp_path / "m.csv"), "--parquet", str(out)]) == 0
    first, second = parquet.read_table(out).to_pylist()
    assert (first["image"], first["bytes"], first["target_bpp"], first["flip"]) == ("a.png", 768, 0.3, 0.5)
    assert (second["target_bpp"], second["target_quality"], second["flip"]) == (None, "psnr_rgb=35", None)
    assert first["reachable"] is True


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"image_sha256": "bb"}, "“a.png” is another picture in “b.csv” than in “a.csv”"),
        (
            {"weights": "00"},
            "The codec jpeg is of libjpeg-turbo 3 1.0.0 in “a.csv”, and of libjpeg-turbo 3 00 1.0.0 in",
        ),
        ({"codec_version": "libjpeg-turbo 4"}, "The codec jpeg is of libjpeg-turbo 3 1.0.0 in “a.csv”"),
        ({"metric_versions": "flip=2.0"}, "The metric flip is of 1.7 in “a.csv”, and of 2.0 in “b.csv”"),
    ],
)
def test_results_that_contradict_each_other_are_not_merged(
    change: dict[str, str], sentence: str, tmp_path: Path
) -> None:
    one, other = tmp_path / "a.csv", tmp_path / "b.csv"
    write_rows(one, [ROW], ["flip"])
    write_rows(other, [replace(ROW, **change)], ["flip"])  # type: ignore[arg-type]
    with pytest.raises(OutputError) as raised:
        merge([one, other])
    assert sentence in str(raised.value)


def test_copies_in_different_shards_count_once(tmp_path: Path) -> None:
    paths = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for path, image in zip(paths, ("a.png", "copy.png"), strict=True):
        write_rows(path, [replace(ROW, image=image)], ["flip"])
    found = merge(paths)
    assert [row.image for row in found.rows] == ["a.png"]
    assert found.remarks == ("“copy.png” is the same file as “a.png”: it counts once.",)


def test_what_merge_cannot_do_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, out = tmp_path / "a.csv", tmp_path / "m.csv"
    write_rows(one, [], [])
    for files, sentence in (
        ([one], "There are no rows in these files"),
        ([one, tmp_path / "nothing.csv"], "nothing.csv”: check the name."),
    ):
        assert run_command(["merge", *map(str, files), "--out", str(out)]) == 2
        assert sentence in capsys.readouterr().err
    out.write_text("mine", "utf-8")
    write_rows(one, [ROW], ["flip"])
    assert run_command(["merge", str(one), "--out", str(out)]) == 2
    assert "already exists: add --force" in capsys.readouterr().err
    assert out.read_text("utf-8") == "mine"
