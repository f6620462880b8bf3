"""The panels at the window's left side: lists that are looked things up in, one shown at a time."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QSplitter, QStackedWidget, QWidget

from viewer.ui.common.actions import Actions


class SidePanel(QStackedWidget):
    """Holds the panels; each has a checkable command of its name, and takes its room from the panes."""

    toggled = Signal(str, bool)
    """A panel's name, and whether it is shown now."""

    def __init__(self, splitter: QSplitter, actions: Actions) -> None:
        """splitter: this widget becomes its first part, and the panes are to be its second."""
        super().__init__(splitter)
        self._splitter = splitter
        self._actions = actions
        self._panels: dict[str, QWidget] = {}
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.hide()

    @property
    def names(self) -> tuple[str, ...]:
        """Of the panels."""
        return tuple(self._panels)

    @property
    def present(self) -> str:
        """The name of the panel that is shown, or an empty string."""
        for name, panel in self._panels.items():
            if not self.isHidden() and self.currentWidget() is panel:
                return name
        return ""

    def add(self, name: str, panel: QWidget) -> None:
        """Add a panel; the command of this name is to call `set_shown`."""
        self._panels[name] = panel
        self.addWidget(panel)

    def set_shown(self, name: str, on: bool) -> None:
        """Show a panel in place of another one and give it the focus, or hide it."""
        before = self.present
        if not on:
            if before == name:
                self.hide()
        else:
            sizes = self._splitter.sizes()
            width = sizes[0] if before else 0
            self.setCurrentWidget(self._panels[name])
            self.show()
            wanted = max(width, self.sizeHint().width())
            self._splitter.setSizes([wanted, sizes[1] - (wanted - width) - self._splitter.handleWidth(), *sizes[2:]])
            self._panels[name].setFocus(Qt.FocusReason.ShortcutFocusReason)
        for changed in {before, self.present} - {""}:
            self._actions[changed].setChecked(changed == self.present)
            self.toggled.emit(changed, changed == self.present)

    def sizeHint(self) -> QSize:
        panel = self.currentWidget()
        return panel.sizeHint() if panel is not None else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        panel = self.currentWidget()
        return panel.minimumSizeHint() if panel is not None else super().minimumSizeHint()
