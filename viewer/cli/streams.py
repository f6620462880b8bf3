"""“ratelens encode” and “ratelens decode”: a picture to a stream, and back."""

from __future__ import annotations

import argparse
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from models.errors import RateLensError
from viewer.cli.options import EXIT_OK, add_memory_limit, add_rate, target_of
from viewer.cli.printing import print_output
from viewer.codecs.registry import CODECS, codec_for_stream, codec_named
from viewer.codecs.sniff import check_plausible_size, claimed_size
from viewer.imaging.file_guard import STREAM, read_file
from viewer.imaging.reader import load_image
from viewer.imaging.writer import check_overwrite, png_bytes, write_file
from viewer.matching.comparison import Comparison
from viewer.matching.limits import rate_limit_note
from viewer.system.memory import decoding_bytes, process_budget


def add_encode(parser: argparse.ArgumentParser) -> None:
    """The arguments of encode."""
    parser.add_argument("image", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--codec", required=True, metavar="NAME", help=", ".join(codec.name for codec in CODECS))
    add_rate(parser, required=True)
    parser.add_argument("--force", action="store_true", help="overwrite OUT")
    add_memory_limit(parser)


def add_decode(parser: argparse.ArgumentParser) -> None:
    """The arguments of decode."""
    parser.add_argument("stream", type=Path)
    parser.add_argument("out", type=Path, help="a PNG file")
    parser.add_argument("--force", action="store_true", help="overwrite OUT")
    parser.add_argument("--trust", action="store_true", help="decode even if the claimed size looks implausible")
    add_memory_limit(parser)


def encode(parsed: argparse.Namespace) -> int:
    """Encode; returns the exit code. Raises RateLensError."""
    codec = codec_named(parsed.codec)
    image = load_image(parsed.image)
    bpp = target_of(parsed.bpp, image)
    check_overwrite([parsed.out], force=parsed.force)
    result = Comparison(image, [codec]).result(codec.name, bpp)
    write_file(parsed.out, result.stream, force=parsed.force)
    note = rate_limit_note(result)
    print_output(f"{parsed.out}: {len(result.stream)} bytes, {result.bpp:.4f} bpp{'; ' + note if note else ''}")
    return EXIT_OK


def decode(parsed: argparse.Namespace) -> int:
    """Decode; returns the exit code. Raises RateLensError."""
    if parsed.out.suffix.lower() != ".png":
        raise RateLensError(f"“{parsed.out}” is not a PNG file: give the picture a name that ends in .png.")
    check_overwrite([parsed.out], force=parsed.force)
    stream = read_file(parsed.stream, STREAM)
    if not parsed.trust:
        check_plausible_size(stream)
    codec = codec_for_stream(stream)
    with _granted(codec.name, stream, parsed.stream.name):
        png = png_bytes(codec.decode(stream))
    write_file(parsed.out, png, force=parsed.force)
    print_output(f"{parsed.out}")
    return EXIT_OK


def _granted(codec: str, stream: bytes, name: str) -> AbstractContextManager[object]:
    """Reserves the memory for a stream's picture, sized by its header. Raises MemoryLimitError."""
    size = claimed_size(stream)
    if size is None:
        return nullcontext()
    return process_budget().granted(decoding_bytes(codec, size[0] * size[1]), f"Decoding “{name}”")
