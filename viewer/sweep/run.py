"""Runs every codec on every picture in a folder at matched rates, in parallel, into a CSV file that can be resumed."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from models.errors import CodecError, ImageError, MemoryLimitError
from models.refine.settings import Aim, RefineSettings
from viewer.codecs.base import Codec, can_refine
from viewer.codecs.registry import DEFAULT_CODECS, added_codecs, codec_named
from viewer.imaging.folder import list_pictures
from viewer.imaging.reader import load_image
from viewer.matching.comparison import Comparison, scored
from viewer.matching.curve import RatePoint, point_of
from viewer.matching.refinement import refine
from viewer.metrics.registry import metric_of, slow
from viewer.metrics.scoring import Scorer, problems
from viewer.sweep.rows import Row, append_rows, merged, metric_columns, read_rows, write_rows
from viewer.system.process_pool import run_in_parallel, worker_count

DEFAULT_BPP = (0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5)
_NAMED = 5
"""How many of the skipped files are named."""


@dataclass(frozen=True)
class Task:
    """What still has to be measured on one picture. added: codecs that another process would not know by name."""

    path: Path
    wanted: tuple[tuple[str, float], ...]
    """Pairs of codec and target rate."""
    added: tuple[Codec, ...] = ()
    refine: RefineSettings | None = None
    """How a codec is refined that `refined_name` names."""
    metrics: tuple[str, ...] = ()
    """Those that are asked for besides, as the user wrote them: a process of its own finds them again."""


@dataclass(frozen=True)
class Measured:
    """What came of a task. errors: of codecs that failed; what they made before is among the rows. problems: why scores
    are missing, a sentence each.
    """

    rows: tuple[Row, ...]
    errors: tuple[CodecError, ...] = ()
    problems: tuple[str, ...] = ()


def refined_name(codec: str, settings: RefineSettings) -> str:
    """What the CSV calls a codec whose streams are refined, by how: “learned-60steps”, “learned-30s-psnr”."""
    amount = f"{settings.steps}steps" if settings.seconds is None else f"{settings.seconds:g}s"
    return f"{codec}-{amount}" + ("" if settings.aim is Aim.BOTH else f"-{settings.aim.value}")


def refinable(codecs: Sequence[str]) -> list[str]:
    """Those of the codecs that can be refined."""
    return [name for name in codecs if can_refine(codec_named(name))]


def find_pictures(folder: Path) -> tuple[list[Path], list[Path]]:
    """The pictures in a folder, and the files skipped because of their suffix; both in natural order.

    Raises ImageError if there are no pictures, or the folder cannot be read.
    """
    try:
        found, others = list_pictures(folder)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ImageError(f"“{folder}” is not a folder: give the folder of your pictures.") from error
    except OSError as error:
        raise ImageError(f"“{folder}” cannot be read ({error.strerror}): check its permissions.") from error
    if not found:
        raise ImageError(f"There are no pictures in “{folder}”: give a folder of PNG, WebP or TIFF files.")
    return found, others


def left_out_sentence(others: Sequence[Path]) -> str:
    """A sentence about the files whose suffix is not a picture's; empty if there are none."""
    if not others:
        return ""
    named = ", ".join(f"“{path.name}”" for path in others[:_NAMED])
    more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
    return f"Skipped, because they are not picture files by their suffix: {named}{more}."


def _name(path: Path) -> str:
    """A picture's name for the CSV file, which is text, while file names need not be."""
    return path.name.encode(errors="backslashreplace").decode()


def plan(
    pictures: Iterable[Path],
    codecs: Sequence[str],
    rates: Sequence[float],
    done: Iterable[Row],
    added: tuple[Codec, ...] = (),
    *,
    refine: RefineSettings | None = None,
    metrics: Sequence[str] = (),
) -> list[Task]:
    """What an earlier sweep has not measured yet, picture by picture. added, metrics: see Task."""
    names = [metric.name for metric in slow(list(map(metric_of, metrics)))]
    known = {row.key for row in done if all(name in row.scores for name in names)}
    tasks = []
    for path in pictures:
        wanted = tuple((codec, bpp) for codec in codecs for bpp in rates if (_name(path), codec, bpp) not in known)
        if wanted:
            tasks.append(Task(path, wanted, added, refine, tuple(metrics)))
    return tasks


def measure(task: Task) -> Measured:
    """Do one task. A codec that fails does so alone. Raises ImageError or MemoryLimitError."""
    image = load_image(task.path)
    plain = {codec: _plain_name(codec, task.refine) for codec, _ in task.wanted}
    added = {codec.name: codec for codec in task.added}
    comparison = Comparison(image, [added.get(name) or codec_named(name) for name in dict.fromkeys(plain.values())])
    scorer = Scorer(image.pixels, slow(list(map(metric_of, task.metrics))))
    rows: list[Row] = []
    scores = []
    errors: dict[str, CodecError] = {}
    for codec, target_bpp in task.wanted:
        if codec in errors:
            continue
        try:
            result = comparison.result(plain[codec], target_bpp)
            if task.refine is not None and codec != plain[codec]:
                result = refine(comparison, result, task.refine)
            result = scored(result, scorer)
        except CodecError as error:
            errors[codec] = error
            continue
        scores.append(result.scores)
        reachable = result.reachable  # of several variants only those that are do not come alone
        points = (point_of(result), *result.others)
        rows += [replace(_row(_name(task.path), point, reachable=reachable), codec=codec) for point in points]
    return Measured(tuple(rows), tuple(errors.values()), tuple(problems(scores)))


def _row(image: str, point: RatePoint, *, reachable: bool) -> Row:
    metrics = point.metrics
    return Row(
        image,
        point.codec,
        point.target_bpp,
        point.bpp,
        point.byte_count,
        reachable,
        metrics.psnr_rgb_db,
        metrics.psnr_luma_db,
        metrics.ms_ssim_rgb,
        metrics.ms_ssim_luma,
        round(point.encode_ms, 1),
        round(point.decode_ms, 1),
        point.variant,
        round(point.prepare_ms, 1),
        {name: score.value for name, score in point.scores.items() if score.value is not None},
    )


def _plain_name(codec: str, settings: RefineSettings | None) -> str:
    """The codec behind a name of `refined_name`, or the same name."""
    return codec if settings is None else codec.removesuffix(refined_name("", settings))


def sweep(
    folder: Path,
    out: Path,
    codecs: Sequence[str] = DEFAULT_CODECS,
    rates: Sequence[float] = DEFAULT_BPP,
    progress: Callable[[Iterator[list[Row]], int], Iterable[list[Row]]] | None = None,
    *,
    refining: RefineSettings | None = None,
    refuse: Callable[[str], None] | None = None,
    remark: Callable[[str], None] | None = None,
    metrics: Sequence[str] = (),
    lack: Callable[[str], None] | None = None,
) -> list[Row]:
    """Measure what is not in the CSV file yet, append it picture by picture, and return all rows of these codecs and
    rates. A sweep that was stopped is resumed.

    refining: also measure codecs that can be refined with refinement, under the name that `refined_name` gives.

    progress: wraps the finished pictures, given their number, to show them; one that was refused has no rows. refuse:
    is told, in a sentence, of each picture that cannot be measured, and of each codec that fails on one; without it the
    first ends the sweep. remark: is told what was left out. metrics: those that are asked for besides, as users write
    them; rows that lack one are measured again. lack: is told why scores are missing. A sweep that was stopped goes on
    where it stood.

    Raises ImageError, CodecError, MetricError, MemoryLimitError, OutputError.
    """
    pictures, others = find_pictures(folder)
    if remark is not None and others:
        remark(left_out_sentence(others))
    done = read_rows(out)
    if refining is not None:
        codecs = [*codecs, *(refined_name(name, refining) for name in refinable(codecs))]
    added = tuple(codec for codec in added_codecs() if codec.name in codecs)
    tasks = plan(pictures, codecs, rates, done, added, refine=refining, metrics=metrics)
    columns = metric_columns(done, [metric.name for metric in map(metric_of, metrics)])
    write_rows(out, done, columns)
    with closing(_run(tasks, refuse, lack)) as finished:
        for rows in progress(finished, len(tasks)) if progress else finished:
            append_rows(out, rows, columns)
            done.extend(rows)
    done = merged(done)
    names = {_name(path) for path in pictures}
    chosen = [row for row in done if row.image in names and row.codec in codecs and row.target_bpp in rates]
    return sorted(chosen, key=lambda row: row.key)


def _run(
    tasks: Sequence[Task], refuse: Callable[[str], None] | None, lack: Callable[[str], None] | None
) -> Generator[list[Row], None, None]:
    """The rows of each task as they come. Tasks that do not fit into memory beside others run at the end, alone."""
    alone: list[Task] = []
    workers = worker_count(len(tasks))
    for turn, count in ((tasks, workers), (alone, 1)):
        for task, measured, error in run_in_parallel(measure, turn, count):
            if isinstance(error, MemoryLimitError) and count > 1:
                alone.append(task)
                continue
            for problem in (error,) if error is not None else measured.errors if measured is not None else ():
                if refuse is None:
                    raise problem
                refuse(_named(task, str(problem)))
            if measured is not None and lack is not None:
                for sentence in measured.problems:
                    lack(_named(task, sentence))
            yield list(measured.rows) if measured is not None else []


def _named(task: Task, sentence: str) -> str:
    return sentence if task.path.name in sentence else f"“{task.path.name}”: {sentence}"
