"""The codecs by command that the user has installed, in a folder of their own, and those that come with RateLens.

Only these are known from the start. Nothing that is opened, a session or a picture, can add one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from models.errors import CodecError, OutputError
from viewer.codecs.base import Codec
from viewer.codecs.command.codec import CommandCodec
from viewer.codecs.command.description import load_description, parse_description, text_of, with_folder
from viewer.imaging.writer import write_file
from viewer.system.resources import recipes_folder


@dataclass(frozen=True)
class InstalledCodecs:
    """codecs: those that can be used. findings: what is wrong with the others, and what to do about it."""

    codecs: tuple[CommandCodec, ...] = ()
    findings: tuple[tuple[str, str], ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """The findings, a sentence each."""
        return tuple(f"{what}: {fix}" for what, fix in self.findings)


def folder() -> Path:
    """Where installed descriptions are."""
    return platformdirs.user_config_path("RateLens", appauthor=False) / "codecs"


def load_installed(taken: Iterable[Codec]) -> InstalledCodecs:
    """Read what is installed. taken: codecs whose names and labels are not to be had any more."""
    known = list(taken)
    codecs: list[CommandCodec] = []
    findings: list[tuple[str, str]] = []
    try:
        files = sorted(path for path in folder().iterdir() if path.suffix == ".toml")
    except (FileNotFoundError, NotADirectoryError):
        return InstalledCodecs()
    except OSError as error:
        what = f"The installed codecs in “{folder()}” cannot be read ({error.strerror})"
        return InstalledCodecs((), ((what, "check its permissions."),))
    for path in files:
        try:
            codec = CommandCodec(load_description(path))
            refuse_clash(codec, known)
        except CodecError as error:
            findings.append(
                (f"The installed codec “{path.stem}” cannot be used ({error})", f"mend or remove “{path}”.")
            )
            continue
        codecs.append(codec)
        known.append(codec)
    return InstalledCodecs(tuple(codecs), tuple(findings))


def refuse_clash(codec: Codec, taken: Iterable[Codec]) -> None:
    """Raise CodecError where a codec's name or label is another's."""
    for other in taken:
        if codec.name == other.name:
            raise CodecError(f"There is a codec called “{codec.name}” already: choose another name.")
        if codec.label.casefold() == other.label.casefold():
            raise CodecError(f"The codec “{other.name}” has the label “{codec.label}” already: choose another label.")


def others(codec: Codec, taken: Iterable[Codec]) -> list[Codec]:
    """Those whose names a codec cannot have: all but one of its own kind that the user has installed, or a variant,
    whose place it would take.
    """
    return [other for other in taken if other.name != codec.name or not _may_replace(codec, other)]


def _may_replace(codec: Codec, other: Codec) -> bool:
    if isinstance(other, CommandCodec):
        return isinstance(codec, CommandCodec)
    return type(codec) is type(other) and ":" in other.name


def recipes() -> dict[str, Path]:
    """The descriptions that come with RateLens, by name."""
    return {path.stem: path for path in sorted(recipes_folder().glob("*.toml"))}


def description_file(name: str | Path) -> Path:
    """The file that a user means: a path, or the name of a description that comes with RateLens."""
    path, found = Path(name), recipes()
    is_bare = path.name == str(name) and path.suffix in ("", ".toml")
    return found[path.stem] if is_bare and path.stem in found and not path.is_file() else path


def install(path: Path, taken: Iterable[Codec], *, force: bool) -> tuple[CommandCodec, Path]:
    """Copy a description to where installed ones are. Returns the codec and its file.

    taken: codecs whose names it cannot have. force: in the place of an installed one of the same name. Raises
    CodecError; OutputError where there is one already, or it cannot be written.
    """
    text = text_of(path)
    codec = CommandCodec(parse_description(text, path))
    refuse_clash(codec, others(codec, taken))
    target = folder() / f"{codec.name}.toml"
    if target.exists() and not force:
        raise OutputError(f"The codec “{codec.name}” is installed already: add --force to put this one in its place.")
    write_file(target, with_folder(text, path.absolute().parent).encode(), force=force)
    return codec, target


def remove(name: str) -> Path:
    """Remove an installed description; returns where it was. Raises CodecError if there is none; OutputError."""
    target = folder() / f"{name}.toml"
    if target.parent != folder() or not target.is_file():
        raise CodecError(f"No codec “{name}” is installed: “ratelens codec list” names those that are.")
    try:
        target.unlink()
    except OSError as error:
        raise OutputError(f"“{target}” cannot be removed ({error.strerror}): check its permissions.") from error
    return target
