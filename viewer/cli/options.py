"""Options that several commands share, and what they mean."""

from __future__ import annotations

import argparse

from models.errors import TargetError
from viewer.codecs import CODECS, codec_named
from viewer.codecs.base import Codec
from viewer.compare import Result
from viewer.image import Image
from viewer.target import MAX_BPP, MIN_BPP, parse_target

EXIT_OK = 0
EXIT_USER_ERROR = 2


def add_rate(parser: argparse.ArgumentParser, *, required: bool) -> None:
    """--bpp RATE, one rate as people write it."""
    parser.add_argument(
        "--bpp", required=required, metavar="RATE", help="bits per pixel (0.25), a file size (40kB) or a ratio (1:60)"
    )


def add_codecs(parser: argparse.ArgumentParser) -> None:
    """--codec NAME ..., all codecs if it is not given."""
    names = ", ".join(codec.name for codec in CODECS)
    parser.add_argument("--codec", nargs="+", action="extend", metavar="NAME", help=f"only these ({names}); repeatable")


def chosen_codecs(parsed: argparse.Namespace) -> list[Codec]:
    """The codecs that --codec names, each once. Raises CodecError for one that there is not."""
    return [codec_named(name) for name in dict.fromkeys(parsed.codec or [codec.name for codec in CODECS])]


def target_of(text: str, image: Image) -> float:
    """The rate that --bpp asks for. Raises TargetError outside the slider's range."""
    bpp = parse_target(text, image)
    if not MIN_BPP <= bpp <= MAX_BPP:
        raise TargetError(
            f"“{text}” means {bpp:.4g} bits per pixel on this picture: give a rate from {MIN_BPP} to {MAX_BPP:g}."
        )
    return bpp


def reach(result: Result) -> str:
    """Why a result is not at its target, in short; empty if it is."""
    if result.reachable:
        return ""
    if result.floor_bpp is not None:
        return f"floor {result.floor_bpp:.4f} bpp: this codec cannot go lower here"
    if result.ceiling_bpp is not None:
        return f"ceiling {result.ceiling_bpp:.4f} bpp: this codec cannot go higher here"
    return "nearest rate that this codec has"
