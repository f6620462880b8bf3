"""“ratelens install-desktop”: RateLens in a Linux desktop's menu, with its file types, and out of it again."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from models.errors import OutputError
from viewer.cli.options import EXIT_OK
from viewer.cli.printing import print_output
from viewer.imaging.writer import write_file
from viewer.system.resources import icon_path

NAME = "ratelens"
_PICTURES = (
    "image/png;image/jpeg;image/webp;image/avif;image/tiff;image/jp2;image/bmp;image/gif;image/x-portable-anymap;"
)
_OWN = "application/x-ratelens-session;"

_RESERVED = " \t\"'\\><~|&;$*?#()`"
"""Characters that an argument is quoted for."""

_MIME = """<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
  <mime-type type="application/x-ratelens-session">
    <comment>RateLens session</comment>
    <glob pattern="*.ratelens"/>
  </mime-type>
  <mime-type type="image/x-ratelens-gdn">
    <comment>RateLens compressed picture</comment>
    <glob pattern="*.gdn"/>
    <magic><match type="string" offset="0" value="GDN"/></magic>
  </mime-type>
</mime-info>
"""


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments."""
    parser.add_argument("--remove", action="store_true", help="take RateLens out of the desktop's menu again")


def run(parsed: argparse.Namespace) -> int:
    """Install, or remove. Raises OutputError."""
    if not sys.platform.startswith("linux"):
        raise OutputError(
            "install-desktop is for desktops on Linux: make a shortcut to the command “ratelens” instead."
        )
    data = data_home(os.environ)
    if parsed.remove:
        removed = [path for path in contents(data) if _gone(path)]
        _refresh(data)
        print_output(f"Removed {len(removed)} files from {data}." if removed else f"Nothing to remove in {data}.")
        return EXIT_OK
    for path, content in contents(data).items():
        write_file(path, content, force=True)
    _refresh(data)
    print_output(
        "RateLens is in the desktop's menu, and opens pictures and .ratelens sessions. To take it out again: ratelens "
        "install-desktop --remove"
    )
    return EXIT_OK


def data_home(environment: Mapping[str, str]) -> Path:
    """The user's folder for such files, as the XDG Base Directory Specification has it."""
    given = environment.get("XDG_DATA_HOME", "")
    return Path(given) if given.startswith("/") else Path.home() / ".local" / "share"


def contents(data: Path) -> dict[Path, bytes]:
    """The files to install."""
    return {
        data / "applications" / f"{NAME}.desktop": entry(program()).encode(),
        data / "icons" / "hicolor" / "scalable" / "apps" / f"{NAME}.svg": icon_path().read_bytes(),
        data / "mime" / "packages" / f"{NAME}.xml": _MIME.encode(),
    }


def program() -> tuple[str, ...]:
    """The command that starts RateLens by its full path: that of the environment, or the bundle, that it runs in."""
    if getattr(sys, "frozen", False):
        return (sys.executable,)
    beside = Path(sys.executable).parent / NAME
    return (str(beside),) if beside.is_file() else (sys.executable, "-m", "viewer")


def entry(command: tuple[str, ...]) -> str:
    """The desktop entry, as the Desktop Entry Specification 1.5 has it."""
    quoted = " ".join(_quoted(part) for part in command)
    return "\n".join(
        [
            "[Desktop Entry]",
            "Type=Application",
            "Version=1.5",
            "Name=RateLens",
            "GenericName=Codec comparison",
            "Comment=Compare image codecs at the same number of bits",
            f"Exec={quoted} %f",
            f"Icon={NAME}",
            "Terminal=false",
            "Categories=Graphics;Viewer;Science;",
            f"MimeType={_OWN}{_PICTURES}",
            "StartupWMClass=RateLens",
            "",
        ]
    )


def _quoted(part: str) -> str:
    """An argument of Exec: quoted, with what is special inside quotes escaped, and % doubled."""
    doubled = part.replace("%", "%%")
    if not any(char in part for char in _RESERVED):
        return doubled
    escaped = "".join(f"\\{char}" if char in '"`$\\' else char for char in doubled)
    return f'"{escaped}"'.replace("\\", "\\\\")  # once more, as in every value of the file


def _gone(path: Path) -> bool:
    """Remove a file; whether it was there."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise OutputError(f"“{path}” cannot be removed ({error.strerror}): check its permissions.") from error
    return True


def _refresh(data: Path) -> None:
    """Have the desktop notice; where its tools are missing, it does so at the next login."""
    for command in (
        ("update-desktop-database", str(data / "applications")),
        ("update-mime-database", str(data / "mime")),
    ):
        if shutil.which(command[0]) and Path(command[1]).is_dir():
            subprocess.run(command, capture_output=True, timeout=60, check=False)
