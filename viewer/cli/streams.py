"""“ratelens encode” and “ratelens decode”: one picture to one stream, and back."""

from __future__ import annotations

import argparse
from pathlib import Path

from models.errors import CodecError, RateLensError
from viewer.cli.options import EXIT_OK, add_memory_limit, add_rate, reach, target_of
from viewer.codecs import CODECS, codec_named, codec_of
from viewer.compare import Comparison
from viewer.foreign_stream import refuse_bomb
from viewer.output import png_bytes, refuse_existing, write_file
from viewer.read import load_image


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
    parser.add_argument("--trust", action="store_true", help="decode even a huge picture out of a few bytes")


def encode(parsed: argparse.Namespace) -> int:
    """Encode; returns the exit code. Raises RateLensError."""
    codec = codec_named(parsed.codec)
    image = load_image(parsed.image)
    bpp = target_of(parsed.bpp, image)
    refuse_existing([parsed.out], force=parsed.force)
    result = Comparison(image, [codec]).result(codec.name, bpp)
    write_file(parsed.out, result.stream, force=parsed.force)
    note = reach(result)
    print(f"{parsed.out}: {len(result.stream)} bytes, {result.bpp:.4f} bpp{'; ' + note if note else ''}")
    return EXIT_OK


def decode(parsed: argparse.Namespace) -> int:
    """Decode; returns the exit code. Raises RateLensError."""
    if parsed.out.suffix.lower() != ".png":
        raise RateLensError(f"“{parsed.out}” is no PNG file: reconstructions are written without loss, as OUT.png.")
    refuse_existing([parsed.out], force=parsed.force)
    try:
        stream = parsed.stream.read_bytes()
    except IsADirectoryError as error:
        raise CodecError(f"“{parsed.stream}” is a folder: give a stream, such as a .gdn file.") from error
    except OSError as error:
        raise CodecError(f"“{parsed.stream}” cannot be read ({error.strerror}): check the name.") from error
    if not parsed.trust:
        refuse_bomb(stream)
    write_file(parsed.out, png_bytes(codec_of(stream).decode(stream)), force=parsed.force)
    print(f"{parsed.out}")
    return EXIT_OK
