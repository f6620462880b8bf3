"""Codecs by command on the command line: checked, installed for the user, used once, in every command."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image as PillowImage

from tests.photographs import sample_crop
from tests.programs import REPOSITORY, heed_ctrl_c, python
from tests.viewer.codecs.command.programs import description_text
from viewer.cli.main import run_command
from viewer.codecs import registry
from viewer.codecs.command.description import load_description
from viewer.codecs.command.installed import folder, recipes
from viewer.imaging.writer import png_bytes


@pytest.fixture(autouse=True)
def _nothing_added() -> Iterator[None]:
    """What one command line brings is not known to the next one."""
    yield
    registry._added().clear()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    path.write_bytes(png_bytes(sample_crop(192, 256).pixels))
    return path


def write_description(folder: Path, **changes: str) -> Path:
    path = folder / f"{changes.get('name', 'mine')}.toml"
    path.write_text(description_text(folder, **changes), "utf-8")
    return path


def test_check_says_that_it_works_or_what_is_wrong(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["codec", "check", str(write_description(home))]) == 0
    printed = capsys.readouterr()
    assert "Mine: 9 qualities from 1 to 95: " in printed.out
    assert "works: install it" in printed.out
    assert printed.err == ""
    broken = write_description(home, name="other", encode="import sys\nsys.exit('no licence')")
    assert run_command(["codec", "check", str(broken)]) == 2
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1
    assert "no licence" in printed.err


def test_an_installed_codec_is_there_in_the_next_run_until_it_is_removed(home: Path, photograph: Path) -> None:
    path = write_description(home)
    environment = {"XDG_CONFIG_HOME": str(home / "config")}

    def ratelens(*arguments: str) -> subprocess.CompletedProcess[str]:
        return python("-m", "viewer", *arguments, environment=environment, folder=home)

    added = ratelens("codec", "add", str(path))
    assert added.returncode == 0, added.stderr
    assert "mine.toml: installed" in added.stdout
    path.unlink()  # it was copied
    again = ratelens("codec", "list")
    assert "mine: its programs are installed" in again.stdout
    compared = ratelens("compare", photograph.name, "--bpp", "1.5", "--codec", "mine", "jpeg", "--json")
    assert compared.returncode == 0, compared.stderr
    mine, jpeg = json.loads(compared.stdout)["results"]
    assert (mine["codec"], jpeg["codec"]) == ("mine", "jpeg")
    assert abs(mine["bpp"] / 1.5 - 1) < 0.05
    doctor = python(
        "-c",
        "from viewer.cli.doctor import diagnose_codecs as d\nfor f in d(): print(f.found)",
        environment=environment,
    )
    assert "mine (by command)" in doctor.stdout
    assert ratelens("codec", "remove", "mine").returncode == 0
    gone = ratelens("compare", photograph.name, "--bpp", "1.5", "--codec", "mine")
    assert gone.returncode == 2
    assert "There is no codec “mine”" in gone.stderr


def test_nothing_is_overwritten_unasked(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_description(home)
    assert run_command(["codec", "add", str(path)]) == 0
    before = folder().joinpath("mine.toml").read_bytes()
    path.write_text(description_text(home, label="Mine, newer"), "utf-8")
    assert run_command(["codec", "add", str(path)]) == 2
    assert "already installed: add --force" in capsys.readouterr().err
    assert folder().joinpath("mine.toml").read_bytes() == before
    assert run_command(["codec", "add", str(path), "--force"]) == 0
    assert b"Mine, newer" in folder().joinpath("mine.toml").read_bytes()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": "jpeg"}, "There already is a codec called “jpeg”"),
        ({"label": "jpeg 2000"}, "“jpeg2000” already has the label"),
    ],
)
def test_names_and_labels_of_others_are_not_to_be_had(
    home: Path, changes: dict[str, str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_description(home, **changes)
    assert run_command(["codec", "add", str(path)]) == 2
    assert sentence in capsys.readouterr().err
    assert run_command(["compare", "photo.png", "--bpp", "1", "--codec-file", str(path)]) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.usefixtures("home")
def test_what_comes_along_is_found_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["codec", "add", "cwebp"]) == 0
    assert folder().joinpath("cwebp.toml").is_file()
    assert run_command(["codec", "list"]) == 0
    printed = capsys.readouterr().out
    assert "  avifenc: " in printed
    assert run_command(["codec", "add", "cwepb"]) == 2
    assert "There is no file “cwepb”" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["../mine", "/etc/passwd", "mine/../mine", "none"])
def test_only_what_is_installed_is_removed(home: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "config" / "RateLens" / "codecs").mkdir(parents=True)
    (home / "config" / "RateLens" / "mine.toml").write_text("kept", "utf-8")
    assert run_command(["codec", "remove", name]) == 2
    assert "is installed" in capsys.readouterr().err
    assert (home / "config" / "RateLens" / "mine.toml").exists()


def test_an_installed_file_that_is_broken_is_named_and_the_others_go_on(home: Path) -> None:
    codecs = home / "config" / "RateLens" / "codecs"
    codecs.mkdir(parents=True)
    (codecs / "broken.toml").write_text("name = 'broken'", "utf-8")
    (codecs / "mine.toml").write_text(description_text(home), "utf-8")
    done = python("-m", "viewer", "codec", "list", environment={"XDG_CONFIG_HOME": str(home / "config")})
    assert done.returncode == 2
    assert "mine: its programs are installed" in done.stdout
    assert "The installed codec “broken” cannot be used" in done.stderr
    assert f"fix or remove “{codecs / 'broken.toml'}”" in done.stderr


def test_a_codec_file_is_compared_once_beside_the_others(
    home: Path, photograph: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_description(home)
    out = home / "out"
    arguments = ["--bpp", "1.5", "--codec", "jpeg", "--codec-file", str(path), "--json", "--out", str(out)]
    assert run_command(["compare", str(photograph), *arguments]) == 0
    results = json.loads(capsys.readouterr().out)["results"]
    assert [result["codec"] for result in results] == ["jpeg", "mine"]
    assert (out / "photo.mine.jpeg").stat().st_size == results[1]["bytes"]
    assert not folder().exists()


def test_encode_and_decode_by_command(home: Path, photograph: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The stream is JPEG, which another codec recognises: the same picture, whoever decodes it."""
    path, stream, back = write_description(home), home / "photo.jpeg", home / "back.png"
    assert run_command(["encode", str(photograph), str(stream), "--codec-file", str(path), "--bpp", "1.5"]) == 0
    assert run_command(["decode", str(stream), str(back), "--codec-file", str(path)]) == 0
    assert run_command(["decode", str(stream), str(home / "other.png")]) == 0
    with PillowImage.open(back) as one, PillowImage.open(home / "other.png") as other:
        assert np.array_equal(np.asarray(one), np.asarray(other))
    assert run_command(["encode", str(photograph), str(home / "x.jpeg"), "--bpp", "1.5"]) == 2
    assert "add --codec NAME, --codec-file" in capsys.readouterr().err


@pytest.mark.usefixtures("photograph")
def test_a_stream_of_an_unknown_format_is_decoded_by_its_suffix(home: Path) -> None:
    """A format that nobody else knows: Pillow's JPEG with its bytes reversed."""
    code = (
        "import io, sys\nfrom PIL import Image\nmode, given, made, *quality = sys.argv[1:]\n"
        "if mode == 'encode':\n    file = io.BytesIO()\n"
        "    Image.open(given).save(file, 'JPEG', quality=int(quality[0]))\n"
        "    open(made, 'wb').write(file.getvalue()[::-1])\n"
        "else:\n    Image.open(io.BytesIO(open(given, 'rb').read()[::-1])).save(made)\n"
    )
    text = description_text(home, encode=code, decode=code).replace(".jpeg", ".gepj")
    codecs = home / "config" / "RateLens" / "codecs"
    codecs.mkdir(parents=True)
    (codecs / "mine.toml").write_text(text, "utf-8")
    environment = {"XDG_CONFIG_HOME": str(home / "config")}
    for arguments in (
        ("encode", "photo.png", "photo.gepj", "--codec", "mine", "--bpp", "1"),
        ("decode", "photo.gepj", "b.png"),
    ):
        done = python("-m", "viewer", *arguments, environment=environment, folder=home)
        assert done.returncode == 0, done.stderr
    with PillowImage.open(home / "b.png") as back:
        assert back.size == (256, 192)


@pytest.mark.parametrize("codec_fails", [{"encode": "import sys\nsys.exit('no licence')"}, {"decode": "pass"}])
def test_a_codec_that_fails_does_so_alone(
    home: Path, photograph: Path, codec_fails: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_description(home, **codec_fails)
    codecs = ["--codec", "jpeg", "jpeg2000", "--codec-file", str(path)]
    pictures = home / "pictures"
    pictures.mkdir()
    photograph.rename(pictures / "photo.png")
    picture = str(pictures / "photo.png")
    for arguments in (
        ["compare", picture, "--bpp", "1", "--json"],
        ["compare", picture, "--psnr", "35", "--json"],
        ["report", picture, "--bpp", "1", "--points", "0", "--out", str(home / "report.html")],
        ["sweep", str(pictures), "--bpp", "0.5", "1", "--out", str(home / "sweep.csv")],
    ):
        assert run_command([*arguments, *codecs]) == 2, arguments
        printed = capsys.readouterr()
        sentences = [line for line in printed.err.splitlines() if line.startswith("ratelens: ")]
        assert len(sentences) == 1, printed.err
        assert "Mine" in sentences[0]
        if "--json" in arguments:
            assert [result["codec"] for result in json.loads(printed.out)["results"]] == ["jpeg", "jpeg2000"]
    assert "JPEG 2000" in (home / "report.html").read_text("utf-8")
    with (home / "sweep.csv").open(encoding="utf-8", newline="") as file:
        measured = {(row["codec"], row["target_bpp"]) for row in csv.DictReader(file)}
    assert measured == {(codec, bpp) for codec in ("jpeg", "jpeg2000") for bpp in ("0.5", "1.0")}


def test_a_sweep_and_a_report_have_it(home: Path, photograph: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_description(home, more='version = "python3 --version"')
    pictures = home / "pictures"
    pictures.mkdir()
    photograph.rename(pictures / "photo.png")
    codecs = ["--codec", "jpeg", "--codec-file", str(path)]
    arguments = [
        "sweep",
        str(pictures),
        "--bpp",
        "1",
        "1.5",
        "--out",
        str(home / "s.csv"),
        "--plot",
        str(home / "s.svg"),
    ]
    assert run_command([*arguments, *codecs]) == 0
    assert (home / "s.csv").read_text("utf-8").count(",mine,") == 2
    assert "mine against jpeg" in capsys.readouterr().out
    report = home / "report.html"
    arguments = ["report", str(pictures / "photo.png"), "--bpp", "1", "--points", "0", "--out", str(report)]
    assert run_command([*arguments, *codecs]) == 0
    text = report.read_text("utf-8")
    assert "by command, Python 3" in text
    assert "--codec-file mine.toml" in text
    assert "{quality}" in text


HANG = (
    "import os, subprocess, sys, time\nchild = subprocess.Popen(['sleep', '600'])\n"
    "open({pids!r}, 'a').write(f'{{os.getpid()}} {{child.pid}}\\n')\ntime.sleep(600)\n"
)


def programs_in(pids: Path, run: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """The program that hangs, and its child, once they have written who they are."""
    deadline = time.monotonic() + 120
    while not pids.exists() or not pids.read_text("utf-8").endswith("\n"):
        assert run.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return [psutil.Process(int(pid)) for pid in pids.read_text("utf-8").split()]


def assert_ended(started: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(started, timeout=240)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []


@pytest.mark.skipif(os.name == "nt", reason="signals are sent as on POSIX")
@pytest.mark.parametrize(
    ("command", "ending"),
    [
        ("compare", signal.SIGINT),
        ("compare", signal.SIGTERM),
        ("compare", signal.SIGHUP),
        ("sweep", signal.SIGINT),
        ("sweep", signal.SIGTERM),
        ("sweep", signal.SIGKILL),
        ("", signal.SIGINT),
        ("", signal.SIGTERM),
    ],
)
def test_nothing_stays_behind_however_it_ends(
    home: Path, photograph: Path, command: str, ending: signal.Signals
) -> None:
    pids = home / "pids"
    path = write_description(home, encode=HANG.format(pids=str(pids)))
    arguments = {
        "compare": ["compare", str(photograph), "--codec", "jpeg"],
        "sweep": ["sweep", str(home), "--out", str(home / "s.csv"), "--codec", "jpeg"],
        "": [str(photograph)],  # the window
    }
    run = subprocess.Popen(
        [sys.executable, "-m", "viewer", *arguments[command], "--bpp", "1", "--codec-file", str(path)],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "XDG_CONFIG_HOME": str(home / "config")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=heed_ctrl_c,  # noqa: PLW1509 (it takes no lock)
    )
    started = programs_in(pids, run)
    os.kill(run.pid, ending)
    code = run.wait(240)
    assert code in ({-9} if ending == signal.SIGKILL else {128 + ending})
    assert_ended(started)


CLOSING = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from viewer.codecs.command.codec import CommandCodec
from viewer.codecs.command.description import load_description
from viewer.codecs.registry import add_codec

add_codec(CommandCodec(load_description(Path(sys.argv[2]))))
from viewer.ui.shell import app, main_window

class Closing(main_window.MainWindow):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self._look = QTimer(self, interval=50)
        self._look.timeout.connect(lambda: Path(sys.argv[3]).exists() and self.close())
        self._look.start()

app.MainWindow = Closing
sys.exit(app.run(Path(sys.argv[1]), 1.0, None, None))
"""


@pytest.mark.skipif(os.name == "nt", reason="processes are looked at as on POSIX")
def test_closing_the_window_ends_what_runs(home: Path, photograph: Path) -> None:
    pids, go = home / "pids", home / "go"
    path = write_description(home, encode=HANG.format(pids=str(pids)))
    run = subprocess.Popen(
        [sys.executable, "-c", CLOSING, photograph, path, go],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "XDG_CONFIG_HOME": str(home / "config")},
    )
    started = programs_in(pids, run)
    go.touch()
    assert run.wait(240) == 0
    assert_ended(started)


def test_real_programs_are_compared_at_matched_rates(photograph: Path, capsys: pytest.CaptureFixture[str]) -> None:
    described = {name: load_description(path) for name, path in recipes().items()}
    there = [name for name, one in described.items() if shutil.which(one.encode[0]) and shutil.which(one.decode[0])]
    if not there:
        pytest.skip("none of the programs that RateLens has descriptions of is installed")
    arguments = ["compare", str(photograph), "--bpp", "1", "--codec", "jpeg2000", "--json", "--codec-file", *there]
    assert run_command(arguments) == 0
    results = {result["codec"]: result for result in json.loads(capsys.readouterr().out)["results"]}
    assert set(results) == {"jpeg2000", *there}
    for name in there:
        assert abs(results[name]["bpp"] - 1) < 0.06, name
    if "opj_compress" in there:  # it is the same library, so it shows the same
        assert abs(results["opj_compress"]["psnr_rgb"] - results["jpeg2000"]["psnr_rgb"]) < 0.3
