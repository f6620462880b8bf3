"""Curves over rates, and values over times, as inline SVG, which uses the page's colours and follows its theme."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from html import escape

from viewer.codecs.palette import CodecLook, Marker

WIDTH, HEIGHT = 560.0, 380.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 92.0, 14.0, 44.0
MARKER = 4.2
LABEL_GAP = 15.0
LINE_WIDTH = 2.0
RATE_TICKS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
TIME_TICKS = tuple(digit * 10.0**power for power in range(-2, 7) for digit in (1, 2, 5))

Point = tuple[float, float]

_REFERENCE_COLOURS = ("#77828c", "#a05a2c", "#5c8a44", "#8a5c9f", "#4a7b8c", "#8f8f3a", "#a04c6b")
"""Duller than any codec's: published curves are told apart by these, and from codecs by their long dashes."""


def reference_look(index: int) -> CodecLook:
    """The look of a published curve, in their order."""
    return CodecLook(_REFERENCE_COLOURS[index % len(_REFERENCE_COLOURS)], Marker.DIAMOND, (7, 4))


@dataclass(frozen=True)
class Series:
    """One codec's curve. points: rate (bpp) and value, rate ascending. band: lowest and highest value at some rates."""

    label: str
    look: CodecLook
    points: Sequence[Point]
    band: Sequence[tuple[float, float, float]] = ()


def curve_plot(series: Sequence[Series], title: str, unit: str, targets: Sequence[float], digits: int = 2) -> str:
    """The curves on a logarithmic rate axis, with a line at each target rate; an SVG element.

    title, unit, digits: of the values; the unit may be empty. Lossless points (infinite values) are left out.
    """
    drawn = [replace(s, points=[point for point in s.points if math.isfinite(point[1])]) for s in series]
    drawn = [s for s in drawn if s.points]
    if not drawn:
        return ""
    rates = [bpp for s in drawn for bpp, _ in s.points]
    values = [value for s in drawn for _, value in s.points]
    values += [end for s in drawn for _, *ends in s.band for end in ends if math.isfinite(end)]
    ticks = value_ticks(min(values), max(values))
    x = _scale(math.log(min(rates)), math.log(max(rates)), LEFT + 8, WIDTH - RIGHT - 8)
    y = _scale(ticks[0], ticks[-1], HEIGHT - BOTTOM, TOP)
    label = f"{escape(title)} versus rate"
    parts = [f'<svg class="plot" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" role="img" aria-label="{label}">']
    parts += _value_axis(ticks, y)
    shown = [bpp for bpp in RATE_TICKS if min(rates) * 0.98 <= bpp <= max(rates) * 1.02]
    parts += _axis_across(shown, x, "bits per pixel")
    parts += [_upright("target", x(math.log(bpp))) for bpp in targets if min(rates) <= bpp <= max(rates)]
    for s in drawn:
        places = [(x(math.log(bpp)), y(value)) for bpp, value in s.points]
        line = " ".join(f"{px:.1f},{py:.1f}" for px, py in places)
        dash = " ".join(f"{length * LINE_WIDTH:g}" for length in s.look.dash)
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        parts.append(f'<g stroke="{s.look.colour}" fill="{s.look.colour}">')
        parts += _band(s, x, y)
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


def _band(series: Series, x: Callable[[float], float], y: Callable[[float], float]) -> list[str]:
    known = [(bpp, low, high) for bpp, low, high in series.band if math.isfinite(low) and math.isfinite(high)]
    there = [f"{x(math.log(bpp)):.1f},{y(low):.1f}" for bpp, low, _ in known]
    back = [f"{x(math.log(bpp)):.1f},{y(high):.1f}" for bpp, _, high in reversed(known)]
    return [f'<polygon class="band" points="{" ".join([*there, *back])}"/>'] if len(known) > 1 else []


@dataclass(frozen=True)
class TimeMark:
    """A codec at a rate: a time in ms and a value. front: whether no other is both better and faster."""

    label: str
    look: CodecLook
    time_ms: float
    value: float
    front: bool


def time_plot(marks: Sequence[TimeMark], title: str, unit: str, axis: str, digits: int = 2) -> str:
    """Values against times on a logarithmic axis, with a line along the front; an SVG element, empty without marks.

    title, unit, digits: of the values. axis: what the times are of.
    """
    drawn = [mark for mark in marks if math.isfinite(mark.value) and mark.time_ms > 0]
    if not drawn:
        return ""
    ticks = value_ticks(min(mark.value for mark in drawn), max(mark.value for mark in drawn))
    low, high = (end(math.log(mark.time_ms) for mark in drawn) for end in (min, max))
    margin = max(0.3, 0.08 * (high - low))
    x = _scale(low - margin, high + margin, LEFT + 8, WIDTH - RIGHT - 8)
    y = _scale(ticks[0], ticks[-1], HEIGHT - BOTTOM, TOP)
    label = f"{escape(title)} versus time"
    parts = [f'<svg class="plot" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" role="img" aria-label="{label}">']
    parts += _value_axis(ticks, y)
    shown = [tick for tick in TIME_TICKS if low - margin <= math.log(tick) <= high + margin]
    parts += _axis_across(shown, x, axis)
    front = sorted((mark.time_ms, mark.value) for mark in drawn if mark.front)
    line = " ".join(f"{x(math.log(time_ms)):.1f},{y(value):.1f}" for time_ms, value in front)
    parts.append(f'<polyline class="front" points="{line}"/>')
    for mark in drawn:
        px, py = x(math.log(mark.time_ms)), y(mark.value)
        tip = f"{mark.label}: {mark.time_ms:,.1f} ms, {mark.value:.{digits}f} {unit}".rstrip()
        parts.append(f'<g stroke="{mark.look.colour}" fill="{mark.look.colour}">')
        parts.append(f"{marker(mark.look.marker, px, py, 1.4 * MARKER)[:-2]}><title>{escape(tip)}</title></path></g>")
    heights = spread([y(mark.value) for mark in drawn], LABEL_GAP)
    for mark, middle in zip(drawn, heights, strict=True):
        left = x(math.log(mark.time_ms)) + 10
        parts.append(f'<text class="end beside" x="{left:.0f}" y="{middle + 4:.1f}">{escape(mark.label)}</text>')
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


def _axis_across(ticks: Sequence[float], x: Callable[[float], float], title: str) -> list[str]:
    """The logarithmic axis of rates or times."""
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts = [f'<text x="{middle}" y="{HEIGHT - 8}" text-anchor="middle">{escape(title)}</text>']
    for tick in ticks:
        at = x(math.log(tick))
        parts.append(_upright("grid", at))
        parts.append(f'<text x="{at:.1f}" y="{HEIGHT - BOTTOM + 17}" text-anchor="middle">{tick:,g}</text>')
    return parts
