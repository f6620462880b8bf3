"""“ratelens report”: a comparison, or the sweep of a set, as one HTML file."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from models.errors import OutputError, TargetError
from viewer.cli import set_report
from viewer.cli.options import (
    add_codecs,
    add_memory_limit,
    add_metrics,
    add_reconstructions,
    chosen_codecs,
    chosen_metrics,
    exit_code,
    given_reconstructions,
    target_of,
)
from viewer.cli.printing import print_output
from viewer.imaging.image_info import format_bytes
from viewer.imaging.reader import load_image
from viewer.imaging.writer import check_overwrite, write_file
from viewer.report.data import DEFAULT_POINTS, Task, measure


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("image", nargs="?", type=Path)
    parser.add_argument(
        "--bpp",
        nargs="+",
        action="extend",
        metavar="RATE",
        help="rates to show: bits per pixel (0.25), file sizes (40kB) or ratios (1:60)",
    )
    set_report.add(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.html", help="one self-contained file")
    add_codecs(parser)
    add_metrics(parser)
    add_reconstructions(parser)
    parser.add_argument(
        "--points",
        type=_points,
        default=DEFAULT_POINTS,
        metavar="N",
        help=f"points per curve (default {DEFAULT_POINTS}); 0 plots only the rates of --bpp",
    )
    parser.add_argument("--force", action="store_true", help="overwrite FILE.html")
    add_memory_limit(parser)


def run(parsed: argparse.Namespace) -> int:
    """Make a report; returns the exit code. Raises RateLensError."""
    if parsed.out.suffix.lower() not in {".html", ".htm"}:
        raise OutputError(f"“{parsed.out}” is not an HTML file: give the report a name that ends in .html.")
    if parsed.set is not None:
        return set_report.run(parsed)
    set_report.refuse_options(parsed)
    if parsed.image is None or not parsed.bpp:
        lacking = "IMAGE" if parsed.image is None else "--bpp RATE"
        raise TargetError(f"{lacking} is missing: write “ratelens report IMAGE --bpp 0.25 --out FILE.html”.")
    codecs, metrics = chosen_codecs(parsed), chosen_metrics(parsed)
    image = load_image(parsed.image)
    rates = [target_of(text, image) for text in parsed.bpp]
    check_overwrite([parsed.out], force=parsed.force)
    given = given_reconstructions(parsed)
    refused: list[str] = []
    data = measure(
        image, codecs, rates, parsed.points, progress=_bar, refuse=refused.append, metrics=metrics, given=given
    )
    from viewer.report.page import page

    text = page(data, datetime.now().astimezone()).encode(errors="backslashreplace")  # file names need not be text
    write_file(parsed.out, text, force=parsed.force)
    print_output(f"{parsed.out}: {format_bytes(len(text))}")
    return exit_code([*refused, *data.problems])


def _bar(tasks: Sequence[Task]) -> Iterable[Task]:
    from tqdm import tqdm

    return tqdm(tasks, unit="stream", disable=not sys.stderr.isatty())


def _points(text: str) -> int:
    if not text.isdecimal() or int(text) > 99:
        raise argparse.ArgumentTypeError(f"“{text}” is not a number of points: give 0 to 99")
    return int(text)
