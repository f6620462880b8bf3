"""What a worker must have to take part in a sweep: the client's program, codecs, weights, metrics, and its pictures."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from models.errors import RateLensError
from viewer.codecs.base import Codec
from viewer.codecs.registry import codec_named
from viewer.metrics.registry import metric_of
from viewer.sweep.identity import Maker, maker_of, metric_versions, program_version
from viewer.sweep.pictures import Picture

_PICTURES_CHECKED = 8
"""How many of the pictures each worker has to have at the start; later each is checked by its hash when it is read."""


@dataclass(frozen=True)
class Expectation:
    """Called in a worker, it says in a sentence what that lacks, or nothing.

    code: a digest of the program's source. makers: by the codecs' plain names. added: codecs that another process would
    not know by name. metrics: as users write them. versions: of these, by name. pictures: files and their bytes.
    """

    program: str
    code: str
    makers: tuple[tuple[str, Maker], ...]
    added: tuple[Codec, ...]
    metrics: tuple[str, ...]
    versions: tuple[tuple[str, str], ...]
    pictures: tuple[tuple[Path, int], ...]

    def __call__(self) -> str:
        try:
            return next(self._lacking(), "")
        except RateLensError as error:  # a codec or metric that is not there
            return str(error)

    def _lacking(self) -> Iterator[str]:
        if program_version() != self.program:
            yield f"it has RateLens {program_version()}, not {self.program}: install the same version there."
        if code_digest() != self.code:
            yield f"its RateLens {self.program} is of other source code: install the same version there."
        added = {codec.name: codec for codec in self.added}
        for name, wanted in self.makers:
            found = maker_of(added.get(name) or codec_named(name))
            if found.weights != wanted.weights:
                has = found.weights or "none that can be read"
                yield f"its weights of {name} are {has}, not {wanted.weights}: copy the same file to the same place."
            if found.version != wanted.version:
                yield f"its {name} is of {found.version}, not {wanted.version}: install the same packages there."
        here = metric_versions(list(map(metric_of, self.metrics)))
        for name, version in self.versions:
            if here.get(name) != version:
                yield f"its {name} is of version {here.get(name)}, not {version}: install the same package there."
        for path, size in self.pictures:
            if not path.is_file() or path.stat().st_size != size:
                yield f"it does not find “{path}” as it is here: give it the same pictures at the same place."


def expectation(
    codecs: Sequence[str], added: tuple[Codec, ...], metrics: tuple[str, ...], pictures: Sequence[Picture]
) -> Expectation:
    """What this process has. codecs: plain names."""
    known = {codec.name: codec for codec in added}
    step = max(1, len(pictures) // _PICTURES_CHECKED)
    return Expectation(
        program_version(),
        code_digest(),
        tuple((name, maker_of(known.get(name) or codec_named(name))) for name in dict.fromkeys(codecs)),
        added,
        metrics,
        tuple(metric_versions(list(map(metric_of, metrics))).items()),
        tuple((one.path, one.path.stat().st_size) for one in pictures[::step] if one.path.is_file()),
    )


@lru_cache(maxsize=1)
def code_digest() -> str:
    """Of the program's source: two checkouts may be called the same version."""
    import models
    import viewer

    digest = hashlib.sha256()
    for package in (models, viewer):
        folder = Path(package.__path__[0])
        for file in sorted(folder.rglob("*.py")):
            digest.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]
