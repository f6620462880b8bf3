"""The set in the place of the panes: plot, rate points and BD-rate at the left, the table of pictures at the right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from viewer.ui.common.codec_style import CodecStyle
from viewer.ui.common.controls import Choice
from viewer.ui.common.formatting import figure_font
from viewer.ui.sets.picture_table import PictureTable
from viewer.ui.sets.rate_points import RatePoints
from viewer.ui.sets.set_head import ActionButton, SetHead
from viewer.ui.sets.set_plot import SetLegend, SetPlot
from viewer.ui.sets.time_plot import TimePlot

NOTHING_MEASURED = "Nothing is measured yet. Start a sweep to see curves."
MEASURING = "Measuring… The curves begin with the first picture."


@dataclass(frozen=True)
class SetActions:
    """What the user does in the view. choose_in_pair: 0 for the codec, 1 for its anchor, and the codec's name."""

    open_picture: Callable[[str], object]
    choose_rate: Callable[[float], object]
    choose_metric: Callable[[str], object]
    choose_in_pair: Callable[[int, str], object]
    choose_share: Callable[[float], object]
    choose_quality: Callable[[float], object]


class SetView(QWidget):
    """Widgets only; a presenter fills them."""

    def __init__(self, styles: Mapping[str, tuple[str, CodecStyle]], does: SetActions) -> None:
        super().__init__()
        self.head = SetHead(self)
        self.metric_choice = Choice("Metric of the set", does.choose_metric, self)
        self.plot = SetPlot(styles, self)
        self.plot.rate_chosen.connect(does.choose_rate)
        self.legend = SetLegend(styles, self)
        self.times = TimePlot(self)
        self.nothing = QWidget(self)
        self._nothing = QVBoxLayout(self.nothing)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setSpacing(14)
        self._said = QLabel(NOTHING_MEASURED, self)
        self._said.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._nothing.addWidget(self._said)
        self.note = _quiet(self)
        self.codec = Choice("BD-rate of", lambda codec: does.choose_in_pair(0, codec), self)
        self.anchor = Choice("BD-rate against", lambda codec: does.choose_in_pair(1, codec), self)
        self.bd = QLabel(self)
        self.bd.setFont(figure_font(self.font(), 1.0, bold=True))
        self.bd_over = _quiet(self)
        self.points = RatePoints(does.choose_share, does.choose_quality, self)
        self.verdict = QLabel(self)
        self.verdict.setWordWrap(True)
        self.verdict.setFont(figure_font(self.font()))
        self.table = PictureTable(does.open_picture, self)
        self._plots = QStackedWidget(self)
        over_rates = QWidget(self)
        column = QVBoxLayout(over_rates)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.plot, 1)
        column.addWidget(self.legend)
        self._over_rates = over_rates
        for widget in (self.nothing, over_rates, self.times):
            self._plots.addWidget(widget)
        self._switches = QHBoxLayout()
        self._switches.setSpacing(4)
        self._lay_out()

    def _lay_out(self) -> None:
        self.splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self.splitter.setHandleWidth(8)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self._left())
        self.splitter.addWidget(self._right())
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([1000, 960])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(8, 6, 8, 0)
        whole.setSpacing(8)
        whole.addWidget(self.head)
        whole.addWidget(self.splitter, 1)

    def _left(self) -> QWidget:
        self._above = QWidget(self)
        above = QHBoxLayout(self._above)
        above.setContentsMargins(0, 0, 0, 0)
        above.setSpacing(8)
        above.addWidget(self.metric_choice)
        above.addLayout(self._switches)
        above.addStretch(1)
        self._foot = QWidget(self)
        foot = QVBoxLayout(self._foot)
        foot.setContentsMargins(0, 4, 0, 0)
        foot.setSpacing(6)
        foot.addLayout(self._pair())
        foot.addWidget(self.bd_over)
        foot.addWidget(self.points)
        left = QWidget(self)
        left.setAutoFillBackground(True)
        left.setBackgroundRole(QPalette.ColorRole.Button)
        column = QVBoxLayout(left)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(6)
        column.addWidget(self._above)
        column.addWidget(self._plots, 1)
        column.addWidget(self.note)
        column.addWidget(self._foot)
        return left

    def _pair(self) -> QHBoxLayout:
        pair = QHBoxLayout()
        pair.setSpacing(6)
        title = QLabel("BD-rate", self)
        title.setFont(figure_font(self.font(), 1.0, bold=True))
        title.setToolTip("Average bit-rate difference at equal quality; negative means fewer bits")
        against = _quiet(self)
        against.setText("against")
        for widget in (title, self.codec, against, self.anchor, self.bd):
            pair.addWidget(widget)
        pair.addStretch(1)
        return pair

    def _right(self) -> QWidget:
        right = QWidget(self)
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.verdict)
        column.addWidget(self.table, 1)
        return right

    def add_switches(self, actions: Sequence[QAction]) -> None:
        """Buttons above the plot."""
        for action in actions:
            self._switches.addWidget(ActionButton(action, self))

    def add_start(self, action: QAction) -> None:
        """The button that is seen while nothing is measured."""
        self._nothing.addWidget(ActionButton(action, self), 0, Qt.AlignmentFlag.AlignHCenter)

    def show_kind(self, kind: str, *, measured: bool, measuring: bool) -> None:
        """Which plot is seen: over rates or over times. measured: whether there is anything to plot. measuring: whether
        there will be.
        """
        self._said.setText(MEASURING if measuring else NOTHING_MEASURED)
        page = self.nothing if not measured else self._over_rates if kind == "rate" else self.times
        self._plots.setCurrentWidget(page)
        for widget in (self._above, self._foot, self.note, self.verdict):
            widget.setVisible(measured)


def _quiet(parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    label.setFont(figure_font(parent.font(), 0.94))
    label.setWordWrap(True)
    return label
