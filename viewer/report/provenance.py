"""The versions and the weights that a report's numbers depend on."""

from __future__ import annotations

import hashlib
from importlib import metadata

from PIL import features

from viewer.codecs.learned import WEIGHTS
from viewer.system.resources import weights_path

_PACKAGES = ("torch", "constriction", "pillow", "glymur", "numpy", "opencv-python-headless", "bjontegaard")
"""Packages that affect streams, pictures or numbers."""


def installed_versions() -> tuple[tuple[str, str], ...]:
    """Names and versions, RateLens first."""
    from viewer.imaging.openjpeg import library

    openjpeg = library()
    found = [(name, _version(name)) for name in ("ratelens", *_PACKAGES)]
    found.append(("OpenJPEG", f"{openjpeg.version} ({openjpeg.source})"))
    turbo = features.version_feature("libjpeg_turbo")
    found.append(("libjpeg-turbo", turbo or "not used"))
    return tuple(("RateLens" if name == "ratelens" else name, version) for name, version in found)


def weights_digest() -> str:
    """SHA-256 of the learned codec's weights file, hexadecimal."""
    return hashlib.sha256(weights_path(WEIGHTS).read_bytes()).hexdigest()


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"
