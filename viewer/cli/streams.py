"""“ratelens encode” and “ratelens decode”: a picture to a stream, and back."""

from __future__ import annotations

import argparse
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from models.errors import CodecError, RateLensError
from viewer.cli.options import EXIT_OK, add_codec_sources, add_memory_limit, add_rate, register_given_codecs, target_of
from viewer.cli.printing import print_output
from viewer.cli.refining import add_refine, refine_settings, refined
from viewer.codecs.base import Codec, EstimatesMemory
from viewer.codecs.files.sniff import check_plausible_size, claimed_size
from viewer.codecs.registry import CODECS, codec_for_stream, codec_named
from viewer.imaging.file_guard import STREAM, read_file
from viewer.imaging.reader import load_image
from viewer.imaging.writer import check_overwrite, png_bytes, write_file
from viewer.matching.comparison import Comparison
from viewer.matching.limits import rate_limit_note
from viewer.matching.refinement import can_refine, is_refined
from viewer.system.memory import decoding_bytes, process_budget


def add_encode(parser: argparse.ArgumentParser) -> None:
    """The arguments of encode."""
    parser.add_argument("image", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument(
        "--codec",
        metavar="NAME",
        help=f"{', '.join(codec.name for codec in CODECS)}, or one with other settings (avif:speed=2)",
    )
    add_codec_sources(parser)
    add_rate(parser, required=True)
    add_refine(parser)
    parser.add_argument("--force", action="store_true", help="overwrite OUT")
    add_memory_limit(parser)


def add_decode(parser: argparse.ArgumentParser) -> None:
    """The arguments of decode."""
    parser.add_argument("stream", type=Path)
    parser.add_argument("out", type=Path, help="a PNG file")
    parser.add_argument(
        "--codec", metavar="NAME", help="what decodes it; without it, its first bytes or its suffix tell"
    )
    add_codec_sources(parser)
    parser.add_argument("--force", action="store_true", help="overwrite OUT")
    parser.add_argument("--trust", action="store_true", help="decode even if the claimed size looks implausible")
    add_memory_limit(parser)


def encode(parsed: argparse.Namespace) -> int:
    """Encode; returns the exit code. Raises RateLensError."""
    codec = _one_codec(parsed)
    if codec is None:
        raise CodecError("encode needs a codec: add --codec NAME, --codec-file FILE.toml or --weights FILE.")
    image = load_image(parsed.image)
    bpp = target_of(parsed.bpp, image)
    settings = refine_settings(parsed, image)
    check_overwrite([parsed.out], force=parsed.force)
    comparison = Comparison(image, [codec])
    if settings is not None and not can_refine(comparison, codec.name):
        raise CodecError(f"{codec.label} cannot be refined: use --refine with --codec learned.")
    result = comparison.result(codec.name, bpp)
    if settings is not None:
        result = refined(comparison, result, settings)
    write_file(parsed.out, result.stream, force=parsed.force)
    notes = [note for note in (result.detail if is_refined(result) else "", rate_limit_note(result)) if note]
    print_output(f"{parsed.out}: {'; '.join([f'{len(result.stream)} bytes, {result.bpp:.4f} bpp', *notes])}")
    return EXIT_OK


def decode(parsed: argparse.Namespace) -> int:
    """Decode; returns the exit code. Raises RateLensError."""
    if parsed.out.suffix.lower() != ".png":
        raise RateLensError(f"“{parsed.out}” is not a PNG file: give the picture a name that ends in .png.")
    check_overwrite([parsed.out], force=parsed.force)
    stream = read_file(parsed.stream, STREAM)
    if not parsed.trust:
        check_plausible_size(stream)
    codec = _decoder(parsed, stream)
    with _granted(codec, stream, parsed.stream.name):
        png = png_bytes(codec.decode(stream))
    write_file(parsed.out, png, force=parsed.force)
    print_output(f"{parsed.out}")
    return EXIT_OK


def _one_codec(parsed: argparse.Namespace) -> Codec | None:
    """The codec that the options name, or None. Raises CodecError."""
    names = register_given_codecs(parsed)
    if parsed.codec is not None:
        return codec_named(parsed.codec)
    if len(names) > 1:
        raise CodecError(f"--codec-file and --weights give {', '.join(names)}: choose one with --codec.")
    return codec_named(names[0]) if names else None


def _decoder(parsed: argparse.Namespace, stream: bytes) -> Codec:
    """What decodes a stream. Streams of the learned codec name their weights, so --weights only lets them be known."""
    if parsed.weights and parsed.codec is None:
        register_given_codecs(parsed)
        return codec_for_stream(stream, parsed.stream.name)
    return _one_codec(parsed) or codec_for_stream(stream, parsed.stream.name)


def _granted(codec: Codec, stream: bytes, name: str) -> AbstractContextManager[object]:
    """Reserves the memory for a stream's picture, sized by its header. Raises MemoryLimitError."""
    size = claimed_size(stream)
    if size is None:
        return nullcontext()
    estimate = codec.memory if isinstance(codec, EstimatesMemory) else None
    required_bytes = decoding_bytes(codec.name, size[0] * size[1], estimate=estimate)
    return process_budget().granted(required_bytes, f"Decoding “{name}”")
