"""The tables of a set's report."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image as PillowImage

from models.errors import ImageError
from viewer.imaging.reader import load_image
from viewer.metrics.base import Metric, axis_digits, axis_unit
from viewer.metrics.bd_rate import TOO_LITTLE_OVERLAP, BdRate, bd_rate_in, format_range
from viewer.metrics.fast import MS_SSIM_RGB, PSNR_RGB, ms_ssim_db
from viewer.report.codec_look import Look
from viewer.report.set_data import SetReportData
from viewer.report.text import format_signed, format_signed_percent
from viewer.sets.at_target import by_gain
from viewer.sets.bd_interval import SetBdRate
from viewer.sets.figures import SetFigures
from viewer.sets.rate_point import SetRatePoint
from viewer.sweep.summary import pictures_text

THUMBNAIL = (120, 80)
MOST_THUMBNAILS = 300
"""In a larger set the table has none: the file would get large."""
_QUALITIES = (
    (MS_SSIM_RGB, (0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.995)),
    (PSNR_RGB, tuple(float(value) for value in range(20, 51, 2))),
)
"""For which rates may be looked up; raw MS-SSIM, and PSNR in dB."""
_MOST_QUALITIES = 5


def tile(data: SetReportData, looks: Mapping[str, Look], anchor: str) -> dict[str, Any]:
    """Bits of the pair's first codec against another one, for the tiles at the top."""
    codec = data.pair[0]
    figures = []
    for one in (data.decisive, *(one for one in data.figures if one is not data.decisive)):
        found = one.bd_rates.get((codec, anchor))
        if found is None or found.percent is None:
            continue
        over = format_range(one.metric, found.low_value, found.high_value)
        figures.append(
            {
                "metric": one.metric.label,
                "bits": f"{abs(found.percent):.1f} %",
                "more": "fewer bits" if round(found.percent, 1) < 0 else "more bits",
                "interval": f" (95 %: {_interval(found)})" if found.low is not None else "",
                "over": f"over {over} on {pictures_text(len(found.by_picture))}",
            }
        )
    return {"look": looks[codec], "other": looks[anchor], "figures": figures}


def _interval(found: SetBdRate) -> str:
    if found.low is None or found.high is None:
        return ""
    return f"{format_signed(found.low, 1)} to {format_signed_percent(found.high, 1)}"


def bd_table(figures: SetFigures) -> dict[str, Any]:
    """Every codec against every other one."""
    return {
        "title": figures.metric.label,
        "rows": [
            (
                codec,
                [None if codec == anchor else _bd_cell(figures.bd_rates[codec, anchor]) for anchor in figures.codecs],
            )
            for codec in figures.codecs
        ],
    }


def _bd_cell(found: SetBdRate) -> dict[str, Any]:
    if found.percent is None:
        return {"percent": "n/a", "interval": TOO_LITTLE_OVERLAP, "fewer": False}
    few = pictures_text(len(found.by_picture))
    return {
        "percent": format_signed_percent(found.percent, 1),
        "interval": _interval(found) or f"{few}, too few for an interval",
        "fewer": round(found.percent, 1) < 0,
    }


def reference_rows(data: SetReportData, looks: Mapping[str, Look]) -> list[dict[str, Any]]:
    """BD-rates of the curves that are plotted against published ones, in each metric that both have."""
    rows = []
    for codec in data.figures[0].codecs:
        for curve in data.references:
            for figures in data.figures:
                own = [(point.bpp, point.published) for point in figures.means.by_codec.get(codec, ())]
                anchor = curve.points.get(figures.metric.name)
                if own and anchor:
                    found = bd_rate_in(figures.metric, anchor, own)
                    rows.append({"look": looks[codec], "curve": curve.label, **_reference_cell(figures.metric, found)})
    return rows


def _reference_cell(metric: Metric, found: BdRate | None) -> dict[str, Any]:
    if found is None:
        return {"metric": metric.label, "percent": "n/a", "over": TOO_LITTLE_OVERLAP, "fewer": False}
    return {
        "metric": metric.label,
        "percent": format_signed_percent(found.percent, 1),
        "over": format_range(metric, found.low_db, found.high_db),
        "fewer": round(found.percent, 1) < 0,
    }


def rate_tables(data: SetReportData, share: float) -> list[dict[str, Any]]:
    """The rates at which most pictures have some qualities."""
    by_metric = {one.metric: one for one in data.figures}
    tables = []
    for metric, values in _QUALITIES:
        figures = by_metric[metric]
        rows = []
        for value in values:
            on_axis = ms_ssim_db(value) if metric is MS_SSIM_RGB else value
            text = f"{value:g} ({on_axis:.1f} dB)" if metric is MS_SSIM_RGB else f"{value:g} dB"
            points = figures.rate_points(on_axis, share)
            known = [point.bpp for point in points if point.bpp is not None and not point.at_most]
            if known:  # others say nothing about which codec needs fewer bits
                rows.append({"quality": text, "cells": [_rate_cell(point, min(known)) for point in points]})
        step = max(1, math.ceil(len(rows) / _MOST_QUALITIES))
        tables.append({"title": metric.label, "rows": rows[::step]})
    return tables


def _rate_cell(point: SetRatePoint, lowest: float | None) -> dict[str, Any]:
    few = f"{len(point.missing)} of {point.pictures} miss it" if point.missing else ""
    if point.bpp is None:
        return {"text": "–", "note": few, "missing": "\n".join(point.missing), "best": False}
    text = f"≤ {point.bpp:.3f}" if point.at_most else f"{point.bpp:.3f}"
    return {"text": text, "note": few, "missing": "\n".join(point.missing), "best": point.bpp == lowest}


def picture_columns(data: SetReportData, labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """The headings of the table of pictures."""
    pair = " − ".join(labels[codec] for codec in data.pair)
    columns: list[dict[str, Any]] = [{"title": "Picture", "unit": "", "kind": "text", "sorted": False}]
    for one in _ordered(data):
        unit = f"{pair}, {axis_unit(one.metric)}".removesuffix(", ")
        columns.append({"title": one.metric.label, "unit": unit, "kind": "number", "sorted": one is data.decisive})
    columns += [
        {"title": f"BD-rate, {one.metric.label}", "unit": "%", "kind": "number", "sorted": False}
        for one in _ordered(data)
    ]
    metric = data.decisive.metric
    columns += [
        {"title": labels[codec], "unit": f"{metric.label}, {axis_unit(metric)}", "kind": "number", "sorted": False}
        for codec in data.decisive.codecs
    ]
    return columns


def picture_rows(data: SetReportData) -> list[dict[str, Any]]:
    """Every picture, the largest win first."""
    by_metric = [{one.picture: one for one in figures.at(data.bpp, data.pair)} for figures in _ordered(data)]
    gains = by_metric[0]
    names = [one.picture for one in by_gain(list(gains.values()))]
    thumbnails = data.opened.files if len(names) <= MOST_THUMBNAILS else {}
    rows = []
    for name in names:
        cells: list[dict[str, Any]] = [{}]
        cells += [_cell(found[name].gain, 2, best=(found[name].gain or 0.0) > 0) for found in by_metric]
        cells += [_cell(found[name].bd_percent, 1, best=(found[name].bd_percent or 0.0) < 0) for found in by_metric]
        values = gains[name].values
        cells += [_value_cell(data, values.get(codec)) for codec in data.decisive.codecs]
        rows.append({"picture": name, "cells": cells, "thumbnail": _thumbnail(thumbnails.get(name))})
    return rows


def _ordered(data: SetReportData) -> list[SetFigures]:
    return [data.decisive, *(one for one in data.figures if one is not data.decisive)]


def _cell(value: float | None, digits: int, *, best: bool) -> dict[str, Any]:
    if value is None:
        return {"value": "", "text": "–", "best": False}
    return {"value": f"{value:.6g}", "text": format_signed(value, digits), "best": best}


def _value_cell(data: SetReportData, value: float | None) -> dict[str, Any]:
    digits = axis_digits(data.decisive.metric) + 1
    if value is None:
        return {"value": "", "text": "–", "best": False}
    return {"value": f"{value:.6g}", "text": f"{value:.{digits}f}", "best": False}


def _thumbnail(path: Path | None) -> str:
    """A small picture as a data URI; empty without a readable file."""
    if path is None:
        return ""
    try:
        small = PillowImage.fromarray(load_image(path).pixels)
    except ImageError:  # its rows are there, so it was readable; the table does without
        return ""
    small.thumbnail(THUMBNAIL)
    file = io.BytesIO()
    small.save(file, "JPEG", quality=82)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode('ascii')}"
