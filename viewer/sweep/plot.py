"""A sweep's curves of means as a picture."""

from __future__ import annotations

import io
import math
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import OutputError
from viewer.codecs.palette import Marker, look_of
from viewer.codecs.registry import known_codecs
from viewer.imaging.writer import write_file
from viewer.metrics.base import Metric, axis_title
from viewer.metrics.fast import MS_SSIM_RGB, PSNR_RGB
from viewer.sweep.reference import ReferenceCurve
from viewer.sweep.rows import Row
from viewer.sweep.summary import Average, averages, comparable_rows, pictures_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MPL_MARKERS = {
    Marker.CIRCLE: "o",
    Marker.SQUARE: "s",
    Marker.TRIANGLE: "^",
    Marker.DIAMOND: "D",
    Marker.STAR: "*",
    Marker.PENTAGON: "p",
    Marker.DOWNWARDS: "v",
    Marker.HEXAGON: "h",
    Marker.CROSS: "X",
}
"""matplotlib's names of the markers."""

_REFERENCE_COLOURS = ("#555555", "#a05a2c", "#4c7a34", "#7a4c8f", "#3a6b7c", "#8f8f3a", "#a04c6b")
"""Duller than any codec's: references are told apart by these, and from codecs by their dashes."""
_BEYOND = 1.25
"""References are drawn this factor beyond the rates of the sweep."""
_SOURCE_COLUMNS = 150


def check_plot_suffix(path: Path) -> None:
    """Raise OutputError for a plot that is neither PNG nor SVG: to be asked before work is put into it."""
    if path.suffix.lower() not in {".png", ".svg"}:
        raise OutputError(f"“{path}” is neither PNG nor SVG: give the plot one of these suffixes.")


def save_plot(
    rows: Sequence[Row],
    path: Path,
    *,
    force: bool,
    metrics: Sequence[Metric] = (),
    references: Sequence[ReferenceCurve] = (),
) -> None:
    """Mean PSNR, MS-SSIM and other metrics against rate as PNG or SVG, by the file's suffix. Raises OutputError.

    Over the pictures on which every codec reaches every rate, so that all points of a curve are of the same pictures.
    References are dashed; beside them MS-SSIM is averaged as they have it.
    """
    check_plot_suffix(path)
    from matplotlib.figure import Figure

    drawn = comparable_rows(rows)
    if not drawn:
        raise OutputError(
            "No picture was brought to every rate by every codec, so no curve can be drawn: choose --bpp."
        )
    pictures = len({row.image for row in drawn})
    means = averages(drawn, metrics)
    plotted = list(dict.fromkeys((PSNR_RGB, MS_SSIM_RGB, *metrics)))
    lines = math.ceil(len(plotted) / 2)
    figure = Figure(figsize=(10, 4.2 * lines), layout="constrained")
    grid = figure.subplots(lines, 2, squeeze=False).ravel()
    for axes, metric in zip(grid, plotted, strict=False):
        _draw(axes, metric, means, references)
        side, align = (0.98, "right") if metric.direction == "higher" else (0.02, "left")
        note = f"mean of {pictures_text(pictures)}"
        axes.annotate(note, (side, 0.03), xycoords="axes fraction", ha=align, color="grey")
    for axes in grid[len(plotted) :]:
        axes.set_axis_off()
    if references:
        figure.supxlabel(_sources(references), fontsize=7, color="grey")
    plot = io.BytesIO()
    figure.savefig(plot, dpi=150, format=path.suffix[1:].lower())
    write_file(path, plot.getvalue(), force=force)


def _sources(references: Sequence[ReferenceCurve]) -> str:
    labels: dict[str, list[str]] = {}
    for curve in references:
        labels.setdefault(curve.source, []).append(curve.label)
    said = "; ".join(f"{', '.join(names)} from {source}" for source, names in labels.items())
    return "\n".join(textwrap.wrap(f"Dashed, other people's averages: {said}", _SOURCE_COLUMNS))


def _draw(axes: Axes, metric: Metric, means: Sequence[Average], references: Sequence[ReferenceCurve]) -> None:
    labels = {codec.name: codec.label for codec in known_codecs()}
    for codec in dict.fromkeys(a.codec for a in means):
        values = [
            (a.bpp, a.published.get(metric.name) if references else a.value(metric)) for a in means if a.codec == codec
        ]
        points = [(bpp, value) for bpp, value in values if value is not None]
        if not points:
            continue
        look = look_of(codec, tuple(dict.fromkeys((*labels, *(a.codec for a in means)))))
        axes.plot(
            *zip(*points, strict=True),
            label=labels.get(codec, codec),
            color=look.colour,
            marker=MPL_MARKERS[look.marker],
            markersize=4,
            linestyle=(0, look.dash) if look.dash else "-",
        )
    low, high = (end(a.bpp for a in means) for end in (min, max))
    for index, curve in enumerate(references):
        known = curve.within(metric, low / _BEYOND, high * _BEYOND)
        if known:
            colour = _REFERENCE_COLOURS[index % len(_REFERENCE_COLOURS)]
            axes.plot(*zip(*known, strict=True), label=curve.label, color=colour, linestyle="--", linewidth=1.2)
    axes.set(xscale="log", xlabel="bits per pixel", title=f"{axis_title(metric)} ({metric.direction} is better)")
    ticks = sorted({a.target.value for a in means if a.target.is_rate})
    if ticks:
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
    axes.grid(alpha=0.3)
    if axes.lines:
        axes.legend()
