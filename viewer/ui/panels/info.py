"""The panel with information about the opened picture, and how it was converted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from viewer.imaging.image_info import image_info_rows
from viewer.ui.common.actions import Command
from viewer.ui.common.formatting import figure_font
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.view import toggle_panel
from viewer.ui.engine.workers.jobs import Opened
from viewer.ui.panels.value_text import ValueText

PANEL = "information"


class InformationPanel(QScrollArea):
    """Rows with a name above its value; values can be selected and copied."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self._column = QVBoxLayout()
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(1)
        title = QLabel("Picture")
        title.setFont(figure_font(self.font(), 1.0, bold=True))
        inside = QWidget(self)
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(10, 9, 8, 8)
        layout.setSpacing(2)
        layout.addWidget(title)
        layout.addLayout(self._column)
        layout.addStretch(1)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setBackgroundRole(QPalette.ColorRole.Button)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Button)
        inside.setBackgroundRole(QPalette.ColorRole.Button)
        self.setAccessibleName("Image info")
        store.watch(lambda state: state.opened, self._show_opened)

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        """The names and values shown."""
        return self._rows

    def commands(self) -> tuple[Command, ...]:
        """The command that shows or hides the panel."""
        return (
            Command(
                PANEL,
                "&View",
                "Ima&ge info",
                partial(self._store.update, toggle_panel(PANEL)),
                ("Ctrl+I",),
                section=1,
                checked=lambda state: state.panel == PANEL,
            ),
        )

    def sizeHint(self) -> QSize:
        return QSize(230, 600)

    def minimumSizeHint(self) -> QSize:
        return QSize(190, 200)

    def _show_opened(self, opened: Opened | None) -> None:
        self._show_rows([("", "No picture is open.")] if opened is None else image_info_rows(opened.image))

    def _show_rows(self, rows: Sequence[tuple[str, str]]) -> None:
        self._rows = tuple(rows)
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for name, value in rows:
            caption = QLabel(name, self.widget())
            caption.setFont(figure_font(self.font(), 0.86))
            caption.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            caption.setContentsMargins(0, 7, 0, 0)
            text = ValueText(value, self.widget())
            text.setFont(figure_font(self.font()))
            text.setAccessibleName(name)
            for label in (caption, text):
                self._column.addWidget(label)
