"""The codecs by command that the user has installed, in a separate folder, and those that come with RateLens.

Only installed ones are known at the start. Opening a file, such as a session or a picture, can never add one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from models.errors import CodecError, OutputError
from viewer.codecs.base import Codec
from viewer.imaging.writer import write_file
from viewer.system.resources import recipes_folder

if TYPE_CHECKING:
    from viewer.codecs.command.codec import CommandCodec


@dataclass(frozen=True)
class InstalledCodecs:
    """codecs: the usable ones. findings: what is wrong with the others, and what to do about it."""

    codecs: tuple[CommandCodec, ...] = ()
    findings: tuple[tuple[str, str], ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """The findings, one sentence each."""
        return tuple(f"{what}: {fix}" for what, fix in self.findings)


def folder() -> Path:
    """The folder of installed descriptions."""
    return platformdirs.user_config_path("RateLens", appauthor=False) / "codecs"


def load_installed(taken: Iterable[Codec]) -> InstalledCodecs:
    """Load the installed codecs. taken: codecs whose names and labels are in use."""
    known = list(taken)
    codecs: list[CommandCodec] = []
    findings: list[tuple[str, str]] = []
    try:
        files = sorted(path for path in folder().iterdir() if path.suffix == ".toml")
    except (FileNotFoundError, NotADirectoryError):
        return InstalledCodecs()
    except OSError as error:
        what = f"The installed codecs in “{folder()}” cannot be read ({error.strerror})"
        return InstalledCodecs((), ((what, "Check its permissions."),))
    if not files:
        return InstalledCodecs()
    from viewer.codecs.command.codec import CommandCodec  # not needed by most: the window starts sooner without it
    from viewer.codecs.command.description import load_description

    for path in files:
        try:
            codec = CommandCodec(load_description(path))
            require_unique(codec, known)
        except CodecError as error:
            findings.append((f"The installed codec “{path.stem}” cannot be used ({error})", f"Fix or remove “{path}”."))
            continue
        codecs.append(codec)
        known.append(codec)
    return InstalledCodecs(tuple(codecs), tuple(findings))


def require_unique(codec: Codec, taken: Iterable[Codec]) -> None:
    """Raise CodecError if a codec's name or label is in use."""
    for other in taken:
        if codec.name == other.name:
            raise CodecError(f"There already is a codec called “{codec.name}”: choose another name.")
        if codec.label.casefold() == other.label.casefold():
            raise CodecError(f"The codec “{other.name}” already has the label “{codec.label}”: choose another label.")


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


def recipes() -> dict[str, Path]:
    """The descriptions that come with RateLens, by name."""
    return {path.stem: path for path in sorted(recipes_folder().glob("*.toml"))}


def description_file(name: str | Path) -> Path:
    """The description that a user refers to: a path, or the name of one that comes with RateLens."""
    path, found = Path(name), recipes()
    is_bare = path.name == str(name) and path.suffix in ("", ".toml")
    return found[path.stem] if is_bare and path.stem in found and not path.is_file() else path


def install(path: Path, taken: Iterable[Codec], *, force: bool) -> tuple[CommandCodec, Path]:
    """Copy a description to the folder of installed ones. Returns the codec and its file.

    taken: codecs whose names are in use. force: replace an installed one with the same name. Raises CodecError, or
    OutputError if there is one already or it cannot be written.
    """
    from viewer.codecs.command.codec import CommandCodec
    from viewer.codecs.command.description import parse_description, text_of, with_folder

    text = text_of(path)
    codec = CommandCodec(parse_description(text, path))
    require_unique(codec, others(codec, taken))
    target = folder() / f"{codec.name}.toml"
    if target.exists() and not force:
        raise OutputError(f"The codec “{codec.name}” is already installed: add --force to replace it.")
    write_file(target, with_folder(text, path.absolute().parent).encode(), force=force)
    return codec, target


def remove(name: str) -> Path:
    """Remove an installed description; returns its path. Raises CodecError if there is none, or OutputError."""
    target = folder() / f"{name}.toml"
    if target.parent != folder() or not target.is_file():
        raise CodecError(f"No codec “{name}” is installed: see “ratelens codec list”.")
    try:
        target.unlink()
    except OSError as error:
        raise OutputError(f"“{target}” cannot be removed ({error.strerror}): check its permissions.") from error
    return target
