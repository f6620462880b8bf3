"""The table of all measured points: to sort, copy, save, and go to any of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QGuiApplication, QHideEvent, QKeyEvent, QKeySequence, QPalette, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from viewer.matching.curve import RatePoint, every_point
from viewer.metrics.registry import metric_named
from viewer.session.point_table import COLUMNS, Column, as_csv, as_text, score_column
from viewer.ui.common.actions import Command
from viewer.ui.common.codec_style import CodecStyle, name_colour
from viewer.ui.common.controls import Button
from viewer.ui.common.formatting import figure_font
from viewer.ui.common.theme import colours_of
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.file_writer import Writer, folder_of
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.target import set_target
from viewer.ui.engine.updates.view import set_switch, toggle

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
TEXT_COLUMNS = 2


class PointModel(QAbstractTableModel):
    """Points as rows, COLUMNS as columns, and one for each slow metric that is chosen."""

    def __init__(self, styles: Mapping[str, tuple[str, CodecStyle]], parent: QObject) -> None:
        super().__init__(parent)
        self._styles = styles
        self._points: tuple[RatePoint, ...] = ()
        self.columns: tuple[Column, ...] = COLUMNS

    @property
    def points(self) -> tuple[RatePoint, ...]:
        return self._points

    def set_points(self, points: tuple[RatePoint, ...], columns: tuple[Column, ...]) -> None:
        """Show these."""
        self.beginResetModel()
        self._points = points
        self.columns = columns
        self.endResetModel()

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._points)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation is Qt.Orientation.Horizontal:
            return self.columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        point, column = self._points[index.row()], self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._styles[point.codec][0] if column.name == "codec" else column.text(point)
        if role == Qt.ItemDataRole.UserRole:
            return column.value(point)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(index.column())
        if role == Qt.ItemDataRole.ForegroundRole and column.name == "codec":
            colours = colours_of(QGuiApplication.palette())  # rows are on either ground in turn
            colour = name_colour(self._styles[point.codec][1].colour, colours.panel)
            return QColor(name_colour(colour, colours.window))
        return None


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if column < TEXT_COLUMNS else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter


class RowView(QTableView):
    """A table that leaves Ctrl+C to its window, which copies rows rather than a cell."""

    copied = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copied.emit()
        else:
            super().keyPressEvent(event)


class PointTableWindow(QDialog):
    """A window beside the main one. T or Esc closes it; Ctrl+C copies the selected rows, or all."""

    chosen = Signal(float)
    """The user goes to this rate, bpp."""
    closed = Signal()

    def __init__(
        self,
        styles: Mapping[str, tuple[str, CodecStyle]],
        save: Callable[[tuple[RatePoint, ...], tuple[Column, ...]], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Measured points")
        self._save = save
        self.model = PointModel(styles, self)
        self.sorted = QSortFilterProxyModel(self)
        self.sorted.setSourceModel(self.model)
        self.sorted.setSortRole(Qt.ItemDataRole.UserRole)
        self.table = RowView(self)
        self.table.setModel(self.sorted)
        self.table.setFont(figure_font(self.font()))
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.setAlternatingRowColors(True)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        header.setFont(figure_font(self.font(), 0.9))
        self.table.setAccessibleName("Measured points")
        self.table.copied.connect(self.copy)
        self.table.activated.connect(self._go)
        self.table.doubleClicked.connect(self._go)
        self._count = QLabel(self)
        self._count.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.copy_button = Button("Copy", self.copy, self)
        self.copy_button.setToolTip("Copy the selected rows, or all if none are selected (Ctrl+C)")
        self.save_button = Button("Save as CSV…", self.save, self)
        self.save_button.setToolTip("Save all rows in this order (Ctrl+S)")
        QShortcut(QKeySequence(QKeySequence.StandardKey.Save), self, self.save)
        QShortcut(QKeySequence("T"), self, self.close)
        foot = QHBoxLayout()
        foot.addWidget(self._count, 1)
        foot.addWidget(self.copy_button)
        foot.addWidget(self.save_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 10)
        layout.addWidget(self.table, 1)
        layout.addLayout(foot)

    def sizeHint(self) -> QSize:
        return QSize(960, 560)

    def set_points(self, points: tuple[RatePoint, ...], columns: tuple[Column, ...] = COLUMNS) -> None:
        """Show these points, in the current sort order."""
        chosen, rows = set(self._selected()), self._rows()
        selection = self.table.selectionModel()
        current = rows[selection.currentIndex().row()] if selection.currentIndex().isValid() else None
        self.model.set_points(points, columns)
        for row, point in enumerate(self._rows()):
            index = self.sorted.index(row, 0)
            if point == current:
                selection.setCurrentIndex(index, selection.SelectionFlag.NoUpdate)
            if point in chosen:
                selection.select(index, selection.SelectionFlag.Select | selection.SelectionFlag.Rows)
        self._count.setText(f"{len(points)} points measured so far; double-click or press Enter to go to a rate")

    def copy(self) -> None:
        """Copy the selected rows, or all if none are selected."""
        QGuiApplication.clipboard().setText(as_text(self._selected() or self._rows(), self.model.columns))

    def save(self) -> None:
        """Save all rows."""
        self._save(self._rows(), self.model.columns)

    def _rows(self) -> tuple[RatePoint, ...]:
        order = (self.sorted.mapToSource(self.sorted.index(row, 0)).row() for row in range(self.sorted.rowCount()))
        return tuple(self.model.points[row] for row in order)

    def _selected(self) -> tuple[RatePoint, ...]:
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return tuple(self._rows()[row] for row in rows)

    def _go(self, index: QModelIndex) -> None:
        self.chosen.emit(self._rows()[index.row()].target_bpp)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.closed.emit()


class PointTable:
    """Opens the table, keeps it up to date while it is open, and saves it."""

    def __init__(
        self, store: Store, styles: Mapping[str, tuple[str, CodecStyle]], writer: Writer, window: QWidget
    ) -> None:
        self._store = store
        self._styles = styles
        self._writer = writer
        self._parent = window
        self.window: PointTableWindow | None = None
        store.watch(lambda state: state.switches.point_table, self._show, at_once=False)
        store.watch(_content, self._fill, at_once=False)

    def commands(self) -> tuple[Command, ...]:
        """Open or close the table."""
        return (
            Command(
                "points",
                "&Metrics",
                "&Table of measured points",
                partial(self._store.update, toggle("point_table")),
                ("T",),
                checked=lambda state: state.switches.point_table,
            ),
        )

    def _show(self, on: bool) -> None:
        if self.window is None:
            self.window = PointTableWindow(self._styles, self._save, self._parent)
            self._store.update_on(self.window.chosen, set_target)
            self._store.update_on(self.window.closed, partial(set_switch, "point_table", False))
        self.window.setVisible(on)
        if on:
            self._fill(_content(self._store.state))
            self.window.activateWindow()
            self.window.table.setFocus()

    def _fill(self, content: tuple[tuple[RatePoint, ...], tuple[str, ...]]) -> None:
        points, metrics = content
        if self.window is not None and self._store.state.switches.point_table:
            self.window.set_points(points, (*COLUMNS, *(score_column(metric_named(name)) for name in metrics)))

    def _save(self, points: tuple[RatePoint, ...], columns: tuple[Column, ...]) -> None:
        image = self._store.state.session.image
        if image is not None and points:
            proposed = folder_of(image) / f"{Path(image.name).stem}-points.csv"
            self._writer.ask_file("Save the measured points", proposed, lambda _path: as_csv(points, columns))


def _content(state: AppState) -> tuple[tuple[RatePoint, ...], tuple[str, ...]]:
    """All measured points of the compared codecs, and the slow metrics that are chosen."""
    points = (point for codec in state.compared for point in every_point(state.curves.get(codec, ())))
    return tuple(points), state.session.metric_choice.slow
