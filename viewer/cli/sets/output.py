"""What “sweep” and “merge” make of rows: the summary, the plot, and files for other programs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import OutputError
from viewer.cli.printing import print_output
from viewer.imaging.writer import check_overwrite
from viewer.metrics.base import Metric

if TYPE_CHECKING:
    from viewer.sweep.rows import Row


def add_output(parser: argparse.ArgumentParser) -> None:
    """--reference, --plot, --parquet, --compressai and --force."""
    parser.add_argument(
        "--reference",
        nargs="+",
        action="extend",
        default=[],
        metavar="FILE[:NAME]",
        help="published averages, dashed in the plot and with BD-rates: CSV, CompressAI's JSON, TFC's texts",
    )
    parser.add_argument("--plot", type=Path, metavar="FILE.png|.svg", help="plot of the mean curves")
    parser.add_argument("--parquet", type=Path, metavar="FILE", help="the rows as Parquet, too; needs pyarrow")
    parser.add_argument(
        "--compressai", type=Path, metavar="DIR", help="each codec's means as CompressAI's results, DIR/CODEC.json"
    )
    parser.add_argument("--force", action="store_true", help="overwrite these files")


def check_output(parsed: argparse.Namespace, codecs: Sequence[str]) -> None:
    """Raise OutputError where something could not be written in the end."""
    from viewer.sweep import export, plot

    if parsed.plot:
        plot.check_plot_suffix(parsed.plot)
    if parsed.parquet:
        export.check_parquet()
    if parsed.compressai and parsed.compressai.exists() and not parsed.compressai.is_dir():
        raise OutputError(f"“{parsed.compressai}” is not a folder: give --compressai one for its files.")
    results = export.compressai_files(codecs, parsed.compressai).values() if parsed.compressai else ()
    check_overwrite([path for path in (parsed.plot, parsed.parquet, *results) if path], force=parsed.force)


def write_output(
    rows: Sequence[Row], parsed: argparse.Namespace, metrics: Sequence[Metric], remarks: Sequence[str]
) -> None:
    """Print the summary and the remarks, and write what was asked for. Raises RateLensError."""
    from viewer.sweep import export, plot, reference_bd, summary
    from viewer.sweep.reference import load_references

    references = load_references(parsed.reference, metrics)
    print_output(summary.format_summary(rows, metrics))
    if references:
        print_output(reference_bd.format_references(rows, references, metrics))
    for sentence in remarks:
        print(f"ratelens: {sentence}", file=sys.stderr)
    if parsed.parquet:
        export.write_parquet(rows, parsed.parquet, force=parsed.force)
    if parsed.compressai:
        export.write_compressai(rows, parsed.compressai, metrics, force=parsed.force)
    if parsed.plot:
        plot.save_plot(rows, parsed.plot, force=parsed.force, metrics=metrics, references=references)
