"""Pins on a plot: rings around their points, and names where there is room."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from viewer.matching.curve import RatePoint
from viewer.session.pins import Pin
from viewer.ui.common.codec_style import CodecStyle, Marker, marker_path
from viewer.ui.common.theme import Colours

if TYPE_CHECKING:
    from viewer.metrics.measurement import Metrics
    from viewer.metrics.scoring import Score

RING = 8.0
"""Radius of the ring, logical pixels."""
_NAME_WIDTH = 110
_GAP = 5.0
_SURROUND = 2.0
_MARKER = 12.0


@dataclass(frozen=True)
class PinPoint:
    """A pin with its point on the current picture. chosen: it is the current pin."""

    pin: Pin
    point: RatePoint
    chosen: bool


@dataclass(frozen=True)
class FilePoint:
    """A picture that was decoded elsewhere: its name, its style, its rate, its metrics and its scores in slow ones."""

    name: str
    style: CodecStyle
    bpp: float
    metrics: Metrics
    scores: Mapping[str, Score]


@dataclass(frozen=True)
class PlotPin:
    """A pin's place on the plot. strong: it is the chosen one. codec, marker: of a picture that was decoded elsewhere,
    no codec, and the marker that it has in the place of a ring.
    """

    codec: str
    bpp: float
    value: float
    colour: str
    name: str
    strong: bool
    marker: Marker | None = None


def name_places(
    points: Sequence[QPointF], sizes: Sequence[QSizeF], inside: QRectF, taken: Sequence[QRectF], surely: int = 0
) -> list[QRectF | None]:
    """Where the names of points go: beside them, inside a rectangle, over no other ring, no other name and nothing that
    is taken; None where there is no such place. Those that come first choose first.

    surely: so many of the first have a name even where it covers others' rings.
    """
    rings = [QRectF(point.x() - RING, point.y() - RING, 2 * RING, 2 * RING) for point in points]
    full = [*rings, *taken]
    places: list[QRectF | None] = []
    for point, size in zip(points, sizes, strict=True):
        width, height, away = size.width(), size.height(), RING + _GAP
        lefts = point.x() + away, point.x() - away - width
        tops = point.y() - height / 2, point.y(), point.y() - height
        beside = [QRectF(left, top, width, height) for top in tops for left in lefts]
        over = [
            QRectF(left, top, width, height)
            for left in (point.x(), point.x() - width / 2, point.x() - width)
            for top in (point.y() + RING + _SURROUND, point.y() - RING - _SURROUND - height)
        ]
        possible = [place for place in (*beside, *over) if inside.contains(place)]
        found = next((place for place in possible if not any(map(place.intersects, full))), None)
        if found is None and len(places) < surely:
            found = next((place for place in possible if not any(map(place.intersects, taken))), None)
        places.append(found)
        if found is not None:
            full.append(found)
    return places


def paint_pins(
    painter: QPainter,
    pins: Sequence[PlotPin],
    place: Callable[[PlotPin], QPointF],
    *,
    font: QFont,
    colours: Colours,
    inside: QRectF,
    taken: Sequence[QRectF],
) -> None:
    """Rings and names. place: of a pin's point. taken: what names do not cover. The chosen pin is the last painted, and
    the first that is named.
    """
    drawn = sorted((pin for pin in pins if math.isfinite(pin.value)), key=lambda pin: not pin.strong)
    points = [place(pin) for pin in drawn]
    metrics = QFontMetricsF(font)
    names = [metrics.elidedText(pin.name, Qt.TextElideMode.ElideRight, _NAME_WIDTH) for pin in drawn]
    sizes = [QSizeF(metrics.horizontalAdvance(name), metrics.height()) for name in names]
    places = name_places(points, sizes, inside, taken, sum(pin.strong for pin in drawn))
    painter.setFont(font)
    ground = QColor(colours.panel)
    ground.setAlpha(200)
    for pin, name, box in zip(drawn, names, places, strict=True):
        if box is not None:
            painter.fillRect(box.adjusted(-_SURROUND, 0, _SURROUND, 0), ground)
            painter.setPen(QColor(colours.strong if pin.strong else colours.text))
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pin, point in reversed(list(zip(drawn, points, strict=True))):
        if pin.marker is not None:
            painter.setPen(QPen(QColor(colours.panel), 1.5))
            painter.setBrush(QColor(pin.colour))
            painter.drawPath(marker_path(pin.marker, point, _MARKER))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            continue
        painter.setPen(QPen(QColor(colours.panel), 5 if pin.strong else 4))
        painter.drawEllipse(point, RING, RING)
        painter.setPen(QPen(QColor(pin.colour), 3 if pin.strong else 2))
        painter.drawEllipse(point, RING, RING)
