"""What a user opens as a set: a folder of pictures, or the CSV of a sweep; and where its pictures are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from models.errors import OutputError, SetError
from viewer.imaging.folder import natural_key
from viewer.sweep.pictures import file_sha256, find_pictures
from viewer.sweep.rows import Row, read_rows

RESULTS_NAME = "ratelens-sweep.csv"
"""What a sweep that is started from a folder writes into it, unless another file is chosen."""


@dataclass(frozen=True, eq=False)
class PictureSet:
    """A set that was opened. folder: of its pictures; None where they were not found. results: the CSV, which need not
    exist yet. files: of pictures, by the names that rows have, in natural order; copies of others are not among them.
    rows: of all pictures but copies. remarks: sentences about what was left out or not found.
    """

    name: str
    results: Path
    folder: Path | None
    files: Mapping[str, Path] = field(default_factory=dict, hash=False)
    rows: tuple[Row, ...] = ()
    copies: frozenset[str] = frozenset()
    remarks: tuple[str, ...] = ()

    @cached_property
    def pictures(self) -> tuple[str, ...]:
        """Those with a file, and those with rows."""
        return tuple(sorted({*self.files, *(row.image for row in self.rows)}, key=natural_key))


def open_set(path: Path) -> PictureSet:
    """A folder or a CSV as a set. Raises SetError, ImageError."""
    return open_folder(path) if path.is_dir() else open_results(path)


def open_folder(folder: Path, results: Path | None = None) -> PictureSet:
    """The pictures in a folder and those inside it, with what an earlier sweep measured. results: its CSV, if not the
    usual one.

    Raises ImageError if there are no pictures; SetError if the CSV is of another program.
    """
    results = results or folder / RESULTS_NAME
    found = find_pictures([folder], results)
    copies = copies_among([picture.path for picture in found.pictures])
    copied = frozenset(picture.image for picture in found.pictures if picture.path in copies)
    rows = read_results(results) if results.exists() else ()
    remarks = [copies_sentence(copies), *found.problems, *found.remarks]
    return PictureSet(
        folder.resolve().name or str(folder),
        results,
        folder,
        {picture.image: picture.path for picture in found.pictures if picture.path not in copies},
        tuple(row for row in rows if row.image not in copied),
        copied,
        tuple(remark for remark in remarks if remark),
    )


def open_results(results: Path, folder: Path | None = None) -> PictureSet:
    """A sweep's rows, with the pictures' files where they are found: in `folder`, or else where the rows say, beside
    the CSV, or one folder further down. Raises SetError.
    """
    rows = read_results(results)
    if not rows:
        raise SetError(f"“{results.name}” has no measurements yet: open its folder of pictures, and start the sweep.")
    names = sorted({row.image for row in rows}, key=natural_key)
    noted = [Path(text) for text in dict.fromkeys(row.folder for row in rows) if text]
    place = folder if folder is not None else _folder_of([*noted, *_around(results.parent)], names)
    files = {} if place is None else {name: place / name for name in names if (place / name).is_file()}
    remarks = []
    if not files:
        remarks.append("The pictures of this sweep were not found: locate their folder to see them.")
    elif len(files) < len(names):
        missing = [name for name in names if name not in files]
        also = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        remarks.append(f"“{missing[0]}”{also} not found in “{place}”.")
    copies = copies_among(list(files.values()))
    copied = frozenset(name for name, path in files.items() if path in copies)
    if copies:
        remarks.append(copies_sentence(copies))
    return PictureSet(
        results.stem,
        results,
        place if files else None,
        {name: path for name, path in files.items() if name not in copied},
        tuple(row for row in rows if row.image not in copied),
        copied,
        tuple(remarks),
    )


def read_results(path: Path) -> tuple[Row, ...]:
    """The rows in a sweep's CSV. Raises SetError, which says what the file is instead."""
    try:
        with path.open("rb") as file:
            file.read(1)
        return tuple(read_rows(path))
    except FileNotFoundError as error:
        raise SetError(f"“{path}” was not found: check the name.") from error
    except OSError as error:
        raise SetError(f"“{path}” cannot be read ({error.strerror}): check its permissions.") from error
    except OutputError as error:
        raise SetError(
            f"“{path.name}” is not the CSV of a RateLens sweep: open one that “ratelens sweep” wrote, or a folder of "
            "pictures."
        ) from error


def copies_among(files: Sequence[Path]) -> dict[Path, Path]:
    """Files with the same bytes as an earlier one, and that one. Only files of equal size are read."""
    by_size: dict[int, list[Path]] = {}
    for path in files:
        try:
            by_size.setdefault(path.stat().st_size, []).append(path)
        except OSError:  # who opens it will say so
            continue
    copies: dict[Path, Path] = {}
    for same_size in by_size.values():
        if len(same_size) < 2:
            continue
        first: dict[str, Path] = {}
        for path in same_size:
            digest = file_sha256(path)
            if isinstance(digest, str) and first.setdefault(digest, path) != path:
                copies[path] = first[digest]
    return copies


def copies_sentence(copies: Mapping[Path, Path]) -> str:
    """A sentence about pictures that are there twice; empty if there are none."""
    if not copies:
        return ""
    copy, original = min(copies.items(), key=lambda pair: natural_key(pair[0].name))
    if len(copies) == 1:
        return f"“{copy.name}” is a copy of “{original.name}”, so it is not counted."
    return f"“{copy.name}” and {len(copies) - 1} more are copies of other pictures, so they are not counted."


def _around(beside: Path) -> list[Path]:
    """A folder, and those in it."""
    try:
        return [beside, *sorted(path for path in beside.iterdir() if path.is_dir() and not path.name.startswith("."))]
    except OSError:
        return []


def _folder_of(places: Sequence[Path], names: Sequence[str]) -> Path | None:
    """The folder that has most of these files; None if none has any."""
    counts = {place: sum((place / name).is_file() for name in names) for place in places}
    best = max(counts, key=lambda place: counts[place], default=None)
    return best if best is not None and counts[best] else None
