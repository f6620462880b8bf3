"""What maps are called where they are shown, and the colours of their scales."""

from __future__ import annotations

from viewer.maps.difference import colour_bar
from viewer.metrics.registry import metric_named
from viewer.session.pane_layout import VIEWS, Show

WORSE = "bright = worse"
_NAMES = {
    Show.SIGNED: "Signed difference: grey = none",
    Show.ABSOLUTE: f"Difference: {WORSE}",
    Show.ERROR: f"Error map: {WORSE}",
    Show.SSIM: f"SSIM map: {WORSE}",
    Show.BLOCKING: f"Blocking map: {WORSE}",
    Show.RINGING: f"Ringing map: {WORSE}",
    Show.BLUR: f"Blur map: {WORSE}",
    Show.BITS: "Bit distribution: bright = more bits",
    Show.RED: "Red channel (R)",
    Show.GREEN: "Green channel (G)",
    Show.BLUE: "Blue channel (B)",
    Show.LUMA: "Luma (Y)",
    Show.CB: "Chroma Cb: mid-grey = none",
    Show.CR: "Chroma Cr: mid-grey = none",
    Show.CLIPPING: "Clipping: red = 255, blue = 0, pink = both",
}
_STEPS = 33

Bar = tuple[str, ...]
"""Colours as #rrggbb, from a scale's low end to its high end."""


def map_name(show: Show, against: str = "", mapped: str = "") -> str:
    """What stands in the head of a pane that shows it: its name, and how to read it; empty for the picture itself.

    against: the name of the codec that a difference is to, which is no judgement; empty for the original. mapped: the
    metric of METRIC.
    """
    if show is Show.METRIC:
        return f"{metric_named(mapped).label} map: {WORSE}"
    if against and show is Show.SIGNED:
        return f"Difference to {against}: grey = none"
    if against and show is Show.ABSOLUTE:
        return f"Difference to {against}: black = none"
    return _NAMES.get(show, "")


def scale_bars(show: Show) -> tuple[Bar, ...]:
    """The colours of a map's scale. Differences have four bars, as they are taken of each channel: all alike, which is
    grey, and R, G and B alone. VIEWS have none.
    """
    if show in VIEWS:
        return ()
    if show in (Show.SIGNED, Show.ABSOLUTE):
        rest = 128 if show is Show.SIGNED else 0
        levels = [round(255 * step / (_STEPS - 1)) for step in range(_STEPS)]
        channels = ((0, 1, 2), (0,), (1,), (2,))
        return tuple(
            tuple(_hex([level if channel in changed else rest for channel in range(3)]) for level in levels)
            for changed in channels
        )
    return (tuple(_hex(rgb) for rgb in colour_bar(_STEPS, 1)[::-1, 0].tolist()),)


def _hex(rgb: list[int]) -> str:
    return "#" + "".join(f"{value:02x}" for value in rgb)
