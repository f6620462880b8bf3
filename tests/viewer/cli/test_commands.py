"""The command line, run as people run it: in processes of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from tests.photographs import sample_crop
from tests.programs import REPOSITORY, heed_ctrl_c
from tests.viewer.imaging.test_hostile import png_file
from viewer.cli.main import run_command
from viewer.codecs.registry import CODECS, DEFAULT_CODECS, codec_named
from viewer.imaging.writer import png_bytes
from viewer.system.memory import process_budget

ROOT = REPOSITORY


def ratelens(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}
    return subprocess.run(
        [sys.executable, "-m", "viewer", *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    path.write_bytes(png_bytes(sample_crop(192, 256).pixels))
    return path


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are text there")
def test_a_name_that_is_no_text_is_borne(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"odd\xff.png")
    PillowImage.fromarray(sample_crop(40, 60).pixels).save(path)
    done = ratelens("compare", path.name, "--bpp", "1", "--codec", "jpeg", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "odd\\udcff.png" in done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are text there")
@pytest.mark.parametrize(
    ("command", "file"),
    [
        ("report {picture} --bpp 1 --points 0 --codec jpeg --out report.html", "report.html"),
        ("sweep . --bpp 1 --codec jpeg --out sweep.csv", "sweep.csv"),
    ],
)
def test_a_name_that_is_no_text_is_written_as_text(
    command: str, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    picture = Path(os.fsdecode(b"odd\xff.png"))
    picture.write_bytes(png_bytes(sample_crop(64, 64).pixels))
    arguments = [part.format(picture=picture) for part in command.split()]
    assert run_command(arguments) == 0
    assert "odd\\udcff.png" in Path(file).read_text("utf-8")
    if file == "sweep.csv":  # a sweep that goes on finds its rows again
        written = Path(file).read_text("utf-8")
        assert run_command(arguments) == 0
        assert Path(file).read_text("utf-8") == written


def test_compare_json(photograph: Path, tmp_path: Path) -> None:
    done = ratelens("compare", "photo.png", "--bpp", "0.5", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["image"] == {"path": "photo.png", "width": 256, "height": 192}
    assert report["target_bpp"] == 0.5
    assert [result["codec"] for result in report["results"]] == ["learned", "jpeg", "jpeg2000"]
    for result in report["results"]:
        assert result["bpp"] == 8 * result["bytes"] / (256 * 192)
        assert result["reachable"]
        assert abs(result["bpp"] / 0.5 - 1) <= 0.01
        assert 15 < result["psnr_rgb"] < 60
        assert 0.5 < result["ms_ssim_luma"] < 1
        assert result["encode_ms"] > 0
        assert result["decode_ms"] > 0
    assert photograph.exists()


def test_json_says_how_a_stream_was_made_and_where_fewer_bits_are_better(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "red.png"
    picture = PillowImage.new("RGB", (256, 192), (255, 0, 0))
    picture.putpixel((100, 90), (254, 0, 0))  # of one colour the learned codec is exact
    picture.save(path)
    found = {}
    for bpp in ("1", "0.13"):
        assert run_command(["compare", str(path), "--bpp", bpp, "--codec", "learned", "jpeg", "--json"]) == 0
        found[bpp] = {result["codec"]: result for result in json.loads(capsys.readouterr().out)["results"]}
    most, half = found["1"]["learned"], found["0.13"]["learned"]
    if half["psnr_rgb"] > most["psnr_rgb"] + 0.2:
        assert "learned is better with fewer bits on this picture" in most["remark"]
    jpeg = found["1"]["jpeg"]
    assert jpeg["encoder"].startswith(
        "libjpeg-turbo, scaled standard tables, baseline or progressive, whichever is smaller"
    )
    assert jpeg["detail"].split(", ")[0] in {"4:2:0", "4:2:2", "4:4:4"}
    assert min(jpeg["prepare_ms"], jpeg["encode_ms"]) > 0
    assert jpeg["search_ms"] >= jpeg["encode_ms"]


def test_compare_at_equal_quality(photograph: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["compare", str(photograph), "--psnr", "30", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["target_bpp"] is None
    assert report["quality_target"] == {"metric": "psnr", "channel": "rgb", "value_db": 30.0, "tolerance_db": 0.05}
    first = report["results"][0]["bytes"]
    for result in report["results"]:
        assert result["reached_quality"]
        assert abs(result["psnr_rgb"] - 30.0) <= 0.05
        assert result["bytes_against_first"] in (None, result["bytes"] / first)
    assert run_command(["compare", str(photograph), "--ms-ssim", "0.95", "--luma", "--codec", "jpeg", "jpeg2000"]) == 0
    printed = capsys.readouterr().out
    assert "equal MS-SSIM luma 13.01 dB = 0.95000, within 0.05 dB" in printed
    assert "times the bytes of jpeg." in printed


def test_a_floor_that_is_lossless_is_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "grey.png"
    path.write_bytes(png_bytes(np.full((64, 64, 3), 128, np.uint8)))
    assert run_command(["compare", str(path), "--psnr", "35", "--codec", "jpeg", "--json"]) == 0
    report = json.loads(capsys.readouterr().out, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    (result,) = report["results"]
    assert (result["reached_quality"], result["psnr_rgb"], result["floor_db"]) == (False, None, None)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--psnr", "high"], "not a usable PSNR"),
        (["--ms-ssim", "1.0"], "not a usable MS-SSIM"),
        (["--bpp", "0.5", "--luma"], "--luma"),
    ],
)
def test_unusable_qualities_are_refused(
    photograph: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], problem: str
) -> None:
    assert run_command(["compare", str(photograph), *arguments]) == 2
    assert problem in capsys.readouterr().err


def test_compare_writes_streams_reconstructions_and_an_overview(photograph: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run_command(["compare", str(photograph), "--bpp", "0.6", "--out", str(out)]) == 0
    for codec in map(codec_named, DEFAULT_CODECS):
        stream = (out / f"photo.{codec.name}{codec.suffix}").read_bytes()
        with PillowImage.open(out / f"photo.{codec.name}.png") as picture:
            assert np.array_equal(np.asarray(picture), codec.decode(stream))
    with PillowImage.open(out / "photo.comparison.png") as overview:
        assert overview.width >= 2 * 256
    assert run_command(["compare", str(photograph), "--bpp", "0.6", "--out", str(out)]) == 2
    assert run_command(["compare", str(photograph), "--bpp", "0.6", "--out", str(out), "--force"]) == 0


def test_codecs_can_be_chosen(photograph: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["compare", str(photograph), "--bpp", "30kB", "--codec", "jpeg", "--codec", "jpeg2000"]) == 2
    assert "bpp is out of range (0.05 to 3 bpp)" in capsys.readouterr().err
    assert run_command(["compare", str(photograph), "--bpp", "3kB", "--codec", "jpeg", "jpeg2000"]) == 0
    printed = capsys.readouterr().out
    assert "jpeg2000" in printed
    assert "learned" not in printed


def test_the_table_says_the_floor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "tiny.png"
    path.write_bytes(png_bytes(sample_crop(24, 24).pixels))
    assert run_command(["compare", str(path), "--bpp", "0.5", "--codec", "jpeg"]) == 0
    printed = capsys.readouterr().out
    assert "cannot go below" in printed
    assert "scales (a side is under 161 px)" in printed


@pytest.mark.parametrize("codec", [codec.name for codec in CODECS])
def test_encode_and_decode_in_other_processes(codec: str, photograph: Path, tmp_path: Path) -> None:
    suffix = codec_named(codec).suffix
    done = ratelens("encode", "photo.png", f"out{suffix}", "--codec", codec, "--bpp", "1:40", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    stream = (tmp_path / f"out{suffix}").read_bytes()
    assert abs(8 * len(stream) / (256 * 192) / 0.6 - 1) <= 0.01
    done = ratelens("decode", f"out{suffix}", "out.png", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with PillowImage.open(tmp_path / "out.png") as picture:
        assert np.array_equal(np.asarray(picture), codec_named(codec).decode(stream))
    assert photograph.exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["compare", "nothing.png", "--bpp", "0.5"], "There is no file"),
        (["compare", ".", "--bpp", "0.5"], "is a folder"),
        (["compare", "text.png", "--bpp", "0.5"], "is not a readable picture"),
        (["compare", "empty.png", "--bpp", "0.5"], "is empty"),
        (["compare", "cut.png", "--bpp", "0.5"], "it is cut short"),
        (["compare", "photo.png", "--bpp", "much"], "is not a rate"),
        (["compare", "photo.png", "--bpp", "0.5", "--codec", "wepb"], "There is no codec"),
        (["encode", "photo.png", "photo.png", "--codec", "jpeg", "--bpp", "0.5"], "already exists"),
        (["decode", "text.png", "out.png"], "not of any known codec"),
        (["decode", "empty.png", "out.png"], "empty"),
        (["decode", "nothing.gdn", "out.png"], "There is no file"),
        (["decode", ".", "out.png"], "is a folder"),
        (["decode", "/dev/zero", "out.png"], "is a device or a pipe"),
        (["decode", "/dev/full", "out.png"], "is a device or a pipe"),
        (["decode", "photo.png", "out.jpg"], "not a PNG file"),
        (["decode", "cut.gdn", "out.png"], "cut short"),
        (["decode", "flipped.gdn", "out.png"], "damaged"),
        (["compare", "photo.png", "--bpp", "nan"], "is not a rate"),
        (["compare", "photo.png", "--bpp", "-1"], "is not a rate"),
        (["compare", "photo.png", "--bpp", "0"], "is not a rate"),
        (["compare", "photo.png", "--bpp", "1:0"], "is not a rate"),
        (["compare", "huge.png", "--bpp", "0.5"], "has more than the limit of 134 megapixels"),
        (["encode", "photo.png", "empty.png/o.jpg", "--codec", "jpeg", "--bpp", "0.5"], "cannot be written"),
        (["encode", "photo.png", "/dev/full", "--codec", "jpeg", "--bpp", "0.5"], "is a device or a pipe"),
        (["report", "photo.png", "--bpp", "0.5", "--out", "r.txt"], "is not an HTML file"),
    ],
)
def test_mistakes_get_a_sentence_and_exit_code_2(
    arguments: list[str],
    sentence: str,
    photograph: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("text.png").write_text("no picture", encoding="utf-8")
    Path("empty.png").write_bytes(b"")
    Path("huge.png").write_bytes(png_file(60_000, 60_000, zlib.compress(bytes(1000))))
    Path("cut.png").write_bytes(photograph.read_bytes()[:20_000])
    encoder = codec_named("learned").encoders(sample_crop(64, 64))[0]
    stream = encoder.encode(encoder.guess(700))
    Path("cut.gdn").write_bytes(stream[:-9])
    Path("flipped.gdn").write_bytes(stream[:-1] + bytes([stream[-1] ^ 1]))
    before = sorted(Path().iterdir())
    assert run_command(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("ratelens: ")
    assert sentence in captured.err
    assert captured.err.count("\n") == 1
    assert sorted(Path().iterdir()) == before


@pytest.mark.parametrize("codec", [codec.name for codec in CODECS])
@pytest.mark.parametrize(("height", "width"), [(1, 300), (300, 1), (1, 1)])
def test_narrow_pictures_are_compared(
    codec: str, height: int, width: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "narrow.png"
    path.write_bytes(png_bytes(sample_crop(height, width).pixels))
    assert run_command(["compare", str(path), "--bpp", "1", "--codec", codec, "--out", str(tmp_path / "out")]) == 0
    assert "cannot go below" in capsys.readouterr().out  # headers alone take more than a bit per pixel
    with PillowImage.open(tmp_path / "out" / f"narrow.{codec}.png") as picture:
        assert picture.size == (width, height)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_picture_that_may_not_be_read(photograph: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photograph.chmod(0)
    assert run_command(["compare", str(photograph), "--bpp", "0.5"]) == 2
    assert "cannot be read (Permission denied): check its permissions." in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="names that are too long do not exist there")
@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("compare LONG.png --bpp 0.5", "cannot be read (File name too long)"),
        ("compare photo.png --bpp 0.5 --codec jpeg --out LONG", "cannot be written (File name too long)"),
        ("encode photo.png LONG/photo.jpg --codec jpeg --bpp 0.5", "cannot be written (File name too long)"),
        ("decode LONG.jpg out.png", "cannot be read (File name too long)"),
        ("sweep LONG --bpp 0.5 --out sweep.csv", "cannot be read (File name too long)"),
        ("sweep . --bpp 0.5 --out LONG.csv", "cannot be read (File name too long)"),
    ],
)
def test_a_place_that_cannot_be_asked_about_gets_a_sentence(
    command: str,
    sentence: str,
    photograph: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # As in a folder that may not be entered, but for root, too, stat fails otherwise than with “no such file”.
    monkeypatch.chdir(photograph.parent)
    assert run_command(command.replace("LONG", "n" * 300).split()) == 2
    assert sentence in capsys.readouterr().err


def test_missing_folders_are_made(photograph: Path, tmp_path: Path) -> None:
    out = tmp_path / "a" / "b" / "photo.jpg"
    assert run_command(["encode", str(photograph), str(out), "--codec", "jpeg", "--bpp", "0.5"]) == 0
    assert out.stat().st_size > 1000


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_output_that_has_no_room_is_said(photograph: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "viewer", "compare", photograph.name, "--bpp", "0.5", "--codec", "jpeg"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 2
    assert (
        done.stderr
        == "ratelens: Cannot write the output (No space left on device): free some space, or redirect it elsewhere.\n"
    )


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (["compare", "large.png", "--bpp", "0.5"], "Opening “large.png” needs about 0.3 GB"),
        (["compare", "photo.png", "--bpp", "0.5"], "Learned needs about 0."),
        (["report", "photo.png", "--bpp", "0.5", "--out", "r.html"], "Learned needs about 0."),
        (["encode", "photo.png", "o.jpg", "--codec", "jpeg", "--bpp", "0.5"], "JPEG needs about 0."),
        (["decode", "large.jpg", "o.png"], "Decoding “large.jpg” needs about 0."),
    ],
)
def test_every_command_keeps_to_a_memory_limit(
    command: list[str],
    sentence: str,
    photograph: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(process_budget(), "limit_bytes", process_budget().limit_bytes)
    large = PillowImage.new("RGB", (6000, 4000))
    large.save("large.png")
    large.save("large.jpg")
    assert run_command([*command, "--memory-limit", "0.1"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("ratelens: ")
    assert sentence in captured.err
    assert "of the 0.1 GB limit are left: raise the limit (--memory-limit" in captured.err
    assert photograph.exists()
    assert not [path for path in tmp_path.iterdir() if path.stem in ("o", "r")]


@pytest.mark.skipif(sys.platform == "win32", reason="has no signals to groups of processes")
def test_ctrl_c_is_a_word_and_no_traceback(photograph: Path, tmp_path: Path) -> None:
    Path(tmp_path / "large.png").write_bytes(png_bytes(np.tile(sample_crop(600, 900).pixels, (3, 3, 1))))
    command = [sys.executable, "-m", "viewer", "compare", "large.png", "--bpp", "0.5", "--codec", "avif", "--verbose"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=heed_ctrl_c,  # noqa: PLW1509 (it takes no lock)
    ) as run:
        assert run.stderr is not None
        assert b"started on" in run.stderr.readline()
        os.killpg(run.pid, signal.SIGINT)  # as a terminal does
        said, printed = run.communicate(timeout=120)[::-1]
    assert run.returncode == 130
    assert said.decode().endswith("\nratelens: stopped.\n")
    assert b"Traceback" not in said
    assert printed == b""
    assert photograph.exists()


def test_no_window_command_imports_qt(photograph: Path) -> None:
    script = (
        "import sys; from viewer.cli.main import run_command; "
        f"assert run_command(['compare', {str(photograph)!r}, '--bpp', '0.5', '--codec', 'jpeg']) == 0; "
        "assert not [name for name in sys.modules if name.startswith(('PySide6', 'pyqtgraph', 'torch'))]"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT, timeout=120)


def test_version(tmp_path: Path) -> None:
    done = ratelens("--version", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("RateLens ")
