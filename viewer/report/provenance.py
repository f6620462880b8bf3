"""The versions and the weights that a report's numbers depend on."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from PIL import features

from viewer.codecs.base import Codec
from viewer.codecs.command.codec import CommandCodec
from viewer.codecs.command.jobs import version_of
from viewer.codecs.learned import LearnedViewerCodec
from viewer.codecs.registry import added_codecs
from viewer.sweep.rows import Row

_PACKAGES = ("torch", "constriction", "pillow", "glymur", "numpy", "opencv-python-headless")
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


def weights_digests(codecs: Sequence[Codec]) -> list[tuple[str, str, str]]:
    """Of each weights file that codecs use: the codec's label, the file's name and its SHA-256, hexadecimal."""
    labels: dict[Path, str] = {}
    for codec in codecs:
        if isinstance(codec, LearnedViewerCodec):
            labels.setdefault(codec.weights.place, codec.label)
    return [(label, path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path, label in labels.items()]


@dataclass(frozen=True)
class CommandLines:
    """A codec by command: the programs' version, may be empty, and the command lines as its description has them."""

    label: str
    version: str
    encode: str
    decode: str


def commands_of(codecs: Sequence[Codec]) -> list[CommandLines]:
    """What those codecs run that are codecs by command."""
    return [
        CommandLines(
            codec.label,
            version_of(codec.description),
            shlex.join(codec.description.encode),
            shlex.join(codec.description.decode),
        )
        for codec in codecs
        if isinstance(codec, CommandCodec)
    ]


def codec_source_options(codecs: Sequence[Codec]) -> list[str]:
    """The options of a command line that make known the codecs that are known for this once."""
    added = added_codecs()
    files = [codec.description.file for codec in codecs if codec in added and isinstance(codec, CommandCodec)]
    places = {codec.weights.path: None for codec in codecs if isinstance(codec, LearnedViewerCodec)}
    given = {codec.weights.path for codec in added if isinstance(codec, LearnedViewerCodec)}
    weights = [path.name for path in places if path is not None and path in given]
    return [*(["--codec-file", *files] if files else []), *(["--weights", *weights] if weights else [])]


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def provenance_of(rows: Sequence[Row], labels: Mapping[str, str]) -> list[tuple[str, str]]:
    """What a sweep's rows say of how they were made, as pairs of a title and a text."""
    said = []
    for codec, label in labels.items():
        own = [row for row in rows if row.codec == codec]
        versions = dict.fromkeys(row.codec_version for row in own if row.codec_version)
        weights = dict.fromkeys(row.weights for row in own if row.weights)
        known = [*versions, *(f"weights {digest}" for digest in weights)]
        said.append((f"{label}, version", ", ".join(known) or "not noted"))
    programs = dict.fromkeys(row.program_version or "not noted" for row in rows)
    said.append(("Swept with", f"RateLens {', '.join(programs)}"))
    hosts = dict.fromkeys((row.host, row.threads) for row in rows if row.host)
    on = ", ".join(
        f"{host} ({threads} thread{'' if threads == 1 else 's'})" if threads else host for host, threads in hosts
    )
    repeats = max((row.repeats or 1 for row in rows), default=1)
    said.append(("Timed on", f"{on or 'not noted'}{f'; medians of {repeats} runs' if repeats > 1 else ''}"))
    return said
