"""The log: where it is, what stands at its head, and that it never gets in the way."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import platformdirs
import pytest

from tests.programs import python
from viewer.system import log


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A log in a folder of its own."""
    monkeypatch.setattr(platformdirs, "user_log_path", lambda *_args, **_kinds: tmp_path / "log")
    yield tmp_path / "log" / log.FILE
    log.stop()


def test_versions_stand_at_its_head(place: Path) -> None:
    assert log.start(verbose=False) == place
    head = place.read_text("utf-8").splitlines()[0]
    assert f"Python {sys.version.split()[0]}" in head
    for library in ("ratelens", "torch", "Pillow", "PySide6-Essentials"):
        assert f"{library} " in head


def test_levels_are_kept_apart(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log.start(verbose=False)
    log.log.debug("a detail")
    log.log.info("a step")
    log.log.error("a defect")
    text = place.read_text("utf-8")
    assert "a detail" not in text
    assert "a step" in text
    shown = capsys.readouterr().err
    assert "a step" not in shown
    assert "a defect" in shown


def test_verbose_tells_everything_in_both_places(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log.start(verbose=True)
    log.log.debug("a detail")
    assert "a detail" in place.read_text("utf-8")
    assert "a detail" in capsys.readouterr().err


def test_python_warnings_go_there(place: Path) -> None:
    log.start(verbose=False)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("something is odd", stacklevel=1)
    assert "something is odd" in place.read_text("utf-8")


def test_it_rotates(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "_MAX_BYTES", 4000)
    log.start(verbose=False)
    for number in range(300):
        log.log.info("line %d %s", number, "x" * 60)
    files = sorted(path.name for path in place.parent.iterdir())
    assert files == [log.FILE, *(f"{log.FILE}.{i}" for i in (1, 2, 3))]
    assert all(path.stat().st_size <= 4000 for path in place.parent.iterdir())


def test_where_no_log_can_be_written_the_program_starts(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place.parent.write_text("a file where the folder should be")
    assert log.start(verbose=True) is None
    assert "cannot write a log" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_a_full_disk_is_borne(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place.parent.mkdir()
    place.symlink_to("/dev/full")
    log.start(verbose=False)
    log.log.info("a step")
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="the place is another one")
def test_a_command_logs_what_users_got_wrong(tmp_path: Path) -> None:
    environment = {"XDG_STATE_HOME": str(tmp_path)}
    done = python("-m", "viewer", "compare", "missing.png", "--bpp", "1", environment=environment)
    assert done.returncode == 2
    written = list(tmp_path.rglob(log.FILE))
    assert len(written) == 1
    assert "missing.png" in written[0].read_text("utf-8")
    assert "Traceback" not in done.stderr
    told = python("-m", "viewer", "compare", "missing.png", "--bpp", "1", "--verbose", environment=environment)
    assert "started on" in told.stderr


UNEXPECTED = """
import sys
sys.modules["viewer.cli.{broken}"] = None
sys.argv = ["ratelens", *{arguments}]
from viewer.__main__ import main
sys.exit(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the place is another one")
@pytest.mark.parametrize(
    ("broken", "arguments"), [("main", ["--version"]), ("doctor", ["doctor"]), ("display_check", [])]
)
def test_an_unexpected_error_is_logged_and_has_an_exit_code_of_its_own(
    broken: str, arguments: list[str], tmp_path: Path
) -> None:
    code = UNEXPECTED.format(broken=broken, arguments=arguments)
    done = python("-c", code, environment={"XDG_STATE_HOME": str(tmp_path)})
    assert done.returncode == 70
    (written,) = tmp_path.rglob(log.FILE)
    text = written.read_text("utf-8")
    assert "ERROR" in text
    assert "Traceback" in text
    assert f"viewer.cli.{broken}" in text
    assert "Traceback" in done.stderr
    assert done.stderr.splitlines()[-1].endswith(f"They are also in the log: {written}")


def test_an_unexpected_error_is_shown_where_even_the_log_is_broken() -> None:
    code = 'import sys; sys.modules["platformdirs"] = None\n' + UNEXPECTED.format(broken="main", arguments=[])
    done = python("-c", code)
    assert done.returncode == 70
    assert "Traceback" in done.stderr
    assert "viewer.cli.main" in done.stderr
