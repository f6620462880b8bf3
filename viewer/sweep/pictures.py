"""The pictures of a sweep: found in folders, files and manifests, named so that no two are alike, and hashed."""

from __future__ import annotations

import errno
import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from models.errors import ImageError
from viewer.imaging.folder import SUFFIXES, natural_key

MANIFEST_SUFFIXES = (".txt", ".lst")
"""Of files with a picture's path on each line, from the file's own folder. Lines that begin with # are comments."""

_NAMED = 5
"""How many of the files that are left out are named."""
_READERS = 8
"""Files that are read at once for their hashes: more keep a network's disk busy."""


@dataclass(frozen=True)
class Picture:
    """One picture. image: its path from `folder`, with slashes, as text, which names of files need not be. sha256: of
    the file, hexadecimal; empty before it is read.
    """

    path: Path
    image: str
    folder: str
    sha256: str = ""


@dataclass(frozen=True)
class Found:
    """The pictures, each once, folders in natural order; remarks: what was left out, a sentence each. problems: what
    cannot be read.
    """

    pictures: tuple[Picture, ...]
    remarks: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Listed:
    """What one source has."""

    base: Path
    pictures: tuple[Path, ...] = ()
    others: tuple[Path, ...] = ()
    hidden: int = 0
    problems: tuple[str, ...] = ()


def find_pictures(sources: Sequence[Path], results: Path | None = None) -> Found:
    """The pictures in folders, with those inside them, in manifests, and those that are named themselves. results: a
    file that the sweep itself writes, which is no stray one where it lies among them.

    Raises ImageError if there are none, or a source cannot be read.
    """
    listed = [_listed(source) for source in sources]
    paths = list(dict.fromkeys(path for one in listed for path in one.pictures))
    problems = tuple(problem for one in listed for problem in one.problems)
    if not paths:
        named = " or ".join(f"“{source}”" for source in sources)
        also = f" {problems[0]}" if problems else ""
        raise ImageError(f"There are no pictures in {named}: give a folder of PNG, WebP or TIFF files.{also}")
    base = _common_folder([one.base for one in listed], paths)
    pictures = tuple(_picture(path, base) for path in paths)
    own = None if results is None else results.absolute()
    others = [path for one in listed for path in one.others if path != own]
    hidden = sum(one.hidden for one in listed)
    remarks = (_left_out_sentence(others), _hidden_sentence(hidden))
    return Found(pictures, tuple(filter(None, remarks)), problems)


def _listed(source: Path) -> _Listed:
    try:
        if source.is_dir():
            return _in_folder(source.absolute())
        if source.suffix.lower() in MANIFEST_SUFFIXES and source.is_file():
            return _in_manifest(source.absolute())
        if source.suffix.lower() in SUFFIXES and source.is_file():
            return _Listed(source.absolute().parent, (source.absolute(),))
    except UnicodeDecodeError as error:
        raise ImageError(f"“{source}” is no list of pictures in UTF-8: write a path on each line.") from error
    except OSError as error:
        raise ImageError(f"“{source}” cannot be read ({error.strerror}): check its permissions.") from error
    raise ImageError(
        f"“{source}” is not a folder: give a folder of pictures, a picture, or a list of them "
        f"({' or '.join(MANIFEST_SUFFIXES)})."
    )


def _in_folder(folder: Path) -> _Listed:
    """Raises OSError for the folder itself; one inside it that cannot be read is a problem."""
    pictures: list[Path] = []
    others: list[Path] = []
    problems: list[str] = []
    hidden = 0
    open_folders, seen = [folder], set()
    while open_folders:
        here = open_folders.pop()
        place = here.resolve()
        if place in seen:  # a link that leads back
            continue
        seen.add(place)
        try:
            entries = list(here.iterdir())
        except OSError as error:
            if here == folder:
                raise
            problems.append(f"“{here}” cannot be read ({error.strerror}): check its permissions.")
            continue
        for entry in entries:
            if entry.name.startswith("."):
                hidden += 1
            elif entry.is_dir():
                open_folders.append(entry)
            else:
                (pictures if entry.suffix.lower() in SUFFIXES else others).append(entry)
    pictures.sort(key=_natural_order(folder))
    others.sort(key=_natural_order(folder))
    return _Listed(folder, tuple(pictures), tuple(others), hidden, tuple(problems))


def _natural_order(folder: Path) -> Callable[[Path], list[object]]:
    return lambda path: [natural_key(part) for part in path.relative_to(folder).parts]


def _in_manifest(file: Path) -> _Listed:
    """Raises OSError, UnicodeDecodeError."""
    pictures: list[Path] = []
    problems: list[str] = []
    for number, line in enumerate(file.read_text("utf-8-sig").splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        path = Path(os.path.normpath(file.parent / text))
        if path.is_file():
            pictures.append(path)
        else:
            problems.append(f"“{text}”, in line {number} of “{file.name}”, is not a file: correct or remove the line.")
    return _Listed(file.parent, tuple(pictures), problems=tuple(problems))


def _common_folder(bases: Sequence[Path], paths: Sequence[Path]) -> Path | None:
    """The folder from which names are written; None where there is none, as on two drives."""
    try:
        base = Path(os.path.commonpath(bases))
        if all(path.is_relative_to(base) for path in paths):
            return base
        return Path(os.path.commonpath([base, *(path.parent for path in paths)]))
    except ValueError:
        return None


def _picture(path: Path, base: Path | None) -> Picture:
    name = path.as_posix() if base is None else path.relative_to(base).as_posix()
    return Picture(path, _text(name), "" if base is None else _text(str(base)))


def _text(name: str) -> str:
    return name.encode(errors="backslashreplace").decode()


def _left_out_sentence(others: Sequence[Path]) -> str:
    """A sentence about the files whose suffix is not a picture's; empty if there are none."""
    if not others:
        return ""
    if len(others) <= _NAMED:
        named = ", ".join(f"“{path.name}”" for path in others)
        return f"Skipped, because they are not picture files by their suffix: {named}."
    kinds = Counter(path.suffix.lower() or "no suffix" for path in others)
    counted = ", ".join(f"{count} × {suffix}" for suffix, count in kinds.most_common(_NAMED))
    more = ", and others" if len(kinds) > _NAMED else ""
    return f"Skipped {len(others)} files, because they are not picture files by their suffix: {counted}{more}."


def _hidden_sentence(count: int) -> str:
    if not count:
        return ""
    if count == 1:
        return "Skipped a hidden file or folder, whose name begins with a dot."
    return f"Skipped {count} hidden files and folders, whose names begin with a dot."


def hashed(
    pictures: Sequence[Picture], progress: Callable[[Iterable[Picture], int], Iterable[Picture]] | None = None
) -> Found:
    """The pictures with their hashes, those of the same content once. progress: wraps them as they are read."""
    known: dict[str, Picture] = {}
    same: list[str] = []
    problems: list[str] = []
    with ThreadPoolExecutor(_READERS) as readers:
        digests = readers.map(file_sha256, (picture.path for picture in pictures))
        done = _zipped(pictures, digests, problems)
        for picture in progress(done, len(pictures)) if progress else done:
            if not picture.sha256:
                continue
            first = known.setdefault(picture.sha256, picture)
            if first is not picture:
                same.append(f"“{picture.image}” is the same file as “{first.image}”: it is measured once.")
    if len(same) > _NAMED:
        same = [*same[:_NAMED], f"{len(same) - _NAMED} more files are copies of others: they are measured once."]
    return Found(tuple(known.values()), tuple(same), tuple(problems))


def _zipped(pictures: Sequence[Picture], digests: Iterable[str | OSError], problems: list[str]) -> Iterator[Picture]:
    """The pictures with their hashes; without one where the file cannot be read, which is a problem."""
    for picture, digest in zip(pictures, digests, strict=True):
        if isinstance(digest, OSError):
            problems.append(f"“{picture.image}” cannot be read ({digest.strerror}): check its permissions.")
            yield picture
        else:
            yield replace(picture, sha256=digest)


def file_sha256(path: Path) -> str | OSError:
    """The SHA-256 of a file's content, hexadecimal, or why it cannot be read."""
    try:
        if not path.is_file():  # opening a pipe would wait for ever
            return OSError(errno.EINVAL, "it is not a file")
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return error
