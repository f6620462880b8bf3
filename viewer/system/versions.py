"""Versions of the program, its libraries and Python, without importing any of them."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

LIBRARIES = (
    "torch",
    "numpy",
    "Pillow",
    "glymur",
    "constriction",
    "opencv-python-headless",
    "pyqtgraph",
    "PySide6-Essentials",
)


def version_of(distribution: str) -> str:
    """An installed distribution's version, read from its metadata."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return _checkout_version() if distribution == "ratelens" else "not installed"


def versions() -> tuple[tuple[str, str], ...]:
    """Names and versions of the program, the libraries and Python."""
    parts = [(name, version_of(name)) for name in ("ratelens", *LIBRARIES)]
    return (*parts, ("Python", platform.python_version()))


def _checkout_version() -> str:
    """The version of a checkout that runs without being installed."""
    import tomllib  # only here: the window, which logs the versions first, starts sooner without it

    project = Path(__file__).parents[2] / "pyproject.toml"
    try:
        return f"{tomllib.loads(project.read_text('utf-8'))['project']['version']} (development checkout)"
    except (OSError, tomllib.TOMLDecodeError, KeyError):
        return "development checkout"
