"""The legend of a map: a colour bar with numbers, over a corner of a pane."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QLinearGradient, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QToolButton, QWidget

from viewer.maps.error_maps import Legend
from viewer.ui.common.formatting import MINUS, figure_font
from viewer.ui.common.theme import colours_of

PADDING = 9
BAR = QSize(12, 92)
NARROWEST_BAR = 6
TICKS = 5
NOTCH = 120
"""One notch of a wheel, in Qt's units."""


class LegendBox(QWidget):
    """Paints a Legend; its buttons, and the wheel over it, change the gain."""

    def __init__(self, weaker: QAction, stronger: QAction, parent: QWidget) -> None:
        super().__init__(parent)
        self._legend: Legend | None = None
        self._bars: Sequence[Sequence[str]] = ()
        self._weaker, self._stronger = weaker, stronger
        self._gain = 1
        self._share = 1.0
        self._turned = 0
        self._buttons = []
        for action in (weaker, stronger):
            button = QToolButton(self)
            button.setDefaultAction(action)
            button.setFixedSize(22, 20)
            button.setStyleSheet("padding: 0")
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the menu has the same, with keys
            self._buttons.append(button)
        self._row = row = QHBoxLayout()
        row.setSpacing(4)
        row.addStretch(1)
        for button in self._buttons:
            row.addWidget(button)
        row.setContentsMargins(PADDING, 0, PADDING, PADDING - 2)
        row.setAlignment(Qt.AlignmentFlag.AlignBottom)
        self.setLayout(row)
        self.setAccessibleName("Legend")
        self.hide()

    @property
    def legend(self) -> Legend | None:
        return self._legend

    def show_legend(self, legend: Legend | None, gain: int, bars: Sequence[Sequence[str]]) -> None:
        """Show the legend of a map; None hides it. bars: their colours from the bottom up."""
        self._legend, self._gain, self._bars = legend, gain, bars
        self.setVisible(legend is not None)
        if legend is not None:
            self.setAccessibleDescription(
                f"{legend.title}: {number(legend.low)} to {number(legend.high)} {legend.unit}, gain {gain}"
            )
            self.update()

    def set_share(self, share: float) -> None:
        """Draw everything larger by this factor."""
        self._share = share
        for button in self._buttons:
            button.setFixedSize(round(22 * share), round(20 * share))
            button.setFont(figure_font(QApplication.font(), share))
        padding = round(PADDING * share)
        self._row.setContentsMargins(padding, 0, padding, padding - 2)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(146, PADDING + 2 * line + 8 + BAR.height() + 12 + 20 + PADDING) * self._share

    def paintEvent(self, _event: QPaintEvent) -> None:
        legend = self._legend
        if legend is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(self._share, self._share)
        whole = QRectF(0.0, 0.0, self.width() / self._share, self.height() / self._share)
        colours = colours_of(self.palette())
        painter.setPen(QPen(QColor(colours.line), 1))
        painter.setBrush(QColor(colours.panel))
        painter.drawRoundedRect(whole.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        line = self.fontMetrics().height()
        left, right = PADDING, whole.width() - 2 * PADDING
        painter.setFont(figure_font(self.font(), 0.94, bold=True))
        painter.setPen(QColor(colours.text))
        painter.drawText(QRectF(left, PADDING - 2, right, line), Qt.AlignmentFlag.AlignLeft, legend.title)
        painter.setFont(figure_font(self.font(), 0.86))
        painter.setPen(QColor(colours.quiet))
        painter.drawText(QRectF(left, PADDING - 2 + line, right, line), Qt.AlignmentFlag.AlignLeft, legend.unit)
        top = PADDING + 2 * line + 5.0
        bar = QRectF(left, top, max(BAR.width(), NARROWEST_BAR * len(self._bars)), BAR.height())
        self._paint_bars(painter, bar)
        painter.setPen(QPen(QColor(colours.line), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(bar)
        painter.setPen(QColor(colours.text))
        for tick in range(TICKS):
            share = tick / (TICKS - 1)
            y = bar.bottom() - share * bar.height()
            painter.drawLine(int(bar.right()), round(y), int(bar.right()) + 4, round(y))
            value = legend.low + share * (legend.high - legend.low)
            place = QRectF(bar.right() + 8, y - line / 2, 80, line)
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, number(value))
        foot = QRectF(left, whole.height() - PADDING - 19, 80, 20)
        painter.setPen(QColor(colours.quiet))
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, f"gain {self._gain} ×")

    def _paint_bars(self, painter: QPainter, place: QRectF) -> None:
        width = place.width() / max(1, len(self._bars))
        for column, colours in enumerate(self._bars):
            bar = QRectF(place.left() + column * width, place.top(), width, place.height())
            gradient = QLinearGradient(bar.bottomLeft(), bar.topLeft())
            for index, colour in enumerate(colours):
                gradient.setColorAt(index / (len(colours) - 1), QColor(colour))
            painter.fillRect(bar, gradient)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Change the gain by a step per notch; small movements of a trackpad add up, horizontal ones are ignored."""
        self._turned += event.angleDelta().y()
        notches = int(self._turned / NOTCH)
        self._turned -= notches * NOTCH
        for _ in range(abs(notches)):
            (self._stronger if notches > 0 else self._weaker).trigger()
        event.accept()


def number(value: float) -> str:
    """A value of a legend in its shortest form."""
    return f"{value:.3g}".replace("-", MINUS)
