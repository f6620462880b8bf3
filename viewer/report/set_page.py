"""Renders a set's report: one HTML file that loads nothing; its only script sorts the table of pictures."""

from __future__ import annotations

import base64
import hashlib
import platform
import shlex
from datetime import datetime
from typing import Any

from viewer.codecs.base import settings_of
from viewer.codecs.registry import known_codecs
from viewer.metrics.base import axis_digits, axis_title, axis_unit
from viewer.metrics.fast import MS_SSIM_RGB, PSNR_RGB
from viewer.report.codec_look import Look, look_named
from viewer.report.page import data_uri
from viewer.report.provenance import installed_versions, provenance_of
from viewer.report.set_data import SetReportData, TellingPicture
from viewer.report.set_tables import bd_table, picture_columns, picture_rows, rate_tables, reference_rows, tile
from viewer.report.svg_plot import Series, TimeMark, curve_plot, reference_look, time_plot
from viewer.report.text import format_signed, listed
from viewer.sets.at_target import PictureFigures
from viewer.sets.bd_interval import MIN_PICTURES, RESAMPLES
from viewer.sets.figures import SetFigures, labels_of
from viewer.sweep.summary import pictures_text
from viewer.system.resources import report_folder

SHARE = 0.9
"""Of the pictures that have to have a quality."""
_BEYOND = 1.25
"""References are drawn this factor beyond the rates of the sweep."""


def set_page(data: SetReportData, made: datetime) -> str:
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
    script = folder.joinpath("set.js").read_text("utf-8")
    digest = hashlib.sha256(f"\n{script}".encode()).digest()
    text: str = environment.get_template("set.html.j2").render(
        style=folder.joinpath("page.css").read_text("utf-8"),
        script=script,
        script_digest=base64.b64encode(digest).decode("ascii"),
        made=made.strftime("%Y-%m-%d %H:%M %Z").strip(),
        **_values(data),
    )
    return text


def _values(data: SetReportData) -> dict[str, Any]:
    first = data.figures[0]
    labels = labels_of(first.codecs)
    looks = {codec: look_named(codec, labels[codec], first.codecs) for codec in first.codecs}
    times = _time_plots(data, looks)
    return {
        "title": data.opened.name,
        "subtitle": f"{listed([look.label for look in looks.values()])} on {pictures_text(len(first.pictures))}",
        "picture_count": len(first.pictures),
        "targets": ", ".join(target.text.removesuffix(" bpp") for target in first.measured.targets),
        "bpp": f"{data.bpp:.4g}",
        "looks": looks,
        "tiles": [tile(data, looks, anchor) for anchor in first.codecs if anchor != data.pair[0]],
        "plots": [_plot(data, one, looks) for one in data.figures],
        "curves_note": _curves_note(data),
        "time_plots": times,
        "times_note": _times_note(data),
        "bd_tables": [bd_table(one) for one in data.figures],
        "reference_rows": reference_rows(data, looks),
        "averaged": pictures_text(len(first.means.pictures)),
        "share": f"{100 * SHARE:g} %",
        "rate_tables": rate_tables(data, SHARE),
        "verdict": verdict(data, labels),
        "columns": picture_columns(data, labels),
        "rows": picture_rows(data),
        "table_note": f"Differences are {labels[data.pair[0]]} minus {labels[data.pair[1]]} at this rate, and bits of "
        f"{labels[data.pair[0]]} against {labels[data.pair[1]]} at equal quality.",
        "telling": [_telling(data, one, looks) for one in data.telling],
        "pair": [looks[codec] for codec in data.pair],
        "decisive": data.decisive.metric.label,
        "problems": [*data.opened.remarks, *data.problems],
        "published": bool(data.references),
        "resamples": f"{RESAMPLES:,}",
        "min_pictures": MIN_PICTURES,
        "settings": [
            (looks[codec.name], text)
            for codec in known_codecs()
            if codec.name in looks and (text := settings_of(codec))
        ],
        "provenance": provenance_of(data.opened.rows, labels),
        "references": data.references,
        "command": _command(data),
        "results_name": data.opened.results.name,
        "results_digest": hashlib.sha256(data.opened.results.read_bytes()).hexdigest(),
        "row_count": f"{len(data.opened.rows):,}",
        "versions": installed_versions(),
        "system": f"Python {platform.python_version()} on {platform.platform()}",
    }


def _plot(data: SetReportData, figures: SetFigures, looks: dict[str, Look]) -> dict[str, str]:
    metric = figures.metric
    series = []
    for codec, points in figures.means.by_codec.items():
        means = [(point.bpp, point.published if data.references else point.mean) for point in points]
        band = [(point.bpp, point.low, point.high) for point in points]
        series.append(Series(looks[codec].label, looks[codec].look, means, band))
    rates = [point.bpp for points in figures.means.by_codec.values() for point in points]
    for index, curve in enumerate(data.references if rates else ()):
        known = curve.within(metric, min(rates) / _BEYOND, max(rates) * _BEYOND)
        series.append(Series(curve.label, reference_look(index), known))
    svg = curve_plot(series, metric.label, axis_unit(metric), [data.bpp], axis_digits(metric) + 1)
    return {"title": axis_title(metric), "direction": metric.direction, "svg": svg}


def _curves_note(data: SetReportData) -> str:
    means = data.figures[0].means
    every = len(data.figures[0].pictures)
    of = f"Means over the {pictures_text(len(means.pictures))}" + (
        " of the set" if len(means.pictures) == every else f" of {every} that every codec brings to every rate here"
    )
    left_out = ", ".join(target.text for target in means.left_out)
    beyond = f" Too few pictures reach {left_out} with every codec." if left_out else ""
    dashed = " Long dashes: published averages." if data.references else ""
    return (
        f"{of}; bands reach from the lower to the upper quartile. Dashed upright: {data.bpp:.4g} bpp.{dashed}{beyond}"
    )


def _time_plots(data: SetReportData, looks: dict[str, Look]) -> list[dict[str, str]]:
    times = data.decisive.times(data.bpp)
    metric = data.decisive.metric
    plots = []
    for title, name in (("Encoding", "encode"), ("Decoding", "decode")):
        marks = [
            TimeMark(
                looks[point.codec].label,
                looks[point.codec].look,
                getattr(point, f"{name}_ms"),
                point.value,
                getattr(point, f"{name}_front"),
            )
            for point in times.points
        ]
        svg = time_plot(marks, metric.label, axis_unit(metric), "ms per megapixel", axis_digits(metric) + 1)
        if svg:
            plots.append(
                {"title": f"{title} time", "beside": f"{axis_title(metric)}, up and left is better", "svg": svg}
            )
    return plots


def _times_note(data: SetReportData) -> str:
    pictures = pictures_text(len(data.decisive.times(data.bpp).pictures))
    return (
        f"Means over the {pictures} that these codecs bring to {data.bpp:.4g} bpp. Dotted: the codecs that no other "
        "one beats in both."
    )


def verdict(data: SetReportData, labels: dict[str, str]) -> str:
    """Where the first codec of the pair wins and loses, in sentences."""
    codec, anchor = (labels[name] for name in data.pair)
    sentences = []
    for figures in data.figures[:2]:
        gains = [one.gain for one in figures.at(data.bpp, data.pair) if one.gain is not None]
        if not gains:
            sentences.append(f"No picture is brought to {data.bpp:.4g} bpp by both {codec} and {anchor}.")
            break
        won = sum(gain > 0 for gain in gains)
        mean, unit = sum(gains) / len(gains), axis_unit(figures.metric)
        sentences.append(
            f"In {figures.metric.label}, {codec} is ahead of {anchor} on {won} of {pictures_text(len(gains))}, by "
            f"{format_signed(mean, 2)} {unit} on average ({format_signed(min(gains), 2)} to "
            f"{format_signed(max(gains), 2)} {unit})."
        )
    return " ".join(sentences)


def _telling(data: SetReportData, one: TellingPicture, looks: dict[str, Look]) -> dict[str, Any]:
    area = one.crop.area
    panes: list[dict[str, Any]] = [
        {"look": None, "label": "Original", "figure": "", "crop": data_uri(area.cut(one.image.pixels))}
    ]
    for result in one.results:
        look, metrics = looks[result.request.codec], result.measurement.metrics
        missed = "" if result.reachable else f"{result.bpp:.4f} bpp, "
        figure = f"{missed}{metrics.psnr_rgb_db:.2f} dB, {metrics.ms_ssim_rgb:.4f}"
        panes.append(
            {"look": look, "label": look.label, "figure": figure, "crop": data_uri(area.cut(result.reconstruction))}
        )
    return {
        "name": one.figures.picture,
        "gain": _gain(data, one.figures),
        "width": one.image.width,
        "height": one.image.height,
        "area": area,
        "detail": one.crop.detail,
        "panes": panes,
    }


def _gain(data: SetReportData, figures: PictureFigures) -> str:
    metric = data.decisive.metric
    return f"{format_signed(figures.gain or 0.0, 2)} {axis_unit(metric)} in {metric.label}"


def _command(data: SetReportData) -> str:
    """The command that makes this report again, in the folder of the CSV."""
    words = ["ratelens", "report", "--set", data.opened.results.name, "--bpp", f"{data.bpp:.4g}"]
    words += ["--pair", *data.pair]
    others = [one.metric for one in data.figures if one.metric not in (PSNR_RGB, MS_SSIM_RGB)]
    words += ["--metric", *(metric.name for metric in others)] if others else []
    return shlex.join([*words, "--out", "report.html"])
