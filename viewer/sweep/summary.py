"""What a sweep shows: averages per codec and rate, BD-rates, and a plot."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from itertools import combinations
from pathlib import Path
from statistics import fmean

from models.errors import OutputError
from viewer.codecs.base import settings_of
from viewer.codecs.palette import Marker, look_of
from viewer.codecs.registry import known_codecs
from viewer.imaging.writer import write_file
from viewer.metrics.bd_rate import TOO_LITTLE_OVERLAP, BdRate, bd_rate
from viewer.sweep.run import Row, ms_ssim_db

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

QUANTITIES: dict[str, Callable[[Row], float]] = {
    "PSNR RGB": lambda row: row.psnr_rgb,
    "PSNR luma": lambda row: row.psnr_luma,
    "MS-SSIM RGB": lambda row: ms_ssim_db(row.ms_ssim_rgb),
    "MS-SSIM luma": lambda row: ms_ssim_db(row.ms_ssim_luma),
}
"""What BD-rates are taken at, in dB."""

WORSE_DB = 0.1
"""So much has to be lost for more bits to count as worse."""


def best_rows(rows: Sequence[Row], quality: Callable[[Row], float]) -> list[Row]:
    """One row of a picture, codec and target: of several variants the one that is best in a quantity."""
    best: dict[tuple[str, str, float], Row] = {}
    for row in rows:
        known = best.get(row.key)
        if known is None or quality(row) > quality(known):
            best[row.key] = row
    return list(best.values())


@dataclass(frozen=True)
class Average:
    """Means of one codec at one target over the pictures on which every codec of the sweep reaches that target.

    Of several variants each metric has the one that is best in it; bpp is of that of PSNR.
    """

    codec: str
    target_bpp: float
    pictures: int
    bpp: float
    psnr_db: float
    ms_ssim: float
    ms_ssim_db: float


@dataclass(frozen=True)
class MeanBdRate:
    """Mean rate difference at equal quality, in percent; negative: fewer bits than the anchor.

    The mean over the pictures of the BD-rate between the two codecs' points on that picture (Bjontegaard 2001,
    piecewise cubic), never between averages over different pictures. quantity: what is equal, a key of QUANTITIES.
    pictures: on which the two curves have enough in common. low_db, high_db: the ends of what they are compared over,
    means too. All None where there is no such picture.
    """

    codec: str
    anchor: str
    quantity: str
    pictures: int
    percent: float | None
    low_db: float | None
    high_db: float | None


def common_pictures(rows: Sequence[Row]) -> list[Row]:
    """The rows of those pictures on which every codec reaches every target: what a curve of means may be drawn from."""
    codecs, targets = {row.codec for row in rows}, {row.target_bpp for row in rows}
    reached = {(row.image, row.codec, row.target_bpp) for row in rows if row.reachable}
    wanted = [(codec, target) for codec in codecs for target in targets]
    whole = {row.image for row in rows if all((row.image, *pair) in reached for pair in wanted)}
    return [row for row in rows if row.image in whole]


def averages(rows: Sequence[Row]) -> list[Average]:
    """Means per codec and target, targets ascending."""
    codecs = list(dict.fromkeys(row.codec for row in rows))
    out = []
    for target in sorted({row.target_bpp for row in rows}):
        every = [row for row in rows if row.target_bpp == target]
        at, at_ms_ssim = (best_rows(every, QUANTITIES[name]) for name in ("PSNR RGB", "MS-SSIM RGB"))
        reached = {row.image for row in common_pictures(at)} if {row.codec for row in at} == set(codecs) else set()
        for codec in codecs:
            chosen = [row for row in at if row.codec == codec and row.image in reached]
            chosen_ms_ssim = [row for row in at_ms_ssim if row.codec == codec and row.image in reached]
            if chosen:
                out.append(
                    Average(
                        codec,
                        target,
                        len(chosen),
                        fmean(row.bpp for row in chosen),
                        fmean(row.psnr_rgb for row in chosen),
                        fmean(row.ms_ssim_rgb for row in chosen_ms_ssim),
                        fmean(ms_ssim_db(row.ms_ssim_rgb) for row in chosen_ms_ssim),
                    )
                )
    return out


def bd_rates(rows: Sequence[Row], anchors: Sequence[str] = ("jpeg2000", "jpeg")) -> list[MeanBdRate]:
    """Each codec against each anchor that the sweep holds, and refined ones against themselves before, in each
    quantity.
    """
    codecs = list(dict.fromkeys(row.codec for row in rows))
    known = [codec.name for codec in known_codecs() if codec.name in codecs]
    refined = [codec for codec in codecs if codec not in known]
    pairs = [(codec, anchor) for anchor in anchors if anchor in codecs for codec in (*known, *refined)]
    pairs += [(codec, name) for codec in refined for name in known if codec.startswith(f"{name}-")]
    return [
        _bd_rate(rows, codec, anchor, quantity) for codec, anchor in pairs if codec != anchor for quantity in QUANTITIES
    ]


def _bd_rate(rows: Sequence[Row], codec: str, anchor: str, quantity: str) -> MeanBdRate:
    found: list[BdRate] = []
    for image in sorted({row.image for row in rows}):
        theirs, ours = (_curve(rows, image, name, QUANTITIES[quantity]) for name in (anchor, codec))
        one = bd_rate(theirs, ours)
        if one is not None:
            found.append(one)
    if not found:
        return MeanBdRate(codec, anchor, quantity, 0, None, None, None)
    percent, low_db, high_db = (fmean(values) for values in zip(*map(astuple, found), strict=True))
    return MeanBdRate(codec, anchor, quantity, len(found), percent, low_db, high_db)


def _curve(rows: Sequence[Row], image: str, codec: str, quality: Callable[[Row], float]) -> list[tuple[float, float]]:
    chosen = [row for row in rows if (row.image, row.codec) == (image, codec)]
    return [(row.bpp, quality(row)) for row in best_rows(chosen, quality)]


def worse_with_more(rows: Sequence[Row]) -> list[str]:
    """Where a codec loses quality though it takes more bits, a sentence for each codec and quantity that does."""
    sentences = []
    images = sorted({row.image for row in rows})
    for codec in dict.fromkeys(row.codec for row in rows):
        for quantity, quality in QUANTITIES.items():
            falls = [fall for image in images if (fall := _fall(rows, image, codec, quality)) is not None]
            if falls:
                _lost_db, image, (low_bpp, low_db), (high_bpp, high_db) = max(falls)
                sentences.append(
                    f"More bits are worse for {codec} in {quantity} on {len(falls)} of the pictures, most on "
                    f"“{image}”: {low_db:.2f} dB at {low_bpp:.4f} bpp, {high_db:.2f} at {high_bpp:.4f}."
                )
    return sentences


def _fall(
    rows: Sequence[Row], image: str, codec: str, quality: Callable[[Row], float]
) -> tuple[float, str, tuple[float, float], tuple[float, float]] | None:
    """The largest loss from one point of a curve to one of more bits: in dB, the picture, and both points."""
    curve = sorted(_curve(rows, image, codec, quality))
    pairs = [(before[1] - after[1], image, before, after) for before, after in combinations(curve, 2)]
    return max((pair for pair in pairs if pair[0] > WORSE_DB), default=None)


def format_summary(rows: Sequence[Row]) -> str:
    """Averages and BD-rates as text."""
    wide = max(9, *(len(row.codec) for row in rows)) if rows else 9
    lines = [f"target  {'codec':<{wide}} pictures     bpp  PSNR RGB  MS-SSIM  MS-SSIM dB"]
    for a in averages(rows):
        figures = f"{a.bpp:6.4f}  {a.psnr_db:8.2f}  {a.ms_ssim:7.4f}  {a.ms_ssim_db:10.2f}"
        lines.append(f"{a.target_bpp:6.3f}  {a.codec:<{wide}} {a.pictures:8d}  {figures}")
    found = bd_rates(rows)
    wider = max(29, *(len(f"{bd.codec} against {bd.anchor}") for bd in found)) if found else 29
    lines += ["", f"{'BD-rate, mean over pictures':<{wider}}  {'at equal':<12}  pictures      bits  over, on average"]
    for bd in found:
        percent, over = "n/a", TOO_LITTLE_OVERLAP
        if bd.percent is not None:
            percent, over = f"{bd.percent:+.1f} %", f"{bd.low_db:.1f} to {bd.high_db:.1f} dB"
        names = f"{bd.codec} against {bd.anchor}"
        lines.append(f"{names:<{wider}}  {bd.quantity:<12}  {bd.pictures:8d}  {percent:>8}  {over}")
    lines += ["", *(f"{codec}: {text}" for codec, text in _settings(rows)), *worse_with_more(rows)]
    return "\n".join(lines)


def _settings(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Which encoders were driven, and how."""
    present = {row.codec for row in rows}
    return [
        (codec.name, settings) for codec in known_codecs() if codec.name in present and (settings := settings_of(codec))
    ]


def _psnr_db(average: Average) -> float:
    return average.psnr_db


def _ms_ssim_db(average: Average) -> float:
    return average.ms_ssim_db


def check_plot_suffix(path: Path) -> None:
    """Raise OutputError for a plot that is neither PNG nor SVG: to be asked before work is put into it."""
    if path.suffix.lower() not in {".png", ".svg"}:
        raise OutputError(f"“{path}” is neither PNG nor SVG: give the plot one of these suffixes.")


def save_plot(rows: Sequence[Row], path: Path, *, force: bool) -> None:
    """Mean PSNR and MS-SSIM against rate as PNG or SVG, by the file's suffix. Raises OutputError.

    Over the pictures on which every codec reaches every rate, so that all points of a curve are of the same pictures.
    """
    check_plot_suffix(path)
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4.2), layout="constrained")
    drawn = common_pictures(rows)
    if not drawn:
        raise OutputError(
            "No picture was brought to every rate by every codec, so no curve can be drawn: choose --bpp."
        )
    labels = {codec.name: codec.label for codec in known_codecs()}
    pictures = len({row.image for row in drawn})
    means = averages(drawn)
    names = tuple(dict.fromkeys((*labels, *(a.codec for a in means))))
    quantities = (("PSNR RGB, dB", _psnr_db), ("MS-SSIM RGB, dB", _ms_ssim_db))
    for axes, (title, value) in zip(figure.subplots(1, 2), quantities, strict=True):
        for codec in dict.fromkeys(a.codec for a in means):
            points = [a for a in means if a.codec == codec]
            rates, values = [a.bpp for a in points], [value(a) for a in points]
            look = look_of(codec, names)
            axes.plot(
                rates,
                values,
                label=labels.get(codec, codec),
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
