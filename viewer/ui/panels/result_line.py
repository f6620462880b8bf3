"""The line above the panes: what the comparison says, in one sentence."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from viewer.imaging.image_info import format_bytes
from viewer.matching.targets.rate import target_bytes
from viewer.matching.targets.score import value_text
from viewer.session.pane_layout import Layout
from viewer.session.result_sentence import ResultSentence, Subject, result_sentence
from viewer.ui.common.formatting import figure_font
from viewer.ui.common.theme import colours_of
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.store import Store

PADDING = 10
GAP = 8
LARGER = 1.15
"""The size of the letters where there is room for it, of the window's."""
WAY_OUT = "Esc ends"
"""At the right end while presenting, when there are neither menus nor buttons."""
LABELS = Callable[[AppState, str], str]
"""The name of a pane in a state."""
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class ResultLine(QWidget):
    """Writes the sentence in one line; where it is too narrow, less of it: the tip has it all."""

    def __init__(self, store: Store, label_of: LABELS, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._label_of = label_of
        self._sentence = ResultSentence("")
        self._outdated = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Result of the comparison")
        store.watch(_inputs, self._say)

    @property
    def sentence(self) -> ResultSentence:
        return self._sentence

    @property
    def is_outdated(self) -> bool:
        """Whether the sentence is about pictures that are about to be replaced; it is dimmed then."""
        return self._outdated

    @property
    def way_out(self) -> str:
        """How presenting ends; empty outside it."""
        return WAY_OUT if self._store.state.switches.presenting else ""

    def sizeHint(self) -> QSize:
        return QSize(600, round(LARGER * self.fontMetrics().height()) + 8)

    def minimumSizeHint(self) -> QSize:
        return QSize(300, self.sizeHint().height())

    def _say(self, _inputs: object) -> None:
        state = self._store.state
        self._outdated = bool(state.awaited) or state.draft is not None
        self._sentence = sentence_of(state, self._label_of)
        tip = "\n".join(part for part in (self._sentence.text, self._sentence.note, self.way_out) if part)
        self.setToolTip(tip)
        self.setAccessibleDescription(tip)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours = colours_of(self.palette())
        painter.fillRect(self.rect(), QColor(colours.panel))
        left, room = float(PADDING), self.width() - 2.0 * PADDING
        if self.way_out:
            painter.setFont(figure_font(self.font(), 1.0))
            painter.setPen(QColor(colours.quiet))
            painter.drawText(QRectF(left, 0, room, self.height()), RIGHT, self.way_out)
            room -= painter.fontMetrics().horizontalAdvance(self.way_out) + 2 * GAP
        for text, font, is_lead in self._fitting(room):
            metrics = QFontMetricsF(font)
            said = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0.0, PADDING + room - left))
            painter.setFont(font)
            ink = colours.quiet if self._outdated else colours.strong if is_lead else colours.text
            painter.setPen(QColor(ink))
            painter.drawText(QRectF(left, 0, room, self.height()), LEFT, said)
            left += metrics.horizontalAdvance(said) + GAP

    def _fitting(self, room: float) -> list[tuple[str, QFont, bool]]:
        """As much of the sentence as fits: its parts, their fonts, and whether each is the one that is stressed."""
        said, fitting = self._sentence, []
        for share, needs in ((LARGER, said.needs), (1.0, said.needs), (1.0, said.brief_needs), (1.0, "")):
            usual, strong = figure_font(self.font(), share), figure_font(self.font(), share, bold=True)
            fonts = (usual, strong, usual)
            fitting = [
                (_ended(text), font, font is strong)
                for text, font in zip((said.matched, said.lead, needs), fonts, strict=True)
                if text
            ]
            widths = (QFontMetricsF(font).horizontalAdvance(text) + GAP for text, font, _ in fitting)
            if sum(widths) - GAP <= room:
                break
        return fitting


def sentence_of(state: AppState, label_of: LABELS) -> ResultSentence:
    """What is said of a state: of the last complete set of pictures, or what is being waited for."""
    session = state.session
    if state.draft is not None:
        return ResultSentence(f"Loading {state.draft.name}…")
    if state.opened is None or session.image is None:
        return ResultSentence("")
    if not state.matched:
        waiting = ", ".join(label_of(state, pane) for pane in state.panes if pane in state.awaited)
        quality = session.quality
        if quality is None or state.pinned is not None:
            goal = "" if state.pinned else f" at {format_bytes(target_bytes(session.target_bpp, session.image))}"
        else:
            in_db = session.scale.ms_ssim_db
            goal = f" at {quality.title()} {value_text(quality, in_db=in_db)}"
        return ResultSentence(f"Encoding{goal}, waiting for {waiting}…" if waiting else "")
    layout, panes = session.pane_layout, list(state.matched)
    sides = [layout.left, layout.right]
    if layout.layout is Layout.SPLIT and all(side in state.matched for side in sides):
        panes = sides
    subjects = [
        Subject(label_of(state, pane), one.result.request.codec, one.result, one.match)
        for pane in panes
        if (one := state.matched[pane])
    ]
    return result_sentence(subjects, session.scale, state.curves, complete=state.curves_complete)


def _ended(text: str) -> str:
    return text if text.endswith("…") else f"{text}."


def _inputs(state: AppState) -> tuple[object, ...]:
    """Everything that the sentence depends on."""
    session, layout = state.session, state.session.pane_layout
    return (
        (state.opened, state.draft, state.matched, state.panes, state.pinned, set(state.awaited)),
        (state.curves, state.curves_complete, session.scale, session.pins, session.quality, session.target_bpp),
        (layout.layout, layout.left, layout.right, state.switches.presenting),
    )
