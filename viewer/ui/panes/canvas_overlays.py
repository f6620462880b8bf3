"""Marks over a picture: the line of a split view, the frame of a region. In dark and light, visible anywhere."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QFontMetricsF, QLinearGradient, QPainter, QPen

from viewer.session.state import Placement
from viewer.ui.common.codec_style import CodecStyle, marker_path

KEY_WIDTH = 72
"""Length of a map's scale, logical pixels."""
NAME_AWAY = 10
"""Distance of the names from the line and from the top, logical pixels."""


@dataclass(frozen=True)
class SideName:
    """What is written beside the line of a split view. style: a codec's; None for the original."""

    label: str
    style: CodecStyle | None = None


@dataclass(frozen=True)
class MapKey:
    """The scale of a map. low, high: the values at its ends. bars: colours from low to high, #rrggbb."""

    low: str
    high: str
    bars: tuple[tuple[str, ...], ...]


def paint_key(painter: QPainter, font: QFont, key: MapKey, area: QRect) -> None:
    """Paint a map's scale in the middle of an area's lower edge, logical pixels; not where there is no room."""
    metrics = QFontMetricsF(font)
    low, high = (metrics.horizontalAdvance(text) for text in (key.low, key.high))
    box = QRectF(0, 0, low + KEY_WIDTH + high + 30, metrics.height() + 8)
    box.moveCenter(QPointF(area.center().x(), area.bottom() - NAME_AWAY - box.height() / 2))
    if box.width() > area.width() - 8:
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(font)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(GROUND)
    painter.drawRoundedRect(box, 4, 4)
    left, height = box.left() + 9 + low + 6, metrics.height() - 2
    for place, bar in enumerate(key.bars):
        strip = QRectF(left, box.top() + 5 + place * height / len(key.bars), KEY_WIDTH, height / len(key.bars))
        gradient = QLinearGradient(strip.topLeft(), strip.topRight())
        for index, colour in enumerate(bar):
            gradient.setColorAt(index / (len(bar) - 1), QColor(colour))
        painter.fillRect(strip, gradient)
    painter.setPen(INK)
    painter.drawText(box.adjusted(9, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, key.low)
    painter.drawText(box.adjusted(0, 0, -9, 0), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, key.high)
    painter.restore()


def paint_line(painter: QPainter, x: float, height: int, *, strong: bool) -> None:
    """The line of a split view beside the boundary x, with its handle; logical pixels. strong: it has the focus."""
    width = 2.0 if strong else 1.0
    painter.fillRect(QRectF(x - width, 0, width, height), Qt.GlobalColor.black)
    painter.fillRect(QRectF(x, 0, width, height), Qt.GlobalColor.white)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(Qt.GlobalColor.black, 1))
    painter.setBrush(Qt.GlobalColor.white)
    painter.drawRoundedRect(QRectF(x - 4, height - 40, 8, 26), 4, 4)


def name_boxes(font: QFont, names: tuple[SideName, SideName], x: float, width: int) -> tuple[QRectF | None, ...]:
    """Where the names of the two pictures go, left and right of the line at x, logical pixels; None: no room."""
    metrics = QFontMetricsF(font)
    boxes: list[QRectF | None] = []
    for name, is_left in zip(names, (True, False), strict=True):
        marked = metrics.height() * 0.6 + 6 if name.style is not None else 0.0
        box = QRectF(0, NAME_AWAY, metrics.horizontalAdvance(name.label) + marked + 18, metrics.height() + 8)
        box.moveLeft(x - NAME_AWAY - box.width() if is_left else x + NAME_AWAY)
        boxes.append(box if box.left() >= 4 and box.right() <= width - 4 else None)
    return tuple(boxes)


def paint_names(painter: QPainter, font: QFont, names: tuple[SideName, SideName], x: float, width: int) -> None:
    """Write the names of the two pictures where `name_boxes` says."""
    size = QFontMetricsF(font).height() * 0.6
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(font)
    for name, box in zip(names, name_boxes(font, names, x, width), strict=True):
        if box is None:
            continue
        marked = size + 6 if name.style is not None else 0.0
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(GROUND)
        painter.drawRoundedRect(box, 4, 4)
        if name.style is not None:
            middle = QPointF(box.left() + 9 + size / 2, box.center().y())
            painter.fillPath(marker_path(name.style.marker, middle, size), QColor(name.style.colour))
        painter.setPen(INK)
        painter.drawText(box.adjusted(9 + marked, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, name.label)
    painter.restore()


def paint_frame(painter: QPainter, region: QRect, placement: Placement, ratio: float, *, dashed: bool = False) -> None:
    """Paint a frame just outside a region (image pixels), covering none of it. ratio: device to logical pixels."""
    left, top = (
        (start + region_start * placement.zoom) / ratio
        for start, region_start in ((placement.left, region.x()), (placement.top, region.y()))
    )
    inside = QRectF(left, top, region.width() * placement.zoom / ratio, region.height() * placement.zoom / ratio)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, grown in ((Qt.GlobalColor.black, 2), (Qt.GlobalColor.white, 1)):
        line = Qt.PenStyle.DashLine if dashed and colour is Qt.GlobalColor.white else Qt.PenStyle.SolidLine
        painter.setPen(QPen(colour, 1, line))
        painter.drawRect(inside.toAlignedRect().adjusted(-grown, -grown, grown - 1, grown - 1))


PADDING = 12
WIDEST = 340
INK, GROUND = QColor("#ffffff"), QColor(0, 0, 0, 190)
TEXT = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap


def paint_note(painter: QPainter, font: QFont, note: str, area: QRect) -> None:
    """Write a note in the middle of an area, in logical pixels; nothing if it is empty or does not fit."""
    if not note:
        return
    room = min(WIDEST, area.width() - 4 * PADDING)
    text = QFontMetrics(font).boundingRect(QRect(0, 0, max(room, 1), 10_000), TEXT, note)
    if room < 60 or text.height() > area.height():
        return
    text.moveCenter(area.center())
    painter.save()
    painter.setFont(font)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(GROUND)
    painter.drawRoundedRect(text.adjusted(-PADDING, -PADDING, PADDING, PADDING), 4, 4)
    painter.setPen(INK)
    painter.drawText(text, TEXT, note)
    painter.restore()
