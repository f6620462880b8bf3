"""What a sweep shows: averages per codec and rate, BD-rates, and a plot."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from models.errors import OutputError
from viewer.codecs.palette import Marker, look_of
from viewer.codecs.registry import CODECS
from viewer.imaging.writer import write_file
from viewer.metrics.bd_rate import bd_rate_percent
from viewer.sweep.run import Row, ms_ssim_db

_LABELS = {codec.name: codec.label for codec in CODECS}
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


@dataclass(frozen=True)
class Average:
    """Means of one codec at one target over the pictures on which every codec of the sweep reaches that target."""

    codec: str
    target_bpp: float
    pictures: int
    bpp: float
    psnr_db: float
    ms_ssim: float
    ms_ssim_db: float


@dataclass(frozen=True)
class BdRate:
    """Mean rate difference at equal quality, in percent; negative: fewer bits than the anchor. None: too few points.

    Each is the mean over the pictures of the BD-rate between the two codecs' points on that picture (Bjontegaard 2001,
    piecewise cubic), never between averages over different pictures.
    """

    codec: str
    anchor: str
    pictures: int
    psnr_percent: float | None
    ms_ssim_percent: float | None


def common_pictures(rows: Sequence[Row]) -> list[Row]:
    """The rows of those pictures on which every codec reaches every target: what a curve of means may be drawn from."""
    missed = {row.image for row in rows if not row.reachable}
    return [row for row in rows if row.image not in missed]


def averages(rows: Sequence[Row]) -> list[Average]:
    """Means per codec and target, targets ascending."""
    codecs = list(dict.fromkeys(row.codec for row in rows))
    out = []
    for target in sorted({row.target_bpp for row in rows}):
        at = [row for row in rows if row.target_bpp == target]
        reached = {row.image for row in at} - {row.image for row in at if not row.reachable}
        for codec in codecs:
            chosen = [row for row in at if row.codec == codec and row.image in reached]
            if chosen:
                out.append(
                    Average(
                        codec,
                        target,
                        len(chosen),
                        fmean(row.bpp for row in chosen),
                        fmean(row.psnr_rgb for row in chosen),
                        fmean(row.ms_ssim_rgb for row in chosen),
                        fmean(map(ms_ssim_db, chosen)),
                    )
                )
    return out


def bd_rates(rows: Sequence[Row], anchors: Sequence[str] = ("jpeg2000", "jpeg")) -> list[BdRate]:
    """Each codec against each anchor that the sweep holds."""
    codecs = list(dict.fromkeys(row.codec for row in rows))
    order = [codec.name for codec in CODECS if codec.name in codecs]
    return [
        _bd_rate(rows, codec, anchor) for anchor in anchors if anchor in codecs for codec in order if codec != anchor
    ]


def _bd_rate(rows: Sequence[Row], codec: str, anchor: str) -> BdRate:
    psnr: list[float] = []
    ms_ssim: list[float] = []
    for image in sorted({row.image for row in rows}):
        ours = [row for row in rows if (row.image, row.codec) == (image, codec)]
        theirs = [row for row in rows if (row.image, row.codec) == (image, anchor)]
        for found, quality in ((psnr, _psnr_of), (ms_ssim, ms_ssim_db)):
            percent = bd_rate_percent(
                [(row.bpp, quality(row)) for row in theirs], [(row.bpp, quality(row)) for row in ours]
            )
            if percent is not None:
                found.append(percent)
    return BdRate(codec, anchor, len(psnr), fmean(psnr) if psnr else None, fmean(ms_ssim) if ms_ssim else None)


def _psnr_of(row: Row) -> float:
    return row.psnr_rgb


def format_summary(rows: Sequence[Row]) -> str:
    """Averages and BD-rates as text."""
    lines = ["target  codec     pictures     bpp  PSNR RGB  MS-SSIM  MS-SSIM dB"]
    for a in averages(rows):
        figures = f"{a.bpp:6.4f}  {a.psnr_db:8.2f}  {a.ms_ssim:7.4f}  {a.ms_ssim_db:10.2f}"
        lines.append(f"{a.target_bpp:6.3f}  {a.codec:<9} {a.pictures:8d}  {figures}")
    lines += ["", "BD-rate, mean over pictures  PSNR RGB  MS-SSIM"]
    for bd in bd_rates(rows):
        psnr, ms_ssim = (
            "n/a" if percent is None else f"{percent:+.1f} %" for percent in (bd.psnr_percent, bd.ms_ssim_percent)
        )
        lines.append(f"{bd.codec + ' against ' + bd.anchor:<27}  {psnr:>8}  {ms_ssim:>7}")
    return "\n".join(lines)


def _psnr_db(average: Average) -> float:
    return average.psnr_db


def _ms_ssim_db(average: Average) -> float:
    return average.ms_ssim_db


def refuse_plot(path: Path) -> None:
    """Raise OutputError for a plot that is neither PNG nor SVG: to be asked before work is put into it."""
    if path.suffix.lower() not in {".png", ".svg"}:
        raise OutputError(f"“{path}” is neither PNG nor SVG: give the plot one of these suffixes.")


def save_plot(rows: Sequence[Row], path: Path, *, force: bool) -> None:
    """Mean PSNR and MS-SSIM against rate as PNG or SVG, by the file's suffix. Raises OutputError.

    Over the pictures on which every codec reaches every rate, so that all points of a curve are of the same pictures.
    """
    refuse_plot(path)
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4.2), layout="constrained")
    drawn = common_pictures(rows)
    if not drawn:
        raise OutputError(
            "No picture was brought to every rate by every codec, so no curve can be drawn: choose --bpp."
        )
    pictures = len({row.image for row in drawn})
    means = averages(drawn)
    quantities = (("PSNR RGB, dB", _psnr_db), ("MS-SSIM RGB, dB", _ms_ssim_db))
    for axes, (title, value) in zip(figure.subplots(1, 2), quantities, strict=True):
        for codec in dict.fromkeys(a.codec for a in means):
            points = [a for a in means if a.codec == codec]
            rates, values = [a.bpp for a in points], [value(a) for a in points]
            look = look_of(codec, tuple(_LABELS))
            axes.plot(
                rates,
                values,
                label=_LABELS.get(codec, codec),
                color=look.colour,
                marker=_MARKERS[look.marker],
                markersize=4,
                linestyle=(0, look.dash) if look.dash else "-",
            )
        axes.set(xscale="log", xlabel="bits per pixel", title=f"{title} (higher is better)")
        axes.annotate(f"mean of {pictures} pictures", (0.98, 0.03), xycoords="axes fraction", ha="right", color="grey")
        ticks = sorted({a.target_bpp for a in means})
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
        axes.grid(alpha=0.3)
        axes.legend()
    plot = io.BytesIO()
    figure.savefig(plot, dpi=150, format=path.suffix[1:].lower())
    write_file(path, plot.getvalue(), force=force)
