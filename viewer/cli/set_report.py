"""“ratelens report --set”: the sweep of a set of pictures as one HTML file."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from models.errors import TargetError
from viewer.cli.options import chosen_metrics, exit_code, target_of
from viewer.cli.printing import print_output
from viewer.imaging.image_info import format_bytes
from viewer.imaging.writer import check_overwrite, write_file
from viewer.sets.at_target import PictureFigures


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of a set's report."""
    group = parser.add_argument_group("report of a set")
    group.add_argument("--set", type=Path, metavar="FILE.csv", help="the CSV of a sweep, in the place of IMAGE")
    group.add_argument("--pictures", type=Path, metavar="DIR", help="the set's pictures, if not beside the CSV")
    group.add_argument(
        "--pair",
        nargs=2,
        metavar=("CODEC", "ANCHOR"),
        help="whose wins and losses against whom are shown (default: learned jpeg2000)",
    )
    group.add_argument(
        "--reference",
        nargs="+",
        action="extend",
        default=[],
        metavar="FILE[:NAME]",
        help="published averages to draw and compare with: CSV, CompressAI's JSON, TFC's texts",
    )


def refuse_options(parsed: argparse.Namespace) -> None:
    """Raise TargetError for an option that only a set's report has, in that of a picture."""
    given = {"--pictures": parsed.pictures, "--pair": parsed.pair, "--reference": parsed.reference}
    for option, value in given.items():
        if value:
            raise TargetError(f"{option} only applies to --set: add it, or leave {option} out.")


def run(parsed: argparse.Namespace) -> int:
    """Make a set's report; returns the exit code. Raises RateLensError."""
    for given, what in ((parsed.image, "IMAGE"), (parsed.reconstructions, "--with"), (parsed.codec, "--codec")):
        if given:
            raise TargetError(f"{what} does not apply to --set, whose CSV says what is shown: leave {what} out.")
    if parsed.bpp is not None and len(parsed.bpp) > 1:
        raise TargetError("The report of a set is about one rate: give --bpp one, such as 0.25.")
    from viewer.report.set_data import measure_set
    from viewer.report.set_page import set_page
    from viewer.sets.source import open_results
    from viewer.sweep.reference import load_references

    check_overwrite([parsed.out], force=parsed.force)
    metrics = chosen_metrics(parsed)
    bpp = target_of(parsed.bpp[0], None) if parsed.bpp else None
    data = measure_set(
        open_results(parsed.set, parsed.pictures),
        bpp=bpp,
        pair=None if parsed.pair is None else (parsed.pair[0], parsed.pair[1]),
        metrics=metrics,
        references=load_references(parsed.reference, metrics),
        progress=_bar,
    )
    text = set_page(data, datetime.now().astimezone()).encode(errors="backslashreplace")  # file names need not be text
    write_file(parsed.out, text, force=parsed.force)
    print_output(f"{parsed.out}: {format_bytes(len(text))}")
    for remark in data.opened.remarks:
        print(f"ratelens: {remark}", file=sys.stderr)
    return exit_code(list(data.problems))


def _bar(pictures: Sequence[PictureFigures]) -> Iterable[PictureFigures]:
    from tqdm import tqdm

    return tqdm(pictures, unit="picture", disable=not sys.stderr.isatty())
