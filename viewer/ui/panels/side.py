"""The panels at the left side of the window, one shown at a time."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QSizePolicy, QSplitter, QStackedWidget, QWidget


class SidePanel(QStackedWidget):
    """Holds the panels; the open one takes its space from the panes."""

    def __init__(self, splitter: QSplitter, panels: Mapping[str, QWidget]) -> None:
        """splitter: this widget becomes its first part; the panes must be its second. panels: by name."""
        super().__init__(splitter)
        self._splitter = splitter
        self._panels = dict(panels)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        for panel in panels.values():
            self.addWidget(panel)
        self.hide()

    @property
    def present(self) -> str:
        """The name of the open panel, or an empty string."""
        for name, panel in self._panels.items():
            if not self.isHidden() and self.currentWidget() is panel:
                return name
        return ""

    def show_panel(self, name: str) -> None:
        """Show a panel instead of the open one, and give it the focus; an empty string hides it."""
        if not name:
            self.hide()
            return
        sizes = self._splitter.sizes()
        width = 0 if self.isHidden() else sizes[0]
        self.setCurrentWidget(self._panels[name])
        self.show()
        wanted = max(width, self.sizeHint().width())
        self._splitter.setSizes([wanted, sizes[1] - (wanted - width) - self._splitter.handleWidth(), *sizes[2:]])
        self._panels[name].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def sizeHint(self) -> QSize:
        panel = self.currentWidget()
        return panel.sizeHint() if panel is not None else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        panel = self.currentWidget()
        return panel.minimumSizeHint() if panel is not None else super().minimumSizeHint()
