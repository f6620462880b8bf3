"""The screen of a blind test: two regions side by side, with nothing to identify them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import cast

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QColor,
    QFont,
    QFontInfo,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QDialog, QWidget

from viewer.imaging.image import Pixels
from viewer.session.blind_test import Answer, BlindTest, Side, Trial, region_size
from viewer.session.pane_layout import ORIGINAL
from viewer.ui.common.formatting import figure_font
from viewer.ui.common.theme import SURROUND

LEAST_REGION = 256
"""A magnified region is not smaller than this, in image pixels."""
GAP = 24
"""Space between and around the regions, in device pixels."""
TEXT_ROOM = 72
"""Space above and below them, in device pixels at a scaling of 1."""
BLANK_MS = 500
"""Duration of the grey screen between trials, always the same, so that no change can be seen from one to the next."""
INK = "#000000"

_SIDES: Mapping[int, Side] = {Qt.Key.Key_Left: "left", Qt.Key.Key_Right: "right", Qt.Key.Key_Down: "neither"}
_BUTTONS = (
    ("left", "←  Left"),
    ("neither", "↓  Cannot tell"),
    ("right", "Right  →"),
    ("original", "Original: hold, or Space"),
    ("stop", "Stop: Esc"),
)
"""What can be pressed below the regions, and the text there."""
BUTTON_PADDING = (16, 8)
BUTTON_GAP = 14
TEXT_SHARE = 0.022
"""Height of the writing, as a share of the screen's."""
LARGEST_TEXT = 2.5


def room_for_regions(width: int, height: int, scaling: float, magnification: int) -> tuple[int, int]:
    """How many image pixels fit on each side of a screen of this size in device pixels."""
    across = (width - 3 * GAP) // 2
    down = height - 2 * round(TEXT_ROOM * scaling)
    return max(1, across // magnification), max(1, down // magnification)


def filling_magnification(picture: tuple[int, int], width: int, height: int, scaling: float) -> int:
    """1 or 2: the one at which regions fill more of a screen, without showing too little of the picture for a trial."""

    def shown(magnification: int) -> tuple[bool, int]:
        wide, high = region_size(picture, room_for_regions(width, height, scaling, magnification))
        return min(wide, high) >= LEAST_REGION or magnification == 1, wide * high * magnification**2

    return max((1, 2), key=shown)


class BlindScreen(QDialog):
    """Shows the trials one after another, full screen. All pictures of a trial are ready before any is shown."""

    finished_answering = Signal(object)
    """Carries the answers, a tuple; fewer than the trials if the user stopped."""

    def __init__(
        self, test: BlindTest, pictures: Mapping[str, Pixels], magnification: int, parent: QWidget | None = None
    ) -> None:
        """pictures: by ORIGINAL and the two codecs' names, uint8 (H, W, 3)."""
        super().__init__(parent)
        self.setWindowTitle("Blind test")
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Blind test")
        self._test = test
        self._pictures = pictures
        self._magnification = magnification
        self._answers: list[Answer] = []
        self._regions: tuple[QImage, QImage, QImage] | None = None
        self._shown = False
        self._seen_s: float | None = None
        self._peeking = False
        self._looks = 0
        self._pressed = ""
        self._ended = False
        self._blank = QTimer(self, singleShot=True, interval=BLANK_MS)
        self._blank.timeout.connect(self._show_trial)
        self._begin_trial()

    @property
    def _text_font(self) -> QFont:
        """As large as a room can read, but no wider than the screen."""
        share = min(max(TEXT_SHARE * self.height() / QFontInfo(self.font()).pixelSize(), 1.15), LARGEST_TEXT)
        font = figure_font(self.font(), share)
        texts = sum(QFontMetrics(font).horizontalAdvance(text) for _what, text in _BUTTONS)
        room = self.width() - len(_BUTTONS) * (2 * BUTTON_PADDING[0] + BUTTON_GAP)
        return font if texts <= room else figure_font(self.font(), max(0.5, share * room / texts))

    @property
    def trial(self) -> Trial:
        """The current trial."""
        return self._test.trials[len(self._answers)]

    @property
    def is_asking(self) -> bool:
        """Whether both sides are visible, so that an answer counts."""
        return self._shown and self._seen_s is not None

    def _begin_trial(self) -> None:
        trial = self.trial
        self._shown, self._seen_s, self._looks = False, None, 0
        self._regions = (
            self._cut(trial.on_left),
            self._cut(trial.on_right),
            self._cut(ORIGINAL),
        )
        self.setAccessibleDescription(f"Trial {trial.number} of {len(self._test.trials)}")
        self._blank.start()
        self.update()

    def _show_trial(self) -> None:
        self._shown = True
        self.update()

    def _cut(self, name: str) -> QImage:
        trial = self.trial
        rows = self._pictures[name][trial.top : trial.top + trial.height, trial.left : trial.left + trial.width]
        pixels = np.ascontiguousarray(rows)
        image = QImage(pixels.data, trial.width, trial.height, 3 * trial.width, QImage.Format.Format_RGB888)
        return image.convertToFormat(QImage.Format.Format_RGB32)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Handle only the keys of the test; QDialog would react to Enter."""
        key = event.key()
        if event.isAutoRepeat():
            return
        if key == Qt.Key.Key_Escape:
            self._end()
        elif key == Qt.Key.Key_Space:
            self._peek()
        elif key in _SIDES and self.is_asking and not self._peeking:
            self._answer(_SIDES[key])

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._stop_peeking()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed = self._place_at(event.position().toPoint())
            if self._pressed == "original":
                self._peek()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, ""
        if pressed == "original":
            self._stop_peeking()
        elif pressed and pressed == self._place_at(event.position().toPoint()):
            if pressed == "stop":
                self._end()
            elif self.is_asking and not self._peeking:
                self._answer(cast("Side", pressed))

    def place_of(self, what: str) -> QRect:
        """Where a region or a button is: "left", "right", "neither", "original" or "stop" of the buttons, "left region"
        and "right region"; logical pixels.
        """
        return self._places()[what]

    def _place_at(self, point: QPoint) -> str:
        """What is there, by the name of its button; empty if nothing is."""
        found = (what.removesuffix(" region") for what, place in self._places().items() if place.contains(point))
        return next(found, "")

    def _places(self) -> dict[str, QRect]:
        scaling = self.devicePixelRatioF()
        width = round(self.trial.width * self._magnification / scaling)
        height = round(self.trial.height * self._magnification / scaling)
        middle, top, gap = self.width() // 2, (self.height() - height) // 2, round(GAP / scaling / 2)
        places = {
            "left region": QRect(middle - gap - width, top, width, height),
            "right region": QRect(middle + gap, top, width, height),
        }
        metrics = QFontMetrics(self._text_font)
        widths = [metrics.horizontalAdvance(text) + 2 * BUTTON_PADDING[0] for _what, text in _BUTTONS]
        left = middle - (sum(widths) + BUTTON_GAP * (len(widths) - 1)) // 2
        high = metrics.height() + 2 * BUTTON_PADDING[1]
        y = top + height + (TEXT_ROOM - high) // 2
        for (what, _text), wide in zip(_BUTTONS, widths, strict=True):
            places[what] = QRect(left, y, wide, high)
            left += wide + BUTTON_GAP
        return places

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self._stop_peeking()

    def closeEvent(self, event: QCloseEvent) -> None:
        event.accept()
        self._end()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), SURROUND)
        painter.setPen(QColor(INK))
        painter.setFont(self._text_font)
        half = round(self.trial.height * self._magnification / self.devicePixelRatioF() / 2)
        middle = self.height() // 2
        top = QRect(0, middle - half - TEXT_ROOM, self.width(), TEXT_ROOM)
        question = "The original" if self._peeking else "Which is closer to the original?"
        question += f"          {self.trial.number} of {len(self._test.trials)}"
        painter.drawText(top, Qt.AlignmentFlag.AlignCenter, question)
        places = self._places()
        for what, text in _BUTTONS:
            painter.drawRoundedRect(places[what], 4, 4)
            painter.drawText(places[what], Qt.AlignmentFlag.AlignCenter, text)
        if self._shown and self._regions is not None:
            self._paint_regions(painter, self._regions)
            if self._seen_s is None:
                self._seen_s = time.perf_counter()

    def _paint_regions(self, painter: QPainter, regions: tuple[QImage, QImage, QImage]) -> None:
        """Paint both sides at positions that depend only on their size, each image pixel on whole device pixels."""
        left, right, original = regions
        scaling = self.devicePixelRatioF()
        painter.scale(1 / scaling, 1 / scaling)
        width, height = left.width() * self._magnification, left.height() * self._magnification
        middle, y = round(self.width() * scaling / 2), round((self.height() * scaling - height) / 2)
        for x, image in ((middle - GAP // 2 - width, left), (middle + GAP // 2, right)):
            painter.drawImage(QRect(x, y, width, height), original if self._peeking else image)

    def _answer(self, side: Side) -> None:
        assert self._seen_s is not None
        response_ms = (time.perf_counter() - self._seen_s) * 1e3
        self._answers.append(Answer(self.trial, side, response_ms, self._looks))
        if len(self._answers) == len(self._test.trials):
            self._answers_complete()
        else:
            self._begin_trial()

    def _answers_complete(self) -> None:
        self._end()

    def _peek(self) -> None:
        if self.is_asking:
            self._peeking = True
            self._looks += 1
            self.update()

    def _stop_peeking(self) -> None:
        if self._peeking:
            self._peeking = False
            self.update()

    def _end(self) -> None:
        if self._ended:
            return
        self._ended = True
        self._blank.stop()
        self.hide()
        self.finished_answering.emit(tuple(self._answers))
