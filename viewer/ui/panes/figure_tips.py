"""What each figure in a head is: said where the pointer rests, and which figures a narrow head leaves out first."""

from __future__ import annotations

from viewer.metrics.registry import metric_named

DEVIATION_KIND, TIMES_KIND, PIXELS_KIND, NOTES_KIND = "deviation", "times", "pixels", "notes"

_TIPS = {
    "bpp": "Bits per pixel: 8 × bytes ÷ pixels",
    "bytes": "Size of the compressed file, its header included",
    "uncompressed": "Size without compression: 3 bytes per pixel",
    "psnr": "Peak signal-to-noise ratio: how small the differences between pixels are. Higher is better.",
    "ms_ssim": "Multi-scale structural similarity: how well structure is kept, from fine to coarse. Higher is better.",
    DEVIATION_KIND: "How far the size is from the target",
    TIMES_KIND: "Bytes needed for the same quality, compared with the first codec",
    PIXELS_KIND: "Width × height",
    NOTES_KIND: "The file was converted on opening: rest the pointer on the name to read how",
}
_RANKS = {TIMES_KIND: 6, "psnr": 5, "ms_ssim": 4, "bytes": 3, "bpp": 1, DEVIATION_KIND: 0}
_SLOW_RANK = 2


def figure_tip(kind: str, *, best: bool) -> str:
    """What a figure means; empty if its kind is. kind: a metric of a MetricChoice, or one of those above."""
    if not kind:
        return ""
    tip = _TIPS.get(kind) or _metric_tip(kind)
    return f"{tip}\n{'Fewest' if kind == 'bytes' else 'Best'} of the codecs shown" if best else tip


def figure_rank(kind: str) -> int:
    """How important a figure is: a narrow head leaves the lowest out first."""
    return _RANKS.get(kind, _SLOW_RANK)


def _metric_tip(name: str) -> str:
    metric = metric_named(name)
    return f"{metric.label}: {metric.direction} is better"
