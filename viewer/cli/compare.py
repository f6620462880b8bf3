"""“ratelens compare”: every codec at one rate, or at one quality, on one picture."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import Any

from models.errors import CodecError, TargetError
from viewer.cli.options import (
    add_codecs,
    add_memory_limit,
    add_target,
    chosen_codecs,
    exit_code,
    quality_of,
    target_of,
)
from viewer.cli.printing import print_output
from viewer.cli.refining import add_refine, refine_settings, refined
from viewer.codecs.base import settings_of
from viewer.codecs.registry import codec_named
from viewer.imaging.image import Image
from viewer.imaging.image_info import format_bytes
from viewer.imaging.reader import load_image
from viewer.imaging.writer import check_overwrite, named_after, png_bytes, write_file
from viewer.matching.comparison import Comparison, Result
from viewer.matching.curve import RatePoint, better_with_fewer, every_point, point_of, worse_sentence
from viewer.matching.quality_search import (
    TOLERANCE_DB,
    EqualQuality,
    QualityMatch,
    byte_ratios,
    fall_sentence,
    miss_sentence,
    reference_codec,
    size_ratio_sentence,
)
from viewer.matching.quality_target import MEASURES, QualityTarget, format_quality
from viewer.matching.refinement import can_refine, is_refined
from viewer.report.composite import composite
from viewer.report.text import reach
from viewer.system.memory import composing_bytes, process_budget, writing_bytes

_CHECKED_PIXELS = 4_000_000
"""On larger pictures it is not tried whether half the bits are better."""


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("image", type=Path)
    add_target(parser)
    add_codecs(parser)
    add_refine(parser)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write streams, reconstructions and a labelled picture")
    parser.add_argument("--force", action="store_true", help="overwrite what is in DIR")
    add_memory_limit(parser)


def run(parsed: argparse.Namespace) -> int:
    """Compare; returns the exit code. Raises RateLensError."""
    codecs = chosen_codecs(parsed)
    names = [codec.name for codec in codecs]
    image = load_image(parsed.image)
    quality = quality_of(parsed)
    bpp = target_of(parsed.bpp, image) if quality is None else None
    settings = refine_settings(parsed, image)
    if settings is not None and bpp is None:
        raise TargetError("--refine keeps to a size: use it with --bpp instead of --psnr or --ms-ssim.")
    picture, out = parsed.image.name, parsed.out
    files = {name: out / named_after(picture, f".{name}{codec_named(name).suffix}") for name in names} if out else {}
    endings = {name: ".decoded.png" if codec_named(name).suffix == ".png" else ".png" for name in files}
    pictures = {name: out / named_after(picture, f".{name}{ending}") for name, ending in endings.items()}
    overview = [out / named_after(picture, ".comparison.png")] if out else []
    check_overwrite([*files.values(), *pictures.values(), *overview], force=parsed.force)
    comparison = Comparison(image, codecs)
    if settings is not None and not any(can_refine(comparison, name) for name in names):
        raise TargetError("None of these codecs can be refined: use --refine with --codec learned.")
    results, matches, refused = _compared(comparison, names, bpp, quality)
    remarks = _remarks(comparison, results, matches)
    if settings is not None:
        results = [refined(comparison, result, settings) for result in results]
    budget = process_budget()
    for result in results:
        if files:
            write_file(files[result.request.codec], result.stream, force=parsed.force)
            with budget.granted(writing_bytes(image.pixel_count), "Writing the reconstruction"):
                png = png_bytes(result.reconstruction)
            write_file(pictures[result.request.codec], png, force=parsed.force)
    if parsed.json:
        print_output(json.dumps(as_json(parsed.image, image, bpp, results, matches, remarks=remarks), indent=2))
    else:
        print_output(_text(parsed.image, image, bpp, results, matches, remarks=remarks))
    for path in overview:
        labelled = [(codec_named(result.request.codec).label, result) for result in results]
        required_bytes = composing_bytes(1 + len(results), image.pixel_count)
        with budget.granted(required_bytes, "The streams are written; the labelled picture"):
            png = png_bytes(composite(image, labelled))
        write_file(path, png, force=parsed.force)
    return exit_code(refused)


def _compared(
    comparison: Comparison, names: Sequence[str], bpp: float | None, quality: QualityTarget | None
) -> tuple[list[Result], dict[str, QualityMatch], list[str]]:
    """Each codec's result and, at equal quality, what came of it; and a sentence about each that has none. Raises
    CodecError if none has.
    """
    equal = EqualQuality(comparison)
    results: list[Result] = []
    matches: dict[str, QualityMatch] = {}
    refused: list[CodecError] = []
    for name in names:
        try:
            if bpp is None and quality is not None:
                matches[name] = equal.match(name, quality)
                results.append(matches[name].result)
            elif bpp is not None:
                results.append(comparison.result(name, bpp))
        except CodecError as error:
            refused.append(error)
    if not results and refused:
        raise refused[0]
    return results, matches, [str(error) for error in refused]


def _remarks(comparison: Comparison, results: Sequence[Result], matches: Mapping[str, QualityMatch]) -> dict[str, str]:
    """Where codecs are better with fewer bits, by their names: at equal quality the search has seen it, and at equal
    rate half the bits are tried, but not on large pictures, on which that would take as long as all the rest.
    """
    if matches:
        return {name: sentence for name, match in matches.items() if (sentence := fall_sentence(name, match))}
    remarks = {}
    for result in results:
        name = result.request.codec
        if result.request.image.pixel_count <= _CHECKED_PIXELS:
            try:
                half = every_point([point_of(comparison.result(name, result.bpp / 2))])
            except CodecError:  # there is nothing to be said of it then
                continue
            sentence = worse_sentence(name, better_with_fewer(half, point_of(result), MEASURES))
            if sentence:
                remarks[name] = sentence
    return remarks


def _finite(value: float | None) -> float | None:
    """JSON has no infinity."""
    return value if value is not None and math.isfinite(value) else None


def as_json(
    path: Path,
    image: Image,
    target_bpp: float | None,
    results: Sequence[Result],
    matches: Mapping[str, QualityMatch] = MappingProxyType({}),
    *,
    remarks: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """What “compare --json” prints. PSNR is null where the reconstruction is lossless, and so is a floor there.

    prepare_ms is what was done once for all rates of the picture, encode_ms coding one stream, search_ms finding it.
    other_variants are what a codec tried besides at the same rate, of which the best in PSNR RGB is shown; remark says
    where it is better with fewer bits.

    At equal quality target_bpp is null; quality_target and, of each codec, reached_quality and its floor or ceiling in
    dB say what was asked for and met, and bytes_against_first how many times the bytes it takes of the first codec
    that meets the target.
    """
    ratios = _ratios(results, matches)
    target = next((match.target for match in matches.values()), None)
    quality = None if target is None else {**asdict(target), "tolerance_db": TOLERANCE_DB}
    return {
        "image": {"path": str(path), "width": image.width, "height": image.height},
        "target_bpp": target_bpp,
        "quality_target": quality,
        "results": [
            {
                "codec": result.request.codec,
                "bpp": result.bpp,
                "bytes": len(result.stream),
                "reachable": result.reachable,
                "floor_bpp": result.floor_bpp,
                "ceiling_bpp": result.ceiling_bpp,
                **_quality_json(matches.get(result.request.codec), ratios),
                "psnr_rgb": _finite(result.measurement.metrics.psnr_rgb_db),
                "psnr_luma": _finite(result.measurement.metrics.psnr_luma_db),
                "ms_ssim_rgb": result.measurement.metrics.ms_ssim_rgb,
                "ms_ssim_luma": result.measurement.metrics.ms_ssim_luma,
                "ms_ssim_scales": result.measurement.metrics.ms_ssim_scales,
                "detail": result.detail,
                "encoder": settings_of(codec_named(result.request.codec)),
                "prepare_ms": result.prepare_ms,
                "encode_ms": result.encode_ms,
                "search_ms": result.search_ms,
                "decode_ms": result.decode_ms,
                "remark": remarks.get(result.request.codec, ""),
                "other_variants": [_variant_json(point) for point in result.others],
            }
            for result in results
        ],
    }


def _variant_json(point: RatePoint) -> dict[str, Any]:
    return {
        "detail": point.detail,
        "bpp": point.bpp,
        "bytes": point.byte_count,
        "psnr_rgb": _finite(point.metrics.psnr_rgb_db),
        "psnr_luma": _finite(point.metrics.psnr_luma_db),
        "ms_ssim_rgb": point.metrics.ms_ssim_rgb,
        "ms_ssim_luma": point.metrics.ms_ssim_luma,
    }


def _quality_json(match: QualityMatch | None, ratios: Mapping[str, float]) -> dict[str, Any]:
    if match is None:
        return {}
    return {
        "reached_quality": match.reached,
        "floor_db": _finite(match.floor_db),
        "ceiling_db": _finite(match.ceiling_db),
        "bytes_against_first": ratios.get(match.result.request.codec),
    }


def _ratios(results: Sequence[Result], matches: Mapping[str, QualityMatch]) -> dict[str, float]:
    return byte_ratios(matches, _reference(matches)) if matches and results else {}


def _reference(matches: Mapping[str, QualityMatch]) -> str:
    return reference_codec(matches, tuple(matches))


def _text(
    path: Path,
    image: Image,
    target_bpp: float | None,
    results: Sequence[Result],
    matches: Mapping[str, QualityMatch],
    *,
    remarks: Mapping[str, str],
) -> str:
    scales = results[0].measurement.metrics.ms_ssim_scales if results else 5
    few = "" if scales == 5 else f", MS-SSIM of {scales} scales (a side is under 161 px)"
    lines = [f"{path}: {image.width} x {image.height}, {_asked(image, target_bpp, matches)}{few}", *image.notes]
    notes = [_miss(result, matches.get(result.request.codec)) for result in results]
    lines += _table(results, matches, notes)
    needs = [
        size_ratio_sentence(codec, ratio, _reference(matches)) for codec, ratio in _ratios(results, matches).items()
    ]
    return "\n".join([*lines, *(f"{sentence}." for sentence in needs), *remarks.values()])


def _asked(image: Image, target_bpp: float | None, matches: Mapping[str, QualityMatch]) -> str:
    if target_bpp is not None:
        return f"target {target_bpp:.4f} bpp = {format_bytes(target_bpp * image.pixel_count / 8)}"
    target = next(match.target for match in matches.values())
    value = format_quality(target.metric, target.value_db, in_db=True)
    raw = "" if target.metric == "psnr" else f" = {format_quality(target.metric, target.value_db, in_db=False)}"
    return f"equal {target.title()} {value}{raw}, within {TOLERANCE_DB} dB"


def _miss(result: Result, match: QualityMatch | None) -> str:
    if match is None:
        return "; ".join(note for note in (reach(result), result.detail if is_refined(result) else "") if note)
    return "" if match.reached else miss_sentence(result.request.codec, match, in_db=True)


def _off(result: Result, match: QualityMatch | None) -> str:
    if match is None:
        return f"{100 * result.deviation:+.2f} %"
    return f"{match.value_db - match.target.value_db:+.2f} dB"


def _table(results: Sequence[Result], matches: Mapping[str, QualityMatch], notes: Sequence[str]) -> list[str]:
    head = (
        "codec",
        "bpp",
        "off target",
        "bytes",
        "PSNR RGB",
        "PSNR luma",
        "MS-SSIM RGB",
        "MS-SSIM luma",
        "prepare",
        "encode",
        "decode",
        "",
    )
    rows = [
        (
            result.request.codec,
            f"{result.bpp:.4f}",
            _off(result, matches.get(result.request.codec)),
            f"{len(result.stream)}",
            f"{result.measurement.metrics.psnr_rgb_db:.2f} dB",
            f"{result.measurement.metrics.psnr_luma_db:.2f} dB",
            f"{result.measurement.metrics.ms_ssim_rgb:.4f}",
            f"{result.measurement.metrics.ms_ssim_luma:.4f}",
            f"{result.prepare_ms:.0f} ms",
            f"{result.encode_ms:.0f} ms",
            f"{result.decode_ms:.0f} ms",
            result.detail,
        )
        for result in results
    ]
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    lines = []
    for row, note in zip([head, *rows], ["", *notes], strict=True):
        cells = [
            cell.ljust(width) if i in (0, len(row) - 1) else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join([*cells, note]).rstrip())
    return lines
