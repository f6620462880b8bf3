"""Running the program as its users do: another process, another folder, a chosen environment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
_NO_DISPLAY = ("DISPLAY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE", "QT_QPA_PLATFORM")


def python(
    *arguments: str | Path,
    path: tuple[Path, ...] = (REPOSITORY,),
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    before: tuple[str, ...] = (),
) -> subprocess.CompletedProcess[str]:
    """Run this Python on arguments without a display. path: where modules come from, first of all; environment: what to
    add; folder: where to start; before: a command to start Python through, such as xvfb-run.
    """
    clean = {key: value for key, value in os.environ.items() if key not in _NO_DISPLAY}
    return subprocess.run(
        [*before, sys.executable, *map(str, arguments)],
        env={**clean, "PYTHONPATH": os.pathsep.join(map(str, path)), **(environment or {})},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def heed_ctrl_c() -> None:
    """For preexec_fn: Ctrl+C counts in the new process even where this one was started in a shell's background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
