"""The head of a pane in a presentation: a name, a size and one headline, to be read across a room."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from viewer.ui.common.codec_style import CodecStyle, marker_path, name_colour
from viewer.ui.common.formatting import figure_font
from viewer.ui.common.theme import colours_of

NAME_SHARE = 0.036
"""Height of the name and the size, as a share of the screen's height."""
HEADLINE_SHARE = 0.030
NARROWEST_PANE = 13.5
"""In heights of the name."""
GAP = 0.6
"""Between the parts of a line, in heights of the name."""
SMALLEST = 0.4
"""A text that is too long for its pane is written smaller, down to this share; it is never cut before."""

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class PresentedText:
    """size: of the file, "8.5 kB". headline: the one thing to say of it; empty while there is nothing true to say."""

    label: str
    style: CodecStyle | None = None
    size: str = ""
    headline: str = ""

    @property
    def spoken(self) -> str:
        """The same as one sentence, for screen readers."""
        return ", ".join(part for part in (self.label, self.size, self.headline) if part)


class PresentedHead(QWidget):
    """Paints a PresentedText in two lines, or in one where the pane has the whole width of the screen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = PresentedText("")
        self._screen_height = 1080
        self._one_line = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.hide()

    @property
    def text(self) -> PresentedText:
        return self._text

    def set_text(self, text: PresentedText) -> None:
        """Show this text."""
        if text != self._text:
            self._text = text
            self.setAccessibleName(text.label)
            self.setAccessibleDescription(text.spoken)
            self.update()

    def set_room(self, screen_height: int, *, one_line: bool) -> None:
        """Write for a screen of this height, in logical pixels."""
        if (screen_height, one_line) != (self._screen_height, self._one_line):
            self._screen_height, self._one_line = screen_height, one_line
            self.updateGeometry()
            self.update()

    @property
    def name_height(self) -> float:
        """Height of the name's letters with their descents, in logical pixels."""
        return NAME_SHARE * self._screen_height

    @property
    def narrowest(self) -> float:
        """The least width at which a headline is not written much smaller."""
        return NARROWEST_PANE * self.name_height

    def sizeHint(self) -> QSize:
        lines = 1.45 * self.name_height + (0.0 if self._one_line else 1.35 * HEADLINE_SHARE * self._screen_height)
        return QSize(200, round(lines))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(colours_of(self.palette()).panel))
        gap = GAP * self.name_height
        row = QRectF(gap, 0.0, self.width() - 2 * gap, 1.45 * self.name_height)
        if self._one_line:
            used = self._paint_name(painter, row, gap)
            self._paint_headline(painter, row.adjusted(used + gap, 0.0, 0.0, 0.0), RIGHT)
        else:
            self._paint_name(painter, row, gap, size_on_right=True)
            top = 1.25 * self.name_height
            self._paint_headline(painter, QRectF(gap, top, row.width(), self.height() - top - 0.12 * gap), LEFT)

    def _paint_name(self, painter: QPainter, row: QRectF, gap: float, *, size_on_right: bool = False) -> float:
        """Paint marker, name and size; returns the width that they take."""
        text, colours = self._text, colours_of(self.palette())
        marker = 0.0 if text.style is None else 0.62
        height = self.name_height
        for _ in range(2):  # a width is proportional to the height, but for rounding
            font = self._font(height, bold=True)
            metrics = QFontMetricsF(font)
            name, size = metrics.horizontalAdvance(text.label), metrics.horizontalAdvance(text.size)
            mark = marker * height
            wanted = name + 1.55 * mark + (gap + size if text.size else 0.0)
            if wanted <= row.width():
                break
            height = max(SMALLEST * height, height * row.width() / wanted * 0.99)
        left = row.left()
        if text.style is not None:
            centre = QPointF(left + mark / 2, row.center().y())
            painter.fillPath(marker_path(text.style.marker, centre, mark), QColor(text.style.colour))
            left += 1.55 * mark
        painter.setFont(font)
        painter.setPen(QColor(colours.text if text.style is None else name_colour(text.style.colour, colours.panel)))
        painter.drawText(QRectF(left, row.top(), row.right() - left, row.height()), LEFT, text.label)
        painter.setPen(QColor(colours.strong))
        if size_on_right:
            painter.drawText(row, RIGHT, text.size)
        else:
            left += name + gap
            painter.drawText(QRectF(left, row.top(), row.right() - left, row.height()), LEFT, text.size)
        return left + size - row.left()

    def _paint_headline(self, painter: QPainter, row: QRectF, alignment: Qt.AlignmentFlag) -> None:
        height = HEADLINE_SHARE * self._screen_height
        font = self._font(height)
        wanted = QFontMetricsF(font).horizontalAdvance(self._text.headline)
        if wanted > row.width():
            font = self._font(max(SMALLEST * height, height * row.width() / wanted * 0.99))
        painter.setFont(font)
        painter.setPen(QColor(colours_of(self.palette()).text))
        painter.drawText(row, alignment, self._text.headline)

    def _font(self, height: float, *, bold: bool = False) -> QFont:
        font = figure_font(self.font(), 1.0, bold)
        font.setPixelSize(max(1, round(height)))
        return font
