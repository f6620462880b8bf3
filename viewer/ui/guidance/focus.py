"""Where keys go: to the visible pane, again and again."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QWidget

from viewer.session.pane_layout import Layout
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.store import Store
from viewer.ui.panes.canvas import Canvas
from viewer.ui.presenters.display import Display

_LEAVING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)


class FocusHome(QObject):
    """Gives the focus back to the visible pane after a switch of the layout, Enter in a field, a choice in a box or a
    click on a button: else the next key would be typed into the field, or open the box.
    """

    def __init__(self, store: Store, display: Display, window: QWidget) -> None:
        """To be made when the window has all its widgets."""
        super().__init__(window)
        self._store = store
        self._display = display
        self._last: Canvas | None = None
        for canvas in display.canvases:
            self.follow(canvas)
        for widget in (*window.findChildren(QAbstractButton), *window.findChildren(QLineEdit)):
            widget.installEventFilter(self)
        for box in window.findChildren(QComboBox):
            box.view().window().installEventFilter(self)  # what opens
        store.watch(_layout, lambda _layout: self._on_layout(), at_once=False)

    def follow(self, canvas: Canvas) -> None:
        """Come back to this canvas, too."""
        canvas.installEventFilter(self)

    def go_home(self) -> None:
        """Give the focus to the visible pane: in the grid to the one that had it last, else to the current codec's."""
        self.home.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def home(self) -> Canvas:
        """The canvas that keys go to."""
        state = self._store.state
        layout = state.session.pane_layout
        if layout.layout is not Layout.GRID:
            return self._display.visible_canvas
        if self._last is not None and self._last.isVisible():
            return self._last
        return self._display.canvas_of(layout.pane if layout.pane in state.grid_panes else state.grid_panes[0])

    def _on_layout(self) -> None:
        state = self._store.state
        if state.session.pane_layout.layout is not Layout.GRID:
            self._last = None
        if not state.switches.blinking:  # which must not interrupt typing
            QTimer.singleShot(0, self, self.go_home)  # when the panes have been laid out

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if isinstance(watched, Canvas):
            if isinstance(event, QFocusEvent) and event.gotFocus():
                self._last = watched
        elif isinstance(watched, QLineEdit):
            if kind is QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() in _LEAVING:
                QTimer.singleShot(0, watched, lambda: self._leave(watched))
        elif isinstance(watched, QAbstractButton):
            if kind is QEvent.Type.MouseButtonRelease and isinstance(event, QMouseEvent):
                QTimer.singleShot(0, self, self.go_home)
        elif kind is QEvent.Type.Hide:
            QTimer.singleShot(0, self, self.go_home)
        return False

    def _leave(self, field: QLineEdit) -> None:
        """Text that was refused stays, to be mended."""
        if field.hasFocus() and not field.property("invalid"):
            self.go_home()


def _layout(state: AppState) -> tuple[object, ...]:
    """What a change of takes keys to another pane."""
    layout = state.session.pane_layout
    return layout.layout, layout.pane if layout.layout is Layout.SINGLE else None
