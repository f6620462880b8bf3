"""The sweep: real codecs over real crops, stopped and gone on with; its summary, on curves of known answer."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image as PillowImage

from models.errors import ImageError, OutputError
from tests.photographs import sample_crop
from tests.programs import REPOSITORY, heed_ctrl_c
from viewer.cli.main import run_command
from viewer.codecs.registry import codec_named
from viewer.imaging.folder import SUFFIXES
from viewer.imaging.writer import png_bytes
from viewer.matching.comparison import Comparison
from viewer.metrics.fast import FAST
from viewer.metrics.registry import metric_named
from viewer.metrics.scoring import Scorer
from viewer.sweep.pictures import Picture, find_pictures
from viewer.sweep.rows import COLUMNS, Row, read_rows
from viewer.sweep.run import Wish, plan, sweep
from viewer.sweep.summary import averages, bd_rates, common_pictures, format_summary
from viewer.sweep.target import rate_target
from viewer.system.memory import process_budget

RATES = (0.3, 0.6)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for name in ("heron", "spices"):
        (pictures / f"{name}.png").write_bytes(png_bytes(sample_crop(128, 160, name).pixels))
    (pictures / "notes.txt").write_text("no picture", encoding="utf-8")
    return pictures


def test_every_codec_picture_and_rate_is_measured_once(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "results.csv"
    rows = sweep(folder, out, ("jpeg", "jpeg2000"), RATES)
    assert list(dict.fromkeys(row.key for row in rows)) == [
        (f"{name}.png", codec, rate_target(bpp))
        for name in ("heron", "spices")
        for codec in ("jpeg", "jpeg2000")
        for bpp in RATES
    ]
    assert len({(row.key, row.variant) for row in rows}) == len(rows)
    assert {row.variant for row in rows if row.codec == "jpeg"} == {"4:2:0", "4:2:2", "4:4:4"}
    assert {row.variant for row in rows if row.codec == "jpeg2000"} == {""}
    for row in rows:
        assert row.bpp == 8 * row.bytes / (128 * 160)
        assert row.reachable == (abs(row.bpp / row.target_bpp - 1) <= 0.01)
    assert sorted(read_rows(out), key=lambda row: row.key) == rows


def test_a_killed_sweep_goes_on_where_it_stood(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "results.csv"
    first = sweep(folder, out, ("jpeg",), RATES)
    text = out.read_text(encoding="utf-8").splitlines(keepends=True)
    done_first = [line for line in text if line.startswith(text[1].split(",")[0])]
    last = len(done_first)  # within the variants of the second rate of the picture that was done first
    out.write_text("".join(text[:last]) + text[last][:20], encoding="utf-8")
    steps: list[int] = []

    def count(finished, total):  # type: ignore[no-untyped-def]
        steps.append(total)
        return finished

    again = sweep(folder, out, ("jpeg",), RATES, count)
    assert steps == [2]
    assert [(row.key, row.bytes) for row in again] == [(row.key, row.bytes) for row in first]


def test_a_file_of_an_older_version_is_gone_on_with(folder: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.csv"
    values = "heron.png,jpeg,0.3,0.3,768,True,30.0,31.0,0.9,0.95,20.0,2.0"
    old.write_text(f"{','.join(COLUMNS[:12])}\r\n{values}\r\n", encoding="utf-8")
    rows = sweep(folder, old, ("jpeg",), (0.3,))
    assert [(row.image, row.bytes, row.prepare_ms) for row in rows if row.variant == ""] == [("heron.png", 768, None)]
    assert {row.image for row in rows if row.variant} == {"spices.png"}
    assert read_rows(old)[0] == next(row for row in rows if row.image == "heron.png")


def test_the_summary_takes_the_variant_that_is_best_in_each_quantity() -> None:
    anchor = [_row("a.png", "jpeg2000", bpp, bpp, 25 + 3 * i) for i, bpp in enumerate((0.1, 0.2, 0.4, 0.8, 1.6))]
    jpeg = []
    for row in anchor:  # one as good as JPEG 2000 over RGB and bad in luma, the other the other way round
        bad = row.psnr_rgb - 4
        jpeg += [
            replace(row, codec="jpeg", variant="4:4:4", psnr_luma=bad, ms_ssim_luma=0.1, ms_ssim_rgb=0.1),
            replace(row, codec="jpeg", variant="4:2:0", psnr_rgb=bad),
        ]
    found = {bd.metric: bd.percent for bd in bd_rates([*anchor, *jpeg]) if bd.codec == "jpeg"}
    assert found == {metric: pytest.approx(0.0, abs=1e-6) for metric in FAST}
    assert [mean.psnr_db for mean in averages([*anchor, *jpeg]) if mean.codec == "jpeg"] == [25, 28, 31, 34, 37]


def test_more_bits_that_are_worse_are_said() -> None:
    rows = _curves(1.0)
    falling = [replace(row, psnr_luma=26.0) if row.codec == "jpeg" and row.target_bpp == 0.8 else row for row in rows]
    assert "More bits" not in format_summary(rows)
    assert (
        "More bits are worse for jpeg in PSNR luma on 1 of the pictures, most on “a.png”: 31.00 dB at 0.4000 bpp, "
        "26.00 at 0.8000." in format_summary(falling)
    )
    assert (
        "jpeg: libjpeg-turbo, scaled standard tables, baseline or progressive, whichever is smaller"
        in format_summary(rows)
    )
    assert "jpeg2000: OpenJPEG, tuned for squared error" in format_summary(rows)


def test_plan_leaves_out_what_is_done() -> None:
    done = [_row("a.png", "jpeg", 0.3, 0.3, 30.0)]
    low, high = rate_target(0.3), rate_target(0.6)
    pictures = [Picture(Path(name), name, "/pictures", name) for name in ("a.png", "b.png")]
    tasks = plan(pictures, Wish(("jpeg",), (low, high)), done)
    assert [task.wanted for task in tasks] == [(("jpeg", high),), (("jpeg", low), ("jpeg", high))]


def test_the_command_prints_a_summary_and_draws(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, plot = tmp_path / "r.csv", tmp_path / "r.png"
    arguments = [
        "sweep",
        str(folder),
        "--out",
        str(out),
        "--codec",
        "jpeg",
        "jpeg2000",
        "--bpp",
        "0.3",
        "--plot",
        str(plot),
    ]
    assert run_command(arguments) == 0
    assert "jpeg2000" in capsys.readouterr().out
    with PillowImage.open(plot) as picture:
        assert picture.width > 800


def test_every_picture_that_the_window_opens_is_found(tmp_path: Path) -> None:
    for suffix in (*SUFFIXES, ".txt", ".html"):
        (tmp_path / f"a{suffix.upper()}").write_bytes(b"")
    (tmp_path / "._a.png").write_bytes(b"")
    found = find_pictures([tmp_path])
    assert [picture.path.suffix.lower() for picture in found.pictures] == sorted(SUFFIXES)
    assert found.remarks == (
        "Skipped, because they are not picture files by their suffix: “a.HTML”, “a.TXT”.",
        "Skipped a hidden file or folder, whose name begins with a dot.",
    )


def test_what_a_sweep_leaves_out_is_said(folder: Path, tmp_path: Path) -> None:
    for name in ("notes.txt", "film.mp4", ".hidden.txt"):
        (folder / name).write_bytes(b"x")
    remarks: list[str] = []
    sweep(folder, tmp_path / "r.csv", ("jpeg",), (0.5,), remark=remarks.append)
    assert remarks == [
        "Skipped, because they are not picture files by their suffix: “film.mp4”, “notes.txt”.",
        "Skipped a hidden file or folder, whose name begins with a dot.",
    ]


def test_metrics_are_columns_and_come_into_averages_bd_rates_and_the_plot(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, plot = tmp_path / "r.csv", tmp_path / "r.svg"
    arguments = ["sweep", str(folder), "--out", str(out), "--codec", "jpeg", "jpeg2000"]
    arguments += ["--bpp", "0.4", "0.6", "0.9", "1.3"]
    assert run_command(arguments) == 0
    plain = out.read_text("utf-8").splitlines()
    assert tuple(plain[0].split(",")) == COLUMNS
    capsys.readouterr()
    assert run_command([*arguments, "--metric", "ssimulacra2", "flip", "--plot", str(plot)]) == 0
    rows = read_rows(out)
    assert out.read_text("utf-8").splitlines()[0] == f"{plain[0]},ssimulacra2,flip"
    scored = [row for row in rows if row.scores]  # of a codec's variants the one that is best in PSNR RGB
    assert len({row.key for row in scored}) == len(scored) == 16
    for row in scored:
        assert set(row.scores) == {"ssimulacra2", "flip"}
        original = sample_crop(128, 160, row.image.removesuffix(".png"))
        result = Comparison(original, [codec_named(row.codec)]).result(row.codec, row.target_bpp)
        scores = Scorer(original.pixels, [metric_named("flip")]).scores(result.reconstruction)
        assert row.scores["flip"] == scores["flip"].value
    summary = capsys.readouterr().out
    for metric, over in (("SSIMULACRA2", r"-?\d+\.\d to \d+\.\d"), ("FLIP", r"0\.\d{3} to 0\.\d{3}")):
        assert re.search(rf"jpeg against jpeg2000 +{metric} +[12] +[+-]\d+\.\d % +{over}$", summary, re.MULTILINE)
    drawn = plot.read_text("utf-8")
    assert "<!-- FLIP (lower is better) -->" in drawn
    assert "<!-- SSIMULACRA2 (higher is better) -->" in drawn
    assert run_command([*arguments, "--metric", "flip"]) == 0  # nothing is left to measure, and nothing is lost
    assert read_rows(out) == rows
    assert len(out.read_text("utf-8").splitlines()) == 1 + len(rows)


def test_rows_that_lack_a_score_are_measured_again_and_keep_the_others(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.csv"
    first = sweep(folder, out, ("jpeg2000",), (0.5,), metrics=("flip",))
    cut = [line.rsplit(",", 1)[0] + "," if "heron" in line else line for line in out.read_text("utf-8").splitlines()]
    out.write_text("\n".join(cut) + "\n", "utf-8")
    assert [row.scores for row in read_rows(out) if row.image == "heron.png"] == [{}]
    again = sweep(folder, out, ("jpeg2000",), (0.5,), metrics=("flip",))
    assert [row.scores for row in again] == [row.scores for row in first]
    assert len(read_rows(out)) == 2


def test_a_score_that_cannot_be_had_is_said_and_its_cell_is_empty(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "tiny.png").write_bytes(png_bytes(sample_crop(7, 200).pixels))
    out = tmp_path / "r.csv"
    arguments = ["sweep", str(folder), "--out", str(out), "--codec", "jpeg", "--bpp", "2", "--metric", "ssimulacra2"]
    assert run_command(arguments) == 2
    assert "“tiny.png”: SSIMULACRA2 needs sides of 8 pixels or more." in capsys.readouterr().err
    assert {row.image for row in read_rows(out) if row.scores} == {"heron.png", "spices.png"}
    assert "tiny.png" in {row.image for row in read_rows(out)}
    assert run_command([*arguments, "--metric", "nothing"]) == 2
    assert "There is no metric “nothing”: choose from psnr_rgb," in capsys.readouterr().err


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_bd_rate_at_a_metric_that_is_better_when_lower(factor: float) -> None:
    rows = [replace(row, scores={"flip": 1.5 / row.psnr_rgb}) for row in _curves(factor)]
    (bd,) = [bd for bd in bd_rates(rows, ["jpeg2000"], [metric_named("flip")]) if bd.metric.name == "flip"]
    assert bd.percent == pytest.approx(100 * (factor - 1), abs=0.01)
    assert bd.low_db == pytest.approx(1.5 / 37)
    assert bd.high_db == pytest.approx(1.5 / 25)


def test_a_folder_without_pictures(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="no pictures"):
        sweep(tmp_path, tmp_path / "r.csv")
    with pytest.raises(ImageError, match="is not a folder"):
        sweep(tmp_path / "nothing", tmp_path / "r.csv")


def test_a_foreign_csv_is_not_overwritten(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine.csv"
    out.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(OutputError, match="not the result of a sweep"):
        sweep(folder, out)
    assert out.read_text(encoding="utf-8") == "a,b\n1,2\n"


def test_a_damaged_picture_is_named_and_the_others_are_measured(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "cut.png").write_bytes((folder / "heron.png").read_bytes()[:9000])
    out = tmp_path / "r.csv"
    assert run_command(["sweep", str(folder), "--out", str(out), "--codec", "jpeg", "--bpp", "0.6"]) == 2
    captured = capsys.readouterr()
    assert "“cut.png” is a damaged PNG file" in captured.err
    assert "jpeg             2" in captured.out
    assert {row.image for row in read_rows(out)} == {"heron.png", "spices.png"}


def test_what_does_not_fit_into_memory_is_said(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_budget(), "limit_bytes", process_budget().limit_bytes)
    arguments = ["sweep", str(folder), "--out", str(tmp_path / "r.csv"), "--codec", "jpeg", "--bpp", "0.6"]
    assert run_command([*arguments, "--memory-limit", "0.1"]) == 2
    assert "“heron.png”: JPEG needs about" in capsys.readouterr().err
    assert run_command([*arguments, "--memory-limit", "2"]) == 0


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no pipes with names")
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--out", "pictures"], "“pictures” is not a file"),
        (["--out", "pipe"], "“pipe” is not a file"),
        (["--out", "binary"], "“binary” is not the result of a sweep"),
        (["--out", "notes.txt/r.csv"], "cannot be written"),
        (["--out", "r.csv", "--plot", "r.jpg"], "neither PNG nor SVG"),
        (["--out", "r.csv", "--plot", "old.png"], "“old.png” already exists: add --force"),
    ],
)
def test_mistakes_are_said_before_anything_is_measured(
    arguments: list[str],
    sentence: str,
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    Path("binary").write_bytes(b"\xff\xfe\0\0")
    Path("notes.txt").write_text("no folder", encoding="utf-8")
    Path("old.png").write_bytes(b"old")
    assert run_command(["sweep", folder.name, *arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith("ratelens: ")
    assert error.count("\n") == 1
    assert sentence in error
    assert not Path("r.csv").exists()
    assert Path("old.png").read_bytes() == b"old"


@pytest.mark.parametrize("rate", ["much", "nan", "0", "-1", "99", "40kB"])
def test_a_rate_that_is_none_is_said(rate: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        run_command(["sweep", str(folder), "--out", "r.csv", "--bpp", rate])
    assert f"“{rate}” is not a rate: give bits per pixel from 0.05 to 3" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="has no signals to groups of processes")
def test_ctrl_c_keeps_what_is_measured_and_leaves_nobody_behind(folder: Path, tmp_path: Path) -> None:
    large = sample_crop(600, 900, "spices").pixels
    (folder / "large.png").write_bytes(png_bytes(np.tile(large, (3, 3, 1))))  # long after the others are done
    out = tmp_path / "r.csv"
    command = [sys.executable, "-m", "viewer", "sweep", str(folder), "--out", str(out), "--codec", "jpeg2000"]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [*command, "--bpp", "0.3", "0.7"],
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,
        preexec_fn=heed_ctrl_c,  # noqa: PLW1509 (it takes no lock)
    ) as run:
        assert run.stderr is not None
        shown = b""
        while b" 1/3 " not in shown:
            shown += run.stderr.read(1)
        children = psutil.Process(run.pid).children(recursive=True)
        assert children
        os.killpg(run.pid, signal.SIGINT)  # as a terminal does
        said = (shown + run.stderr.read()).decode()
        assert run.wait(60) == 130
    assert "Traceback" not in said
    assert said.rstrip().endswith("run the same command to resume.")
    assert not psutil.wait_procs(children, 60)[1]
    assert 2 <= len(read_rows(out)) < 6
    assert [path.name for path in tmp_path.glob("ratelens-*")] == []


def _row(image: str, codec: str, target: float, bpp: float, psnr: float, reachable: bool = True) -> Row:
    ms_ssim = 1 - 10 ** (-psnr / 20)
    return Row(image, codec, target, bpp, 1, reachable, psnr, psnr, ms_ssim, ms_ssim, 1.0, 1.0)


def _curves(factor: float) -> list[Row]:
    rates = (0.1, 0.2, 0.4, 0.8, 1.6)
    anchor = [_row("a.png", "jpeg2000", bpp, bpp, 25 + 3 * i) for i, bpp in enumerate(rates)]
    return anchor + [_row("a.png", "jpeg", bpp, factor * bpp, 25 + 3 * i) for i, bpp in enumerate(rates)]


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0])
def test_bd_rate_of_a_scaled_curve_is_the_scale(factor: float) -> None:
    against = [bd for bd in bd_rates(_curves(factor)) if bd.anchor == "jpeg2000"]
    assert {(bd.codec, bd.pictures) for bd in against} == {("jpeg", 1)}
    assert [bd.metric for bd in against] == list(FAST)
    for bd in against:
        assert bd.percent == pytest.approx(100 * (factor - 1), abs=0.01)


def test_averages_take_only_pictures_that_every_codec_reaches() -> None:
    rows = [_row(f"{i}.png", codec, 0.1, 0.1, 30.0 + i) for i in range(3) for codec in ("jpeg", "jpeg2000")]
    rows[0] = replace(rows[0], reachable=False)
    assert [(mean.codec, mean.pictures, mean.psnr_db) for mean in averages(rows)] == [
        ("jpeg", 2, 31.5),
        ("jpeg2000", 2, 31.5),
    ]


def test_curves_are_drawn_of_pictures_that_reach_every_rate() -> None:
    rows = [_row(f"{i}.png", "jpeg", bpp, bpp, 30.0) for i in range(3) for bpp in (0.1, 0.2)]
    rows[2] = replace(rows[2], reachable=False)
    assert {row.image for row in common_pictures(rows)} == {"0.png", "2.png"}


def test_the_summary_says_where_there_is_too_little() -> None:
    rows = [_row("a.png", codec, 0.1, 0.1, 30.0) for codec in ("jpeg", "jpeg2000")]
    assert "n/a" in format_summary(rows)
