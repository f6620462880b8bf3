"""From what was measured to the page: one HTML file without scripts that fetches nothing."""

from __future__ import annotations

import base64
import hashlib
import platform
import shlex
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from PIL import Image as PillowImage

from viewer.codecs.base import settings_of
from viewer.imaging.image import Image, Pixels
from viewer.imaging.image_info import format_bytes
from viewer.imaging.writer import png_bytes
from viewer.matching.comparison import Result
from viewer.matching.curve import RatePoint, better_with_fewer, every_point, point_of, rated_qualities, worse_sentence
from viewer.matching.quality_search import QualityMatch, fall_sentence
from viewer.matching.quality_target import MEASURES, QualityTarget, ms_ssim_db
from viewer.matching.rate_target import format_ratio
from viewer.metrics.measurement import Metrics
from viewer.report.bd_table import QUANTITIES, bd_tables, savings
from viewer.report.codec_look import Look, looks_of
from viewer.report.crops import Crop, find_crops
from viewer.report.data import DEFAULT_POINTS, ReportData
from viewer.report.provenance import brought_options, commands_of, installed_versions, weights_digests
from viewer.report.svg_plot import Series, curve_plot
from viewer.report.text import format_signed_percent, listed, needs, number, quality_miss_note, reach, verdict
from viewer.session.ranking import highest
from viewer.session.viewport import Rect, part_metrics
from viewer.system.resources import report_folder

OVERVIEW_SIDE = 1120
"""Longest side of the picture as a whole, in pixels."""

_FULL_SCALES = 5


def page(data: ReportData, made: datetime) -> str:
    """The whole HTML file. made: with its time zone."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = report_folder()
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text: str = environment.get_template("page.html.j2").render(
        style=folder.joinpath("page.css").read_text("utf-8"), **_values(data, made)
    )
    return text


def _values(data: ReportData, made: datetime) -> dict[str, Any]:
    image, looks = data.image, looks_of(data.codecs)
    crops = [find_crops(image, results) for results in data.results]
    overview, scale = overview_of(image)
    targets = [] if data.quality is not None else [results[0].request.target_bpp for results in data.results]
    labels = [look.label for look in looks.values()]
    return {
        "image": image,
        "looks": looks,
        "equal_rate": data.quality is None,
        "subtitle": f"{listed(labels)} at {'matched rates' if data.quality is None else 'equal quality'}",
        "made": made.strftime("%Y-%m-%d %H:%M %Z").strip(),
        "overview": data_uri(overview),
        "overview_width": overview.shape[1],
        "overview_height": overview.shape[0],
        "overview_scale": scale,
        "raw_size": format_bytes(3 * image.pixel_count),
        "few_scales": _few_scales(data.results),
        "targets": ", ".join(f"{bpp:.4g}" for bpp in targets),
        "sections": [
            _section(image, looks, results, found, data.matches, curves=data.curves)
            for results, found in zip(data.results, crops, strict=True)
        ],
        "plots": _plots(data, looks, targets),
        "point_count": sum(len(every_point(points)) for points in data.curves.values()),
        "savings": savings(data, looks),
        "bd_tables": bd_tables(data),
        "streams": [_stream(looks, result) for results in data.results for result in results],
        "weights": weights_digests(data.codecs),
        "settings": [(looks[codec.name], settings_of(codec)) for codec in data.codecs if settings_of(codec)],
        "versions": installed_versions(),
        "by_command": commands_of(data.codecs),
        "system": f"Python {platform.python_version()} on {platform.platform()}",
        "command": _command(data, targets),
    }


def overview_of(image: Image) -> tuple[Pixels, float]:
    """The picture, scaled down where a side is over OVERVIEW_SIDE; and by how much."""
    scale = min(1.0, OVERVIEW_SIDE / max(image.width, image.height))
    if scale == 1.0:
        return image.pixels, scale
    import numpy as np

    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    reduced = PillowImage.fromarray(image.pixels).resize(size, PillowImage.Resampling.LANCZOS, reducing_gap=3.0)
    return np.asarray(reduced), scale


def data_uri(pixels: Pixels) -> str:
    """A picture as a data URI of a PNG file: what is shown is these pixels."""
    return f"data:image/png;base64,{base64.b64encode(png_bytes(pixels)).decode('ascii')}"


def _section(
    image: Image,
    looks: dict[str, Look],
    results: Sequence[Result],
    crops: Sequence[Crop],
    matches: Sequence[QualityMatch],
    *,
    curves: Mapping[str, Sequence[RatePoint]],
) -> dict[str, Any]:
    target = results[0].request.target_bpp
    labels = {name: look.label for name, look in looks.items()}
    columns = (
        (lambda m: m.psnr_rgb_db, 2),
        (lambda m: m.psnr_luma_db, 2),
        (lambda m: m.ms_ssim_rgb, 5),
        (lambda m: ms_ssim_db(m.ms_ssim_rgb), 2),
    )
    missed = {match.result.request.codec: quality_miss_note(match) for match in matches if not match.reached}
    competing = [result for result in results if result.reachable and result.request.codec not in missed]
    remarks = {result.request.codec: _remark(labels, result, curves) for result in results}
    for match in matches:
        remarks[match.result.request.codec] = fall_sentence(labels[match.result.request.codec], match)
    best = [_best(competing, value, digits) for value, digits in columns]
    return {
        **(_quality_heading(matches[0].target) if matches else _rate_heading(image, target)),
        "verdict": needs(labels, matches) if matches else verdict(labels, results),
        "rows": [
            _row(looks, result, columns, best, (missed.get(result.request.codec, ""), remarks[result.request.codec]))
            for result in results
        ],
        "crops": [_crop(image, looks, results, crop, number) for number, crop in enumerate(crops, start=1)],
    }


def _remark(labels: Mapping[str, str], result: Result, curves: Mapping[str, Sequence[RatePoint]]) -> str:
    """That a codec is better with fewer bits, where the curve has such a point."""
    codec = result.request.codec
    return worse_sentence(labels[codec], better_with_fewer(curves.get(codec, ()), point_of(result), MEASURES))


def _rate_heading(image: Image, target: float) -> dict[str, str]:
    size, ratio = format_bytes(target * image.pixel_count / 8), format_ratio(target)
    return {"title": f"{target:.4g} bpp", "beside": f"{size}, {ratio}", "anchor": f"rate-{target:.4g}"}


def _quality_heading(quality: QualityTarget) -> dict[str, str]:
    return {"title": f"{quality.value_db:.2f} dB", "beside": f"{quality.title()}, equal for all", "anchor": "quality"}


def _row(
    looks: dict[str, Look],
    result: Result,
    columns: Sequence[tuple[Callable[[Metrics], float], int]],
    best: Sequence[frozenset[str]],
    notes: tuple[str, str],
) -> dict[str, Any]:
    """notes: why it missed what was asked for, and that it is better with fewer bits; empty where not so."""
    name, metrics = result.request.codec, result.measurement.metrics
    return {
        "look": looks[name],
        "detail": result.detail,
        "bpp": f"{result.bpp:.4f}",
        "deviation": format_signed_percent(100 * result.deviation, 2),
        "missed": bool(notes[0] or reach(result)),
        "note": ". ".join(part for part in (notes[0] or reach(result), notes[1]) if part),
        "bytes": f"{len(result.stream):,}",
        "figures": [
            {"text": number(value(metrics), digits), "best": name in leaders}
            for (value, digits), leaders in zip(columns, best, strict=True)
        ],
        "prepare": f"{result.prepare_ms:,.0f}",
        "encode": f"{result.encode_ms:,.0f}",
        "decode": f"{result.decode_ms:,.0f}",
    }


def _crop(image: Image, looks: dict[str, Look], results: Sequence[Result], crop: Crop, number: int) -> dict[str, Any]:
    area, detail = crop.area, crop.detail
    marked = Rect(detail.left, detail.top, detail.left + detail.width, detail.top + detail.height)
    shown: list[tuple[Look | None, Pixels, str, str]] = [(None, image.pixels, "", "")]
    for result in results:
        ssim = part_metrics(result.measurement, marked).ssim
        missed = "" if result.reachable else f"{result.bpp:.4f}"
        shown.append((looks[result.request.codec], result.reconstruction, f"{ssim:.3f}", missed))
    return {
        "number": number,
        "title": "Where the codecs differ most" if crop.codec is None else f"Worst of {looks[crop.codec].label}",
        "area": area,
        "detail": detail,
        "magnification": crop.magnification,
        "mark": {
            "left": _share(detail.left - area.left, area.width),
            "top": _share(detail.top - area.top, area.height),
            "width": _share(detail.width, area.width),
            "height": _share(detail.height, area.height),
        },
        "panes": [
            {
                "look": look,
                "label": look.label if look else "Original",
                "ssim": ssim,
                "missed": missed,
                "crop": data_uri(area.cut(pixels)),
                "detail": data_uri(detail.cut(pixels)) if crop.magnification > 1 else "",
            }
            for look, pixels, ssim, missed in shown
        ],
    }


def _share(length: int, whole: int) -> str:
    return f"{100 * length / whole:.3f}%"


def _best(results: Sequence[Result], value: Callable[[Metrics], float], digits: int) -> frozenset[str]:
    """Who has the best value as it is written, of those that reached the target; nobody where only one did."""
    figures = {r.request.codec: value(r.measurement.metrics) for r in results}
    return highest(figures, digits) if len(figures) > 1 else frozenset()


def _plots(data: ReportData, looks: dict[str, Look], targets: Sequence[float]) -> list[tuple[str, str]]:
    plots = []
    for measure in QUANTITIES:
        title = measure.title()
        series = [
            Series(look.label, look.look, rated_qualities(data.curves[name], measure)) for name, look in looks.items()
        ]
        plots.append((title, curve_plot(series, title, "dB", targets)))
    return plots


def _stream(looks: dict[str, Look], result: Result) -> dict[str, Any]:
    setting = ", ".join(part for part in (result.detail, f"quality {result.quality}") if part)
    return {
        "look": looks[result.request.codec],
        "target": f"{result.request.target_bpp:.4g}",
        "bytes": f"{len(result.stream):,}",
        "setting": setting,
        "digest": hashlib.sha256(result.stream).hexdigest(),
    }


def _few_scales(results: Sequence[Sequence[Result]]) -> int:
    """The number of scales of MS-SSIM where it is not the usual five, else 0."""
    scales = results[0][0].measurement.metrics.ms_ssim_scales
    return 0 if scales == _FULL_SCALES else scales


def _command(data: ReportData, targets: Sequence[float]) -> str:
    """The command, for a POSIX shell in the picture's folder, that measures the same again."""
    name = data.image.path.name if data.image.path is not None else data.image.name
    if name.startswith("-"):
        name = f"./{name}"  # not an option
    codecs = ["--codec", *(codec.name for codec in data.codecs), *brought_options(data.codecs)]
    if data.quality is not None:
        option = "--psnr" if data.quality.metric == "psnr" else "--ms-ssim"
        luma = ["--luma"] if data.quality.channel == "luma" else []
        return shlex.join(["ratelens", "compare", name, option, f"{data.quality.value_db:.2f} dB", *luma, *codecs])
    rates = ["--bpp", *(f"{bpp:.4g}" for bpp in targets)]
    points = [] if data.points == DEFAULT_POINTS else ["--points", str(data.points)]
    return shlex.join(["ratelens", "report", name, *rates, *codecs, *points, "--out", "report.html"])
