"""Paths of the files that come with the program: samples, weights, icons; the same in a checkout and installed."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

_SAMPLES = (
    ("heron", "Heron (feathers, leaves, blurred water)"),
    ("rooftops", "Rooftops (straight edges, low sun)"),
    ("spices", "Spices (fine texture, strong colours)"),
    ("shrike", "Shrike (smooth sky, thin twigs)"),
    ("dandelions", "Dandelions (hair-fine detail, blurred meadow)"),
)


@dataclass(frozen=True)
class Sample:
    """A photograph that comes with the program. name: identifier ("heron"); title: for menus."""

    name: str
    title: str
    path: Path


def sample_images() -> tuple[Sample, ...]:
    """The sample photographs, in menu order; the program opens with the first."""
    return tuple(Sample(name, title, _asset("samples", f"{name}.webp")) for name, title in _SAMPLES)


def weights_path(name: str) -> Path:
    """The weights file of this name in assets/weights ("gdn.safetensors"). It need not exist."""
    return _asset("weights", name)


def report_folder() -> Path:
    """Where the report's template and style sheet are."""
    return _asset("report")


def recipes_folder() -> Path:
    """Where the descriptions of codecs by command are that come with the program."""
    return _asset("codecs")


def guide_folder() -> Path:
    """Where the pages of the guide are; index.md is the first."""
    return _asset("guide")


def metric_recipes_folder() -> Path:
    """Where the descriptions of metrics by command are that come with the program."""
    return _asset("metrics")


def icon_path() -> Path:
    """The program's icon as SVG."""
    return _asset("icons", "ratelens.svg")


def chevron_path() -> Path:
    """The arrow of a combo box, as SVG, in a grey that suits both themes."""
    return _asset("icons", "chevron.svg")


def _asset(*parts: str) -> Path:
    """A file of the package `assets`. Wheels are installed unpacked, so it is a real file, never a zip member."""
    return Path(str(resources.files("assets").joinpath(*parts)))
