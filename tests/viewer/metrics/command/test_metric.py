"""Metrics by command, run: real programs, and all that a program can do wrong."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest

from tests.photographs import sample_crop
from tests.viewer.metrics.test_scoring import jpeg
from viewer.cli.main import run_command
from viewer.imaging.image import Pixels
from viewer.imaging.writer import png_bytes
from viewer.metrics.check import check
from viewer.metrics.command.description import load_description, parse_description, parse_line
from viewer.metrics.command.installed import recipes
from viewer.metrics.command.metric import CommandMetric
from viewer.metrics.measurement import Reference
from viewer.metrics.scoring import Score, Scorer
from viewer.sweep.rows import read_rows

MEASURES = """
import sys
from PIL import Image, ImageChops, ImageStat
a, b = (Image.open(path) for path in sys.argv[1:3])
error = sum(ImageStat.Stat(ImageChops.difference(a, b)).sum2) / (3 * a.width * a.height)
print("squared error of 2 pictures:", error)
if len(sys.argv) > 3:
    open(sys.argv[3], "w").write(str(2 * error))
"""


@pytest.fixture(scope="module")
def original() -> Pixels:
    return sample_crop(96, 130).pixels


def command(folder: Path, code: str, name: str = "mine") -> str:
    """One line that runs code with this Python."""
    script = folder / "metric.py"
    script.write_text(code, "utf-8")
    return f"{name}:lower:'{sys.executable}' '{script}'"


def score(text: str, original: Pixels, pixels: Pixels) -> Score:
    metric = CommandMetric(parse_line(text))
    return Scorer(original, [metric]).score(metric.name, pixels)


def described(folder: Path, code: str, more: str) -> CommandMetric:
    words = command(folder, code).split(":", 2)[2]
    text = f'name = "mine"\nlabel = "Mine"\nbetter = "lower"\ncommand = "{words} {{original}} {{decoded}}"\n{more}'
    return CommandMetric(parse_description(text, folder / "mine.toml"))


def test_the_score_is_the_last_number_that_is_printed_or_written(tmp_path: Path, original: Pixels) -> None:
    coarse = jpeg(original, 20)
    squared = float(np.mean((original.astype(float) - coarse) ** 2))
    line = command(tmp_path, MEASURES)
    assert score(f"{line} {{original}} {{decoded}}", original, coarse).value == pytest.approx(squared)
    assert score(line, original, coarse).value == pytest.approx(2 * squared)  # benchmark_xl's way: in its file


def test_a_pattern_picks_the_number(tmp_path: Path, original: Pixels) -> None:
    metric = described(tmp_path, "print('a 1\\nscore: 2.5 of 9')", "score = '^score: (\\S+)'")
    assert Scorer(original, [metric]).score("mine", original) == Score(2.5)


@pytest.mark.parametrize("input_format", ["ppm", "y4m"])
def test_pictures_are_written_as_they_are_wanted(input_format: str, tmp_path: Path, original: Pixels) -> None:
    code = "import sys; print(sys.argv[1][-4:], open(sys.argv[1], 'rb').read(2), len(open(sys.argv[2], 'rb').read()))"
    metric = described(tmp_path, code, f'input = "{input_format}"')
    pixels = 3 * original.shape[0] * original.shape[1]
    size = Scorer(original, [metric]).score("mine", original).value
    assert size is not None
    assert (pixels if input_format == "ppm" else pixels / 2) < size < pixels + 200


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("raise SystemExit('no such filter')", "failed (exit code 1: “no such filter”): check the command."),
        ("print('fine')", "printed no number (it said “fine”): check the command."),
        ("pass", "printed no number: check the command."),
        ("print('nan')", "returned no number (NaN) for this picture."),
        ("print('x' * 10**7)", "printed no number (it said “xxx"),
        ("import os; os.kill(os.getpid(), 9)", "failed (signal 9): check the command."),
    ],
)
def test_what_goes_wrong_is_a_sentence(code: str, sentence: str, tmp_path: Path, original: Pixels) -> None:
    found = score(command(tmp_path, code), original, original)
    assert found.value is None
    assert found.problem.startswith("mine")
    assert sentence in found.problem


def test_a_program_that_is_missing_is_named(original: Pixels) -> None:
    found = score("mine:no-such-program", original, original)
    assert found.problem == (
        "mine runs “no-such-program”, which was not found: install it, or give its full path instead."
    )


def test_a_program_that_hangs_is_killed_with_its_children(tmp_path: Path, original: Pixels) -> None:
    marker = tmp_path / "children"
    code = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(marker)!r}, 'w').write(str(child.pid))\n"
        "time.sleep(600)"
    )
    metric = described(tmp_path, code, "time_limit_s = 3")
    found = Scorer(original, [metric]).score("mine", original)
    assert "was stopped after 3 s: raise time_limit_s in “mine.toml”, or take a smaller picture." in found.problem
    child = int(marker.read_text())
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE


def test_a_check_finds_what_is_wrong(tmp_path: Path, original: Pixels) -> None:
    good = check(CommandMetric(parse_line(f"{command(tmp_path, MEASURES)}")), original)
    assert (good.problems, good.figures.startswith("JPEG of quality 10, 40, 85: ")) == ((), True)
    turned = command(tmp_path, MEASURES).replace(":lower:", ":")
    (sentence,) = check(CommandMetric(parse_line(turned)), original).problems
    assert sentence.startswith("Scores get worse as the picture gets better: set better = ")
    (sentence,) = check(CommandMetric(parse_line(command(tmp_path, "print(7)"))), original).problems
    assert sentence.startswith("All pictures have the same score")
    (sentence,) = check(CommandMetric(parse_line("mine:no-such-program")), original).problems
    assert "no-such-program" in sentence


@pytest.mark.skipif(shutil.which("butteraugli_main") is None, reason="libjxl-devtools is not here")
def test_butteraugli_is_libjxls(original: Pixels) -> None:
    metrics = [CommandMetric(load_description(recipes()[name])) for name in ("butteraugli", "butteraugli-3norm")]
    for metric in metrics:
        assert check(metric, original).problems == ()
    scores = Scorer(original, metrics).scores(jpeg(original, 30))
    largest, norm = (scores[metric.name].value or 0.0 for metric in metrics)
    assert 1 < norm < largest < 20


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not here")
def test_ffmpegs_filters_can_be_read(original: Pixels) -> None:
    """VMAF and XPSNR need builds of ffmpeg that few machines have; PSNR is in all, and is run in the same way."""
    text = recipes()["xpsnr"].read_text("utf-8")
    text = text.replace("[r]xpsnr", "[r]psnr").replace("XPSNR\\s+y: ", "PSNR y:").replace("yuv420p", "gray")
    metric = CommandMetric(parse_description(text, Path("psnr.toml")))
    assert check(metric, original).problems == ()
    coarse = jpeg(original, 30)
    luma = Reference(original).measure(coarse).metrics.psnr_luma_db
    assert Scorer(original, [metric]).score("xpsnr", coarse).value == pytest.approx(luma, abs=0.3)


def _output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize(("name", "filter_name"), [("vmaf", "libvmaf"), ("xpsnr", "xpsnr")])
def test_vmaf_and_xpsnr_are_ffmpegs_where_it_has_them(name: str, filter_name: str, original: Pixels) -> None:
    program = shutil.which("ffmpeg")
    listed = "" if program is None else _output([program, "-filters"])
    if filter_name not in listed.split():
        pytest.skip(f"this ffmpeg has no {filter_name}")
    metric = CommandMetric(load_description(recipes()[name]))
    assert check(metric, original).problems == ()
    poor, good = (Scorer(original, [metric]).score(name, jpeg(original, quality)).value for quality in (10, 80))
    assert poor is not None
    assert good is not None
    assert 10 < poor < good < 100


def test_the_command_line_takes_it_once_and_in_sweeps(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pictures").mkdir()
    Path("pictures", "photo.png").write_bytes(png_bytes(sample_crop(96, 130).pixels))
    line = command(tmp_path, MEASURES)
    arguments = ["compare", "pictures/photo.png", "--bpp", "1", "--codec", "jpeg", "--json", "--metric", line, "bad:no"]
    assert run_command(arguments) == 2
    captured = capsys.readouterr()
    (result,) = json.loads(captured.out)["results"]
    assert result["scores"]["bad"] is None
    assert result["scores"]["mine"] > 0
    assert captured.err.count("\n") == 1
    words = line.split(":", 2)[2]
    Path("mine.toml").write_text(
        f'name = "mine"\nlabel = "Mine"\nbetter = "lower"\ncommand = "{words} {{original}} {{decoded}} {{output}}"'
    )
    assert (
        run_command(["sweep", "pictures", "--out", "r.csv", "--bpp", "1", "--codec", "jpeg", "--metric", "mine.toml"])
        == 0
    )
    row, *_ = read_rows(Path("r.csv"))
    assert row.scores["mine"] == pytest.approx(result["scores"]["mine"])
    assert run_command(["metric", "check", "mine.toml"]) == 0
    assert "Mine, lower is better: JPEG of quality 10, 40, 85: " in capsys.readouterr().out


def test_metrics_are_listed_added_and_removed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert run_command(["metric", "add", "butteraugli"]) == 0
    assert "installed. Use “--metric butteraugli” or the menu Metrics." in capsys.readouterr().out
    assert run_command(["metric", "list"]) == 0
    printed = capsys.readouterr().out
    assert "ssimulacra2: SSIMULACRA2, higher is better" in printed
    assert "vmaf: VMAF, higher is better" in printed
    assert run_command(["metric", "remove", "butteraugli"]) == 0
    assert run_command(["metric", "remove", "butteraugli"]) == 2
