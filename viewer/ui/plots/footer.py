"""What stands below the plots: the BD-rate of two codecs, and the bytes that equal quality takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from viewer.matching.quality_target import format_quality
from viewer.metrics.bd_rate import TOO_LITTLE_OVERLAP, BdRate, format_range
from viewer.session.metric_choice import MetricChoice
from viewer.session.metric_reading import family, metric_read
from viewer.session.state import MetricScale
from viewer.ui.common.formatting import MINUS, figure_font
from viewer.ui.engine.bd_rates import BdFigures


class PlotFoot(QWidget):
    """Sentences about the whole curves and the present target."""

    pair_chosen = Signal(str, str)
    """The user wants the BD-rate of this codec against that one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = MetricScale()
        self._metrics: tuple[str, ...] = MetricChoice().plots
        self._figures = BdFigures()
        self._heading = QLabel(self)
        self._heading.setFont(figure_font(self.font(), 1.0, bold=True))
        self._needs = QLabel(self)
        self._needs.setWordWrap(True)
        self._needs.setFont(figure_font(self.font()))
        self._needs.setAccessibleName("Bytes needed for equal quality")
        title = QLabel("BD-rate", self)
        title.setFont(figure_font(self.font(), 1.0, bold=True))
        title.setToolTip("Average bit-rate difference at equal quality; negative means fewer bits")
        self.codec = self._combo("BD-rate of")
        self.anchor = self._combo("BD-rate against")
        row = QHBoxLayout()
        row.setSpacing(6)
        for widget in (title, self.codec, _quiet("against", self), self.anchor):
            row.addWidget(widget)
        row.addStretch(1)
        table = QGridLayout()
        table.setHorizontalSpacing(12)
        table.setVerticalSpacing(1)
        table.setColumnStretch(2, 1)
        self._rows: list[tuple[QLabel, QLabel, QLabel]] = []
        for number in range(len(self._metrics)):
            name, percent, over = QLabel(self), QLabel(self), _quiet("", self)
            percent.setFont(figure_font(self.font(), 1.0, bold=True))
            percent.setAlignment(Qt.AlignmentFlag.AlignRight)
            percent.setMinimumWidth(percent.fontMetrics().horizontalAdvance("+00.0 %"))
            over.setFont(figure_font(self.font(), 0.94))
            self._rows.append((name, percent, over))
            for column, label in enumerate(self._rows[number]):
                table.addWidget(label, number, column)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2, 2, 0)
        layout.setSpacing(3)
        for label in (self._heading, self._needs):
            layout.addWidget(label)
            label.hide()
        layout.addLayout(row)
        layout.addLayout(table)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._say()

    @property
    def needs(self) -> str:
        """What is said of the bytes."""
        return self._needs.text()

    def bd_text(self, metric: str) -> str:
        """What is said of the BD-rate in a metric that is plotted."""
        return " ".join(label.text() for label in self._rows[self._metrics.index(metric)])

    def set_codecs(self, labels: Mapping[str, str], pair: tuple[str, str]) -> None:
        """The codecs that there are, by their names, and which two are compared."""
        names = list(labels)
        for combo, chosen in zip((self.codec, self.anchor), pair, strict=True):
            with QSignalBlocker(combo):
                if [combo.itemData(index) for index in range(combo.count())] != names:
                    combo.clear()
                    for name, label in labels.items():
                        combo.addItem(label, name)
                combo.setCurrentIndex(names.index(chosen))
        self._say()

    def set_metrics(self, metrics: Sequence[str], scale: MetricScale) -> None:
        """The metrics of the plots, and how they are read."""
        self._metrics = tuple(metrics)
        self._scale = scale
        self._say()

    def set_bd(self, figures: BdFigures | None) -> None:
        """The BD-rates of the pair."""
        self._figures = figures or BdFigures()
        self._say()

    def set_needs(self, sentences: tuple[str, ...]) -> None:
        """Say what every codec needs: a heading and sentences, nothing if there are none."""
        heading, *rest = sentences or ("",)
        self._heading.setText(heading)
        self._needs.setText("\n".join(rest))
        self._heading.setVisible(bool(heading))
        self._needs.setVisible(bool(rest))

    def _combo(self, name: str) -> QComboBox:
        combo = QComboBox(self)
        combo.setAccessibleName(name)
        combo.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        combo.currentIndexChanged.connect(self._choose)
        return combo

    def _choose(self, _index: int = 0) -> None:
        self.pair_chosen.emit(self.codec.currentData() or "", self.anchor.currentData() or "")

    def _say(self) -> None:
        for number, (metric, (name, percent, over)) in enumerate(zip(self._metrics, self._rows, strict=True)):
            figure = self._figures.by_metric.get(metric)
            once = metric not in self._metrics[:number]
            for label in (name, percent, over):
                label.setVisible(once)
            name.setText(metric_read(metric, self._scale).label)
            if figure is None:
                percent.setText("–")
                same = self.codec.currentData() == self.anchor.currentData()
                over.setText("choose two codecs" if same else TOO_LITTLE_OVERLAP)
                continue
            percent.setText(f"{figure.percent:+.1f} %".replace("-", MINUS))
            over.setText(f"over {self._range(metric, figure)}")

    def _range(self, metric: str, figure: BdRate) -> str:
        fast = family(metric)
        if fast is None:
            return format_range(metric_read(metric, self._scale), figure.low_db, figure.high_db)
        in_db = self._scale.ms_ssim_db
        low, high = (format_quality(fast, value, in_db=in_db) for value in (figure.low_db, figure.high_db))
        return f"{low.removesuffix(' dB')} to {high}"


def _quiet(text: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label
