"""“ratelens sweep”: every codec on every picture in a folder."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import CodecError, TargetError
from viewer.cli.options import (
    add_codecs,
    add_memory_limit,
    add_metrics,
    chosen_codecs,
    chosen_metrics,
    exit_code,
)
from viewer.cli.printing import print_output
from viewer.cli.refining import add_refine, refine_settings
from viewer.imaging.writer import check_overwrite
from viewer.matching.rate_target import MAX_BPP, MIN_BPP, parse_target

if TYPE_CHECKING:
    from viewer.sweep.rows import Row


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument(
        "folder", nargs="+", type=Path, help="folders, searched with those inside them; pictures; lists of paths (.txt)"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE.csv", help="results; an earlier sweep's file is resumed"
    )
    add_codecs(parser)
    add_metrics(parser)
    parser.add_argument("--bpp", nargs="+", type=_bpp, metavar="B", help="target rates in bits per pixel")
    add_refine(parser, region=False)
    parser.add_argument(
        "--reference",
        nargs="+",
        action="extend",
        default=[],
        metavar="FILE[:NAME]",
        help="published averages, dashed in the plot and with BD-rates: CSV, CompressAI's JSON, TFC's texts",
    )
    parser.add_argument("--plot", type=Path, metavar="FILE.png|.svg", help="plot of the mean curves")
    parser.add_argument("--force", action="store_true", help="overwrite the plot")
    add_memory_limit(parser)


def _bpp(text: str) -> float:
    try:
        bpp = parse_target(text, None)
    except TargetError:
        bpp = 0.0
    if not MIN_BPP <= bpp <= MAX_BPP:
        raise argparse.ArgumentTypeError(
            f"“{text}” is not a rate: give bits per pixel from {MIN_BPP} to {MAX_BPP:g}, such as 0.25"
        )
    return bpp


def run(parsed: argparse.Namespace) -> int:
    """Sweep; returns the exit code. Raises RateLensError."""
    from tqdm import tqdm

    from viewer.sweep import measuring, plot, reference_bd, summary
    from viewer.sweep import run as sweep
    from viewer.sweep.reference import load_references

    metrics = chosen_metrics(parsed)
    codecs = [codec.name for codec in chosen_codecs(parsed)]
    rates = parsed.bpp or list(sweep.DEFAULT_BPP)
    refining = refine_settings(parsed)
    if refining is not None and not measuring.refinable(codecs):
        raise CodecError("None of these codecs can be refined: use --refine with --codec learned.")
    if parsed.plot:
        plot.check_plot_suffix(parsed.plot)
        check_overwrite([parsed.plot], force=parsed.force)
    references = load_references(parsed.reference, metrics)
    refused: list[str] = []
    remarks: list[str] = []
    lacking: list[str] = []

    def bar(finished: Iterator[list[Row]], count: int) -> Iterable[list[Row]]:
        return tqdm(finished, total=count, unit="picture")

    try:
        rows = sweep.sweep(
            parsed.folder,
            parsed.out,
            codecs,
            rates,
            bar,
            refining=refining,
            refuse=refused.append,
            remark=remarks.append,
            metrics=list(dict.fromkeys(parsed.metric)),
            lack=lacking.append,
        )
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            f"stopped. What was measured is in “{parsed.out}”; run the same command to resume."
        ) from None
    print_output(summary.format_summary(rows, metrics))
    if references:
        print_output(reference_bd.format_references(rows, references, metrics))
    for sentence in remarks:
        print(f"ratelens: {sentence}", file=sys.stderr)
    code = exit_code([*refused, *lacking])
    if parsed.plot:
        plot.save_plot(rows, parsed.plot, force=parsed.force, metrics=metrics, references=references)
    return code
