"""The head of a pane: codec, figures, and what is out of the ordinary."""

from __future__ import annotations

import time

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from viewer.ui.codec_style import marker_path
from viewer.ui.figures import figure_font
from viewer.ui.header_text import Figure, HeaderText
from viewer.ui.theme import Colours, colours_of

PADDING = 10
MARKER = 10
RING = 11
CAPTION_SCALE = 0.86
LABEL_SCALE = 1.14
RING_AFTER_MS = 150
"""Work that takes less shows no ring, which would only flicker."""
RING_TURN_MS = 900


class PaneHeader(QWidget):
    """Paints a HeaderText. One widget instead of a dozen labels, so that an update costs one small repaint."""

    def __init__(self, text: HeaderText, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self._ring_shown = False
        self._ring_delay = QTimer(self, singleShot=True, interval=RING_AFTER_MS)
        self._ring_delay.timeout.connect(self._show_ring)
        self._ring_frames = QTimer(self, interval=50)
        self._ring_frames.timeout.connect(self._repaint_ring)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text.label)

    @property
    def text(self) -> HeaderText:
        return self._text

    def set_text(self, text: HeaderText) -> None:
        """Say something else."""
        if text == self._text:
            return
        if text.working != self._text.working:
            self._follow_work(text.working)
        self._text = text
        self.setToolTip(text.explanation)
        self.setAccessibleDescription(text.spoken)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(260, round(self._rows()[-1] + 7))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def _follow_work(self, working: bool) -> None:
        if working:
            self._ring_delay.start()
        else:
            self._ring_delay.stop()
            self._ring_frames.stop()
            self._ring_shown = False

    def _show_ring(self) -> None:
        self._ring_shown = True
        self._ring_frames.start()
        self.update()

    def _repaint_ring(self) -> None:
        self.update(self._ring_rect().adjusted(-2, -2, 2, 2))

    def _ring_rect(self) -> QRect:
        label_bottom = self._rows()[0]
        return QRect(self.width() - PADDING - RING, round(7 + (label_bottom - 7 - RING) / 2), RING, RING)

    def _rows(self) -> tuple[float, float, float]:
        """The lower edges of the label, the captions and the values."""
        label = 7 + QFontMetricsF(figure_font(self.font(), LABEL_SCALE, bold=True)).height()
        captions = label + 3 + QFontMetricsF(figure_font(self.font(), CAPTION_SCALE)).height()
        return label, captions, captions + QFontMetricsF(figure_font(self.font())).height()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = colours_of(self.palette())
        painter.fillRect(self.rect(), QColor(colours.panel))
        label_bottom, captions_bottom, values_bottom = self._rows()
        self._paint_label(painter, colours, QRectF(PADDING, 7, self.width() - 2 * PADDING, label_bottom - 7))
        total = sum(figure.weight for figure in self._text.figures)
        full = max(total, 5.6)  # the weight of a codec's figures, so that the original's columns do not spread
        left = float(PADDING)
        for figure in self._text.figures:
            width = (self.width() - 2 * PADDING) * figure.weight / full
            caption = QRectF(left, label_bottom + 3, width, captions_bottom - label_bottom - 3)
            value = QRectF(left, captions_bottom, width, values_bottom - captions_bottom)
            self._paint_figure(painter, colours, figure, caption, value)
            left += width

    def _paint_label(self, painter: QPainter, colours: Colours, row: QRectF) -> None:
        text, left, right = self._text, row.left(), row.right()
        if text.working:
            right -= RING + 6
        if self._ring_shown:
            self._paint_ring(painter, colours)
        if text.style is not None:
            middle = QPointF(left + MARKER / 2, row.center().y() + 0.5)
            painter.fillPath(marker_path(text.style.marker, middle, MARKER), QColor(text.style.colour))
            left += MARKER + 7
        font = figure_font(self.font(), LABEL_SCALE, bold=True)
        painter.setFont(font)
        painter.setPen(QColor(text.style.colour if text.style else colours.text))
        side = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(left, row.top(), right - left, row.height()), side, text.label)
        left += QFontMetricsF(font).horizontalAdvance(text.label) + 10
        painter.setFont(figure_font(self.font()))
        metrics = QFontMetricsF(painter.font())
        if text.status:
            status = metrics.elidedText(text.status, Qt.TextElideMode.ElideRight, max(0.0, right - left))
            painter.setPen(
                QColor({"quiet": colours.quiet, "warning": colours.warning, "error": colours.error}[text.level])
            )
            painter.drawText(
                QRectF(left, row.top(), right - left, row.height()),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                status,
            )
            right -= metrics.horizontalAdvance(status) + 10
        painter.setPen(QColor(colours.quiet))
        detail = metrics.elidedText(text.detail, Qt.TextElideMode.ElideMiddle, max(0.0, right - left))
        painter.drawText(QRectF(left, row.top(), max(0.0, right - left), row.height()), side, detail)

    def _paint_ring(self, painter: QPainter, colours: Colours) -> None:
        ring = QRectF(self._ring_rect()).adjusted(1, 1, -1, -1)
        start = -(time.monotonic() * 1000 % RING_TURN_MS) / RING_TURN_MS * 360
        painter.setPen(QPen(QColor(colours.line), 1.6))
        painter.drawEllipse(ring)
        painter.setPen(QPen(QColor(colours.text), 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawArc(ring, round(start * 16), 100 * 16)

    def _paint_figure(
        self, painter: QPainter, colours: Colours, figure: Figure, caption: QRectF, value: QRectF
    ) -> None:
        side = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.setFont(figure_font(self.font(), CAPTION_SCALE))
        painter.setPen(QColor(colours.quiet))
        painter.drawText(caption, side, figure.caption)
        font = figure_font(self.font(), bold=figure.best)
        painter.setFont(font)
        painter.setPen(QColor(colours.strong if figure.best else colours.text))
        painter.drawText(value, side, figure.value)
        if figure.best:
            self._paint_best_mark(painter, colours, value, QFontMetricsF(font).horizontalAdvance(figure.value))

    def _paint_best_mark(self, painter: QPainter, colours: Colours, value: QRectF, width: float) -> None:
        """A small upward triangle behind the figure, in the codec's colour."""
        x, y = value.left() + width + 5, value.center().y() + 3.5
        mark = QPainterPath(QPointF(x, y))
        mark.lineTo(x + 7, y)
        mark.lineTo(x + 3.5, y - 6.5)
        mark.closeSubpath()
        painter.fillPath(mark, QColor(self._text.style.colour if self._text.style else colours.text))
