"""Sweeps to equal quality instead of equal rate, repeated times, and the options of both."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.photographs import sample_crop
from viewer.cli.main import run_command
from viewer.imaging.writer import png_bytes
from viewer.matching.targets.quality import TOLERANCE_DB
from viewer.metrics.fast import ms_ssim_db
from viewer.metrics.registry import metric_named
from viewer.sweep.rows import read_rows
from viewer.sweep.summary import averages
from viewer.sweep.target import rate_target, score_target


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for name in ("heron", "spices"):
        (pictures / f"{name}.png").write_bytes(png_bytes(sample_crop(64, 80, name).pixels))
    return pictures


def test_every_codec_is_brought_to_the_same_quality(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["sweep", str(folder), "--codec", "jpeg", "jpeg2000", "--out", "r.csv"]
    wanted = ["--psnr", "30", "--ms-ssim", "0.95", "--metric-target", "flip=0.08", "--repeat", "3"]
    assert run_command([*arguments, *wanted]) == 0
    rows = read_rows(Path("r.csv"))
    targets = {score_target("psnr_rgb", 30), score_target("ms_ssim_rgb", 0.95), score_target("flip", 0.08)}
    assert {row.target for row in rows} == targets
    assert {row.target_bpp for row in rows} == {0.0}
    for row in rows:
        assert row.bpp == 8 * row.bytes / (64 * 80)
        if row.reachable and row.target.metric == "psnr_rgb":
            assert abs(row.psnr_rgb - 30) <= TOLERANCE_DB + 1e-9
        if row.reachable and row.target.metric == "ms_ssim_rgb":
            assert abs(ms_ssim_db(row.ms_ssim_rgb) - ms_ssim_db(0.95)) <= TOLERANCE_DB + 1e-9
        if row.reachable and row.target.metric == "flip":
            assert row.scores["flip"] == pytest.approx(0.08, rel=0.01)
        assert row.repeats == 3
    assert sum(row.reachable for row in rows) >= 9
    found = averages(rows, [metric_named("flip")])
    assert {mean.target for mean in found} <= targets
    assert "psnr_rgb=30" in capsys.readouterr().out
    assert run_command([*arguments, *wanted[:2], "--bpp", "1"]) == 0  # what is there stays, and rates come beside
    assert {row.target for row in read_rows(Path("r.csv"))} == {*targets, rate_target(1.0)}


def test_more_repeats_are_measured_again_and_fewer_are_not(folder: Path) -> None:
    arguments = [
        "sweep",
        str(folder / "heron.png"),
        "--codec",
        "jpeg2000",
        "--bpp",
        "1",
        "--out",
        "r.csv",
        "--jobs",
        "1",
    ]
    assert run_command([*arguments, "--repeat", "2"]) == 0
    (first,) = read_rows(Path("r.csv"))
    assert run_command(arguments) == 0
    assert read_rows(Path("r.csv")) == [first]
    assert run_command([*arguments, "--repeat", "3"]) == 0
    assert [row.repeats for row in read_rows(Path("r.csv"))] == [3]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--psnr", "banana"], "“banana” is not a usable PSNR: give decibels from 20 to 50"),
        (["--metric-target", "flip"], "“flip” is no target: write the metric and its score"),
        (["--metric-target", "psnr_rgb=30"], "For PSNR RGB there is an option of its own: write --psnr 30."),
        (["--luma"], "--luma only applies to --psnr and --ms-ssim"),
        (["--psnr", "30", "--refine", "5", "--codec", "learned"], "--refine keeps to a size"),
        (["--backend", "dask"], "--backend dask needs --scheduler"),
        (["--scheduler", "tcp://here:1"], "--scheduler only applies to clusters: add --backend dask"),
        (["--compressai", "file"], "“file” is not a folder: give --compressai one"),
    ],
)
def test_mistakes_are_said_before_anything_is_measured(
    arguments: list[str], sentence: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("file").write_text("", "utf-8")
    assert run_command(["sweep", str(folder), "--out", "r.csv", *arguments]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert sentence in error
    assert not Path("r.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--jobs", "0"], "“0” is not a number of jobs: give 1 or more"),
        (["--shard", "3/2"], "“3/2” is not a part: give I/N with I from 1 to N"),
        (["--repeat", "0"], "“0” is not a number of repeats"),
        (["--time-limit", "soon"], "“soon” is not a time limit: give minutes"),
    ],
)
def test_options_that_are_none(
    arguments: list[str], sentence: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        run_command(["sweep", str(folder), "--out", "r.csv", *arguments])
    assert sentence in capsys.readouterr().err
