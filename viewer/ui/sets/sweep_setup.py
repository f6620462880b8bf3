"""Asks what a sweep shall measure: codecs, rates, and the file for the results."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from viewer.matching.targets.rate import MAX_BPP, MIN_BPP
from viewer.ui.common.controls import Button
from viewer.ui.common.formatting import format_bpp_short
from viewer.ui.engine.sets.state import SweepRequest

_MOST_ROWS = 8


class SweepSetup(QDialog):
    """Calls `start` with what was chosen."""

    def __init__(
        self,
        proposed: SweepRequest,
        labels: Mapping[str, str],
        start: Callable[[SweepRequest], object],
        parent: QWidget | None = None,
    ) -> None:
        """proposed: what is chosen at first. labels: of the codecs that there are, by name."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Start sweep")
        self.setModal(True)
        self._proposed = proposed
        self._start = start
        self.codecs = QListWidget(self)
        self.codecs.setAccessibleName("Codecs")
        for name, label in labels.items():
            item = QListWidgetItem(label, self.codecs)
            item.setData(Qt.ItemDataRole.UserRole, name)
            on = name in proposed.codecs
            item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
        rows = min(len(labels), _MOST_ROWS)
        self.codecs.setFixedHeight(rows * self.codecs.sizeHintForRow(0) + 2 * self.codecs.frameWidth() + 4)
        self.rates = QLineEdit(" ".join(map(format_bpp_short, proposed.rates)), self)
        self.rates.setAccessibleName("Rates")
        self.results = QLineEdit(str(proposed.results), self)
        self.results.setAccessibleName("Results")
        self.problem = QLabel(self)
        self.problem.setWordWrap(True)
        self.problem.hide()
        self._lay_out()

    def _lay_out(self) -> None:
        purpose = QLabel(
            "Every codec is brought to every rate on every picture. What is in the results file already is not "
            "measured again, so a sweep can be stopped and resumed at any time.",
            self,
        )
        purpose.setWordWrap(True)
        form = QGridLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(10)
        also = ", ".join(self._proposed.metrics)
        metrics = QLabel(f"PSNR, MS-SSIM{f', {also}' if also else ''}", self)
        metrics.setToolTip("Metrics › Columns has others switched on")
        metrics.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        change = Button("Change…", self._choose_results, self)
        for row, (title, field) in enumerate(
            (("Co&decs", self.codecs), ("&Rates, bpp", self.rates), ("Metrics", metrics), ("Res&ults", self.results))
        ):
            label = QLabel(title, self)
            label.setBuddy(field)
            form.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
            form.addWidget(field, row, 1)
        form.addWidget(change, 3, 2)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        self.start_button = Button("&Start", self.accept, self)
        self.start_button.setDefault(True)
        buttons.addWidget(Button("Cancel", self.reject, self))
        buttons.addWidget(self.start_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 18)
        layout.setSpacing(14)
        layout.addWidget(purpose)
        layout.addLayout(form)
        layout.addWidget(self.problem)
        layout.addLayout(buttons)
        self.setMinimumWidth(560)

    def accept(self) -> None:
        """Start, unless something is wrong, which is said."""
        items = [self.codecs.item(row) for row in range(self.codecs.count())]
        checked = [item for item in items if item.checkState() is Qt.CheckState.Checked]
        codecs = tuple(str(item.data(Qt.ItemDataRole.UserRole)) for item in checked)
        rates = rates_in(self.rates.text())
        text = self.results.text().strip()
        if not codecs:
            self._refuse("Choose one codec at least.")
        elif rates is None:
            self._refuse(f"Give rates from {MIN_BPP:g} to {MAX_BPP:g} bpp with spaces between, such as 0.1 0.25 0.5.")
        elif not text:
            self._refuse("Name a CSV file for the results.")
        else:
            super().accept()
            old = self._proposed
            self._start(SweepRequest(old.folder, Path(text).expanduser(), codecs, rates, old.metrics))

    def _refuse(self, sentence: str) -> None:
        self.problem.setText(sentence)
        self.problem.show()

    def _choose_results(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self,
            "Results of the sweep",
            self.results.text(),
            "CSV (*.csv)",
            options=QFileDialog.Option.DontConfirmOverwrite,  # an earlier sweep's file is gone on with
        )
        if name:
            path = Path(name)
            self.results.setText(str(path if path.suffix else path.with_suffix(".csv")))


def rates_in(text: str) -> tuple[float, ...] | None:
    """The rates that a user lists, ascending; None if one cannot be used, or there are none."""
    try:
        rates = sorted({float(word) for word in re.split(r"[\s;]+|,(?=\s)", text.strip()) if word})
    except ValueError:
        return None
    usable = bool(rates) and all(MIN_BPP <= bpp <= MAX_BPP for bpp in rates)
    return tuple(rates) if usable else None


def proposed_codecs(compared: Sequence[str], measured: Sequence[str], installed: Sequence[str]) -> tuple[str, ...]:
    """The codecs that are chosen at first: those that are compared, and those that were measured before."""
    return tuple(name for name in installed if name in compared or name in measured)
