"""The strip's icons, drawn as lines and areas, so that they are sharp at every scale and match both themes."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from viewer.ui.common.theme import Colours

SIDE = 16
"""Icons are drawn on a square of so many units, and shown at so many logical pixels."""
LINE = 1.4
RATIOS = (1, 2, 3)
"""Display scales for which there is a drawing of its own."""


def icon(name: str, colours: Colours) -> QIcon:
    """An icon by name, plain and for a button that is on."""
    found = QIcon()
    for ratio in RATIOS:
        for ink, state in ((colours.text, QIcon.State.Off), (colours.strong, QIcon.State.On)):
            pixmap = QPixmap(QSize(SIDE, SIDE) * ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.scale(ratio, ratio)
            pen = QPen(QColor(ink), LINE, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            _DRAWN[name](painter, QColor(ink))
            painter.end()
            pixmap.setDevicePixelRatio(ratio)
            found.addPixmap(pixmap, QIcon.Mode.Normal, state)
    return found


def _grid(painter: QPainter, _ink: QColor) -> None:
    for x in (2.0, 9.0):
        for y in (2.0, 9.0):
            painter.drawRect(QRectF(x, y, 5, 5))


def _single(painter: QPainter, _ink: QColor) -> None:
    painter.drawRect(QRectF(2, 3, 12, 10))


def _split(painter: QPainter, ink: QColor) -> None:
    painter.drawRect(QRectF(2, 3, 12, 10))
    painter.fillRect(QRectF(8, 3, 6, 10), ink)


def _picture(painter: QPainter, ink: QColor) -> None:
    painter.drawRect(QRectF(2, 3, 12, 10))
    hills = QPolygonF([QPointF(2.5, 12), QPointF(6, 7.5), QPointF(8.5, 10.5), QPointF(10.5, 8.5), QPointF(13.5, 12)])
    painter.drawPolyline(hills)
    painter.setBrush(ink)
    painter.drawEllipse(QPointF(11, 5.8), 0.8, 0.8)


def _difference(painter: QPainter, _ink: QColor) -> None:
    painter.drawLines([QLineF(8, 2.5, 8, 9.5), QLineF(4.5, 6, 11.5, 6), QLineF(4.5, 13, 11.5, 13)])


def _error(painter: QPainter, ink: QColor) -> None:
    """A map of squares, of which some are brighter."""
    painter.setPen(Qt.PenStyle.NoPen)
    for row, shades in enumerate(((0.25, 0.5, 0.25), (0.5, 1.0, 0.75), (0.25, 0.75, 0.25))):
        for column, shade in enumerate(shades):
            faded = QColor(ink)
            faded.setAlphaF(shade)
            painter.fillRect(QRectF(2 + 4.2 * column, 2 + 4.2 * row, 3.6, 3.6), faded)


def _ssim(painter: QPainter, _ink: QColor) -> None:
    """Nearly equal."""
    for y in (5.5, 10.5):
        wave = QPainterPath(QPointF(2.5, y + 1))
        wave.cubicTo(QPointF(5, y - 3), QPointF(7.5, y - 1.5), QPointF(8, y))
        wave.cubicTo(QPointF(8.5, y + 1.5), QPointF(11, y + 3), QPointF(13.5, y - 1))
        painter.drawPath(wave)


def _fit(painter: QPainter, _ink: QColor) -> None:
    """Corners that point outwards."""
    for x, across in ((2.5, 1), (13.5, -1)):
        for y, down in ((2.5, 1), (13.5, -1)):
            corner = QPolygonF([QPointF(x, y + 4 * down), QPointF(x, y), QPointF(x + 4 * across, y)])
            painter.drawPolyline(corner)


def _region(painter: QPainter, ink: QColor) -> None:
    """A target."""
    painter.drawEllipse(QPointF(8, 8), 4.2, 4.2)
    for angle in range(0, 360, 90):
        x, y = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        painter.drawLine(QPointF(8 + 4.2 * x, 8 + 4.2 * y), QPointF(8 + 6.4 * x, 8 + 6.4 * y))
    painter.setBrush(ink)
    painter.drawEllipse(QPointF(8, 8), 0.9, 0.9)


def _blink(painter: QPainter, ink: QColor) -> None:
    """Two pictures in one place."""
    painter.drawRect(QRectF(2, 2.5, 8, 7))
    painter.fillRect(QRectF(6, 6.5, 8, 7), ink)


def _present(painter: QPainter, ink: QColor) -> None:
    """A screen on a stand."""
    painter.drawRect(QRectF(1.5, 2.5, 13, 8.5))
    painter.drawLine(QPointF(5, 14), QPointF(11, 14))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    painter.drawPolygon(QPolygonF([QPointF(6.4, 4.4), QPointF(10.6, 6.75), QPointF(6.4, 9.1)]))


def _tour(painter: QPainter, ink: QColor) -> None:
    """A flag on its pole."""
    painter.drawLine(QPointF(4, 2), QPointF(4, 14))
    painter.setBrush(ink)
    painter.drawPolygon(QPolygonF([QPointF(4, 2.7), QPointF(12.5, 5.5), QPointF(4, 8.3)]))


def _plots(painter: QPainter, _ink: QColor) -> None:
    painter.drawPolyline(QPolygonF([QPointF(2.5, 2), QPointF(2.5, 13.5), QPointF(14, 13.5)]))
    curve = QPainterPath(QPointF(4.5, 11))
    curve.cubicTo(QPointF(6.5, 6), QPointF(9, 4.5), QPointF(13.5, 3.5))
    painter.drawPath(curve)


def _find(painter: QPainter, _ink: QColor) -> None:
    painter.drawEllipse(QPointF(6.8, 6.8), 4.2, 4.2)
    painter.drawLine(QPointF(10, 10), QPointF(13.8, 13.8))


_DRAWN: dict[str, Callable[[QPainter, QColor], None]] = {
    "grid": _grid,
    "single": _single,
    "split": _split,
    "picture": _picture,
    "difference": _difference,
    "error": _error,
    "ssim": _ssim,
    "fit": _fit,
    "region": _region,
    "blink": _blink,
    "present": _present,
    "plots": _plots,
    "tour": _tour,
    "find": _find,
}
ICONS = tuple(_DRAWN)
"""The names that there are."""
