"""“ratelens compare”: every codec at one rate on one picture."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from viewer.cli.options import EXIT_OK, add_codecs, add_rate, chosen_codecs, reach, target_of
from viewer.codecs import codec_named
from viewer.compare import Comparison, Result
from viewer.composite import composite
from viewer.image import Image
from viewer.output import png_bytes, refuse_existing, write_file
from viewer.read import load_image
from viewer.target import format_bytes


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("image", type=Path)
    add_rate(parser, required=True)
    add_codecs(parser)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write streams, reconstructions and a labelled picture")
    parser.add_argument("--force", action="store_true", help="overwrite what is in DIR")


def run(parsed: argparse.Namespace) -> int:
    """Compare; returns the exit code. Raises RateLensError."""
    codecs = chosen_codecs(parsed)
    names = [codec.name for codec in codecs]
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
    for row, note in zip([head, *rows], ["", *map(reach, results)], strict=True):
        cells = [
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join([*cells, note]).rstrip())
    return "\n".join(lines)
