"""--refine: a better stream of the same size, or a sentence about what was wrong with the wish."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.photographs import sample_crop
from tests.programs import REPOSITORY, heed_ctrl_c
from viewer.cli.main import run_command
from viewer.codecs.registry import codec_named
from viewer.imaging.writer import png_bytes
from viewer.sweep.rows import read_rows


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    path.write_bytes(png_bytes(sample_crop(112, 128).pixels))
    return path


def errors(photograph: Path, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, dict[str, object]]:
    """What compare says of each codec."""
    assert run_command(["compare", str(photograph), "--bpp", "0.5", "--json", *options]) == 0
    return {one["codec"]: one for one in json.loads(capsys.readouterr().out)["results"]}


def test_compare_refines_the_learned_codec_and_no_other(photograph: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chosen = ("--codec", "learned", "jpeg")
    plain, refined = (errors(photograph, capsys, *chosen, *more) for more in ((), ("--refine", "25")))
    assert refined["jpeg"]["psnr_rgb"] == plain["jpeg"]["psnr_rgb"]
    assert float(str(refined["learned"]["psnr_rgb"])) > float(str(plain["learned"]["psnr_rgb"]))
    assert refined["learned"]["bpp"] == pytest.approx(0.5, rel=0.01)
    assert str(refined["learned"]["detail"]).startswith("refined, ")
    assert plain["learned"]["detail"] == ""


def test_encode_writes_the_refined_stream(photograph: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.gdn"
    arguments = ["encode", str(photograph), str(out), "--codec", "learned", "--bpp", "0.5", "--refine", "25"]
    assert run_command(arguments) == 0
    assert "; refined, " in capsys.readouterr().out
    assert codec_named("learned").decode(out.read_bytes()).shape == (112, 128, 3)
    assert out.stat().st_size == pytest.approx(0.5 * 112 * 128 / 8, rel=0.01)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--refine", "0"), "is not an amount of refinement: give a time"),
        (("--refine", "a while"), "is not an amount of refinement: give a time"),
        (("--refine", "0.5s"), "is not an amount of refinement: give a time"),
        (("--refine-for", "psnr"), "only applies to --refine: add that"),
        (("--region", "0,0,9,9"), "only applies to --refine: add that"),
        (("--refine", "--region", "1,2,3"), "is not a region: give X,Y,W,H in pixels"),
        (("--refine", "--region", "100,0,29,10"), "is not inside this picture of 128 x 112 pixels"),
        (("--refine", "--region", "0,0,0,10"), "is not inside this picture"),
        (("--refine", "--region-weight", "3"), "only applies to --region: add --region X,Y,W,H"),
        (("--refine", "--region", "0,0,9,9", "--region-weight", "lots"), "is not a region weight"),
    ],
)
def test_a_wish_that_cannot_be_understood_is_told(
    photograph: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], sentence: str
) -> None:
    assert run_command(["compare", str(photograph), "--bpp", "0.5", *options]) == 2
    assert sentence in capsys.readouterr().err


def test_what_cannot_be_refined_is_told(photograph: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = ["encode", str(photograph), str(tmp_path / "o.jpg"), "--codec", "jpeg", "--bpp", "1", "--refine"]
    assert run_command(out) == 2
    assert "JPEG cannot be refined" in capsys.readouterr().err
    assert run_command(["compare", str(photograph), "--psnr", "30", "--refine"]) == 2
    assert "use it with --bpp" in capsys.readouterr().err
    assert run_command(["compare", str(photograph), "--bpp", "1", "--codec", "jpeg", "--refine"]) == 2
    assert "None of these codecs can be refined" in capsys.readouterr().err
    folder = ["sweep", str(tmp_path), "--out", str(tmp_path / "s.csv"), "--codec", "jpeg", "--refine"]
    assert run_command(folder) == 2
    assert "None of these codecs can be refined" in capsys.readouterr().err


def test_a_sweep_measures_refined_streams_beside_the_others(
    photograph: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert photograph.parent == tmp_path
    out, plot = tmp_path / "s.csv", tmp_path / "s.svg"
    arguments = ["sweep", str(tmp_path), "--out", str(out), "--codec", "learned", "--bpp", "0.5", "--refine", "20"]
    assert run_command([*arguments, "--plot", str(plot)]) == 0
    assert "learned-20steps against learned" in capsys.readouterr().out
    assert "learned-20steps" in plot.read_text()
    rows = {row.codec: row for row in read_rows(out)}
    assert set(rows) == {"learned", "learned-20steps"}
    refined, plain = rows["learned-20steps"], rows["learned"]
    assert refined.psnr_rgb > plain.psnr_rgb
    assert refined.encode_ms > plain.encode_ms
    assert run_command(arguments) == 0  # nothing is left to do
    assert len(read_rows(out)) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C is sent otherwise there")
def test_ctrl_c_writes_the_best_so_far(photograph: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.gdn"
    arguments = ["encode", photograph, out, "--codec", "learned", "--bpp", "0.5", "--refine", "100000", "--verbose"]
    with subprocess.Popen(
        [sys.executable, "-m", "viewer", *map(str, arguments)],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=heed_ctrl_c,  # noqa: PLW1509 (it takes no lock)
    ) as run:
        assert run.stderr is not None
        while b"refining" not in run.stderr.readline():
            assert run.poll() is None
        os.killpg(run.pid, signal.SIGINT)
        printed = run.communicate(timeout=120)[0]
    assert run.returncode == 0
    assert b"out.gdn" in printed
    assert out.stat().st_size == pytest.approx(0.5 * 112 * 128 / 8, rel=0.01)
