"""The Linux system libraries that Qt's platform plugins load: which are missing, and the command that installs them.

Qt's wheels include Qt itself but not the libraries of the X11 or Wayland desktop. The dynamic loader says what a plugin
needs; the table below only maps libraries to packages. Run as a module, this prints the missing Debian packages, one
per line, for the Makefile to install.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_PACKAGES = {  # library: (Debian and Ubuntu, Fedora)
    "libEGL.so.1": ("libegl1", "libglvnd-egl"),
    "libGL.so.1": ("libgl1", "libglvnd-glx"),
    "libX11.so.6": ("libx11-6", "libX11"),
    "libX11-xcb.so.1": ("libx11-xcb1", "libX11-xcb"),
    "libdbus-1.so.3": ("libdbus-1-3", "dbus-libs"),
    "libfontconfig.so.1": ("libfontconfig1", "fontconfig"),
    "libfreetype.so.6": ("libfreetype6", "freetype"),
    "libglib-2.0.so.0": ("libglib2.0-0", "glib2"),
    "libgthread-2.0.so.0": ("libglib2.0-0", "glib2"),
    "libwayland-client.so.0": ("libwayland-client0", "libwayland-client"),
    "libwayland-cursor.so.0": ("libwayland-cursor0", "libwayland-cursor"),
    "libxcb.so.1": ("libxcb1", "libxcb"),
    "libxcb-cursor.so.0": ("libxcb-cursor0", "xcb-util-cursor"),
    "libxcb-icccm.so.4": ("libxcb-icccm4", "xcb-util-wm"),
    "libxcb-image.so.0": ("libxcb-image0", "xcb-util-image"),
    "libxcb-keysyms.so.1": ("libxcb-keysyms1", "xcb-util-keysyms"),
    "libxcb-randr.so.0": ("libxcb-randr0", "libxcb"),
    "libxcb-render.so.0": ("libxcb-render0", "libxcb"),
    "libxcb-render-util.so.0": ("libxcb-render-util0", "xcb-util-renderutil"),
    "libxcb-shape.so.0": ("libxcb-shape0", "libxcb"),
    "libxcb-shm.so.0": ("libxcb-shm0", "libxcb"),
    "libxcb-sync.so.1": ("libxcb-sync1", "libxcb"),
    "libxcb-util.so.1": ("libxcb-util1", "xcb-util"),
    "libxcb-xfixes.so.0": ("libxcb-xfixes0", "libxcb"),
    "libxcb-xkb.so.1": ("libxcb-xkb1", "libxcb"),
    "libxkbcommon.so.0": ("libxkbcommon0", "libxkbcommon"),
    "libxkbcommon-x11.so.0": ("libxkbcommon-x11-0", "libxkbcommon-x11"),
    "libz.so.1": ("zlib1g", "zlib"),
    "libzstd.so.1": ("libzstd1", "libzstd"),
}


def plugin_folder() -> Path | None:
    """Where Qt's wheel keeps its platform plugins; None if Qt is missing or comes from the system's packages."""
    found = importlib.util.find_spec("PySide6")
    if found is None or not found.submodule_search_locations:
        return None
    folder = Path(found.submodule_search_locations[0], "Qt", "plugins", "platforms")
    return folder if folder.is_dir() else None


def missing_libraries(plugin: Path) -> tuple[str, ...]:
    """The libraries that a shared object needs and the system lacks, sorted by name ("libxcb-cursor.so.0")."""
    try:
        # Costs nothing: Qt loads the same file a moment later.
        ctypes.CDLL(str(plugin))
    except OSError as error:
        return _not_found(plugin) or (str(error).partition(":")[0],)
    return ()


def _not_found(plugin: Path) -> tuple[str, ...]:
    # The loader stops at the first missing library; ldd names them all.
    ldd = shutil.which("ldd")
    if ldd is None:
        return ()
    listing = subprocess.run([ldd, plugin], capture_output=True, text=True, check=False).stdout
    return tuple(sorted(set(re.findall(r"(\S+) => not found", listing))))


def debian_packages(libraries: Sequence[str]) -> tuple[str, ...]:
    """The Debian packages of libraries, sorted; a library that is not in the table keeps its own name."""
    return tuple(sorted({_PACKAGES.get(library, (library, library))[0] for library in libraries}))


def fedora_packages(libraries: Sequence[str]) -> tuple[str, ...]:
    """The Fedora packages of libraries, sorted; a library that is not in the table keeps its own name."""
    return tuple(sorted({_PACKAGES.get(library, (library, library))[1] for library in libraries}))


def install_advice(libraries: Sequence[str]) -> str:
    """The command that installs the libraries, for this system's package manager."""
    sudo = "" if os.geteuid() == 0 else "sudo "
    if shutil.which("apt-get"):
        return f"{sudo}apt-get install {' '.join(debian_packages(libraries))}"
    if shutil.which("dnf"):
        return f"{sudo}dnf install {' '.join(fedora_packages(libraries))}"
    return f"install the packages that contain {', '.join(libraries)}"


def main() -> None:
    """Print the Debian packages that a window on X11 or Wayland needs and that are missing."""
    folder = plugin_folder()
    if folder is not None:
        missing = [library for name in ("xcb", "wayland") for library in missing_libraries(folder / f"libq{name}.so")]
        sys.stdout.writelines(f"{package}\n" for package in debian_packages(missing))


if __name__ == "__main__":
    main()
