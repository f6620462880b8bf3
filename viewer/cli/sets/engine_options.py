"""--jobs, --backend, --scheduler, --time-limit and --shard: where a sweep's work is done."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import WorkerError

if TYPE_CHECKING:
    from viewer.sweep.engines.base import Engine
    from viewer.sweep.run import Shard


def add_engine(parser: argparse.ArgumentParser) -> None:
    """The options."""
    group = parser.add_argument_group("where the work is done")
    group.add_argument("--jobs", type=_count, metavar="N", help="pictures at once (default: one a core or worker)")
    group.add_argument(
        "--backend",
        choices=("loky", "dask", "ray"),
        default="loky",
        help="processes of this machine (loky, the default), or a cluster of Dask or Ray",
    )
    group.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="Dask's scheduler (tcp://host:8786, or its file), or Ray's head",
    )
    group.add_argument(
        "--time-limit",
        type=_minutes,
        metavar="MIN",
        help="a worker that takes longer for a picture is taken to hang, and ended (default 60, more when refining)",
    )
    group.add_argument(
        "--shard", type=_shard, metavar="I/N", help="only every N-th picture from the I-th; “ratelens merge” joins them"
    )


def engine_of(parsed: argparse.Namespace) -> Engine:
    """What the options ask for. Raises WorkerError."""
    if parsed.backend == "dask":
        from viewer.sweep.engines.dask_cluster import DaskEngine

        if parsed.scheduler is None:
            raise WorkerError("--backend dask needs --scheduler: give the address that “dask scheduler” prints.")
        return DaskEngine(parsed.scheduler, parsed.jobs)
    if parsed.backend == "ray":
        from viewer.sweep.engines.ray_cluster import RayEngine

        return RayEngine(parsed.scheduler, parsed.jobs)
    if parsed.scheduler is not None:
        raise WorkerError("--scheduler only applies to clusters: add --backend dask or --backend ray.")
    from viewer.sweep.engines.local import LocalEngine

    return LocalEngine(parsed.jobs)


def shard_file(out: Path, shard: Shard | None) -> Path:
    """The file of a part of a sweep: “results.3-of-8.csv”. Each has its own, whatever order they end in."""
    return out if shard is None else out.with_name(f"{out.stem}.{shard.index}-of-{shard.count}{out.suffix}")


def _count(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,4}", text):
        raise argparse.ArgumentTypeError(f"“{text}” is not a number of jobs: give 1 or more")
    return int(text)


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        minutes = 0.0
    if not 0.1 <= minutes <= 10_000:
        raise argparse.ArgumentTypeError(f"“{text}” is not a time limit: give minutes, such as 30")
    return 60 * minutes


def _shard(text: str) -> Shard:
    from viewer.sweep.run import Shard

    found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text.strip())
    if not found or not 1 <= int(found[1]) <= int(found[2]):
        raise argparse.ArgumentTypeError(f"“{text}” is not a part: give I/N with I from 1 to N, such as 3/8")
    return Shard(int(found[1]), int(found[2]))
