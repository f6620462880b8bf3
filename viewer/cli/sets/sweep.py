"""“ratelens sweep”: every codec on every picture of a set."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import CodecError, TargetError
from viewer.cli.options import add_codecs, add_memory_limit, add_metrics, chosen_codecs, chosen_metrics, exit_code
from viewer.cli.refining import add_refine, refine_settings
from viewer.cli.sets.engine_options import add_engine, engine_of, shard_file
from viewer.cli.sets.output import add_output, check_output, write_output
from viewer.matching.targets.quality import Channel, QualityMetric, ms_ssim_raw, parse_quality
from viewer.matching.targets.rate import MAX_BPP, MIN_BPP, parse_target
from viewer.matching.targets.score import parse_score
from viewer.metrics.base import Metric
from viewer.metrics.fast import FastMetric
from viewer.metrics.registry import metric_of

if TYPE_CHECKING:
    from viewer.sweep.rows import Row
    from viewer.sweep.target import Target

_QUIET_S = 60.0
"""How often progress is shown in a log, which keeps every line."""
_FEW = 100
"""So few pictures make no long log, and are soon read."""


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
    group = parser.add_argument_group("targets (default: rates from 0.1 to 1.5 bpp)")
    group.add_argument("--bpp", nargs="+", type=_bpp, metavar="B", help="rates in bits per pixel")
    group.add_argument("--psnr", nargs="+", default=[], metavar="DB", help="equal PSNR in dB (30 35 40)")
    group.add_argument("--ms-ssim", nargs="+", default=[], metavar="VALUE", help="equal MS-SSIM, raw (0.97) or “15 dB”")
    group.add_argument(
        "--metric-target", nargs="+", default=[], metavar="NAME=VALUE", help="equal scores in any metric (flip=0.05)"
    )
    group.add_argument("--luma", action="store_true", help="match --psnr or --ms-ssim on luma (BT.601) instead of RGB")
    parser.add_argument(
        "--repeat", type=_repeats, default=1, metavar="N", help="code and decode N times; times are the medians"
    )
    add_refine(parser, region=False)
    add_engine(parser)
    add_output(parser)
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


def _repeats(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"“{text}” is not a number of repeats: give 1 to 1000")
    return int(text)


def _qualities(parsed: argparse.Namespace) -> tuple[list[Target], list[str]]:
    """The qualities that are asked for, and the slow metrics that they need. Raises TargetError, MetricError."""
    from viewer.sweep.target import score_target

    channel: Channel = "luma" if parsed.luma else "rgb"
    targets = []
    metric: QualityMetric
    for metric in ("psnr", "ms_ssim"):
        for text in getattr(parsed, metric):
            value_db = parse_quality(text, metric)
            score = value_db if metric == "psnr" else ms_ssim_raw(value_db)
            targets.append(score_target(f"{metric}_{channel}", score))
    if parsed.luma and not targets:
        raise TargetError("--luma only applies to --psnr and --ms-ssim: add one of them, or leave --luma out.")
    needed = []
    for text in parsed.metric_target:
        name, sign, value = text.rpartition("=")
        if not sign:
            raise TargetError(f"“{text}” is no target: write the metric and its score, such as ssimulacra2=70.")
        found = metric_of(name)
        if isinstance(found, FastMetric):
            option = "--psnr" if found.name.startswith("psnr") else "--ms-ssim"
            raise TargetError(f"For {found.label} there is an option of its own: write {option} {value}.")
        targets.append(score_target(found.name, parse_score(value, found).value))
        needed.append(name)
    return list(dict.fromkeys(targets)), needed


@dataclass(frozen=True)
class _Told:
    """What a sweep says while it runs, to be printed at its end."""

    refused: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    lacking: list[str] = field(default_factory=list)


def _bar(items: Iterable[Any], count: int, what: str) -> Iterable[Any]:
    """A bar with the time that is left; in a log, a line every minute. Told by all that was done, not by the last: many
    pictures end at once.
    """
    from tqdm import tqdm

    often_s = 0.1 if count <= _FEW or sys.stderr.isatty() else _QUIET_S
    return tqdm(items, total=count, unit="picture", desc=what, smoothing=0, mininterval=often_s)


def run(parsed: argparse.Namespace) -> int:
    """Sweep; returns the exit code. Raises RateLensError."""
    from viewer.sweep import measuring
    from viewer.sweep import run as sweep
    from viewer.sweep.reference import load_references

    qualities, needed = _qualities(parsed)
    parsed.metric = list(dict.fromkeys([*parsed.metric, *needed]))
    metrics: tuple[Metric, ...] = chosen_metrics(parsed)
    codecs = [codec.name for codec in chosen_codecs(parsed)]
    rates = parsed.bpp or ([] if qualities else list(sweep.DEFAULT_BPP))
    refining = refine_settings(parsed)
    if refining is not None and not measuring.refinable(codecs):
        raise CodecError("None of these codecs can be refined: use --refine with --codec learned.")
    if refining is not None and qualities:
        raise TargetError("--refine keeps to a size: use it with --bpp instead of an equal quality.")
    check_output(parsed, codecs)
    load_references(parsed.reference, metrics)
    out = shard_file(parsed.out, parsed.shard)
    told = _Told()

    def bar(finished: Iterator[list[Row]], count: int) -> Iterable[list[Row]]:
        return _bar(finished, count, "Measuring")

    try:
        rows = sweep.sweep(
            parsed.folder,
            out,
            codecs,
            rates,
            bar,
            qualities=qualities,
            refining=refining,
            refuse=told.refused.append,
            remark=told.remarks.append,
            metrics=parsed.metric,
            repeats=parsed.repeat,
            lack=told.lacking.append,
            engine=engine_of(parsed),
            shard=parsed.shard,
            limit_s=parsed.time_limit,
            reading=lambda pictures, count: _bar(pictures, count, "Reading") if count > _FEW else pictures,
        )
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"stopped. What was measured is in “{out}”; run the same command to resume.") from None
    write_output(rows, parsed, metrics, told.remarks)
    return exit_code([*told.refused, *told.lacking])
