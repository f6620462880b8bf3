"""The sentence that chooses a rate: the lowest at which most of the pictures are good enough, for every codec."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from viewer.ui.common.codec_style import CodecStyle, marker_path
from viewer.ui.common.controls import NumberField
from viewer.ui.common.formatting import figure_font

_NAMED = 3
"""So many of the pictures that miss the quality are named; the tip has all."""


@dataclass(frozen=True)
class RateLine:
    """What one codec needs. rate: "0.213 bpp". missing: pictures that miss the quality."""

    label: str
    style: CodecStyle
    rate: str
    missing: tuple[str, ...]
    missing_text: str
    best: bool


class RatePoints(QWidget):
    """Two numbers to choose, and a line for each codec."""

    def __init__(
        self,
        choose_share: Callable[[float], object],
        choose_quality: Callable[[float], object],
        parent: QWidget | None = None,
    ) -> None:
        """choose_share: from 0 to 1. choose_quality: on the metric's axis."""
        super().__init__(parent)
        self.share = NumberField("Share of the pictures", lambda percent: choose_share(percent / 100), (1, 100), self)
        self.share.setDecimals(0)
        self.share.setSuffix(" %")
        self.quality = NumberField("Quality", choose_quality, (-1000, 1000), self)
        self.quality.setDecimals(1)
        self.quality.setSingleStep(0.5)
        for field, widest in ((self.share, "000 %"), (self.quality, "00.0 dB")):
            field.setFixedWidth(field.fontMetrics().horizontalAdvance(widest) + 40)
        self._metric = QLabel(self)
        sentence = QHBoxLayout()
        sentence.setSpacing(6)
        before = QLabel("Lowest rate at which", self)
        before.setFont(figure_font(self.font(), 1.0, bold=True))
        for widget in (before, self.share, self._metric, self.quality):
            sentence.addWidget(widget)
        sentence.addStretch(1)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(1)
        self._grid.setColumnStretch(3, 1)
        self._cells: list[tuple[Mark, QLabel, QLabel, QLabel]] = []
        self._lines: tuple[RateLine, ...] = ()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(sentence)
        layout.addLayout(self._grid)

    def show_question(self, share: float, metric: str, unit: str, quality: float, raw: str) -> None:
        """What is asked. metric: "MS-SSIM RGB". raw: the quality in words, may be empty."""
        self.share.show_number(100 * share)
        self._metric.setText(f"have {metric} of at least")
        self.quality.setSuffix(f" {unit}" if unit else "")
        self.quality.show_number(quality)
        self.quality.setToolTip(raw)

    def show_lines(self, lines: Sequence[RateLine]) -> None:
        """The answers."""
        self._lines = tuple(lines)
        while len(self._cells) < len(lines):
            self._add_line()
        for number, (mark, label, rate, missing) in enumerate(self._cells):
            for widget in (mark, label, rate, missing):
                widget.setVisible(number < len(lines))
            if number < len(lines):
                line = lines[number]
                mark.show_style(line.style)
                label.setText(line.label)
                # Not by a font, which Qt forgets with the next theme.
                rate.setText(f"<b>{line.rate}</b>" if line.best else line.rate)
                missing.setText(line.missing_text)
                missing.setToolTip("\n".join(line.missing))

    def texts(self) -> list[str]:
        """What is said of each codec."""
        return [f"{line.label} {line.rate} {line.missing_text}".strip() for line in self._lines]

    def _add_line(self) -> None:
        row = len(self._cells)
        mark, label, rate, missing = Mark(self), QLabel(self), QLabel(self), QLabel(self)
        rate.setFont(figure_font(self.font()))
        rate.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        missing.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        missing.setFont(figure_font(self.font(), 0.94))
        missing.setMinimumWidth(40)
        self._cells.append((mark, label, rate, missing))
        for column, widget in enumerate((mark, label, rate, missing)):
            self._grid.addWidget(widget, row, column)


class Mark(QWidget):
    """A codec's marker."""

    SIDE = 12

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._style: CodecStyle | None = None
        self.setFixedSize(QSize(self.SIDE, self.SIDE))

    def show_style(self, style: CodecStyle) -> None:
        """Draw this codec's."""
        self._style = style
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._style is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._style.colour))
        centre = QRectF(self.rect()).center()
        painter.drawPath(marker_path(self._style.marker, QPointF(centre), self.SIDE - 2))


def missing_text(missing: Sequence[str], pictures: int, *, at_every_rate: bool) -> str:
    """Which pictures miss a quality, in short. at_every_rate: that was measured."""
    if not missing:
        return f"all {pictures} have it" if pictures else ""
    named = ", ".join(missing[:_NAMED])
    more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
    where = " at every rate" if at_every_rate else ""
    return f"{len(missing)} of {pictures} miss it{where}: {named}{more}"
