"""Renders the page from the data: one HTML file without scripts or external resources."""

from __future__ import annotations

import base64
import hashlib
import platform
import shlex
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from PIL import Image as PillowImage

from viewer.codecs.base import settings_of
from viewer.codecs.palette import CodecLook, Marker
from viewer.imaging.image import Image, Pixels
from viewer.imaging.image_info import format_bytes
from viewer.imaging.writer import png_bytes
from viewer.matching.curve import RatePoint, axis_points, better_with_fewer, every_point, point_of, worse_sentence
from viewer.matching.limits import quality_limit_note, rate_limit_note
from viewer.matching.reconstruction import Reconstruction
from viewer.matching.result import Result
from viewer.matching.size_ratios import fall_sentence
from viewer.matching.targets.quality import MEASURES
from viewer.matching.targets.rate import format_ratio
from viewer.matching.targets.score import EqualTarget, ScoreTarget
from viewer.metrics.base import Metric, axis_digits, axis_title, axis_unit, axis_value
from viewer.metrics.registry import metric_named
from viewer.metrics.scoring import format_score, score_in
from viewer.report.bd_table import bd_series, bd_tables, savings
from viewer.report.codec_look import Look, looks_of, series_looks
from viewer.report.columns import Column, columns_of, descriptions, plotted
from viewer.report.crops import Crop, find_crops
from viewer.report.data import DEFAULT_POINTS, ReportData
from viewer.report.provenance import codec_source_options, commands_of, installed_versions, weights_digests
from viewer.report.svg_plot import Series, curve_plot
from viewer.report.text import format_signed_percent, listed, needs, verdict
from viewer.session.viewport import Rect, part_metrics
from viewer.system.resources import report_folder

OVERVIEW_SIDE = 1120
"""Longest side of the overview picture, in pixels."""

_FULL_SCALES = 5
_GIVEN_LOOK = CodecLook("#77828c", Marker.DIAMOND)
"""Of pictures decoded elsewhere: they are no codecs, and their names stand at their points."""


def page(data: ReportData, made: datetime) -> str:
    """The whole HTML file. made: time of the report, with its time zone."""
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
        "bd_looks": [*looks.values(), *series_looks(bd_series(data), data.codecs).values()],
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
        "sections": [_section(data, looks, results, found) for results, found in zip(data.results, crops, strict=True)],
        "plots": _plots(data, looks, targets),
        "point_count": sum(len(every_point(points)) for points in data.curves.values()),
        "savings": savings(data, looks),
        "bd_tables": bd_tables(data, looks),
        "columns": columns_of(data.metrics),
        "metrics": descriptions(data.metrics),
        "reconstructions": [_given(data, given) for given in data.reconstructions],
        "streams": [_stream(looks, result) for results in data.results for result in results],
        "weights": weights_digests(data.codecs),
        "settings": [(looks[codec.name], settings_of(codec)) for codec in data.codecs if settings_of(codec)],
        "versions": installed_versions(),
        "by_command": commands_of(data.codecs),
        "system": f"Python {platform.python_version()} on {platform.platform()}",
        "command": _command(data, targets),
    }


def overview_of(image: Image) -> tuple[Pixels, float]:
    """The picture, scaled down if a side is over OVERVIEW_SIDE, and the scale."""
    scale = min(1.0, OVERVIEW_SIDE / max(image.width, image.height))
    if scale == 1.0:
        return image.pixels, scale
    import numpy as np

    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    reduced = PillowImage.fromarray(image.pixels).resize(size, PillowImage.Resampling.LANCZOS, reducing_gap=3.0)
    return np.asarray(reduced), scale


def data_uri(pixels: Pixels) -> str:
    """A picture as a data URI of a PNG file, so that exactly these pixels are shown."""
    return f"data:image/png;base64,{base64.b64encode(png_bytes(pixels)).decode('ascii')}"


def _section(
    data: ReportData, looks: dict[str, Look], results: Sequence[Result], crops: Sequence[Crop]
) -> dict[str, Any]:
    image, matches = data.image, data.matches
    target = results[0].request.target_bpp
    labels = {name: look.label for name, look in looks.items()}
    columns = columns_of(data.metrics)
    missed = {
        match.result.request.codec: quality_limit_note(match, in_db=True) for match in matches if not match.reached
    }
    competing = [result for result in results if result.reachable and result.request.codec not in missed]
    remarks = {result.request.codec: _remark(labels, result, data.curves) for result in results}
    for match in matches:
        remarks[match.result.request.codec] = fall_sentence(labels[match.result.request.codec], match)
    # At equal quality whoever overshot it a little would seem the best in it: there the fewest bytes are what is best.
    best = [frozenset() if matches else column.leaders(competing) for column in columns]
    fewest = _fewest_bytes(competing) if matches else frozenset()
    return {
        **(_quality_heading(matches[0].target) if matches else _rate_heading(image, target)),
        "verdict": needs(labels, matches) if matches else verdict(labels, results, data.metrics),
        "rows": [
            {
                **_row(looks, result, columns, best, (missed.get(name, ""), remarks[name])),
                "fewest": name in fewest,
            }
            for result in results
            for name in (result.request.codec,)
        ],
        "crops": [_crop(data, looks, results, crop, number) for number, crop in enumerate(crops, start=1)],
    }


def _fewest_bytes(results: Sequence[Result]) -> frozenset[str]:
    """Who needs the fewest bytes; nobody where only one competes."""
    if len(results) < 2:
        return frozenset()
    fewest = min(len(result.stream) for result in results)
    return frozenset(result.request.codec for result in results if len(result.stream) == fewest)


def _remark(labels: Mapping[str, str], result: Result, curves: Mapping[str, Sequence[RatePoint]]) -> str:
    """That a codec is better with fewer bits, if its curve has such a point."""
    codec = result.request.codec
    return worse_sentence(labels[codec], better_with_fewer(curves.get(codec, ()), point_of(result), MEASURES))


def _rate_heading(image: Image, target: float) -> dict[str, str]:
    size, ratio = format_bytes(target * image.pixel_count / 8), format_ratio(target)
    return {"title": f"{target:.4g} bpp", "beside": f"{size}, {ratio}", "anchor": f"rate-{target:.4g}"}


def _quality_heading(quality: EqualTarget) -> dict[str, str]:
    if isinstance(quality, ScoreTarget):
        title = format_score(metric_named(quality.metric), quality.value)
    else:
        title = f"{quality.value_db:.2f} dB"
    return {"title": title, "beside": f"{quality.title()}, equal for all", "anchor": "quality"}


def _row(
    looks: dict[str, Look],
    result: Result,
    columns: Sequence[Column],
    best: Sequence[frozenset[str]],
    notes: tuple[str, str],
) -> dict[str, Any]:
    """notes: why it misses the target quality, and that it is better with fewer bits; each empty if not so."""
    name, figures = result.request.codec, (result.measurement.metrics, result.scores)
    limit, remark = notes[0] or rate_limit_note(result), notes[1]
    return {
        "look": looks[name],
        "detail": result.detail,
        "bpp": f"{result.bpp:.4f}",
        "deviation": format_signed_percent(100 * result.deviation, 2),
        "missed": bool(limit),
        "note": ". ".join(part for part in (limit, remark) if part),
        "bytes": f"{len(result.stream):,}",
        "figures": [
            {"text": column.text(figures), "best": name in leaders}
            for column, leaders in zip(columns, best, strict=True)
        ],
        "prepare": f"{result.prepare_ms:,.0f}",
        "encode": f"{result.encode_ms:,.0f}",
        "decode": f"{result.decode_ms:,.0f}",
    }


def _given(data: ReportData, given: Reconstruction) -> dict[str, Any]:
    bpp = given.bpp(data.image)
    return {
        "name": given.title,
        "bpp": "–" if bpp is None else f"{bpp:.4f}",
        "bytes": "–" if given.byte_count is None else f"{given.byte_count:,}",
        "figures": [column.text((given.measurement.metrics, given.scores)) for column in columns_of(data.metrics)],
        "digest": given.file_digest,
        "notes": given.notes,
    }


def _crop(
    data: ReportData, looks: dict[str, Look], results: Sequence[Result], crop: Crop, number: int
) -> dict[str, Any]:
    image = data.image
    area, detail = crop.area, crop.detail
    marked = Rect(detail.left, detail.top, detail.left + detail.width, detail.top + detail.height)
    shown: list[tuple[Look | None, str, Pixels, str, str]] = [(None, "Original", image.pixels, "", "")]
    for result in results:
        ssim = part_metrics(result.measurement, marked).ssim
        missed = "" if result.reachable else f"{result.bpp:.4f}"
        look = looks[result.request.codec]
        shown.append((look, look.label, result.reconstruction, f"{ssim:.3f}", missed))
    for given in data.reconstructions:
        ssim = part_metrics(given.measurement, marked).ssim
        shown.append((None, given.title, given.pixels, f"{ssim:.3f}", ""))
    return {
        "number": number,
        "title": "Where the codecs differ most" if crop.codec is None else f"Worst region of {looks[crop.codec].label}",
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
                "label": label,
                "ssim": ssim,
                "missed": missed,
                "crop": data_uri(area.cut(pixels)),
                "detail": data_uri(detail.cut(pixels)) if crop.magnification > 1 else "",
            }
            for look, label, pixels, ssim, missed in shown
        ],
    }


def _share(length: int, whole: int) -> str:
    return f"{100 * length / whole:.3f}%"


def _plots(data: ReportData, looks: dict[str, Look], targets: Sequence[float]) -> list[dict[str, str]]:
    plots = []
    given = series_looks(data.series_curves, data.codecs)
    for metric in plotted(data.metrics):
        series = [Series(look.label, look.look, axis_points(data.curves[name], metric)) for name, look in looks.items()]
        series += [
            Series(look.label, look.look, axis_points(data.series_curves[name], metric)) for name, look in given.items()
        ]
        others = [
            (one.name, _given_point(data.image, one, metric)) for one in data.reconstructions if one.series not in given
        ]
        series += [Series(name, _GIVEN_LOOK, point) for name, point in others]
        svg = curve_plot(series, metric.label, axis_unit(metric), targets, axis_digits(metric) + 1)
        plots.append({"title": axis_title(metric), "direction": metric.direction, "svg": svg})
    return plots


def _given_point(image: Image, given: Reconstruction, metric: Metric) -> list[tuple[float, float]]:
    """Its point on a plot; none where its rate or its score is not known."""
    bpp, score = given.bpp(image), score_in(metric, given.measurement.metrics, given.scores)
    return [] if bpp is None or score is None else [(bpp, axis_value(metric, score))]


def _stream(looks: dict[str, Look], result: Result) -> dict[str, Any]:
    setting = ", ".join(part for part in (result.detail, f"internal setting {result.quality}") if part)
    return {
        "look": looks[result.request.codec],
        "target": f"{result.request.target_bpp:.4g}",
        "bytes": f"{len(result.stream):,}",
        "setting": setting,
        "digest": hashlib.sha256(result.stream).hexdigest(),
    }


def _given_text(given: Reconstruction) -> str:
    path = f"{given.series}:{given.name}" if given.series else given.name
    return path if given.byte_count is None else f"{path}={given.byte_count}"


def _few_scales(results: Sequence[Sequence[Result]]) -> int:
    """The number of scales of MS-SSIM if it is below five, else 0."""
    scales = results[0][0].measurement.metrics.ms_ssim_scales
    return 0 if scales == _FULL_SCALES else scales


def _command(data: ReportData, targets: Sequence[float]) -> str:
    """The command that repeats the measurement, for a POSIX shell in the picture's folder."""
    name = data.image.path.name if data.image.path is not None else data.image.name
    if name.startswith("-"):
        name = f"./{name}"  # so that it is not taken for an option
    codecs = ["--codec", *(codec.name for codec in data.codecs), *codec_source_options(data.codecs)]
    if data.metrics:
        codecs += ["--metric", *(getattr(metric, "asked", "") or metric.name for metric in data.metrics)]
    if data.reconstructions:
        codecs += ["--with", *map(_given_text, data.reconstructions)]
    if isinstance(data.quality, ScoreTarget):
        target = f"{data.quality.metric}={data.quality.value:g}"
        return shlex.join(["ratelens", "compare", name, "--metric-target", target, *codecs])
    if data.quality is not None:
        option = "--psnr" if data.quality.metric == "psnr" else "--ms-ssim"
        luma = ["--luma"] if data.quality.channel == "luma" else []
        return shlex.join(["ratelens", "compare", name, option, f"{data.quality.value_db:.2f} dB", *luma, *codecs])
    rates = ["--bpp", *(f"{bpp:.4g}" for bpp in targets)]
    points = [] if data.points == DEFAULT_POINTS else ["--points", str(data.points)]
    return shlex.join(["ratelens", "report", name, *rates, *codecs, *points, "--out", "report.html"])
