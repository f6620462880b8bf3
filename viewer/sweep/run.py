"""Runs every codec on every picture at matched targets, in parallel, into a CSV file that can be resumed."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from models.errors import ImageError
from models.refine.settings import RefineSettings
from viewer.codecs.base import Codec
from viewer.codecs.registry import DEFAULT_CODECS, added_codecs, codec_named
from viewer.metrics.registry import metric_of
from viewer.sweep.engines.base import Engine, Job, Outcome
from viewer.sweep.engines.local import LocalEngine
from viewer.sweep.expectation import expectation
from viewer.sweep.identity import Maker, lacks_identity, maker_of, metric_versions
from viewer.sweep.measuring import Measured, Task, measure, plain_name, refinable, refined_name
from viewer.sweep.pictures import Picture, find_pictures, hashed
from viewer.sweep.results_file import ResultsFile
from viewer.sweep.rows import Row, merged, metric_columns
from viewer.sweep.target import Target, rate_target

DEFAULT_BPP = (0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5)
_LIMIT_S = 3600.0
"""A worker that takes longer for a picture, or for a refined stream of it, is taken to hang."""


@dataclass(frozen=True)
class Shard:
    """One of `count` parts of the pictures, index from 1: every count-th, so that parts take about the same time."""

    index: int
    count: int

    def of(self, pictures: Sequence[Picture]) -> Sequence[Picture]:
        """Its pictures."""
        return pictures[self.index - 1 :: self.count]


@dataclass(frozen=True)
class Wish:
    """What to measure on every picture. codecs: with those that are refined, as `refined_name` names them. added: those
    of them that another process would not know by name. metrics: besides PSNR and MS-SSIM, as users write them.
    """

    codecs: tuple[str, ...]
    targets: tuple[Target, ...]
    added: tuple[Codec, ...] = ()
    refine: RefineSettings | None = None
    metrics: tuple[str, ...] = ()
    repeats: int = 1

    @property
    def plain_codecs(self) -> tuple[str, ...]:
        """The codecs' own names, without how they are refined."""
        return tuple(dict.fromkeys(plain_name(codec, self.refine) for codec in self.codecs))

    @property
    def limit_s(self) -> float:
        """How long a picture may take."""
        refined = sum(codec != plain_name(codec, self.refine) for codec in self.codecs)
        return _LIMIT_S * (1 + refined * len(self.targets))

    def makers(self) -> dict[str, Maker]:
        """What makes each codec's streams here and now."""
        added = {codec.name: codec for codec in self.added}
        plain = {codec: plain_name(codec, self.refine) for codec in self.codecs}
        return {codec: maker_of(added.get(name) or codec_named(name)) for codec, name in plain.items()}


def plan(pictures: Iterable[Picture], wish: Wish, done: Iterable[Row]) -> list[Task]:
    """What an earlier sweep has not measured yet, picture by picture.

    A row counts if it is of the same picture's content, of the same codec with its version, weights and program, at
    the same target, with every score by the same version of its metric, and with as many repeats for its times. Rows
    of older versions, which do not say, count by the picture's name.
    """
    makers = wish.makers()
    versions = metric_versions(list(map(metric_of, wish.metrics)))
    known: set[tuple[str, str, Target]] = set()
    for row in done:
        maker = makers.get(row.codec)
        if maker is not None and maker.made(row) and _is_scored(row, versions) and _is_timed(row, wish):
            known.add((row.image_sha256 or row.image, row.codec, row.target))
    tasks = []
    for picture in pictures:
        wanted = tuple(
            (codec, target)
            for codec in wish.codecs
            for target in wish.targets
            if not known & {(picture.sha256, codec, target), (picture.image, codec, target)}
        )
        if wanted:
            tasks.append(Task(picture, wanted, wish.added, wish.refine, wish.metrics, wish.repeats))
    return tasks


def _is_scored(row: Row, versions: dict[str, str]) -> bool:
    of_old_version = not row.program_version
    return all(
        name in row.scores and (of_old_version or row.metric_version(name) == version)
        for name, version in versions.items()
    )


def _is_timed(row: Row, wish: Wish) -> bool:
    return (row.repeats or 1) >= wish.repeats


def sweep(
    sources: Path | Sequence[Path],
    out: Path,
    codecs: Sequence[str] = DEFAULT_CODECS,
    rates: Sequence[float] = DEFAULT_BPP,
    progress: Callable[[Iterator[list[Row]], int], Iterable[list[Row]]] | None = None,
    *,
    qualities: Sequence[Target] = (),
    refining: RefineSettings | None = None,
    refuse: Callable[[str], None] | None = None,
    remark: Callable[[str], None] | None = None,
    metrics: Sequence[str] = (),
    repeats: int = 1,
    lack: Callable[[str], None] | None = None,
    engine: Engine | None = None,
    shard: Shard | None = None,
    limit_s: float | None = None,
    reading: Callable[[Iterable[Picture], int], Iterable[Picture]] | None = None,
) -> list[Row]:
    """Measure what is not in the CSV file yet, append it picture by picture, and return all rows of these pictures,
    codecs and targets. A sweep that was stopped goes on where it stood.

    sources: folders, pictures and manifests, as `find_pictures` takes them. rates, in bpp, and qualities: the targets.
    refining: also measure codecs that can be refined with refinement, under the name that `refined_name` gives.
    metrics: those that are asked for besides, as users write them. repeats: how often each stream is coded and decoded,
    for times that are medians. engine: what does the work; by default processes of this machine. shard: a part of the
    pictures. limit_s: how long a picture may take.

    progress: wraps the finished pictures, given their number, to show them; one that was refused has no rows. reading:
    wraps the pictures as they are read at the start. refuse: is told, in a sentence, of each picture that cannot be
    measured, and of each codec that fails on one; without it the first ends the sweep. remark: is told what was left
    out. lack: is told why scores are missing.

    Raises ImageError, CodecError, MetricError, MemoryLimitError, OutputError, WorkerError.
    """
    found = find_pictures([sources] if isinstance(sources, Path) else sources, out)
    if refining is not None:
        codecs = [*codecs, *(refined_name(name, refining) for name in refinable(codecs))]
    added = tuple(codec for codec in added_codecs() if codec.name in codecs)
    targets = (*map(rate_target, rates), *qualities)
    wish = Wish(tuple(codecs), targets, added, refining, tuple(metrics), repeats)
    with ResultsFile(out) as results:
        given = hashed(found.pictures if shard is None else shard.of(found.pictures), reading)
        for sentence in (*found.remarks, *given.remarks, *_old_rows_sentence(results.rows, out)):
            if remark is not None:
                remark(sentence)
        for sentence in (*found.problems, *given.problems):
            if refuse is None:
                raise ImageError(sentence)
            refuse(sentence)
        tasks = plan(given.pictures, wish, results.rows)
        results.begin(metric_columns(results.rows, [metric.name for metric in map(metric_of, metrics)]))
        done = list(results.rows)
        fitness = expectation(wish.plain_codecs, wish.added, wish.metrics, [task.picture for task in tasks])
        job: Job[Task, Measured] = Job(uuid.uuid4().hex, measure, fitness, limit_s or wish.limit_s)
        with closing((engine or LocalEngine()).run(job, tasks)) as outcomes:
            finished = _run(outcomes, refuse, lack)
            for rows in progress(finished, len(tasks)) if progress else finished:
                results.append(rows)
                done.extend(rows)
    return _chosen(merged(done), given.pictures, wish)


def _chosen(rows: Iterable[Row], pictures: Iterable[Picture], wish: Wish) -> list[Row]:
    """The rows of a sweep's pictures, codecs and targets, under the names that the pictures have now."""
    names = {picture.sha256: picture.image for picture in pictures}
    present = set(names.values())
    named = [replace(row, image=names.get(row.image_sha256, row.image)) for row in rows]
    chosen = [row for row in named if row.image in present and row.codec in wish.codecs and row.target in wish.targets]
    return sorted(chosen, key=lambda row: row.key)


def _old_rows_sentence(done: Sequence[Row], out: Path) -> tuple[str, ...]:
    count = lacks_identity(done)
    if not count:
        return ()
    sentence = (
        f"“{out.name}” has {count} rows by an older version, which do not say which picture and weights they are of: "
        "they count by the picture's name, and a new --out has everything measured."
    )
    return (sentence,)


def _run(
    outcomes: Iterable[Outcome[Task, Measured]],
    refuse: Callable[[str], None] | None,
    lack: Callable[[str], None] | None,
) -> Generator[list[Row], None, None]:
    """The rows of each task as they come."""
    for outcome in outcomes:
        task, measured = outcome.task, outcome.value
        for problem in (outcome.error,) if outcome.error is not None else measured.errors if measured else ():
            if refuse is None:
                raise problem
            refuse(named(task, str(problem)))
        if measured is not None and lack is not None:
            for sentence in measured.problems:
                lack(named(task, sentence))
        yield list(measured.rows) if measured is not None else []


def named(task: Task, sentence: str) -> str:
    """A sentence about a task, with the picture's name in it."""
    picture = task.picture
    return sentence if picture.image in sentence or picture.path.name in sentence else f"“{picture.image}”: {sentence}"
