"""Options that several commands share, and what they mean."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from models.errors import CodecError, TargetError
from viewer.codecs.base import Codec
from viewer.codecs.command.codec import CommandCodec
from viewer.codecs.command.description import load_description
from viewer.codecs.command.installed import description_file
from viewer.codecs.own_weights import weights_codec
from viewer.codecs.registry import CODECS, DEFAULT_CODECS, add_codec, codec_named, known_codecs
from viewer.imaging.image import Image
from viewer.matching.quality_target import Channel, QualityMetric, QualityTarget, parse_quality
from viewer.matching.rate_target import MAX_BPP, MIN_BPP, parse_target
from viewer.system.memory import DEFAULT_LIMIT_BYTES, process_budget

EXIT_OK = 0
EXIT_USER_ERROR = 2


def add_rate(parser: argparse.ArgumentParser, *, required: bool) -> None:
    """--bpp RATE, one rate as people write it."""
    parser.add_argument(
        "--bpp", required=required, metavar="RATE", help="bits per pixel (0.25), a file size (40kB) or a ratio (1:60)"
    )


def add_target(parser: argparse.ArgumentParser) -> None:
    """--bpp, --psnr or --ms-ssim: what the codecs are to have in common."""
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument("--bpp", metavar="RATE", help="equal rate: bits per pixel (0.25), a file size (40kB), 1:60")
    target.add_argument("--psnr", metavar="DB", help="equal PSNR in dB (35): every codec's bytes for it")
    target.add_argument("--ms-ssim", metavar="VALUE", help="equal MS-SSIM, raw (0.97) or in dB (“15 dB”)")
    parser.add_argument("--luma", action="store_true", help="--psnr and --ms-ssim mean luma (BT.601) instead of RGB")


def add_memory_limit(parser: argparse.ArgumentParser) -> None:
    """--memory-limit GB."""
    parser.add_argument(
        "--memory-limit",
        type=_gigabytes,
        metavar="GB",
        help=f"memory that the program may take ({DEFAULT_LIMIT_BYTES / 1e9:g} without it, less on a small machine)",
    )


def _gigabytes(text: str) -> int:
    try:
        limit = float(text)
    except ValueError:
        limit = 0.0
    if not 0.1 <= limit <= 10_000:
        raise argparse.ArgumentTypeError(f"“{text}” is no memory limit: give gigabytes, such as 4")
    return round(limit * 1e9)


def apply_memory_limit(limit_bytes: int | None) -> None:
    """Keep to what --memory-limit asks for, if it was given."""
    if limit_bytes is not None:
        process_budget().limit_bytes = limit_bytes


def quality_of(parsed: argparse.Namespace) -> QualityTarget | None:
    """The quality that --psnr or --ms-ssim asks for, None where it is a rate. Raises TargetError."""
    channel: Channel = "luma" if parsed.luma else "rgb"
    metric: QualityMetric
    for metric in ("psnr", "ms_ssim"):
        text = getattr(parsed, metric)
        if text is not None:
            return QualityTarget(metric, channel, parse_quality(text, metric))
    if parsed.luma:
        raise TargetError("--luma says which quality is to be equal: use it with --psnr or --ms-ssim.")
    return None


def add_codecs(parser: argparse.ArgumentParser) -> None:
    """--codec NAME ..., the usual ones if it is not given, and what can be brought."""
    parser.add_argument(
        "--codec",
        nargs="+",
        action="extend",
        metavar="NAME",
        help=f"of {', '.join(codec.name for codec in CODECS)}; or one with other settings "
        f"(avif:speed=2); without it {', '.join(DEFAULT_CODECS)}; repeatable",
    )
    add_brought(parser)


def add_brought(parser: argparse.ArgumentParser) -> None:
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
    """The codecs that --codec names, or the usual ones, and those of --codec-file and --weights, each once.

    All are known from now on. Raises CodecError for one that there is not, or that cannot be used.
    """
    brought = brought_codecs(parsed)
    named = [made_known(name) for name in (*(parsed.codec or DEFAULT_CODECS), *brought)]
    return list({codec.name: codec for codec in named}.values())


def made_known(name: str) -> Codec:
    """The codec with a name, or the variant, which is known from now on. Raises CodecError."""
    codec = codec_named(name)
    if codec not in known_codecs():
        add_codec(codec)
    return codec


def brought_codecs(parsed: argparse.Namespace) -> tuple[str, ...]:
    """The names of the codecs of --codec-file and --weights, which are known from now on. Raises CodecError."""
    codecs: list[Codec] = [CommandCodec(load_description(description_file(file))) for file in parsed.codec_file]
    weights: dict[str, str] = {}
    for file in dict.fromkeys(parsed.weights):
        learned = weights_codec(Path(file))
        if learned.name in weights:
            raise CodecError(f"“{weights[learned.name]}” and “{file}” would both be {learned.name}: rename one.")
        weights[learned.name] = file
        codecs.append(learned)
    for codec in codecs:
        add_codec(codec)
    return tuple(codec.name for codec in codecs)


def add_verbose(parser: argparse.ArgumentParser) -> None:
    """The option to see the log."""
    parser.add_argument("--verbose", action="store_true", help="tell on standard error what is done")


def exit_code(refused: Sequence[str]) -> int:
    """Tell on standard error what could not be done while everything else was; returns the exit code."""
    for sentence in refused:
        print(f"ratelens: {sentence}", file=sys.stderr)
    return EXIT_USER_ERROR if refused else EXIT_OK


def target_of(text: str, image: Image | None) -> float:
    """The rate that --bpp asks for. image: None will do for what is no file size.

    Raises TargetError outside the slider's range.
    """
    bpp = parse_target(text, image)
    if not MIN_BPP <= bpp <= MAX_BPP:
        raise TargetError(
            f"“{text}” means {bpp:.4g} bits per pixel on this picture: give a rate from {MIN_BPP} to {MAX_BPP:g}."
        )
    return bpp
