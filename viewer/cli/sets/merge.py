"""“ratelens merge”: the results of several sweeps, such as those of shards, as one."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import MetricError, OutputError
from viewer.cli.options import EXIT_OK
from viewer.cli.sets.output import add_output, check_output, write_output
from viewer.imaging.writer import check_overwrite
from viewer.metrics.base import Metric
from viewer.metrics.registry import metric_named

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("results", nargs="+", type=Path, metavar="FILE.csv", help="results of sweeps")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.csv", help="all of their rows")
    add_output(parser)


def run(parsed: argparse.Namespace) -> int:
    """Merge; returns the exit code. Raises RateLensError."""
    from viewer.sweep.merging import merge
    from viewer.sweep.rows import metric_columns, write_rows

    check_overwrite([parsed.out], force=parsed.force)
    found = merge(parsed.results)
    if not found.rows:
        raise OutputError("There are no rows in these files: run the sweeps first.")
    check_output(parsed, list(dict.fromkeys(row.codec for row in found.rows)))
    columns = metric_columns(found.rows)
    write_rows(parsed.out, found.rows, columns)
    write_output(found.rows, parsed, list(_known(columns)), found.remarks)
    return EXIT_OK


def _known(names: Sequence[str]) -> Iterator[Metric]:
    """Those of the metrics that are installed here: of others it is not known which scores are better."""
    for name in names:
        try:
            yield metric_named(name)
        except MetricError:
            continue
