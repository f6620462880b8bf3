"""The codecs by command that the user has installed, and which of them may take another's place."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import CodecError
from viewer.codecs.base import Codec
from viewer.codecs.command import installed_files
from viewer.codecs.command.installed_files import InstalledFiles
from viewer.system.resources import recipes_folder

if TYPE_CHECKING:
    from viewer.codecs.command.codec import CommandCodec


def _made(text: str, path: Path) -> CommandCodec:
    from viewer.codecs.command.codec import CommandCodec  # not needed by most: the window starts sooner without it
    from viewer.codecs.command.description import parse_description

    return CommandCodec(parse_description(text, path))


_FILES = InstalledFiles("codec", CodecError, _made, recipes_folder)
folder, load_installed, recipes = _FILES.folder, _FILES.load, _FILES.recipes
description_file, remove = _FILES.file_of, _FILES.remove


def install(path: Path, taken: Iterable[Codec], *, force: bool) -> tuple[CommandCodec, Path]:
    """Copy a description to the folder of installed ones. Returns the codec and its file.

    taken: codecs whose names are in use. force: replace an installed one with the same name. Raises CodecError, or
    OutputError if there is one already or it cannot be written.
    """
    return _FILES.install(path, lambda codec: others(codec, taken), force=force)


def require_unique(codec: Codec, taken: Iterable[Codec]) -> None:
    """Raise CodecError if a codec's name or label is in use."""
    installed_files.require_unique(codec, taken, "codec", CodecError)


def others(codec: Codec, taken: Iterable[Codec]) -> list[Codec]:
    """Codecs whose names a codec cannot have: all except the one of its own kind that it would replace, which the user
    has installed, or a variant.
    """
    return [other for other in taken if other.name != codec.name or not _may_replace(codec, other)]


def _may_replace(codec: Codec, other: Codec) -> bool:
    from viewer.codecs.command.codec import CommandCodec

    if isinstance(other, CommandCodec):
        return isinstance(codec, CommandCodec)
    return type(codec) is type(other) and ":" in other.name
