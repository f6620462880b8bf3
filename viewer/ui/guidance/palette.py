"""The command palette: finds every command by words, and runs it."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from viewer.ui.common.actions import Actions, Command, plain
from viewer.ui.common.theme import colours_of
from viewer.ui.guidance.search import Entry, found

WIDTH = 560
ROWS = 12
ROW_HEIGHT = 27
NAME, PATH, KEYS = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1, Qt.ItemDataRole.UserRole + 2
_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class Palette(QDialog):
    """A field and the commands that it finds. Arrows choose, Enter runs, Escape closes."""

    def __init__(self, actions: Actions, window: QWidget) -> None:
        super().__init__(window, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self._actions = actions
        self._entries = [entry_of(command, actions) for command in actions.commands if command.name != "palette"]
        self.setObjectName("palette")
        self.setWindowTitle("Commands")
        self.field = QLineEdit(self)
        self.field.setPlaceholderText("What do you want to do? Type a few words")
        self.field.setAccessibleName("Find a command")
        self.field.textChanged.connect(self._list)
        self.list = QListWidget(self)
        self.list.setItemDelegate(_Rows(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        self.list.itemClicked.connect(lambda _item: self._run())
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 10)
        column.setSpacing(8)
        column.addWidget(self.field)
        column.addWidget(self.list)
        self.list.setFixedHeight(ROWS * ROW_HEIGHT + 8)
        self.setFixedWidth(min(WIDTH, max(320, window.width() - 40)))
        self.adjustSize()
        top = window.mapToGlobal(window.rect().topLeft())
        self.move(top.x() + (window.width() - self.width()) // 2, top.y() + 60)
        self._list("")

    @property
    def names(self) -> list[str]:
        """The commands that are listed, by name."""
        return [self.list.item(row).data(NAME) for row in range(self.list.count())]

    def _list(self, query: str) -> None:
        """List what is found: first what can be done now."""
        commands = {command.name: command for command in self._actions.commands}
        visible = [entry for entry in found(query, self._entries) if self._actions[entry.name].isVisible()]
        self.list.clear()
        for entry in sorted(visible, key=lambda one: not self._actions[one.name].isEnabled()):
            action = self._actions[entry.name]
            item = QListWidgetItem(plain(action.text()))
            item.setData(NAME, entry.name)
            item.setData(PATH, path_of(commands[entry.name]))
            item.setData(KEYS, action.shortcut().toString(QKeySequence.SequenceFormat.NativeText))
            item.setToolTip(action.toolTip())
            if not action.isEnabled():
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(item)
        self.list.setCurrentRow(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run()
        elif key in _MOVES:
            by = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -ROWS, Qt.Key.Key_PageDown: ROWS}[key]
            self.list.setCurrentRow(min(max(self.list.currentRow() + by, 0), self.list.count() - 1))
        else:
            super().keyPressEvent(event)

    def _run(self) -> None:
        item = self.list.currentItem()
        if item is None or not item.flags() & Qt.ItemFlag.ItemIsEnabled:
            return
        action = self._actions[item.data(NAME)]
        self.close()
        action.trigger()


class _Rows(QStyledItemDelegate):
    """A row: the command, where it is in the menus, and its key."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(200, ROW_HEIGHT)

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        option.text = ""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)  # without its text: see initStyleOption
        colours = colours_of(option.palette)
        rect: QRect = option.rect.adjusted(10, 0, -10, 0)
        painter.save()
        enabled = bool(index.flags() & Qt.ItemFlag.ItemIsEnabled)
        metrics, name, keys = painter.fontMetrics(), index.data(Qt.ItemDataRole.DisplayRole), index.data(KEYS)
        painter.setPen(QColor(colours.text if enabled else colours.line))
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, name)
        painter.setPen(QColor(colours.quiet if enabled else colours.line))
        painter.drawText(rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, keys)
        left = metrics.horizontalAdvance(name) + 16
        right = metrics.horizontalAdvance(keys) + 16 if keys else 0
        path = metrics.elidedText(index.data(PATH), Qt.TextElideMode.ElideRight, rect.width() - left - right)
        painter.drawText(rect.adjusted(left, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, path)
        painter.restore()


def entry_of(command: Command, actions: Actions) -> Entry:
    """What a command is found by: its text, its menus, its tip, and other words for it."""
    return Entry(command.name, plain(actions[command.name].text()), f"{path_of(command)} {command.tip} {command.words}")


def path_of(command: Command) -> str:
    """The menus in which a command is."""
    return " › ".join(plain(title) for title in (command.menu, command.submenu) if title)
