"""Options that several commands share, and what they mean."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import CodecError, TargetError
from viewer.codecs.base import Codec
from viewer.codecs.registry import CODECS, DEFAULT_CODECS, add_codec, codec_named, known_codecs
from viewer.imaging.image import Image
from viewer.matching.targets.quality import Channel, QualityMetric, QualityTarget, parse_quality
from viewer.matching.targets.rate import MAX_BPP, MIN_BPP, is_file_size, parse_target
from viewer.metrics.base import Metric
from viewer.metrics.fast import FastMetric
from viewer.metrics.registry import METRICS, metric_of, slow
from viewer.system.memory import DEFAULT_LIMIT_BYTES, process_budget

if TYPE_CHECKING:
    from viewer.matching.reconstruction import Given
    from viewer.matching.targets.score import ScoreTarget

EXIT_OK = 0
EXIT_USER_ERROR = 2


def add_rate(parser: argparse.ArgumentParser, *, required: bool) -> None:
    """--bpp RATE: bits per pixel, file size or ratio."""
    parser.add_argument(
        "--bpp", required=required, metavar="RATE", help="bits per pixel (0.25), a file size (40kB) or a ratio (1:60)"
    )


def add_target(parser: argparse.ArgumentParser) -> None:
    """--bpp, --psnr or --ms-ssim: what is equal for all codecs."""
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument("--bpp", metavar="RATE", help="equal rate: bits per pixel (0.25), size (40kB) or ratio (1:60)")
    target.add_argument("--psnr", metavar="DB", help="equal PSNR in dB (35)")
    target.add_argument("--ms-ssim", metavar="VALUE", help="equal MS-SSIM, raw (0.97) or in dB (“15 dB”)")
    target.add_argument(
        "--metric-target", metavar="NAME=VALUE", help="equal score in any metric (ssimulacra2=70): every codec's bytes"
    )
    parser.add_argument("--luma", action="store_true", help="match --psnr or --ms-ssim on luma (BT.601) instead of RGB")


def add_memory_limit(parser: argparse.ArgumentParser) -> None:
    """--memory-limit GB."""
    parser.add_argument(
        "--memory-limit",
        type=_gigabytes,
        metavar="GB",
        help=f"memory limit in GB (default {DEFAULT_LIMIT_BYTES / 1e9:g}, less on a small machine)",
    )


def _gigabytes(text: str) -> int:
    try:
        limit = float(text)
    except ValueError:
        limit = 0.0
    if not 0.1 <= limit <= 10_000:
        raise argparse.ArgumentTypeError(f"“{text}” is not a memory limit: give gigabytes, such as 4")
    return round(limit * 1e9)


def apply_memory_limit(limit_bytes: int | None) -> None:
    """Apply --memory-limit if it was given."""
    if limit_bytes is not None:
        process_budget().limit_bytes = limit_bytes


def quality_of(parsed: argparse.Namespace) -> QualityTarget | None:
    """The quality that --psnr or --ms-ssim asks for; None for a rate. Raises TargetError."""
    channel: Channel = "luma" if parsed.luma else "rgb"
    metric: QualityMetric
    for metric in ("psnr", "ms_ssim"):
        text = getattr(parsed, metric)
        if text is not None:
            return QualityTarget(metric, channel, parse_quality(text, metric))
    if parsed.luma:
        raise TargetError("--luma only applies to --psnr and --ms-ssim: add one of them, or leave --luma out.")
    return None


def add_codecs(parser: argparse.ArgumentParser) -> None:
    """--codec NAME ... (without it, the default codecs), --codec-file and --weights."""
    parser.add_argument(
        "--codec",
        nargs="+",
        action="extend",
        metavar="NAME",
        help=f"any of {', '.join(codec.name for codec in CODECS)}, or one with other settings (avif:speed=2) "
        f"(default {', '.join(DEFAULT_CODECS)}); repeatable",
    )
    add_codec_sources(parser)


def add_codec_sources(parser: argparse.ArgumentParser) -> None:
    """--codec-file FILE.toml ... and --weights FILE ..."""
    parser.add_argument(
        "--codec-file",
        nargs="+",
        action="extend",
        default=[],
        metavar="FILE.toml",
        help="a codec by command, this once: its description, or the name of one that comes along; repeatable",
    )
    parser.add_argument(
        "--weights",
        nargs="+",
        action="extend",
        default=[],
        metavar="FILE",
        help="a learned codec with weights of your own, this once, called learned:FILE; repeatable",
    )


def chosen_codecs(parsed: argparse.Namespace) -> list[Codec]:
    """The codecs that --codec names, or the default ones, and those of --codec-file and --weights, each once.

    All are registered. Raises CodecError for an unknown or unusable one.
    """
    given = register_given_codecs(parsed)
    named = [made_known(name) for name in (*(parsed.codec or DEFAULT_CODECS), *given)]
    return list({codec.name: codec for codec in named}.values())


def made_known(name: str) -> Codec:
    """The codec with a name, or the variant, which is known from now on. Raises CodecError."""
    codec = codec_named(name)
    if codec not in known_codecs():
        add_codec(codec)
    return codec


def register_given_codecs(parsed: argparse.Namespace) -> tuple[str, ...]:
    """Register the codecs of --codec-file and --weights, and return their names. Raises CodecError."""
    codecs = [_command_codec(file) for file in parsed.codec_file]
    weights: dict[str, str] = {}
    for file in dict.fromkeys(parsed.weights):
        from viewer.codecs.own_weights import weights_codec

        learned = weights_codec(Path(file))
        if learned.name in weights:
            raise CodecError(f"“{weights[learned.name]}” and “{file}” would both be {learned.name}: rename one.")
        weights[learned.name] = file
        codecs.append(learned)
    for codec in codecs:
        add_codec(codec)
    return tuple(codec.name for codec in codecs)


def _command_codec(file: str) -> Codec:
    from viewer.codecs.command.codec import CommandCodec
    from viewer.codecs.command.description import load_description
    from viewer.codecs.command.installed import description_file

    return CommandCodec(load_description(description_file(file)))


def add_metrics(parser: argparse.ArgumentParser) -> None:
    """--metric NAME ..., in addition to PSNR and MS-SSIM."""
    names = ", ".join(metric.name for metric in slow(METRICS))
    parser.add_argument(
        "--metric",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME",
        help=f"more metrics than PSNR and MS-SSIM: {names}, FILE.toml or NAME:COMMAND; repeatable",
    )


def chosen_metrics(parsed: argparse.Namespace) -> tuple[Metric, ...]:
    """The metrics that --metric names, each once. Raises MetricError for one that there is not."""
    return tuple({metric.name: metric for metric in map(metric_of, parsed.metric)}.values())


def score_target_of(parsed: argparse.Namespace) -> tuple[Metric, ScoreTarget] | None:
    """The score that --metric-target asks for, if it does. Raises MetricError, TargetError."""
    text = parsed.metric_target
    if text is None:
        return None
    name, sign, value = text.rpartition("=")
    if not sign:
        raise TargetError(f"“{text}” is no target: write the metric and its score, such as ssimulacra2=70.")
    metric = metric_of(name)
    if isinstance(metric, FastMetric):
        option = "--psnr" if metric.name.startswith("psnr") else "--ms-ssim"
        luma = " --luma" if metric.name.endswith("luma") else ""
        raise TargetError(f"For {metric.label} there is an option of its own: write {option} {value}{luma}.")
    from viewer.matching.targets.score import parse_score

    return metric, parse_score(value, metric)


def add_reconstructions(parser: argparse.ArgumentParser) -> None:
    """--with PICTURE[=SIZE] ..., pictures decoded elsewhere."""
    parser.add_argument(
        "--with",
        dest="reconstructions",
        nargs="+",
        action="extend",
        default=[],
        metavar="[NAME:]PICTURE[=SIZE]",
        help="pictures decoded elsewhere; SIZE is the stream's file, or its size: a.png=a.bin b.png=12.3kB; those with "
        "one NAME are one curve, of which a report gives the BD-rate: VVC:a.png=a.bin; repeatable",
    )


def given_reconstructions(parsed: argparse.Namespace) -> list[Given]:
    """What --with names."""
    if not parsed.reconstructions:
        return []
    from viewer.matching.reconstruction import parse_given

    return [parse_given(text) for text in parsed.reconstructions]


def add_verbose(parser: argparse.ArgumentParser) -> None:
    """--verbose."""
    parser.add_argument("--verbose", action="store_true", help="log to standard error")


def exit_code(refused: Sequence[str]) -> int:
    """Tell on standard error what could not be done while everything else was; returns the exit code."""
    for sentence in refused:
        print(f"ratelens: {sentence}", file=sys.stderr)
    return EXIT_USER_ERROR if refused else EXIT_OK


def target_of(text: str, image: Image | None) -> float:
    """The rate that --bpp asks for. image: needed only for a file size.

    Raises TargetError outside the slider's range.
    """
    bpp = parse_target(text, image)
    if not MIN_BPP <= bpp <= MAX_BPP:
        given = f"“{text}” cannot be used on this picture: " if is_file_size(text) else ""
        raise TargetError(f"{given}{bpp:.4g} bpp is out of range ({MIN_BPP} to {MAX_BPP:g} bpp).")
    return bpp
