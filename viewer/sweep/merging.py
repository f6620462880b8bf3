"""Sweeps of parts of the pictures, put together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.errors import OutputError
from viewer.imaging.folder import natural_key
from viewer.sweep.rows import Row, merged, read_rows, read_versions

_NAMED = 5


@dataclass(frozen=True)
class Merged:
    """rows: of all files, pictures in natural order. remarks: what was left out, a sentence each."""

    rows: tuple[Row, ...]
    remarks: tuple[str, ...] = ()


def merge(paths: Sequence[Path]) -> Merged:
    """The rows of several results, such as those of shards.

    Raises OutputError where one is not there, or two contradict each other: other pictures of one name, other versions
    of a codec, its weights, a metric or the program.
    """
    known: dict[tuple[str, str], tuple[str, Path]] = {}
    rows: list[Row] = []
    for path in paths:
        if not path.exists():
            raise OutputError(f"There is no “{path}”: check the name.")
        for row in read_rows(path):
            for what, value in _facts(row):
                told, before = known.setdefault(what, (value, path))
                if told != value:
                    raise _contradiction(what, (before, told), (path, value))
            rows.append(row)
    return _without_copies(merged(rows))


def _facts(row: Row) -> Iterator[tuple[tuple[str, str], str]]:
    """What has to be the same in all files: kind and name, and the value here."""
    if row.image_sha256:
        yield ("picture", row.image), row.image_sha256
    if row.program_version:
        yield ("codec", row.codec), " ".join(filter(None, (row.codec_version, row.weights, row.program_version)))
    for name, version in read_versions(row.metric_versions).items():
        yield ("metric", name), version


def _contradiction(what: tuple[str, str], one: tuple[Path, str], other: tuple[Path, str]) -> OutputError:
    kind, name = what
    if kind == "picture":
        return OutputError(
            f"“{name}” is another picture in “{other[0].name}” than in “{one[0].name}”: sweep both folders in one "
            "command, which gives them different names."
        )
    return OutputError(
        f"The {kind} {name} is of {one[1]} in “{one[0].name}”, and of {other[1]} in “{other[0].name}”: sweep one of "
        "them again with the other's versions."
    )


def _without_copies(rows: Sequence[Row]) -> Merged:
    """One name for each content: parts of a sweep do not know of each other's copies."""
    names: dict[str, str] = {}
    copies: dict[str, str] = {}
    kept = []
    for row in sorted(rows, key=_order):
        first = names.setdefault(row.image_sha256 or row.image, row.image)
        if first == row.image:
            kept.append(row)
        else:
            copies[row.image] = first
    remarks = [f"“{copy}” is the same file as “{first}”: it counts once." for copy, first in copies.items()]
    if len(remarks) > _NAMED:
        remarks = [*remarks[:_NAMED], f"{len(remarks) - _NAMED} more files are copies of others: they count once."]
    return Merged(tuple(kept), tuple(remarks))


def _order(row: Row) -> list[object]:
    return [natural_key(part) for part in row.image.split("/")]
