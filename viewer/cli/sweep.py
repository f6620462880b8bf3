"""“ratelens sweep”: every codec over every picture of a folder."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import TargetError
from viewer.cli.options import EXIT_OK, add_codecs, chosen_codecs
from viewer.target import MAX_BPP, MIN_BPP

if TYPE_CHECKING:
    from viewer.sweep import Row


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE.csv", help="goes on where an earlier sweep stood"
    )
    add_codecs(parser)
    parser.add_argument("--bpp", nargs="+", type=float, metavar="B", help="target rates in bits per pixel")
    parser.add_argument("--plot", type=Path, metavar="FILE.png|.svg", help="mean curves as a picture")


def run(parsed: argparse.Namespace) -> int:
    """Sweep; returns the exit code. Raises RateLensError."""
    from tqdm import tqdm

    from viewer import summary, sweep

    codecs = [codec.name for codec in chosen_codecs(parsed)]
    rates = parsed.bpp or list(sweep.DEFAULT_BPP)
    if not all(MIN_BPP <= bpp <= MAX_BPP for bpp in rates):
        raise TargetError(f"--bpp takes rates from {MIN_BPP} to {MAX_BPP:g} bits per pixel.")

    def bar(finished: Iterator[list[Row]], count: int) -> Iterable[list[Row]]:
        return tqdm(finished, total=count, unit="picture")

    rows = sweep.sweep(parsed.folder, parsed.out, codecs, rates, bar)
    print(summary.format_summary(rows))
    if parsed.plot:
        summary.save_plot(rows, parsed.plot)
    return EXIT_OK
