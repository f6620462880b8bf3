"""Where no window can be opened the user reads a sentence; Qt never gets the chance to abort."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.programs import REPOSITORY, python
from viewer.cli.display_check import missing_window_libraries, window_problem
from viewer.cli.system_packages import (
    debian_packages,
    fedora_packages,
    install_advice,
    missing_libraries,
    plugin_folder,
)

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or plugin_folder() is None, reason="about Qt's wheel on Linux"
)
RENAMED = "libxcb-cursoX.so.0"
C_LIBRARIES = re.compile(r"lib(c|m|dl|rt|pthread|gcc_s|stdc\+\+|resolv)\.so|ld-linux")


@pytest.fixture
def crippled(tmp_path: Path) -> Path:
    """A folder with a copy of PySide6 (links, mostly) whose X11 plugin needs a library that no system has."""
    folder = plugin_folder()
    assert folder is not None
    original = folder.parents[2]
    for parts in ((), ("Qt",), ("Qt", "plugins"), ("Qt", "plugins", "platforms")):
        inside = tmp_path.joinpath("PySide6", *parts)
        inside.mkdir()
        for path in original.joinpath(*parts).iterdir():
            if path.name not in {"Qt", "plugins", "platforms", "libqxcb.so"}:
                inside.joinpath(path.name).symlink_to(path)
    plugin = folder.joinpath("libqxcb.so").read_bytes()
    assert plugin.count(b"libxcb-cursor.so.0") == 1
    plugin = plugin.replace(b"libxcb-cursor.so.0", RENAMED.encode())
    tmp_path.joinpath("PySide6", "Qt", "plugins", "platforms", "libqxcb.so").write_bytes(plugin)
    return tmp_path


@pytest.fixture
def no_display(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "XDG_SESSION_TYPE", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(variable, raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        pytest.param({}, "neither DISPLAY nor WAYLAND_DISPLAY is set", id="no display"),
        pytest.param({"DISPLAY": ":4242"}, "“:4242” does not answer", id="nobody answers"),
        pytest.param({"QT_QPA_PLATFORM": "xcb"}, "“” does not answer", id="X11 asked for without one"),
        pytest.param({"QT_QPA_PLATFORM": "cardboard"}, "Qt has no platform plugin “cardboard”", id="unknown platform"),
    ],
)
def test_the_program_says_why_it_opens_no_window(environment: dict[str, str], named: str) -> None:
    done = python("-m", "viewer", environment=environment)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("ratelens: ")
    assert named in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "ratelens compare IMAGE --bpp" in done.stderr or "unset QT_QPA_PLATFORM" in done.stderr


def test_a_missing_library_is_named_with_what_to_type(crippled: Path) -> None:
    done = python("-m", "viewer", path=(crippled, REPOSITORY), environment={"DISPLAY": ":4242"})
    assert done.returncode == 2
    assert done.stderr.startswith(f"ratelens: The window needs system libraries that are missing ({RENAMED})")
    assert install_advice([RENAMED]) in done.stderr
    assert "ratelens compare" in done.stderr


def test_the_doctor_finds_the_missing_library(crippled: Path) -> None:
    done = python("-m", "viewer", "doctor", path=(crippled, REPOSITORY))
    assert done.returncode == 1
    assert re.search(rf"^BAD  Window libraries +missing: {re.escape(RENAMED)}$", done.stdout, re.MULTILINE)
    assert "Problems found: Window libraries." in done.stdout


def test_offscreen_needs_no_display(no_display: pytest.MonkeyPatch) -> None:
    no_display.setenv("QT_QPA_PLATFORM", "offscreen")
    assert window_problem() is None
    assert missing_window_libraries() == ()


def test_one_platform_that_works_is_enough(no_display: pytest.MonkeyPatch) -> None:
    no_display.setenv("QT_QPA_PLATFORM", "xcb;offscreen:some=thing")
    assert window_problem() is None


def test_wayland_is_asked_for_an_answer(no_display: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = plugin_folder()
    assert folder is not None
    if missing_libraries(folder / "libqwayland.so"):
        pytest.skip("Qt's Wayland plugin misses libraries here")
    no_display.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    no_display.setenv("WAYLAND_DISPLAY", "wayland-7")
    assert "The Wayland display does not answer" in str(window_problem())
    with socket.socket(socket.AF_UNIX) as compositor:
        compositor.bind(str(tmp_path / "wayland-7"))
        compositor.listen()
        assert window_problem() is None


def test_a_display_that_answers_is_accepted() -> None:
    xvfb_run = shutil.which("xvfb-run")
    if xvfb_run is None:
        pytest.skip("no xvfb-run here")
    program = "from viewer.cli.display_check import window_problem; print(window_problem())"
    done = python("-c", program, before=(xvfb_run, "-a"))
    assert done.stdout.strip() == "None"


def test_packages_are_named_for_each_family() -> None:
    libraries = ("libxcb-cursor.so.0", "libxcb-icccm.so.4", "libxcb-shm.so.0", "libxcb-sync.so.1", "libnew.so.1")
    assert debian_packages(libraries) == (
        "libnew.so.1",
        "libxcb-cursor0",
        "libxcb-icccm4",
        "libxcb-shm0",
        "libxcb-sync1",
    )
    assert fedora_packages(libraries) == ("libnew.so.1", "libxcb", "xcb-util-cursor", "xcb-util-wm")


@pytest.mark.parametrize("platform", ["xcb", "wayland", "offscreen"])
def test_every_library_that_qt_itself_needs_has_a_package(platform: str) -> None:
    folder, ldd = plugin_folder(), shutil.which("ldd")
    assert folder is not None
    if ldd is None:
        pytest.skip("no ldd here")
    plugin = folder / f"libq{platform}.so"
    environment = {**os.environ, "LD_DEBUG": "files"}
    trace = subprocess.run([ldd, plugin], env=environment, capture_output=True, text=True, check=True)
    needed = set(re.findall(r"file=(\S+) \[0\];  needed by \S*/PySide6/", trace.stderr + trace.stdout))
    bundled = {path.name for path in folder.parents[1].joinpath("lib").iterdir()}
    system = {name for name in needed - bundled if not C_LIBRARIES.match(name)}
    assert {"libEGL.so.1", "libxkbcommon.so.0"} <= system
    assert {name: debian_packages([name]) for name in system if debian_packages([name]) == (name,)} == {}
