"""Descriptions that the user has installed, of codecs or of metrics by command, and those that come with RateLens.

Only installed ones are known at the start. Opening a file, such as a session or a picture, can never add one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import platformdirs

from models.errors import OutputError, RateLensError
from viewer.system.plugins import Found, Named

_Described = TypeVar("_Described", bound=Named)


@dataclass(frozen=True)
class InstalledFiles(Generic[_Described]):
    """One kind of them, in a folder of its own. noun: what they are ("codec"). error: raised for unusable ones.

    make: what a file with a text describes. recipes_folder: of those that come with RateLens.
    """

    noun: str
    error: type[RateLensError]
    make: Callable[[str, Path], _Described]
    recipes_folder: Callable[[], Path]

    def folder(self) -> Path:
        """The folder of installed descriptions."""
        return platformdirs.user_config_path("RateLens", appauthor=False) / f"{self.noun}s"

    def load(self, taken: Iterable[Named]) -> Found[_Described]:
        """Load the installed ones. taken: those whose names and labels are in use."""
        try:
            files = sorted(path for path in self.folder().iterdir() if path.suffix == ".toml")
        except (FileNotFoundError, NotADirectoryError):
            return Found()
        except OSError as error:
            what = f"The installed {self.noun}s in “{self.folder()}” cannot be read ({error.strerror})"
            return Found((), ((what, "check its permissions."),))
        return load_each(files, self.noun, lambda path: self.make(self._text_of(path), path), taken)

    def recipes(self) -> dict[str, Path]:
        """The descriptions that come with RateLens, by name."""
        return {path.stem: path for path in sorted(self.recipes_folder().glob("*.toml"))}

    def file_of(self, name: str | Path) -> Path:
        """The description that a user refers to: a path, or the name of one that comes with RateLens."""
        path, found = Path(name), self.recipes()
        is_bare = path.name == str(name) and path.suffix in ("", ".toml")
        return found[path.stem] if is_bare and path.stem in found and not path.is_file() else path

    def install(self, path: Path, taken: Callable[[Any], Iterable[Named]], *, force: bool) -> tuple[_Described, Path]:
        """Copy a description to the folder of installed ones. Returns what it describes, and its file.

        taken: those whose names it cannot have. force: replace an installed one with the same name. Raises the kind's
        error, or OutputError if there is one already or it cannot be written.
        """
        from viewer.codecs.command.keys import with_folder
        from viewer.imaging.writer import write_file

        text = self._text_of(path)
        described = self.make(text, path)
        require_unique(described, taken(described), self.noun, self.error)
        target = self.folder() / f"{described.name}.toml"
        if target.exists() and not force:
            raise OutputError(f"The {self.noun} “{described.name}” is already installed: add --force to replace it.")
        write_file(target, with_folder(text, path.absolute().parent).encode(), force=force)
        return described, target

    def remove(self, name: str) -> Path:
        """Remove an installed description; returns where it was. Raises the kind's error where there is none, or
        OutputError.
        """
        target = self.folder() / f"{name}.toml"
        if target.parent != self.folder() or not target.is_file():
            raise self.error(f"No {self.noun} “{name}” is installed: see “ratelens {self.noun} list”.")
        remove_file(target)
        return target

    def _text_of(self, path: Path) -> str:
        from viewer.codecs.command.keys import text_of  # TOML is not needed where nothing is installed

        return text_of(path, self.noun, self.error)


def load_each(
    files: Iterable[Path], noun: str, make: Callable[[Path], _Described], taken: Iterable[Named]
) -> Found[_Described]:
    """What files hold; those that raise a RateLensError, or whose names and labels are in use, are findings."""
    known = list(taken)
    usable: list[_Described] = []
    findings: list[tuple[str, str]] = []
    for path in files:
        try:
            one = make(path)
            require_unique(one, known, noun)
        except RateLensError as error:
            findings.append(
                (f"The installed {noun} “{path.stem}” cannot be used ({error})", f"fix or remove “{path}”.")
            )
            continue
        usable.append(one)
        known.append(one)
    return Found(tuple(usable), tuple(findings))


def require_unique(one: Named, taken: Iterable[Named], noun: str, error: type[RateLensError] = RateLensError) -> None:
    """Raise an error if a name or label is in use."""
    for other in taken:
        if one.name == other.name:
            raise error(f"There already is a {noun} called “{one.name}”: choose another name.")
        if one.label.casefold() == other.label.casefold():
            raise error(f"The {noun} “{other.name}” already has the label “{one.label}”: choose another label.")


def remove_file(path: Path) -> None:
    """Raises OutputError."""
    try:
        path.unlink()
    except OSError as error:
        raise OutputError(f"“{path}” cannot be removed ({error.strerror}): check its permissions.") from error
