"""The result of a blind test: the share, its confidence interval and p-value, and the file of answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon, QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from viewer.session.blind_test import Answer, BlindTest, Verdict, quality_text, verdict
from viewer.ui.common.formatting import figure_font, format_bpp

SIGNIFICANT = 0.05
_TEXT_WIDTH = 460


def sentences(test: BlindTest, answers: Sequence[Answer], labels: Mapping[str, str]) -> tuple[str, ...]:
    """The result in words: the count, the interval, the p-value with its meaning, and what was tested."""
    found = verdict(test, answers)
    first, second = (labels[codec] for codec in test.codecs)
    rates = " and ".join(f"{labels[codec]} {format_bpp(bpp)}" for codec, bpp in zip(test.codecs, test.bpp, strict=True))
    stopped = found.answered < found.planned
    extent = f"stopped after {found.answered} of {found.planned}" if stopped else f"all {found.planned} trials answered"
    ties = f", cannot tell {found.ties}" if found.ties else ""
    counted = f"{first} {found.chosen}, {second} {found.trials - found.chosen}{ties} ({extent})"
    share = (
        "Nobody was chosen, so there is no share."
        if not found.trials
        else (
            f"Share of {first}: {100 * found.share:.0f} %, 95 % confidence interval {100 * found.low:.0f} to "
            f"{100 * found.high:.0f} % (Wilson)."
        )
    )
    target = f"target {format_bpp(test.target_bpp)} bpp" if test.quality is None else quality_text(test.quality)
    source = f"{test.image_name}, {target} ({rates}{'' if test.quality is None else ' bpp'}); seed {test.seed}."
    return counted, share, significance(found, first, second), source


def significance(found: Verdict, first: str, second: str) -> str:
    """The p-value and what it means for the codecs with these labels, or why there is none."""
    if not found.trials:
        return "No p-value, because neither was chosen."
    if found.p_value is None:
        return "No p-value, because the test was stopped early, which would bias it."
    value = "p < 0.001" if found.p_value < 0.001 else f"p = {found.p_value:.3f}"
    if found.p_value >= SIGNIFICANT:
        meaning = "this could well be chance."
    else:
        better = first if 2 * found.chosen > found.trials else second
        meaning = f"chance alone would hardly do this; {better} was seen as closer to the original."
    of = " of the trials with a choice" if found.ties else ""
    return f"{value} (two-sided exact binomial test{of}): {meaning}"


class BlindResult(QDialog):
    """Shows the result, and offers to save all answers."""

    save_wanted = Signal()

    def __init__(self, lines: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Blind test: result")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(28, 24, 28, 20)
        layout.setSpacing(12)
        for index, line in enumerate(lines):
            label = QLabel(line, self)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setMinimumWidth(_TEXT_WIDTH)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            if index == 0:
                label.setFont(figure_font(self.font(), 1.2, bold=True))
            layout.addWidget(label)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.button(QDialogButtonBox.StandardButton.Close).setIcon(QIcon())
        self.save = buttons.addButton("Save answers (CSV)…", QDialogButtonBox.ButtonRole.ActionRole)
        self.save.setShortcut(QKeySequence("Ctrl+S"))
        self.save.clicked.connect(self.save_wanted)
        buttons.rejected.connect(self.close)
        layout.addWidget(buttons)
