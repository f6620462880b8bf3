"""What the user adds to the codecs while the window runs, and takes away again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from models.errors import CodecError
from viewer.codecs.base import Codec
from viewer.codecs.command.installed import folder, install, recipes, remove
from viewer.codecs.own_weights import (
    FAMILY,
    install_weights,
    installed_file,
    is_weights_file,
    remove_weights,
    weights_codec,
)
from viewer.codecs.registry import add_codec, added_codecs, codec_named, forget_codec, known_codecs
from viewer.codecs.variants import SEPARATOR


@dataclass(frozen=True)
class CodecWish:
    """file: a description or weights, to be installed. variant: the name of one; exactly one of them is given."""

    file: Path | None = None
    variant: str = ""


@dataclass(frozen=True, eq=False)
class AddedCodec:
    """is_new: no codec of this name is known. remark: a sentence on what it still lacks, or empty."""

    codec: Codec
    is_new: bool
    remark: str = ""


def make_codec(wish: CodecWish) -> AddedCodec:
    """Install a codec, or make a variant. Run in a worker. Raises RateLensError."""
    names = {codec.name for codec in known_codecs()}
    if wish.file is None:
        codec = codec_named(wish.variant)
        if codec.name in names:
            raise CodecError(f"There already is a codec “{codec.name}”: choose other settings.")
        return AddedCodec(codec, is_new=True)
    if is_weights_file(wish.file):
        _refuse_installed(weights_codec(wish.file).name)
        learned, _ = install_weights(wish.file, known_codecs(), force=False)
        return AddedCodec(learned, learned.name not in names)
    from viewer.codecs.command.description import load_description

    _refuse_installed(load_description(wish.file).name)
    command, _ = install(wish.file, known_codecs(), force=False)
    try:
        command.require_programs()
    except CodecError as error:
        return AddedCodec(command, command.name not in names, str(error))
    return AddedCodec(command, command.name not in names)


def _refuse_installed(name: str) -> None:
    if _file_of(name) is not None:
        raise CodecError(f"The codec “{name}” is already installed: remove it first, then add it again.")


def _file_of(name: str) -> Path | None:
    """Where an installed codec is."""
    if name.startswith(f"{FAMILY}{SEPARATOR}"):
        return installed_file(name)
    described = folder() / f"{name}.toml"
    return described if described.is_file() else None


def removable_codecs() -> tuple[Codec, ...]:
    """What the user has installed, and the variants that were added."""
    added = {codec.name for codec in added_codecs()}
    return tuple(
        codec
        for codec in known_codecs()
        if _file_of(codec.name) is not None or (SEPARATOR in codec.name and codec.name in added)
    )


def take_away(name: str) -> None:
    """Uninstall a codec, or forget a variant. Raises RateLensError."""
    file = _file_of(name)
    if file is not None and is_weights_file(file):
        remove_weights(name)
    elif file is not None:
        remove(name)
    forget_codec(name)


def recall_variants(names: Iterable[str]) -> tuple[Codec, ...]:
    """Let the variants be known that were added in earlier runs, or that a session names, and return them; those whose
    codecs are gone are passed over.
    """
    found = []
    for name in names:
        try:
            codec = codec_named(name)
            if codec not in known_codecs():
                add_codec(codec)
            found.append(codec)
        except CodecError:
            continue
    return tuple(found)


def installable_recipes() -> dict[str, Path]:
    """The descriptions that come with RateLens and are not installed, by name."""
    return {name: path for name, path in recipes().items() if _file_of(name) is None}
