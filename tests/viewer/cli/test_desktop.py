"""install-desktop: what it puts into the user's folders is valid, and comes out again."""

from __future__ import annotations

import configparser
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.programs import python
from viewer.cli import main as cli
from viewer.cli.desktop import contents, data_home, entry, program

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="for desktops on Linux")


def install(*options: str) -> int:
    parsed = cli.command_parser("install-desktop").parse_args(["install-desktop", *options])
    code: int = parsed.run(parsed)
    return code


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data home"))
    return tmp_path / "data home"


def test_what_is_installed_is_removed_again(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert install() == 0
    files = {path for path in data.rglob("ratelens*") if path.is_file()}
    assert files == set(contents(data))
    assert install() == 0  # again, as after an update
    assert "--remove" in capsys.readouterr().out
    assert install("--remove") == 0
    assert not [path for path in data.rglob("ratelens*") if path.is_file()]
    assert install("--remove") == 0
    assert "Nothing to remove" in capsys.readouterr().out


def test_the_entry_starts_the_program(data: Path) -> None:
    install()
    text = (data / "applications" / "ratelens.desktop").read_text("utf-8")
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(text)
    section = parser["Desktop Entry"]
    *command, place = shlex.split(section["Exec"])
    assert place == "%f"
    done = subprocess.run([*command, "--version"], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert section["Type"] == "Application"
    assert all(kind.count("/") == 1 for kind in section["MimeType"].rstrip(";").split(";"))
    if shutil.which("desktop-file-validate"):
        subprocess.run(["desktop-file-validate", str(data / "applications" / "ratelens.desktop")], check=True)


def test_a_path_with_special_characters_is_quoted() -> None:
    line = next(one for one in entry(("/opt/my $apps/100%/rate`lens",)).splitlines() if one.startswith("Exec="))
    assert line == 'Exec="/opt/my \\\\$apps/100%%/rate\\\\`lens" %f'


def test_the_file_types_are_those_of_the_program(data: Path) -> None:
    install()
    root = ElementTree.parse(data / "mime" / "packages" / "ratelens.xml").getroot()
    patterns = {
        glob.attrib["pattern"] for glob in root.iter("{http://www.freedesktop.org/standards/shared-mime-info}glob")
    }
    assert patterns == {"*.ratelens", "*.gdn"}


def test_folders_are_those_of_the_specification(tmp_path: Path) -> None:
    assert data_home({"XDG_DATA_HOME": str(tmp_path)}) == tmp_path
    assert data_home({"XDG_DATA_HOME": "relative"}) == Path.home() / ".local" / "share"
    assert Path(program()[0]).is_absolute()


def test_a_bundle_is_itself_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", "/opt/RateLens/RateLens")
    assert program() == ("/opt/RateLens/RateLens",)


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    blocked = tmp_path / "data"
    blocked.write_text("a file")
    done = python("-m", "viewer", "install-desktop", environment={"XDG_DATA_HOME": str(blocked)})
    assert done.returncode == 2
    assert done.stderr.startswith("ratelens: ")
    assert "Traceback" not in done.stderr
