"""Checks that a window can be opened before Qt tries: if it cannot, Qt aborts without a useful message."""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from viewer.cli.system_packages import install_advice, missing_libraries, plugin_folder

WITHOUT_A_WINDOW = "“ratelens compare IMAGE --bpp 0.25” compares without a window"
_CONNECT_TIMEOUT_S = 5.0


def window_problem() -> str | None:
    """Why no window can be opened, and what to do about it; None if one can.

    Checks only Linux (elsewhere Qt's wheels include all that they need), and only Qt that was installed as a wheel.
    Tries what Qt tries: QT_QPA_PLATFORM if set, else Wayland and then X11; one that works is enough.
    """
    folder = plugin_folder()
    if not sys.platform.startswith("linux") or folder is None:
        return None
    platforms = _platforms(os.environ)
    if not platforms:
        return (
            "There is no display to open a window on: neither DISPLAY nor WAYLAND_DISPLAY is set. "
            f"{WITHOUT_A_WINDOW}; over SSH, use “ssh -X” to forward the display."
        )
    problems = [_platform_problem(folder, platform) for platform in platforms]
    return None if None in problems else problems[-1]


def missing_window_libraries() -> tuple[str, ...]:
    """The system libraries that a window needs and that are missing, sorted; empty except on Linux.

    For the platform that was chosen or, without a display, for X11.
    """
    folder = plugin_folder()
    if not sys.platform.startswith("linux") or folder is None:
        return ()
    plugins = [folder / f"libq{name}.so" for name in _platforms(os.environ) or ("xcb",)]
    missing = [missing_libraries(plugin) for plugin in plugins if plugin.is_file()]
    return () if () in missing or not missing else missing[-1]


def _platforms(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Qt's platform plugins in the order in which Qt tries them ("wayland", "xcb"); empty without a display."""
    asked = environment.get("QT_QPA_PLATFORM")
    if asked:
        names = (part.partition(":")[0] for part in asked.split(";"))
        return tuple(
            "wayland" if name.startswith("wayland") else name for name in names
        )  # wayland-egl is the same plugin
    wayland = environment.get("WAYLAND_DISPLAY") or environment.get("XDG_SESSION_TYPE") == "wayland"
    return (*(["wayland"] if wayland else []), *(["xcb"] if environment.get("DISPLAY") else []))


def _platform_problem(folder: Path, platform: str) -> str | None:
    plugin = folder / f"libq{platform}.so"
    if not plugin.is_file():
        return f"Qt has no platform plugin “{platform}”: unset QT_QPA_PLATFORM."
    missing = missing_libraries(plugin)
    if missing:
        return (
            f"The window needs system libraries that are missing ({', '.join(missing)}). "
            f"To install them: {install_advice(missing)}. Meanwhile, {WITHOUT_A_WINDOW}."
        )
    if platform == "xcb" and not _x11_answers():
        shown = os.environ.get("DISPLAY", "")
        return f"The display “{shown}” does not answer: check DISPLAY. Meanwhile, {WITHOUT_A_WINDOW}."
    if platform == "wayland" and not _wayland_answers(os.environ):
        return f"The Wayland display does not answer: check WAYLAND_DISPLAY. Meanwhile, {WITHOUT_A_WINDOW}."
    return None


def _x11_answers() -> bool:
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    failed = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not failed


def _wayland_answers(environment: Mapping[str, str]) -> bool:
    if environment.get("WAYLAND_SOCKET"):  # the compositor has opened a connection already
        return True
    path = Path(environment.get("XDG_RUNTIME_DIR", ""), environment.get("WAYLAND_DISPLAY") or "wayland-0")
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_CONNECT_TIMEOUT_S)
        try:
            connection.connect(str(path))
        except OSError:
            return False
    return True
