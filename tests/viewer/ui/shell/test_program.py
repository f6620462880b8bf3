"""The program as a process: a real window on a virtual screen, and screenshots."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image as PillowImage

RUN = """
import sys
from pathlib import Path
from models.errors import RateLensError
from viewer.ui.shell.app import run
try:
    sys.exit(run(Path(sys.argv[1]), 0.4, Path(sys.argv[2]), (1000, 700)))
except RateLensError as error:
    print(error, file=sys.stderr)
    sys.exit(2)
"""


def start(command: list[str], platform: str, timeout_s: float = 240) -> subprocess.CompletedProcess[str]:
    """Run a command to its end on a Qt platform."""
    environment = {**os.environ, "QT_QPA_PLATFORM": platform, "RATELENS_TEST_PLATFORM": platform}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=timeout_s, check=False)


def test_a_screenshot_has_the_size_asked_for_and_is_written_as_every_file_is(photograph: Path, tmp_path: Path) -> None:
    out, target = tmp_path / "shot.png", tmp_path / "target.png"
    out.symlink_to(target)
    done = start([sys.executable, "-c", RUN, str(photograph), str(out)], "offscreen")
    assert done.returncode == 0, done.stderr
    assert out.is_symlink()
    with PillowImage.open(target) as shot:
        assert shot.size == (1000, 700)


def test_a_screenshot_of_no_picture_says_why(tmp_path: Path) -> None:
    missing = tmp_path / "missing.png"
    done = start([sys.executable, "-c", RUN, str(missing), str(tmp_path / "shot.png")], "offscreen")
    assert done.returncode == 2
    assert "missing.png" in done.stderr
    assert not (tmp_path / "shot.png").exists()


def test_pictures_decoded_elsewhere_come_with_their_original(photograph: Path, tmp_path: Path) -> None:
    out = tmp_path / "shot.png"
    program = [sys.executable, "-m", "viewer"]
    alone = start([*program, "--with", str(photograph)], "offscreen")
    assert alone.returncode == 2
    assert alone.stderr == "ratelens: --with needs the original, too: write “ratelens ORIGINAL --with PICTURE”.\n"
    given = f"{photograph}={photograph}"
    done = start([*program, str(photograph), "--with", given, "--screenshot", str(out)], "offscreen")
    assert done.returncode == 0, done.stderr
    assert out.is_file()


CRASH = """
import sys
from viewer.matching.comparison import Comparison
Comparison.result = lambda *_arguments, **_options: 1 / 0
sys.argv = ["ratelens", *sys.argv[1:]]
from viewer.__main__ import main
sys.exit(main())
"""


def test_an_unexpected_error_before_a_screenshot_is_not_one_of_the_users(photograph: Path, tmp_path: Path) -> None:
    arguments = [str(photograph), "--screenshot", str(tmp_path / "shot.png")]
    done = start([sys.executable, "-c", CRASH, *arguments], "offscreen")
    assert done.returncode == 70, done.stderr
    assert "ZeroDivisionError" in done.stderr
    assert not (tmp_path / "shot.png").exists()


@pytest.mark.parametrize(("rate", "problem"), [("9.5", "9.5 bpp is out"), ("1:2", "12 bpp is out"), ("9kB", "no file")])
def test_only_a_rate_that_is_a_file_size_reads_the_picture_before_the_window(
    rate: str, problem: str, tmp_path: Path
) -> None:
    missing = tmp_path / "missing.png"
    done = start([sys.executable, "-m", "viewer", str(missing), "--bpp", rate], "offscreen")
    assert done.returncode == 2
    assert problem in done.stderr


@pytest.mark.skipif(shutil.which("xvfb-run") is None, reason="Xvfb is not installed (Debian: apt install xvfb)")
def test_the_program_runs_in_a_real_window(photograph: Path, tmp_path: Path) -> None:
    out = tmp_path / "shot.png"
    screen = ["xvfb-run", "-a", "-s", "-screen 0 1920x1200x24"]
    done = start([*screen, sys.executable, "-c", RUN, str(photograph), str(out)], "xcb")
    assert done.returncode == 0, done.stderr
    with PillowImage.open(out) as shot:
        assert shot.size == (1000, 700)
        colours = shot.convert("RGB").getcolors(1 << 24)
        assert colours is not None
        assert len(colours) > 5000  # photographs, not an empty window
        counts = {colour: count for count, colour in colours}
        for codec_colour in ((213, 94, 0), (43, 140, 214), (0, 158, 115)):
            assert counts.get(codec_colour, 0) > 100


@pytest.mark.skipif(shutil.which("xvfb-run") is None, reason="Xvfb is not installed (Debian: apt install xvfb)")
@pytest.mark.timeout(700)
def test_a_whole_session_in_a_real_window() -> None:
    screen = ["xvfb-run", "-a", "-s", "-screen 0 1920x1200x24"]
    walk = Path(__file__).with_name("whole_session.py")
    command = [*screen, sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", str(walk)]
    done = start(command, "xcb", timeout_s=650)
    assert done.returncode == 0, done.stdout + done.stderr
