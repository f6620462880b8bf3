"""The sizes that codecs need for one quality, as bars."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from viewer.imaging.image_info import format_bytes
from viewer.ui.common.actions import Command
from viewer.ui.common.codec_style import CodecStyle, marker_path
from viewer.ui.common.formatting import figure_font
from viewer.ui.common.theme import colours_of
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.view import toggle
from viewer.ui.presenters.display import Display
from viewer.ui.presenters.pane_styles import PaneStyles
from viewer.ui.presenting.corner import place_in_corner
from viewer.ui.presenting.headlines import ratio_text
from viewer.ui.presenting.presentation import label_share

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class SizeBar:
    """A codec's size. ratio: to the smallest."""

    label: str
    style: CodecStyle
    byte_count: int
    ratio: float


def size_bars(state: AppState, styles: PaneStyles) -> tuple[SizeBar, ...]:
    """The bytes of every codec that has reached the quality, in the panes' order; none while one is on its way."""
    quality = state.session.quality
    if not state.switches.size_bars or quality is None or state.awaited:
        return ()
    sizes = {
        pane: len(shown.result.stream)
        for pane in state.panes
        if (shown := state.results.get(pane)) is not None
        and shown.match is not None
        and shown.match.reached
        and shown.match.target == quality
    }
    if len(sizes) < 2:
        return ()
    fewest = min(sizes.values())
    return tuple(
        SizeBar(styles.label(state, pane), styles.style(state, pane), size, size / fewest)
        for pane, size in sizes.items()
    )


class SizeBox(QWidget):
    """Paints bars as long as files are large."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._bars: tuple[SizeBar, ...] = ()
        self._share = 1.0
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName("Sizes for the same quality")
        self.hide()

    @property
    def bars(self) -> tuple[SizeBar, ...]:
        return self._bars

    def show_bars(self, bars: tuple[SizeBar, ...], share: float) -> None:
        """Show these bars, written larger by `share`; none hides the box."""
        self._bars, self._share = bars, share
        texts = (f"{bar.label} {format_bytes(bar.byte_count)}, {ratio_text(bar.ratio)}" for bar in bars)
        self.setAccessibleDescription("; ".join(texts))
        self.setVisible(bool(bars))
        self.update()

    def sizeHint(self) -> QSize:
        line = QFontMetricsF(figure_font(self.font(), self._share)).height()
        return QSize(round(26 * line), round(line * (1.9 + 1.5 * len(self._bars))))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = colours_of(self.palette())
        painter.setPen(QPen(QColor(colours.line), 1))
        painter.setBrush(QColor(colours.panel))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        share = min(self._share, self._share * self.width() / max(1, self.sizeHint().width()))
        title, font = figure_font(self.font(), share, bold=True), figure_font(self.font(), share)
        metrics = QFontMetricsF(title)
        line = metrics.height()
        padding, row = 0.6 * line, (self.height() - 1.9 * line) / max(1, len(self._bars))
        inside = QRectF(padding, 0.35 * line, self.width() - 2 * padding, line)
        painter.setFont(title)
        painter.setPen(QColor(colours.text))
        painter.drawText(inside, LEFT, "Bytes for the same quality")
        names = max(metrics.horizontalAdvance(bar.label) for bar in self._bars) + 1.6 * line
        figures = max(metrics.horizontalAdvance(_figures(bar)) for bar in self._bars) + 0.6 * line
        longest = max(0.0, inside.width() - names - figures)
        largest = max(bar.byte_count for bar in self._bars)
        for index, bar in enumerate(self._bars):
            place = QRectF(inside.left(), 1.5 * line + index * row, inside.width(), row)
            colour = QColor(bar.style.colour)
            middle = QPointF(place.left() + 0.4 * line, place.center().y())
            painter.fillPath(marker_path(bar.style.marker, middle, 0.7 * line), colour)
            painter.setFont(font)
            painter.setPen(QColor(colours.text))
            painter.drawText(place.adjusted(1.1 * line, 0, 0, 0), LEFT, bar.label)
            length = longest * bar.byte_count / largest
            painter.fillRect(QRectF(place.left() + names, middle.y() - 0.36 * line, length, 0.72 * line), colour)
            painter.setFont(title)
            after = place.left() + names + length + 0.4 * line
            painter.drawText(QRectF(after, place.top(), place.right() - after, place.height()), LEFT, _figures(bar))


def _figures(bar: SizeBar) -> str:
    size = format_bytes(bar.byte_count)
    return size if bar.ratio == 1.0 else f"{size}  {ratio_text(bar.ratio)}"


class SizeBars(QObject):
    """Shows the box on wish while codecs are matched by quality."""

    def __init__(self, store: Store, styles: PaneStyles, grid: QWidget, display: Display) -> None:
        super().__init__(grid)
        self._store = store
        self._grid = grid
        self._display = display
        self.box = SizeBox(grid)
        store.watch(
            lambda state: (size_bars(state, styles), state.switches.presenting, state.area),
            lambda wanted: self._draw(wanted[0], presenting=wanted[1]),
        )
        grid.installEventFilter(self)

    def commands(self) -> tuple[Command, ...]:
        """The command that shows them."""
        return (
            Command(
                "size_bars",
                "&Rate",
                "Sizes as &bars",
                partial(self._store.update, toggle("size_bars")),
                ("Shift+S",),
                section=2,
                checked=lambda state: state.switches.size_bars,
                enabled=lambda state: state.session.quality is not None,
            ),
        )

    def _draw(self, bars: tuple[SizeBar, ...], *, presenting: bool) -> None:
        self.box.show_bars(bars, label_share(self._grid.screen().size().height()) if presenting else 1.0)
        self._place()

    def _place(self) -> None:
        if not self.box.isHidden():
            place_in_corner(self.box, self._display.visible_canvas, self.box.sizeHint(), on_left=True)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize:
            self._place()
        return False
