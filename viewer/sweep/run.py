"""Every codec over every picture of a folder at matched rates, in parallel and resumable, into a CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path

from models.errors import CodecError, ImageError, MemoryLimitError, OutputError, RateLensError
from models.refine.settings import Aim, RefineSettings
from viewer.codecs.base import Codec, can_refine
from viewer.codecs.registry import DEFAULT_CODECS, added_codecs, codec_named
from viewer.imaging.folder import list_pictures
from viewer.imaging.reader import load_image
from viewer.imaging.writer import reason_and_advice, write_file
from viewer.matching import quality_target
from viewer.matching.comparison import Comparison
from viewer.matching.curve import RatePoint, point_of
from viewer.matching.refinement import refine
from viewer.system.process_pool import run_in_parallel, worker_count

DEFAULT_BPP = (0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5)
_MAX_MS_SSIM_DB = 90.0
_NAMED = 5
"""So many of the files that are left out are named."""


@dataclass(frozen=True)
class Row:
    """One codec at one target rate on one picture: a line of the CSV, columns in this order. PSNR in dB.

    A codec that tries several variants (JPEG's subsamplings) has a line of each. prepare_ms: what was done until then
    once for all rates of the picture. encode_ms: coding this one stream. variant and prepare_ms are empty in a file of
    an older version.
    """

    image: str
    codec: str
    target_bpp: float
    bpp: float
    bytes: int
    reachable: bool
    psnr_rgb: float
    psnr_luma: float
    ms_ssim_rgb: float
    ms_ssim_luma: float
    encode_ms: float
    decode_ms: float
    variant: str = ""
    prepare_ms: float | None = None

    @property
    def key(self) -> tuple[str, str, float]:
        """What is measured once."""
        return self.image, self.codec, self.target_bpp


COLUMNS = tuple(field.name for field in fields(Row))
_OLD_COLUMNS = COLUMNS[:-2]
"""Before there were variants."""


@dataclass(frozen=True)
class Task:
    """What is still to be measured on one picture. brought: codecs that another process would not know by name."""

    path: Path
    wanted: tuple[tuple[str, float], ...]
    """Codec and target rate of each."""
    brought: tuple[Codec, ...] = ()
    refine: RefineSettings | None = None
    """How a codec is refined that `refined_name` names."""


@dataclass(frozen=True)
class Measured:
    """What came of a task. errors: of codecs that failed; what they made before is among the rows."""

    rows: tuple[Row, ...]
    errors: tuple[CodecError, ...] = ()


def refined_name(codec: str, settings: RefineSettings) -> str:
    """What the CSV calls a codec whose streams are refined, by how: “learned-60steps”, “learned-30s-psnr”."""
    amount = f"{settings.steps}steps" if settings.seconds is None else f"{settings.seconds:g}s"
    return f"{codec}-{amount}" + ("" if settings.aim is Aim.BOTH else f"-{settings.aim.value}")


def refinable(codecs: Sequence[str]) -> list[str]:
    """Those of the codecs that can be refined."""
    return [name for name in codecs if can_refine(codec_named(name))]


def find_pictures(folder: Path) -> tuple[list[Path], list[Path]]:
    """The pictures in a folder, and the files that are left out for their suffix; both by name, numbers as numbers.

    Raises ImageError when there are no pictures, or the folder may not be read.
    """
    try:
        found, others = list_pictures(folder)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ImageError(f"“{folder}” is no folder: give the folder that your pictures are in.") from error
    except OSError as error:
        raise ImageError(f"“{folder}” cannot be read ({error.strerror}): check its permissions.") from error
    if not found:
        raise ImageError(f"There are no pictures in “{folder}”: give a folder of PNG, WebP or TIFF files.")
    return found, others


def left_out_sentence(others: Sequence[Path]) -> str:
    """A sentence about the files that are no pictures by their suffix; empty where there are none."""
    if not others:
        return ""
    named = ", ".join(f"“{path.name}”" for path in others[:_NAMED])
    more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
    return f"Left out, since their suffixes are not those of pictures: {named}{more}."


def read_rows(path: Path) -> list[Row]:
    """The rows of an earlier sweep; none if the file does not exist; a line that a kill cut short is left out.

    Raises OutputError when the file is something else, or cannot be read.
    """
    try:
        if path.exists() and not path.is_file():  # reading a pipe would wait for ever
            raise OutputError(f"“{path}” is no file: give --out the name of a CSV file.")
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.reader(file)
            if tuple(next(reader, ())) in {COLUMNS, _OLD_COLUMNS}:
                return _whole([_parse(cells) for cells in reader])
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise OutputError(f"“{path}” cannot be read ({error.strerror}): give --out the name of a CSV file.") from error
    except (UnicodeDecodeError, csv.Error):
        pass
    raise OutputError(f"“{path}” is no result of a sweep: give another --out, or remove it.")


def _whole(rows: Sequence[Row | None]) -> list[Row]:
    """The rows; where a kill cut one short, which is None then, without the others of its kind: it may have been one of
    several variants.
    """
    found = [row for row in rows if row is not None]
    if rows and rows[-1] is None and found:
        last = found[-1].key
        return [row for row in found if row.key != last]
    return found


def _parse(cells: Sequence[str]) -> Row | None:
    if len(cells) not in {len(COLUMNS), len(_OLD_COLUMNS)}:
        return None
    try:
        image, codec, target, bpp, size, reachable, *figures = cells[: len(_OLD_COLUMNS)]
        psnr_rgb, psnr_luma, ms_ssim_rgb, ms_ssim_luma, encode_ms, decode_ms = map(float, figures)
        row = Row(
            image,
            codec,
            float(target),
            float(bpp),
            int(size),
            reachable == "True",
            psnr_rgb,
            psnr_luma,
            ms_ssim_rgb,
            ms_ssim_luma,
            encode_ms,
            decode_ms,
        )
        if len(cells) == len(_OLD_COLUMNS):
            return row
        variant, prepare_ms = cells[len(_OLD_COLUMNS) :]
        return replace(row, variant=variant, prepare_ms=float(prepare_ms) if prepare_ms else None)
    except ValueError:
        return None


def _name(path: Path) -> str:
    """A picture's name as the CSV has it: names of files need not be text, but the CSV is."""
    return path.name.encode(errors="backslashreplace").decode()


def plan(
    pictures: Iterable[Path],
    codecs: Sequence[str],
    rates: Sequence[float],
    done: Iterable[Row],
    brought: tuple[Codec, ...] = (),
    *,
    refine: RefineSettings | None = None,
) -> list[Task]:
    """What an earlier sweep has not measured yet, picture by picture."""
    known = {row.key for row in done}
    tasks = []
    for path in pictures:
        wanted = tuple((codec, bpp) for codec in codecs for bpp in rates if (_name(path), codec, bpp) not in known)
        if wanted:
            tasks.append(Task(path, wanted, brought, refine))
    return tasks


def measure(task: Task) -> Measured:
    """Do one task. A codec that fails does so alone. Raises ImageError or MemoryLimitError."""
    image = load_image(task.path)
    plain = {codec: _plain_name(codec, task.refine) for codec, _ in task.wanted}
    brought = {codec.name: codec for codec in task.brought}
    comparison = Comparison(image, [brought.get(name) or codec_named(name) for name in dict.fromkeys(plain.values())])
    rows: list[Row] = []
    errors: dict[str, CodecError] = {}
    for codec, target_bpp in task.wanted:
        if codec in errors:
            continue
        try:
            result = comparison.result(plain[codec], target_bpp)
            if task.refine is not None and codec != plain[codec]:
                result = refine(comparison, result, task.refine)
        except CodecError as error:
            errors[codec] = error
            continue
        reachable = result.reachable  # of several variants only those that are do not come alone
        points = (point_of(result), *result.others)
        rows += [replace(_row(_name(task.path), point, reachable=reachable), codec=codec) for point in points]
    return Measured(tuple(rows), tuple(errors.values()))


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
) -> list[Row]:
    """Measure what is not in the CSV yet, append it picture by picture, and return all rows of these codecs and rates.

    refining: measure the codecs that can be refined so, too; they are called as `refined_name` has it.

    progress: wraps the finished pictures, given their number, to show them; one that was refused has no rows. refuse:
    is told, in a sentence, of each picture that cannot be measured, and of each codec that fails on one; without it the
    first ends the sweep. remark: is told what was left out. A sweep that was stopped goes on where it stood.

    Raises ImageError, CodecError, MemoryLimitError, OutputError.
    """
    pictures, others = find_pictures(folder)
    if remark is not None and others:
        remark(left_out_sentence(others))
    done = read_rows(out)
    _rewrite(out, done)
    if refining is not None:
        codecs = [*codecs, *(refined_name(name, refining) for name in refinable(codecs))]
    brought = tuple(codec for codec in added_codecs() if codec.name in codecs)
    tasks = plan(pictures, codecs, rates, done, brought, refine=refining)
    with closing(_run(tasks, refuse)) as finished:
        for rows in progress(finished, len(tasks)) if progress else finished:
            _append(out, rows)
            done.extend(rows)
    names = {_name(path) for path in pictures}
    chosen = [row for row in done if row.image in names and row.codec in codecs and row.target_bpp in rates]
    return sorted(chosen, key=lambda row: row.key)


def _run(tasks: Sequence[Task], refuse: Callable[[str], None] | None) -> Generator[list[Row], None, None]:
    """The rows of each task, as they come. What does not fit into memory beside others is done at the end, alone."""
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
                refuse(_sentence(task, problem))
            yield list(measured.rows) if measured is not None else []


def _sentence(task: Task, error: RateLensError) -> str:
    return str(error) if task.path.name in str(error) else f"“{task.path.name}”: {error}"


def _rewrite(out: Path, rows: Sequence[Row]) -> None:
    """Header and whole rows only: what a kill cut short is dropped before anything is appended."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([COLUMNS, *map(astuple, rows)])
    write_file(out, text.getvalue().encode(), force=True)


def _append(out: Path, rows: Sequence[Row]) -> None:
    try:
        with out.open("a", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(map(astuple, rows))
    except OSError as error:
        raise OutputError(
            f"“{out}” cannot be written {reason_and_advice(error)}. What was measured before is kept, and the same "
            "command goes on from there."
        ) from error


def ms_ssim_db(raw: float) -> float:
    """MS-SSIM of a row in dB, bounded, so that averages of it are."""
    return min(quality_target.ms_ssim_db(raw), _MAX_MS_SSIM_DB)
