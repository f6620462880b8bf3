"""Rate-distortion curves as inline SVG, which uses the page's colours and so follows its theme."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from viewer.codecs.palette import CodecLook, Marker

WIDTH, HEIGHT = 560.0, 380.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 92.0, 14.0, 44.0
MARKER = 4.2
LABEL_GAP = 15.0
LINE_WIDTH = 2.0
RATE_TICKS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)

Point = tuple[float, float]


@dataclass(frozen=True)
class Series:
    """One codec's curve. points: rate (bpp) and value, rate ascending."""

    label: str
    look: CodecLook
    points: Sequence[Point]


def curve_plot(series: Sequence[Series], title: str, unit: str, targets: Sequence[float], digits: int = 2) -> str:
    """The curves on a logarithmic rate axis, with a line at each target rate; an SVG element.

    title, unit, digits: of the values; the unit may be empty. Lossless points (infinite values) are left out.
    """
    drawn = [Series(s.label, s.look, [point for point in s.points if math.isfinite(point[1])]) for s in series]
    drawn = [s for s in drawn if s.points]
    if not drawn:
        return ""
    rates = [bpp for s in drawn for bpp, _ in s.points]
    values = [value for s in drawn for _, value in s.points]
    ticks = value_ticks(min(values), max(values))
    x = _scale(math.log(min(rates)), math.log(max(rates)), LEFT + 8, WIDTH - RIGHT - 8)
    y = _scale(ticks[0], ticks[-1], HEIGHT - BOTTOM, TOP)
    label = f"{escape(title)} versus rate"
    parts = [f'<svg class="plot" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" role="img" aria-label="{label}">']
    parts += _value_axis(ticks, y)
    parts += _rate_axis([bpp for bpp in RATE_TICKS if min(rates) * 0.98 <= bpp <= max(rates) * 1.02], x)
    parts += [_upright("target", x(math.log(bpp))) for bpp in targets if min(rates) <= bpp <= max(rates)]
    for s in drawn:
        places = [(x(math.log(bpp)), y(value)) for bpp, value in s.points]
        line = " ".join(f"{px:.1f},{py:.1f}" for px, py in places)
        dash = " ".join(f"{length * LINE_WIDTH:g}" for length in s.look.dash)
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        parts.append(f'<g stroke="{s.look.colour}" fill="{s.look.colour}">')
        parts.append(f'<polyline class="curve" points="{line}"{dashed}/>')
        for (px, py), (bpp, value) in zip(places, s.points, strict=True):
            tip = f"{s.label}: {bpp:.4f} bpp, {value:.{digits}f} {unit}".rstrip()
            parts.append(f"{marker(s.look.marker, px, py)[:-2]}><title>{escape(tip)}</title></path>")
        parts.append("</g>")
    ends = [y(s.points[-1][1]) for s in drawn]
    for s, middle in zip(drawn, spread(ends, LABEL_GAP), strict=True):
        left = WIDTH - RIGHT + 6
        parts.append(f'<text class="end" x="{left:.0f}" y="{middle + 4:.1f}">{escape(s.label)}</text>')
    return "".join([*parts, "</svg>"])


def marker(shape: Marker, x: float, y: float, size: float = MARKER) -> str:
    """A marker as a path element, sized so that all shapes look about equally heavy."""
    r = size
    if shape is Marker.CIRCLE:
        return f'<path d="M{x - r:.1f} {y:.1f}a{r} {r} 0 1 0 {2 * r} 0a{r} {r} 0 1 0 {-2 * r} 0z"/>'
    corners = " ".join(f"{x + dx * r:.2f},{y + dy * r:.2f}" for dx, dy in _OUTLINES[shape])
    return f'<path d="M{corners}z"/>'


def _regular(count: int, radius: float, turn: float = 0.0, waist: float = 1.0) -> tuple[Point, ...]:
    """Corners around the middle, starting above it; waist: relative radius of every other one."""
    angles = [(turn + i / count) * math.tau for i in range(count)]
    radii = [radius * (waist if i % 2 else 1.0) for i in range(count)]
    return tuple((r * math.sin(a), -r * math.cos(a)) for r, a in zip(radii, angles, strict=True))


_ARM = 0.36
_OUTLINES: dict[Marker, tuple[Point, ...]] = {
    Marker.SQUARE: _regular(4, 1.27, 1 / 8),
    Marker.TRIANGLE: ((0.0, -1.15), (1.1, 0.85), (-1.1, 0.85)),
    Marker.DIAMOND: _regular(4, 1.25),
    Marker.STAR: _regular(10, 1.4, waist=0.45),
    Marker.PENTAGON: _regular(5, 1.15),
    Marker.DOWNWARDS: ((0.0, 1.15), (1.1, -0.85), (-1.1, -0.85)),
    Marker.HEXAGON: _regular(6, 1.1),
    Marker.CROSS: tuple(
        (sx * a, sy * b)
        for sx, sy, first in ((1, -1, True), (1, 1, False), (-1, 1, True), (-1, -1, False))
        for a, b in (((_ARM, 1.2), (_ARM, _ARM), (1.2, _ARM)) if first else ((1.2, _ARM), (_ARM, _ARM), (_ARM, 1.2)))
    ),
}


def value_ticks(low: float, high: float) -> list[float]:
    """Four to nine evenly spaced round values, from one at or below low to one at or above high."""
    span = max(high - low, 1e-3)
    magnitude = 10.0 ** math.floor(math.log10(span / 4))
    step = next(magnitude * factor for factor in (1, 2, 5, 10) if span / (magnitude * factor) <= 7)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [index * step for index in range(first, max(last, first + 1) + 1)]


def spread(middles: Sequence[float], gap: float) -> list[float]:
    """The same positions in the same order, moved apart to be at least `gap` from each other."""
    order = sorted(range(len(middles)), key=lambda i: middles[i])
    moved = [middles[i] for i in order]
    for _ in range(50):
        for i in range(len(moved) - 1):
            lacking = gap - (moved[i + 1] - moved[i])
            if lacking > 0:
                moved[i] -= lacking / 2
                moved[i + 1] += lacking / 2
    return [moved[order.index(i)] for i in range(len(middles))]


def _scale(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    span = high - low or 1.0
    return lambda value: start + (value - low) / span * (end - start)


def _upright(kind: str, x: float) -> str:
    return f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'


def _value_axis(ticks: Sequence[float], y: Callable[[float], float]) -> list[str]:
    digits = max(0, -math.floor(math.log10(ticks[1] - ticks[0]) + 1e-9))
    parts = []
    for tick in ticks:
        at = f"{y(tick):.1f}"
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at}" y2="{at}"/>')
        parts.append(f'<text x="{LEFT - 7}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:.{digits}f}</text>')
    return parts


def _rate_axis(ticks: Sequence[float], x: Callable[[float], float]) -> list[str]:
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts = [f'<text x="{middle}" y="{HEIGHT - 8}" text-anchor="middle">bits per pixel</text>']
    for bpp in ticks:
        at = x(math.log(bpp))
        parts.append(_upright("grid", at))
        parts.append(f'<text x="{at:.1f}" y="{HEIGHT - BOTTOM + 17}" text-anchor="middle">{bpp:g}</text>')
    return parts
