"""The legend of both plots: below them, where it covers no curve."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from viewer.codecs.base import settings_of
from viewer.codecs.registry import known_codecs
from viewer.ui.common.codec_style import CodecStyle, marker_path
from viewer.ui.common.formatting import figure_font
from viewer.ui.common.theme import colours_of

SAMPLE = 26
MARKER = 9
SPACE = 6
BETWEEN = 14
ROW_SPACE = 3


class PlotLegend(QWidget):
    """An entry for each codec, in as many rows as it takes. A click hides the codec's curves, or shows them again."""

    toggled = Signal(str)
    """The user wants this codec's curves hidden, or shown again."""

    def __init__(self, styles: Mapping[str, tuple[str, CodecStyle]], parent: QWidget | None = None) -> None:
        """styles: a codec's label and style by its name."""
        super().__init__(parent)
        self._styles = dict(styles)
        self._codecs: tuple[str, ...] = tuple(styles)
        self._hidden: frozenset[str] = frozenset()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Legend of the plots")

    def add_codec(self, codec: str, label: str, style: CodecStyle) -> None:
        """Know one more codec; it is not shown yet."""
        self._styles[codec] = (label, style)

    def set_codecs(self, codecs: Sequence[str], hidden: Collection[str]) -> None:
        """Show entries for these codecs. hidden: those whose curves are."""
        self._codecs, self._hidden = tuple(codecs), frozenset(hidden)
        self.setAccessibleDescription(", ".join(self.labels))
        self._fit_height()
        self.update()

    @property
    def labels(self) -> list[str]:
        """The codecs' names, in order."""
        return [self._styles[codec][0] for codec in self._codecs]

    def sizeHint(self) -> QSize:
        return QSize(200, round(self._places()[1]))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_height()

    def _fit_height(self) -> None:
        height = round(self._places()[1])
        if height != self.minimumHeight():
            self.setFixedHeight(height)

    def _places(self) -> tuple[dict[str, QRectF], float]:
        """Where each entry is, and the height of all."""
        metrics = QFontMetricsF(figure_font(self.font(), 0.94))
        left = top = 0.0
        places = {}
        for codec in self._codecs:
            width = SAMPLE + SPACE + metrics.horizontalAdvance(self._styles[codec][0])
            if left and left + width > self.width():
                left, top = 0.0, top + metrics.height() + ROW_SPACE
            places[codec] = QRectF(left, top, width, metrics.height())
            left += width + BETWEEN
        return places, top + metrics.height()

    def place_of(self, codec: str) -> QPointF:
        """The middle of a codec's entry, in logical pixels."""
        return self._places()[0][codec].center()

    def codec_at(self, point: QPointF) -> str | None:
        """Whose entry is at a point."""
        grown = {
            codec: place.adjusted(-SPACE, -ROW_SPACE, SPACE, ROW_SPACE) for codec, place in self._places()[0].items()
        }
        return next((codec for codec, place in grown.items() if place.contains(point)), None)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = colours_of(self.palette())
        painter.setFont(figure_font(self.font(), 0.94))
        for codec, place in self._places()[0].items():
            label, style = self._styles[codec]
            hidden = codec in self._hidden
            painter.setOpacity(0.4 if hidden else 1.0)
            middle = place.center().y()
            pen = QPen(QColor(style.colour), 1.8)
            if style.dash:
                pen.setDashPattern(list(style.dash))
            painter.setPen(pen)
            painter.drawLine(QPointF(place.left(), middle), QPointF(place.left() + SAMPLE, middle))
            marker = marker_path(style.marker, QPointF(place.left() + SAMPLE / 2, middle), MARKER)
            painter.fillPath(marker, QColor(style.colour))
            painter.setPen(QColor(colours.text))
            text = place.adjusted(SAMPLE + SPACE, 0, 1, 0)
            painter.drawText(text, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, label)
            if hidden:
                painter.drawLine(QPointF(text.left(), middle), QPointF(text.right(), middle))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        codec = self.codec_at(event.position())
        if codec is not None and event.button() is Qt.MouseButton.LeftButton:
            self.toggled.emit(codec)

    def event(self, event: QEvent) -> bool:
        """Show a tooltip over an entry: which encoder made the curve, and what a click does."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            codec = self.codec_at(QPointF(event.pos()))
            if codec is not None:
                QToolTip.showText(event.globalPos(), self.tip_of(codec), self)
            return True
        return super().event(event)

    def tip_of(self, codec: str) -> str:
        """The encoder that made a codec's curve, its settings, and what a click does."""
        label = self._styles[codec][0]
        settings = {known.name: settings_of(known) for known in known_codecs()}.get(codec, "")
        made = f"{label}: {settings}" if settings else label
        return f"{made}\nClick to {'show' if codec in self._hidden else 'hide'} its curves"
