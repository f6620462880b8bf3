"""Learned codecs with weights files of the user's own: given for once, or installed beside the codecs by command."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import OutputError, WeightsError
from viewer.codecs.base import Codec
from viewer.codecs.command.installed import folder, require_unique
from viewer.codecs.command.installed_files import load_each, remove_file
from viewer.codecs.learned import LearnedViewerCodec, WeightsFile
from viewer.imaging.writer import write_file
from viewer.system.memory import MemoryEstimate
from viewer.system.plugins import Found

if TYPE_CHECKING:
    from models.weights_header import WeightsHeader

SUFFIX = ".safetensors"
FAMILY = "learned"
_SETTINGS = ("plain", "context")
"""Words that stand for a setting in the name of a variant."""

_LONGEST_LABEL = 40
_SHIPPED_WIDTHS = (64, 192, 320)
_SHIPPED_BYTES_PER_PIXEL = 62.0
_SHIPPED_FIXED_BYTES = 300_000_000


def is_weights_file(path: str | Path) -> bool:
    """Whether a file is a weights file, by its suffix."""
    return Path(path).suffix.lower() == SUFFIX


def weights_codec(path: Path) -> LearnedViewerCodec:
    """The learned codec with the weights in a file, named after it: “learned:night” for night.safetensors.

    Its tensors are not looked at before it is used. Raises CodecError.
    """
    from models.weights_header import read_header  # safetensors is not needed where there are no weights

    header = read_header(path)
    word = _word(path)
    if not word or word in _SETTINGS:
        raise WeightsError(
            f"The weights file “{path.name}” cannot lend the codec its name: rename it, to night.safetensors, say."
        )
    shown = "".join(letter for letter in path.stem if letter.isprintable()).strip()[:_LONGEST_LABEL]
    weights = WeightsFile(path.absolute())
    return LearnedViewerCodec(f"{FAMILY}:{word}", f"Learned {shown}", weights=weights, memory=_memory(header))


def _word(path: Path) -> str:
    return re.sub(r"[^\w.-]+", "-", path.stem.casefold()).strip("-.")


def _memory(header: WeightsHeader) -> MemoryEstimate | None:
    wider = max(width / shipped for width, shipped in zip(header.widths, _SHIPPED_WIDTHS, strict=True))
    if wider <= 1:
        return None
    return MemoryEstimate(wider * _SHIPPED_BYTES_PER_PIXEL, round(wider * _SHIPPED_FIXED_BYTES))


def load_installed_weights(taken: Iterable[Codec]) -> Found[LearnedViewerCodec]:
    """Find what is installed. taken: codecs whose names and labels are in use."""
    return load_each(_installed_files(), "weights", weights_codec, taken)


def _installed_files() -> list[Path]:
    try:
        return sorted(path for path in folder().iterdir() if is_weights_file(path))
    except OSError:  # codecs by command are there as well, and say so
        return []


def install_weights(path: Path, taken: Iterable[Codec], *, force: bool) -> tuple[LearnedViewerCodec, Path]:
    """Copy a weights file to where installed ones are. Returns the codec and its file.

    taken: codecs whose names it cannot have. force: in the place of an installed one of the same name. Raises
    CodecError where it cannot be loaded; OutputError where there is one already, or it cannot be written.
    """
    codec = weights_codec(path)
    require_unique(codec, (other for other in taken if other.name != codec.name))
    codec.load()
    target = folder() / path.name
    present = installed_file(codec.name)
    if present is not None and not force:
        raise OutputError(f"The weights “{codec.name}” are installed already: add --force to put these in their place.")
    write_file(target, path.read_bytes(), force=force)
    if present is not None and present != target:  # of the same name, written in another way
        present.unlink(missing_ok=True)
    return codec, target


def installed_file(name: str) -> Path | None:
    """Where the installed weights of a codec's name are, with or without “learned:”; None if there are none."""
    wanted = name if name.startswith(f"{FAMILY}:") else f"{FAMILY}:{name}"
    for path in _installed_files():
        if f"{FAMILY}:{_word(path)}" == wanted:
            return path
    return None


def remove_weights(name: str) -> Path | None:
    """Remove installed weights; returns where they were, None where there are none. Raises OutputError."""
    path = installed_file(name)
    if path is None:
        return None
    remove_file(path)
    return path
