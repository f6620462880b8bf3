"""A sweep's curves of means as a picture."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import OutputError
from viewer.codecs.palette import Marker, look_of
from viewer.codecs.registry import known_codecs
from viewer.imaging.writer import write_file
from viewer.metrics.base import Metric, axis_title
from viewer.metrics.fast import MS_SSIM_RGB, PSNR_RGB
from viewer.sweep.rows import Row
from viewer.sweep.summary import Average, averages, common_pictures

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MARKERS = {
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


def check_plot_suffix(path: Path) -> None:
    """Raise OutputError for a plot that is neither PNG nor SVG: to be asked before work is put into it."""
    if path.suffix.lower() not in {".png", ".svg"}:
        raise OutputError(f"“{path}” is neither PNG nor SVG: give the plot one of these suffixes.")


def save_plot(rows: Sequence[Row], path: Path, *, force: bool, metrics: Sequence[Metric] = ()) -> None:
    """Mean PSNR, MS-SSIM and other metrics against rate as PNG or SVG, by the file's suffix. Raises OutputError.

    Over the pictures on which every codec reaches every rate, so that all points of a curve are of the same pictures.
    """
    check_plot_suffix(path)
    from matplotlib.figure import Figure

    drawn = common_pictures(rows)
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
        _draw(axes, metric, means)
        axes.annotate(f"mean of {pictures} pictures", (0.98, 0.03), xycoords="axes fraction", ha="right", color="grey")
    for axes in grid[len(plotted) :]:
        axes.set_axis_off()
    plot = io.BytesIO()
    figure.savefig(plot, dpi=150, format=path.suffix[1:].lower())
    write_file(path, plot.getvalue(), force=force)


def _draw(axes: Axes, metric: Metric, means: Sequence[Average]) -> None:
    labels = {codec.name: codec.label for codec in known_codecs()}
    for codec in dict.fromkeys(a.codec for a in means):
        points = [(a.bpp, value) for a in means if a.codec == codec and (value := a.value(metric)) is not None]
        if not points:
            continue
        look = look_of(codec, tuple(labels))
        axes.plot(
            *zip(*points, strict=True),
            label=labels.get(codec, codec),
            color=look.colour,
            marker=_MARKERS[look.marker],
            markersize=4,
            linestyle=(0, look.dash) if look.dash else "-",
        )
    axes.set(xscale="log", xlabel="bits per pixel", title=f"{axis_title(metric)} ({metric.direction} is better)")
    ticks = sorted({a.target_bpp for a in means})
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    if axes.lines:
        axes.legend()
