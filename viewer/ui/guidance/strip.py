"""The strip of buttons below the menus: what is asked for most, in sight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QAction, QActionEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from viewer.ui.common.actions import Actions
from viewer.ui.common.formatting import figure_font
from viewer.ui.common.theme import colours_of
from viewer.ui.guidance.icons import SIDE, icon
from viewer.ui.presenters.equal_mode import OTHER_METRICS


@dataclass(frozen=True)
class Group:
    """Buttons that belong together. buttons: a command's name and its icon's, which may be empty. caption: before
    them. words, rank: the lowest lose their words first, and are hidden first where there is no room even for icons.
    """

    buttons: tuple[tuple[str, str], ...]
    words: int
    rank: int
    caption: str = ""
    others: tuple[str, ...] = ()
    """Commands in a menu at the group's end."""
    at_end: bool = False


GROUPS = (
    Group((("grid", "grid"), ("single", "single"), ("split", "split")), words=0, rank=5),
    Group(
        (
            ("show_picture", "picture"),
            ("show_signed", "difference"),
            ("show_error", "error"),
            ("show_ssim", "ssim"),
        ),
        words=2,
        rank=4,
    ),
    Group((("fit", "fit"), ("actual", ""), ("doubled", "")), words=0, rank=1),
    Group((("next_region", "region"), ("blink", "blink")), words=3, rank=3),
    Group(
        (("equal_rate", ""), ("equal_psnr", ""), ("equal_ms_ssim", "")),
        words=4,
        rank=2,
        caption="Match by",
        others=OTHER_METRICS,
    ),
    Group((("plots", "plots"), ("palette", "find")), words=0, rank=6, at_end=True),
    Group((("tour", "tour"),), words=3, rank=6, at_end=True),
    Group((("present", "present"),), words=3, rank=6, at_end=True),
)
WORD_LEVELS = 4
"""So many times buttons lose their words, before groups are left out."""
LEVELS = WORD_LEVELS + len(GROUPS)
ICON_ONLY = ("plots", "palette")
"""Commands whose icons say enough."""


class Others(QToolButton):
    """A menu of exclusive commands, which shows the one that is on."""

    def __init__(self, actions: Sequence[QAction], parent: QWidget) -> None:
        super().__init__(parent)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFont(figure_font(self.font(), 0.94))
        self.setToolTip("Match by another metric")
        self.setAccessibleName("Match by another metric")
        self.addActions(actions)

    def actionEvent(self, event: QActionEvent) -> None:
        super().actionEvent(event)
        chosen = next((action for action in self.actions() if action.isChecked()), None)
        self.setText("Other" if chosen is None else chosen.iconText())
        self.setChecked(chosen is not None)


class Strip(QWidget):
    """One button a command, so that marks, texts and tips are those of the menus. Where it is too narrow for words, it
    shows icons only, and then leaves groups out: the menus have them all.
    """

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("strip")
        self.setAccessibleName("Tools")
        self._actions = actions
        self._icons: dict[str, str] = {}
        self._level = -1
        self._parts: list[tuple[Group, list[QWidget]]] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 1, 0, 1)
        row.setSpacing(1)
        for group in GROUPS:
            if group.at_end and not any(other.at_end for other, _parts in self._parts):
                row.addSpacing(8)
                row.addStretch(1)
            parts = self._parts_of(group)
            self._parts.append((group, parts))
            for part in parts:
                row.addWidget(part)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._paint_icons()

    def _parts_of(self, group: Group) -> list[QWidget]:
        parts: list[QWidget] = []
        if group is not GROUPS[0] and not group.at_end:
            line = QFrame(self)
            line.setObjectName("divider")
            line.setFrameShape(QFrame.Shape.VLine)
            line.setFixedSize(7, 18)
            parts.append(line)
        if group.caption:
            caption = QLabel(group.caption, self)
            caption.setFont(figure_font(self.font(), 0.94))
            caption.setContentsMargins(0, 0, 4, 0)
            caption.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            parts.append(caption)
        for name, picture in group.buttons:
            button = QToolButton(self)
            button.setDefaultAction(self._actions[name])
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # keys and menus have the same
            button.setFont(figure_font(self.font(), 0.94))
            button.setIconSize(QSize(SIDE, SIDE))
            button.setAccessibleName(self._actions[name].iconText())
            self._icons[name] = picture
            parts.append(button)
        if group.others:
            parts.append(Others([self._actions[name] for name in group.others], self))
        return parts

    @property
    def others(self) -> Others:
        """The button for what codecs are seldom matched by."""
        return next(part for _group, parts in self._parts for part in parts if isinstance(part, Others))

    @property
    def buttons(self) -> dict[str, QToolButton]:
        """The buttons by their commands' names."""
        return {
            button.defaultAction().objectName(): button
            for _group, parts in self._parts
            for button in parts
            if isinstance(button, QToolButton) and not isinstance(button, Others)
        }

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._paint_icons()

    def _paint_icons(self) -> None:
        colours = colours_of(self.palette())
        for name, picture in self._icons.items():
            if picture:
                action = self._actions[name]
                action.setIcon(icon(picture, colours))
                action.setIconVisibleInMenu(False)
        self._level = -1
        self._fit()

    def _fit(self) -> None:
        """The first way of showing the buttons for which there is room: words and icons, icons only, fewer groups."""
        row = self.layout()
        assert row is not None
        for level in range(LEVELS):
            self._show_level(level)
            row.invalidate()
            if row.sizeHint().width() <= self.width():
                return

    def _show_level(self, level: int) -> None:
        if level == self._level:
            return
        self._level = level
        for group, parts in self._parts:
            for part in parts:
                part.setVisible(group.rank > level - WORD_LEVELS)
                if isinstance(part, QToolButton) and not isinstance(part, Others):
                    part.setToolButtonStyle(self._style(part.defaultAction().objectName(), words=group.words >= level))

    def _style(self, name: str, *, words: bool) -> Qt.ToolButtonStyle:
        if not self._icons[name]:
            return Qt.ToolButtonStyle.ToolButtonTextOnly
        if not words or name in ICON_ONLY:
            return Qt.ToolButtonStyle.ToolButtonIconOnly
        return Qt.ToolButtonStyle.ToolButtonTextBesideIcon
