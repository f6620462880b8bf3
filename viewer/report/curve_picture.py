"""A plot of the window as a picture to hand on: curves of one metric, and where the codecs are."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

from models.errors import OutputError
from viewer.codecs.palette import CodecLook
from viewer.sweep.plot import MPL_MARKERS

SUFFIXES = (".svg", ".png")
_SIZE = (7.2, 4.8)
"""In inches."""
_DPI = 200


@dataclass(frozen=True)
class PlottedCurve:
    """points: rate in bpp and value, rate ascending. present: where the codec is now, if it is anywhere."""

    label: str
    look: CodecLook
    points: Sequence[tuple[float, float]]
    present: tuple[float, float] | None = None


def plot_bytes(curves: Sequence[PlottedCurve], *, title: str, picture: str, suffix: str, logarithmic: bool) -> bytes:
    """An SVG or PNG file, by its suffix, dark on white. title: of the metric. picture: the name of the picture. Raises
    OutputError for another suffix.
    """
    if suffix.lower() not in SUFFIXES:
        raise OutputError(f"A plot cannot be written as “{suffix}”: give it the suffix .svg or .png.")
    import matplotlib as mpl
    from matplotlib.figure import Figure

    figure = Figure(figsize=_SIZE, layout="constrained")
    axes = figure.subplots()
    for curve in curves:
        points = [(bpp, value) for bpp, value in curve.points if math.isfinite(value)]
        colour, marker = curve.look.colour, MPL_MARKERS[curve.look.marker]
        axes.plot(
            [bpp for bpp, _ in points],
            [value for _, value in points],
            markersize=4,
            linestyle=(0, curve.look.dash) if curve.look.dash else "-",
            color=colour,
            label=curve.label,
            marker=marker,
        )
        if curve.present is not None and math.isfinite(curve.present[1]):
            axes.plot(*curve.present, color=colour, marker=marker, markersize=10, markeredgecolor="white")
    axes.set(xlabel="bits per pixel", ylabel=title, title=picture)
    if logarithmic:
        axes.set_xscale("log")
        shown = axes.get_xlim()
        ticks = [tick for tick in (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 3.0) if shown[0] <= tick <= shown[1]]
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
    axes.grid(alpha=0.3)
    if curves:
        axes.legend(loc="best")
    buffer = io.BytesIO()
    with mpl.rc_context({"svg.fonttype": "none"}):  # text stays text
        figure.savefig(buffer, dpi=_DPI, format=suffix[1:].lower())
    return buffer.getvalue()
