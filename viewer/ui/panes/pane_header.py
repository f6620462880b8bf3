"""The header of a pane: codec, figures, and anything unusual."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QToolTip, QWidget

from viewer.ui.common.codec_style import marker_path, name_colour
from viewer.ui.common.formatting import figure_font
from viewer.ui.common.theme import Colours, colours_of
from viewer.ui.panes.figure_tips import figure_tip
from viewer.ui.panes.header_figures import Figure, HeaderText

PADDING = 10
TOP = 7
MARKER = 10
RING = 11
CHIP = 4
"""How far the ground of the best value reaches beyond its figures, left and right."""
WIDEST_GAP = 44
NARROWEST_GAP = 5
FITTINGS = ((False, 9), (True, 9), (True, NARROWEST_GAP))
"""Layouts tried before anything is cut off: whether captions are brief, and the smallest gap between figures."""
SHRINKING = (1.0, 0.95, 0.9, 0.85, 0.8)
SIGN_AFTER_MS = 150
"""Shorter work shows no progress ring, which would only flicker."""
RING_FRAME_MS = 80
RING_TURN_MS = 960

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Type:
    """A font and its metrics, created once."""

    font: QFont
    metrics: QFontMetricsF

    @classmethod
    def of(cls, base: QFont, scale: float, *, bold: bool = False) -> Type:
        font = figure_font(base, scale, bold)
        return cls(font, QFontMetricsF(font))


class PaneHeader(QWidget):
    """Paints a HeaderText. One widget rather than a dozen labels, so that an update takes one small repaint."""

    def __init__(self, text: HeaderText, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self._signed = False
        self._brief = False
        self._kept: tuple[int, ...] = ()
        self._sign_delay = QTimer(self, singleShot=True, interval=SIGN_AFTER_MS)
        self._sign_delay.timeout.connect(self._show_sign)
        self._ring_frames = QTimer(self, interval=RING_FRAME_MS)
        self._ring_frames.timeout.connect(self._repaint_ring)
        self._choose_type()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(text.label)

    @property
    def text(self) -> HeaderText:
        return self._text

    def set_text(self, text: HeaderText) -> None:
        """Show this text."""
        if text == self._text:
            return
        before, top_before = self._text, self._top_look()
        if text.working != self._text.working:
            self._follow_work(text.working)
        refit = [(f.caption, f.widest, len(f.value)) for f in text.figures] != [
            (f.caption, f.widest, len(f.value)) for f in self._text.figures
        ]
        self._text = text
        if refit:
            self._fit_figures()
            self.update()
        self.setToolTip(text.tip)
        self.setAccessibleDescription(text.spoken)
        if self._top_look() != top_before:
            self.update(self._top_rect())
        if text.figures != before.figures or text.outdated != before.outdated:
            same_captions = [self._caption_of(f) for f in text.figures] == [self._caption_of(f) for f in before.figures]
            self.update(self._values_rect() if same_captions else self.rect())

    def _top_look(self) -> tuple[object, ...]:
        """All that the row of the label shows but the ring's turning."""
        text = self._text
        return text.label, text.style, text.detail, self._status(), text.level, self._signed

    def _status(self) -> str:
        """What is said at the right: nothing of short work."""
        return self._text.status if self._signed or not self._text.working else ""

    def _top_rect(self) -> QRect:
        return QRect(0, 0, self.width(), round(self._label_bottom) + 2)

    def _captions_rect(self) -> QRect:
        top = self._top_rect().bottom() + 1
        return QRect(0, top, self.width(), self._values_rect().top() - top)

    def _values_rect(self) -> QRect:
        top = math.ceil(self._captions_bottom) + 1  # a caption's descenders reach a pixel beyond its row
        return QRect(0, top, self.width(), self.height() - top)

    def sizeHint(self) -> QSize:
        return QSize(260, round(self._values_bottom + 8))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_figures()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._choose_type()

    def _choose_type(self) -> None:
        self._scale = self.font().pointSizeF() / QApplication.font().pointSizeF()
        self._label = Type.of(self.font(), 1.14, bold=True)
        self._small = Type.of(self.font(), 1.0)
        self._choose_figure_type(SHRINKING[0])
        self._label_bottom = TOP + self._label.metrics.height()
        self._captions_bottom = self._label_bottom + 4 + self._caption.metrics.height()
        self._values_bottom = self._captions_bottom + self._value.metrics.height()
        self._fit_figures()
        self.updateGeometry()

    def _choose_figure_type(self, share: float) -> None:
        self._share = share
        self._caption = Type.of(self.font(), 0.86 * share)
        self._value = Type.of(self.font(), 1.06 * share)
        self._best = Type.of(self.font(), 1.06 * share, bold=True)

    def _fit_figures(self) -> None:
        """Use smaller figures and brief captions in a narrow pane, and then leave the least important figures out:
        nothing is ever cut off.
        """
        room = self.width() - 2 * PADDING
        every = self._text.figures
        kept = list(range(len(every)))
        while not self._fits([every[index] for index in kept], room) and len(kept) > 1:
            kept.remove(min(kept, key=lambda index: every[index].rank))
        self._kept = tuple(kept)

    def _fits(self, figures: Sequence[Figure], room: float) -> bool:
        """Whether figures have room, after choosing the largest type and the longest captions with which they do."""
        for self._brief, gap in FITTINGS:
            for share in SHRINKING:
                if share != self._share:
                    self._choose_figure_type(share)
                widths = [self._column_width(figure) for figure in figures]
                if sum(widths) + gap * (len(widths) - 1) <= room:
                    return True
        return False

    def _caption_of(self, figure: Figure) -> str:
        return figure.brief if self._brief and figure.brief else figure.caption

    def _follow_work(self, working: bool) -> None:
        if working:
            self._sign_delay.start()
        else:
            self._sign_delay.stop()
            self._ring_frames.stop()
            self._signed = False

    def _show_sign(self) -> None:
        self._signed = True
        self._ring_frames.start()
        self.update(self._top_rect())

    def _repaint_ring(self) -> None:
        self.update(self._ring_rect())

    def _ring_rect(self) -> QRect:
        return QRect(self.width() - PADDING - RING, round(TOP + (self._label_bottom - TOP - RING) / 2), RING, RING)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = colours_of(self.palette())
        painter.fillRect(event.rect(), QColor(colours.panel))
        if self._signed:
            self._paint_ring(painter, colours)
            if self._ring_rect().contains(event.rect()):
                return  # the next frame of the ring, and nothing else
        if event.region().intersects(self._top_rect()):
            row = QRectF(PADDING, TOP, self.width() - 2 * PADDING, self._label_bottom - TOP)
            self._paint_label(painter, colours, row)
        if not self._top_rect().contains(event.rect()):
            only_values = not event.region().intersects(self._captions_rect())
            self._paint_figures(painter, colours, only_values=only_values)

    def _paint_label(self, painter: QPainter, colours: Colours, row: QRectF) -> None:
        text, left, right = self._text, row.left(), row.right()
        if self._signed:
            right -= RING + 6
        if text.style is not None:
            size = MARKER * self._scale
            middle = QPointF(left + size / 2, row.center().y() + 0.5)
            painter.fillPath(marker_path(text.style.marker, middle, size), QColor(text.style.colour))
            left += size + 7 * self._scale
        painter.setFont(self._label.font)
        painter.setPen(QColor(name_colour(text.style.colour, colours.panel) if text.style else colours.text))
        label = self._label.metrics.elidedText(text.label, Qt.TextElideMode.ElideRight, max(0.0, right - left))
        painter.drawText(QRectF(left, row.top(), right - left, row.height()), LEFT, label)
        left += self._label.metrics.horizontalAdvance(label) + 10
        painter.setFont(self._small.font)
        metrics = self._small.metrics
        if self._status():
            status = metrics.elidedText(self._status(), Qt.TextElideMode.ElideRight, max(0.0, right - left))
            levels = {"quiet": colours.quiet, "warning": colours.warning, "error": colours.error}
            painter.setPen(QColor(levels[text.level]))
            painter.drawText(QRectF(left, row.top(), right - left, row.height()), RIGHT, status)
            right -= metrics.horizontalAdvance(status) + 10
        if text.award and not text.outdated:
            width = metrics.horizontalAdvance(text.award)
            place = QRectF(left + CHIP, row.center().y() - metrics.height() / 2 - 1, width, metrics.height() + 2)
            self._paint_chip(painter, colours, place, width)
            painter.setPen(QColor(colours.strong))
            painter.drawText(place, LEFT, text.award)
            left += width + 2 * CHIP + 10
        painter.setPen(QColor(colours.quiet))
        detail = metrics.elidedText(text.detail, Qt.TextElideMode.ElideMiddle, max(0.0, right - left))
        painter.drawText(QRectF(left, row.top(), max(0.0, right - left), row.height()), LEFT, detail)

    def _paint_ring(self, painter: QPainter, colours: Colours) -> None:
        ring = QRectF(self._ring_rect()).adjusted(1, 1, -1, -1)
        start = -(time.monotonic() * 1000 % RING_TURN_MS) / RING_TURN_MS * 360
        painter.setPen(QPen(QColor(colours.line), 1.6))
        painter.drawEllipse(ring)
        painter.setPen(QPen(QColor(colours.text), 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawArc(ring, round(start * 16), 100 * 16)

    def _paint_figures(self, painter: QPainter, colours: Colours, *, only_values: bool) -> None:
        figures = self.figures
        lefts, widths, gap = self._columns()
        painter.setFont(self._caption.font)
        painter.setPen(QColor(colours.quiet))
        top, height = self._label_bottom + 4, self._captions_bottom - self._label_bottom - 4
        for figure, left, width in () if only_values else zip(figures, lefts, widths, strict=True):
            painter.drawText(QRectF(left, top, width + gap, height), LEFT, self._caption_of(figure))
        for figure, left, width in zip(figures, lefts, widths, strict=True):
            place = QRectF(left, self._captions_bottom, width + gap, self._values_bottom - self._captions_bottom)
            if figure.best:
                self._paint_chip(painter, colours, place, self._best.metrics.horizontalAdvance(figure.value))
            painter.setFont(self._best.font if figure.best else self._value.font)
            ink = colours.strong if figure.best else colours.warning if figure.off else colours.text
            painter.setPen(QColor(colours.quiet if self._text.outdated else ink))
            painter.drawText(place, LEFT, figure.value)

    def _columns(self) -> tuple[list[float], list[float], float]:
        """Left edges and widths of the columns that are seen, and the gap between them."""
        widths = [self._column_width(figure) for figure in self.figures]
        gap = (self.width() - 2 * PADDING - sum(widths)) / max(1, len(widths) - 1)
        gap = min(max(gap, NARROWEST_GAP), WIDEST_GAP)
        return [PADDING + sum(widths[:column]) + column * gap for column in range(len(widths))], widths, gap

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The figures that there is room for."""
        return tuple(self._text.figures[index] for index in self._kept)

    def tip_at(self, point: QPointF) -> str:
        """What is said where the pointer rests: what a figure means, or everything about the pane."""
        lefts, widths, gap = self._columns()
        for figure, left, width in zip(self.figures, lefts, widths, strict=True):
            if point.y() >= self._label_bottom and left - gap / 2 <= point.x() <= left + width + gap / 2:
                tip = figure_tip(figure.kind, best=figure.best)
                return f"{figure.caption} {figure.value}\n{tip}" if tip and figure.value else self._text.tip
        left_out = [f"{f.caption} {f.value}" for f in self._text.figures if f not in self.figures and f.value]
        return "\n".join(part for part in (" · ".join(left_out), self._text.tip or self._text.label) if part)

    def event(self, event: QEvent) -> bool:
        """Say what is under the pointer."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.tip_at(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def _column_width(self, figure: Figure) -> float:
        mark = 2 * CHIP if figure.may_be_best else 0
        room = self._best.metrics.horizontalAdvance(figure.widest) + mark
        value = self._value.metrics.horizontalAdvance(figure.value)
        captions = (
            self._caption.metrics.horizontalAdvance(caption) for caption in (self._caption_of(figure), figure.room)
        )
        return max(room, value, *captions)

    def _paint_chip(self, painter: QPainter, colours: Colours, place: QRectF, width: float) -> None:
        """The ground of a value that is the best: around it, so that the values keep their places."""
        painter.setPen(QPen(QColor(colours.quiet), 1))
        painter.setBrush(QColor(colours.hover))
        chip = QRectF(place.left() - CHIP, place.top() + 0.5, width + 2 * CHIP, place.height() - 1)
        painter.drawRoundedRect(chip, CHIP, CHIP)
