"""The command line: what is asked for, and the commands that need no window."""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from models.errors import CodecError, RateLensError, TargetError
from viewer.codecs import CODECS, codec_named
from viewer.codecs.base import Codec
from viewer.compare import Comparison, Result
from viewer.composite import composite
from viewer.image import Image
from viewer.output import png_bytes, refuse_existing, write_file
from viewer.read import load_image
from viewer.target import MAX_BPP, MIN_BPP, format_bytes, parse_target

COMMANDS = ("compare", "encode", "decode", "sweep", "doctor")
EXIT_OK = 0
EXIT_USER_ERROR = 2

_EPILOG = """\
commands without a window:
  ratelens compare IMAGE --bpp 0.25   rates, PSNR and MS-SSIM of every codec
  ratelens encode IMAGE OUT ...       one picture to one stream
  ratelens decode STREAM OUT.png      a stream back to a picture
  ratelens sweep DIR --out FILE.csv   every codec over every picture of a folder, with BD-rates
  ratelens doctor                     what is installed, what is missing, and the fix

“ratelens COMMAND --help” tells more of each."""


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{3,5})x(\d{3,5})", text)
    if not found:
        raise argparse.ArgumentTypeError(f"“{text}” is no size: write WIDTHxHEIGHT, such as 1600x1000")
    return int(found[1]), int(found[2])


def window_parser(version: str) -> argparse.ArgumentParser:
    """The parser of “ratelens [IMAGE]”."""
    parser = argparse.ArgumentParser(
        prog="ratelens",
        description="Compare a learned image codec with JPEG and JPEG 2000 at matched rates, live.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("image", nargs="?", type=Path, help="the photograph to open (a sample if none is given)")
    _add_rate(parser, required=False)
    parser.add_argument(
        "--screenshot", type=Path, metavar="OUT.png", help="save the settled window as a picture, and quit"
    )
    parser.add_argument("--size", type=_size, metavar="WxH", help="size of the window, such as 1600x1000")
    parser.add_argument("--force", action="store_true", help="overwrite OUT.png")
    parser.add_argument("--version", action="version", version=f"RateLens {version}")
    return parser


def command_parser() -> argparse.ArgumentParser:
    """The parser of the commands without a window."""
    parser = argparse.ArgumentParser(prog="ratelens")
    commands = parser.add_subparsers(dest="command", required=True)
    names = [codec.name for codec in CODECS]

    compare = commands.add_parser("compare", help="every codec at one rate on one picture")
    compare.add_argument("image", type=Path)
    _add_rate(compare, required=True)
    compare.add_argument(
        "--codec", nargs="+", action="extend", metavar="NAME", help=f"only these ({', '.join(names)}); repeatable"
    )
    compare.add_argument("--json", action="store_true", help="print JSON instead of a table")
    compare.add_argument(
        "--out", type=Path, metavar="DIR", help="write streams, reconstructions and a labelled picture"
    )
    compare.add_argument("--force", action="store_true", help="overwrite what is in DIR")

    encode = commands.add_parser("encode", help="one picture to one stream")
    encode.add_argument("image", type=Path)
    encode.add_argument("out", type=Path)
    encode.add_argument("--codec", required=True, metavar="NAME", help=", ".join(names))
    _add_rate(encode, required=True)
    encode.add_argument("--force", action="store_true", help="overwrite OUT")

    decode = commands.add_parser("decode", help="a stream back to a picture")
    decode.add_argument("stream", type=Path)
    decode.add_argument("out", type=Path, help="a PNG file")
    decode.add_argument("--force", action="store_true", help="overwrite OUT")

    sweep = commands.add_parser("sweep", help="every codec over every picture of a folder, at matched rates")
    sweep.add_argument("folder", type=Path)
    sweep.add_argument(
        "--out", type=Path, required=True, metavar="FILE.csv", help="goes on where an earlier sweep stood"
    )
    sweep.add_argument(
        "--codec", nargs="+", action="extend", metavar="NAME", help=f"only these ({', '.join(names)}); repeatable"
    )
    sweep.add_argument("--bpp", nargs="+", type=float, metavar="B", help="target rates in bits per pixel")
    sweep.add_argument("--plot", type=Path, metavar="FILE.png|.svg", help="mean curves as a picture")

    commands.add_parser("doctor", help="what is installed, what is missing, and the fix")
    return parser


def _add_rate(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument(
        "--bpp", required=required, metavar="RATE", help="bits per pixel (0.25), a file size (40kB) or a ratio (1:60)"
    )


def run_command(arguments: Sequence[str]) -> int:
    """Run a command without a window; returns 0, or 1 from doctor when something is missing, or 2 on errors."""
    parsed = command_parser().parse_args(arguments)
    try:
        if parsed.command == "compare":
            return _compare(parsed)
        if parsed.command == "encode":
            return _encode(parsed)
        if parsed.command == "decode":
            return _decode(parsed)
        if parsed.command == "sweep":
            return _sweep(parsed)
        from viewer import doctor

        findings = doctor.diagnose()
        print(doctor.format_findings(findings))
        return 0 if all(finding.ok for finding in findings) else 1
    except RateLensError as error:
        print(f"ratelens: {error}", file=sys.stderr)
        return EXIT_USER_ERROR


def target_of(text: str, image: Image) -> float:
    """The rate that --bpp asks for. Raises TargetError outside the slider's range."""
    bpp = parse_target(text, image)
    if not MIN_BPP <= bpp <= MAX_BPP:
        raise TargetError(
            f"“{text}” means {bpp:.4g} bits per pixel on this picture: give a rate from {MIN_BPP} to {MAX_BPP:g}."
        )
    return bpp


def _compare(parsed: argparse.Namespace) -> int:
    names = list(dict.fromkeys(parsed.codec or [codec.name for codec in CODECS]))
    codecs = [codec_named(name) for name in names]
    image = load_image(parsed.image)
    bpp = target_of(parsed.bpp, image)
    stem = parsed.image.stem
    files = {name: parsed.out / f"{stem}.{name}{codec_named(name).suffix}" for name in names} if parsed.out else {}
    pictures = {name: parsed.out / f"{stem}.{name}.png" for name in files}
    overview = [parsed.out / f"{stem}.comparison.png"] if parsed.out else []
    refuse_existing([*files.values(), *pictures.values(), *overview], force=parsed.force)
    comparison = Comparison(image, codecs)
    results = [comparison.result(name, bpp) for name in names]
    for result in results:
        if files:
            write_file(files[result.request.codec], result.stream, force=parsed.force)
            write_file(pictures[result.request.codec], png_bytes(result.reconstruction), force=parsed.force)
    for path in overview:
        labelled = [(codec_named(result.request.codec).label, result) for result in results]
        write_file(path, png_bytes(composite(image, labelled)), force=parsed.force)
    if parsed.json:
        print(json.dumps(as_json(parsed.image, image, bpp, results), indent=2))
    else:
        print(_table(parsed.image, image, bpp, results))
    return EXIT_OK


def _sweep(parsed: argparse.Namespace) -> int:
    from tqdm import tqdm

    from viewer import summary, sweep

    codecs = [codec_named(name).name for name in parsed.codec or [codec.name for codec in CODECS]]
    rates = parsed.bpp or list(sweep.DEFAULT_BPP)
    if not all(MIN_BPP <= bpp <= MAX_BPP for bpp in rates):
        raise TargetError(f"--bpp takes rates from {MIN_BPP} to {MAX_BPP:g} bits per pixel.")

    def bar(finished: Iterator[list[sweep.Row]], count: int) -> Iterable[list[sweep.Row]]:
        return tqdm(finished, total=count, unit="picture")

    rows = sweep.sweep(parsed.folder, parsed.out, codecs, rates, bar)
    print(summary.format_summary(rows))
    if parsed.plot:
        summary.save_plot(rows, parsed.plot)
    return EXIT_OK


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def as_json(path: Path, image: Image, target_bpp: float, results: Sequence[Result]) -> dict[str, Any]:
    """What “compare --json” prints. PSNR is null where the reconstruction is lossless."""
    return {
        "image": {"path": str(path), "width": image.width, "height": image.height},
        "target_bpp": target_bpp,
        "results": [
            {
                "codec": result.request.codec,
                "bpp": result.bpp,
                "bytes": len(result.stream),
                "reachable": result.reachable,
                "floor_bpp": result.floor_bpp,
                "ceiling_bpp": result.ceiling_bpp,
                "psnr_rgb": _finite(result.measurement.metrics.psnr_rgb_db),
                "psnr_luma": _finite(result.measurement.metrics.psnr_luma_db),
                "ms_ssim_rgb": result.measurement.metrics.ms_ssim_rgb,
                "ms_ssim_luma": result.measurement.metrics.ms_ssim_luma,
                "ms_ssim_scales": result.measurement.metrics.ms_ssim_scales,
                "encode_ms": result.encode_ms,
                "decode_ms": result.decode_ms,
            }
            for result in results
        ],
    }


def _reach(result: Result) -> str:
    if result.reachable:
        return ""
    if result.floor_bpp is not None:
        return f"floor {result.floor_bpp:.4f} bpp: this codec cannot go lower here"
    if result.ceiling_bpp is not None:
        return f"ceiling {result.ceiling_bpp:.4f} bpp: this codec cannot go higher here"
    return "nearest rate that this codec has"


def _table(path: Path, image: Image, target_bpp: float, results: Sequence[Result]) -> str:
    head = (
        "codec",
        "bpp",
        "off target",
        "bytes",
        "PSNR RGB",
        "PSNR luma",
        "MS-SSIM RGB",
        "MS-SSIM luma",
        "encode",
        "decode",
    )
    rows = [
        (
            result.request.codec,
            f"{result.bpp:.4f}",
            f"{100 * result.deviation:+.2f} %",
            f"{len(result.stream)}",
            f"{result.measurement.metrics.psnr_rgb_db:.2f} dB",
            f"{result.measurement.metrics.psnr_luma_db:.2f} dB",
            f"{result.measurement.metrics.ms_ssim_rgb:.4f}",
            f"{result.measurement.metrics.ms_ssim_luma:.4f}",
            f"{result.encode_ms:.0f} ms",
            f"{result.decode_ms:.0f} ms",
        )
        for result in results
    ]
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    scales = results[0].measurement.metrics.ms_ssim_scales if results else 5
    few = "" if scales == 5 else f", MS-SSIM of {scales} scales (a side is under 161 px)"
    size = format_bytes(target_bpp * image.pixel_count / 8)
    lines = [f"{path}: {image.width} x {image.height}, target {target_bpp:.4f} bpp = {size}{few}", *image.notes]
    for row, note in zip([head, *rows], ["", *map(_reach, results)], strict=True):
        cells = [
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join([*cells, note]).rstrip())
    return "\n".join(lines)


def _encode(parsed: argparse.Namespace) -> int:
    codec = codec_named(parsed.codec)
    image = load_image(parsed.image)
    bpp = target_of(parsed.bpp, image)
    refuse_existing([parsed.out], force=parsed.force)
    result = Comparison(image, [codec]).result(codec.name, bpp)
    write_file(parsed.out, result.stream, force=parsed.force)
    note = _reach(result)
    print(f"{parsed.out}: {len(result.stream)} bytes, {result.bpp:.4f} bpp{'; ' + note if note else ''}")
    return EXIT_OK


def _decode(parsed: argparse.Namespace) -> int:
    if parsed.out.suffix.lower() != ".png":
        raise RateLensError(f"“{parsed.out}” is no PNG file: reconstructions are written without loss, as OUT.png.")
    refuse_existing([parsed.out], force=parsed.force)
    try:
        stream = parsed.stream.read_bytes()
    except IsADirectoryError as error:
        raise CodecError(f"“{parsed.stream}” is a folder: give a stream (.gdn, .jpg or .j2k).") from error
    except OSError as error:
        raise CodecError(f"“{parsed.stream}” cannot be read ({error.strerror}): check the name.") from error
    write_file(parsed.out, png_bytes(codec_of(stream).decode(stream)), force=parsed.force)
    print(f"{parsed.out}")
    return EXIT_OK


_MAGIC = {b"GDN": "learned", b"\xff\xd8": "jpeg", b"\xff\x4f\xff\x51": "jpeg2000"}


def codec_of(stream: bytes) -> Codec:
    """The codec that a stream belongs to, by its first bytes, whatever the file is called. Raises CodecError."""
    for magic, name in _MAGIC.items():
        if stream.startswith(magic):
            return codec_named(name)
    problem = "empty" if not stream else "of no codec that is known here"
    raise CodecError(f"This stream is {problem}: give a .gdn, .jpg or .j2k file that this program wrote.")
