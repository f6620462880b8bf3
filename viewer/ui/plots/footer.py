"""What stands below the plots: the BD-rate of two codecs, and the bytes that equal quality takes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from viewer.matching.targets.quality import format_quality
from viewer.metrics.bd_rate import AS_MANY, TOO_LITTLE_OVERLAP, BdRate, format_range, in_words
from viewer.session.metric_choice import MetricChoice
from viewer.session.metric_reading import family, metric_read
from viewer.session.state import MetricScale
from viewer.ui.common.formatting import figure_font
from viewer.ui.engine.bd_rates import BdFigures

SAVING_LINES = 3
"""Room for the sentence, so that the plots keep their size while it comes about."""


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
        self._saving = QLabel(self)
        self._saving.setWordWrap(True)
        self._saving.setTextFormat(Qt.TextFormat.RichText)
        self._saving.setFont(figure_font(self.font()))
        self._saving.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._saving.setMinimumHeight(SAVING_LINES * self._saving.fontMetrics().lineSpacing())
        self._saving.setAccessibleName("Average bit-rate difference")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2, 2, 0)
        layout.setSpacing(3)
        for label in (self._heading, self._needs):
            layout.addWidget(label)
            label.hide()
        layout.addLayout(row)
        layout.addWidget(self._saving)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._say()

    @property
    def needs(self) -> str:
        """What is said of the bytes."""
        return self._needs.text()

    @property
    def bd_text(self) -> str:
        """What is said of the BD-rates."""
        return re.sub("<[^>]+>", "", self._saving.text())

    @property
    def is_final(self) -> bool:
        """Whether the BD-rates are those of complete curves; they are grey until then."""
        return self._figures.complete

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
        codec, anchor = self.codec.currentText(), self.anchor.currentText()
        self._saving.setText(self._sentence(escape(codec), escape(anchor)))
        role = QPalette.ColorRole.WindowText if self.is_final else QPalette.ColorRole.PlaceholderText
        self._saving.setForegroundRole(role)

    def _sentence(self, codec: str, anchor: str) -> str:
        """ "On average Learned needs 56.5 % fewer bits than JPEG at equal PSNR RGB (26.0 to 42.3 dB)"."""
        if codec == anchor:
            return "Choose two codecs to compare."
        metrics = list(dict.fromkeys(self._metrics))
        found = {metric: figure for metric in metrics if (figure := self._figures.by_metric.get(metric)) is not None}
        if not found:
            return f"The curves of {codec} and {anchor} have {TOO_LITTLE_OVERLAP}." if self.is_final else "Measuring…"
        parts: list[str] = []
        for metric, figure in found.items():
            bits = in_words(figure.percent)
            than = f" {'as' if bits == AS_MANY else 'than'} {anchor}" if not parts else ""
            at = f"at equal {escape(metric_read(metric, self._scale).label)} ({self._range(metric, figure)})"
            parts.append(f"<b>{bits}</b>{than} {at}")
        return f"{'On average' if self.is_final else 'So far'} {codec} needs {', and '.join(parts)}."

    def _range(self, metric: str, figure: BdRate) -> str:
        fast = family(metric)
        if fast is None:
            return format_range(metric_read(metric, self._scale), figure.low_db, figure.high_db)
        if fast == "psnr" or self._scale.ms_ssim_db:
            return f"{figure.low_db:.1f} to {figure.high_db:.1f} dB"
        low, high = (format_quality(fast, value, in_db=False) for value in (figure.low_db, figure.high_db))
        return f"{low} to {high}"


def _quiet(text: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label
