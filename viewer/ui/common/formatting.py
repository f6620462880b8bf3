"""Number formats, and the font for figures."""

from __future__ import annotations

import math

from PySide6.QtGui import QFont

MINUS = "\N{MINUS SIGN}"


def format_bpp(bpp: float) -> str:
    """At least three significant digits: "0.0612", "0.250", "1.250"; tiny pictures have rates like "160.0"."""
    digits = 4 if bpp < 0.1 else 3 if bpp < 100 else 1
    return f"{bpp:.{digits}f}"


def format_bpp_short(bpp: float) -> str:
    """The shortest form, for ticks: "0.05", "0.1", "2"."""
    return f"{bpp:g}"


def format_count(count: int) -> str:
    """A whole number with thousands separators: "12,288"."""
    return f"{count:,}"


def format_db(value: float) -> str:
    """Decibels: "32.41", or infinity for a lossless picture."""
    return "∞" if math.isinf(value) else f"{value:.2f}"


def format_raw(value: float) -> str:
    """Raw MS-SSIM: "0.97162"."""
    return f"{value:.5f}"


def format_deviation(share: float) -> str:
    """A relative deviation with its sign: "+0.12 %"."""
    percent = 100 * share
    digits = 2 if abs(percent) < 9.995 else 0
    text = f"{abs(percent):,.{digits}f}"
    sign = "" if float(text.replace(",", "")) == 0 else ("+" if percent > 0 else MINUS)
    return f"{sign}{text} %"


def format_duration(duration_ms: float) -> str:
    """A time for people: "0.4 ms", "312 ms", "2.1 s"."""
    if duration_ms < 9.95:
        return f"{duration_ms:.1f} ms"
    return f"{duration_ms:.0f} ms" if duration_ms < 999.5 else f"{duration_ms / 1000:.1f} s"


def figure_font(base: QFont, scale: float = 1.0, bold: bool = False) -> QFont:
    """The user interface's font with digits of equal width."""
    font = QFont(base)
    font.setFeature(QFont.Tag("tnum"), 1)
    if scale != 1.0:
        if base.pointSizeF() > 0:
            font.setPointSizeF(base.pointSizeF() * scale)
        else:
            font.setPixelSize(round(base.pixelSize() * scale))
    if bold:
        font.setWeight(QFont.Weight.DemiBold)
    return font
