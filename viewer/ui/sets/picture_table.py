"""The table of a set's pictures: where a codec wins and loses against another, each with a small picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QTableView, QWidget

from viewer.sets.at_target import PictureFigures
from viewer.ui.common.formatting import MINUS, figure_font

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
THUMBNAIL = QSize(54, 36)
_NARROWEST_NAME = 170
_PAIR = 2
_NAME, _GAIN, _BD, _FIRST_VALUE = range(4)


@dataclass(frozen=True)
class TableContent:
    """What the table shows. columns: titles, the codecs' after the first three. codecs: in their order. tips: of the
    columns. won, lost: colours of gains. digits: of values.
    """

    figures: tuple[PictureFigures, ...] = ()
    columns: tuple[str, ...] = ("Picture", "Difference", "BD-rate")
    tips: tuple[str, ...] = ("", "", "")
    codecs: tuple[str, ...] = ()
    won: str = ""
    lost: str = ""
    digits: int = 2


class PictureModel(QAbstractTableModel):
    """Pictures as rows."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.content = TableContent()
        self._pictures: dict[str, QPixmap] = {}
        self._empty = QPixmap(THUMBNAIL)
        self._empty.fill(QColor(119, 119, 119, 60))

    def set_content(self, content: TableContent) -> None:
        """Show these. Rows stay where they are if only their figures have changed."""
        before = self.content
        same = [one.picture for one in before.figures] == [one.picture for one in content.figures]
        if same and len(before.columns) == len(content.columns):
            self.content = content
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(content.columns) - 1)
            if content.figures:
                last = self.index(len(content.figures) - 1, len(content.columns) - 1)
                self.dataChanged.emit(self.index(0, 0), last)
            return
        self.beginResetModel()
        self.content = content
        self.endResetModel()

    def set_thumbnails(self, thumbnails: Mapping[str, QImage | None]) -> None:
        """Small pictures, by the pictures' names."""
        new = {name: image for name, image in thumbnails.items() if name not in self._pictures}
        for name in [name for name in self._pictures if name not in thumbnails]:
            del self._pictures[name]
        for name, image in new.items():
            self._pictures[name] = self._empty if image is None else _fitted(image)
        if new and self.content.figures:
            self.dataChanged.emit(self.index(0, _NAME), self.index(self.rowCount() - 1, _NAME))

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.content.figures)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.content.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal or section >= len(self.content.columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.content.columns[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.content.tips[section] if section < len(self.content.tips) else ""
        return _alignment(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        figures, column = self.content.figures[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(figures, column)
        if role == Qt.ItemDataRole.UserRole:
            value = self._value(figures, column)
            return figures.picture if column == _NAME else float("-inf") if value is None else value
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.DecorationRole and column == _NAME:
            return self._pictures.get(figures.picture, self._empty)
        if role == Qt.ItemDataRole.ForegroundRole and column in (_GAIN, _BD):
            return self._colour(figures, column)
        if role == Qt.ItemDataRole.ToolTipRole and column == _NAME:
            return f"{figures.picture}\nClick or press Enter to open it at this rate"
        return None

    def _value(self, figures: PictureFigures, column: int) -> float | None:
        if column == _GAIN:
            return figures.gain
        if column == _BD:
            return figures.bd_percent
        return figures.values.get(self.content.codecs[column - _FIRST_VALUE])

    def _text(self, figures: PictureFigures, column: int) -> str:
        if column == _NAME:
            return figures.picture
        value = self._value(figures, column)
        if value is None:
            return "–"
        if column == _GAIN:
            return f"{value:+.{self.content.digits}f}".replace("-", MINUS)
        if column == _BD:
            return f"{value:+.1f} %".replace("-", MINUS)
        return f"{value:.{self.content.digits}f}"

    def _colour(self, figures: PictureFigures, column: int) -> QColor | None:
        value = self._value(figures, column)
        if not value or not self.content.won:
            return None
        is_won = value > 0 if column == _GAIN else value < 0
        return QColor(self.content.won if is_won else self.content.lost)


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if column == _NAME else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter


def _fitted(image: QImage) -> QPixmap:
    """Cut to fill a thumbnail's space."""
    expanding = Qt.AspectRatioMode.KeepAspectRatioByExpanding
    whole = image.scaled(THUMBNAIL, expanding, Qt.TransformationMode.SmoothTransformation)
    left, top = (whole.width() - THUMBNAIL.width()) // 2, (whole.height() - THUMBNAIL.height()) // 2
    return QPixmap.fromImage(whole.copy(left, top, THUMBNAIL.width(), THUMBNAIL.height()))


class PictureTable(QTableView):
    """Sorts by a click on a heading; a click on a row, or Enter, opens that picture."""

    def __init__(self, open_picture: Callable[[str], object], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._open = open_picture
        self.model_of_pictures = PictureModel(self)
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self.model_of_pictures)
        self._sorted.setSortRole(Qt.ItemDataRole.UserRole)
        self.setModel(self._sorted)
        self.setFont(figure_font(self.font()))
        self.setIconSize(THUMBNAIL)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(THUMBNAIL.height() + 8)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setFont(figure_font(self.font(), 0.9))
        header.setMinimumSectionSize(56)
        header.setStyleSheet("QHeaderView::section { padding-right: 18px }")  # for the mark of sorting
        self.setSortingEnabled(True)
        self.sortByColumn(_GAIN, Qt.SortOrder.DescendingOrder)
        self.setAccessibleName("Pictures of the set")
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_content(self, content: TableContent) -> None:
        """Show these pictures."""
        self.model_of_pictures.set_content(content)
        self._fit_columns()

    def pictures(self) -> Sequence[str]:
        """Their names in the order that is shown."""
        return [str(self._sorted.index(row, _NAME).data()) for row in range(self._sorted.rowCount())]

    def _fit_columns(self) -> None:
        """Figures are as wide as they are; names have the rest. Codecs' values for which there is no room are hidden,
        but never those of the pair, which come first.
        """
        header, count = self.horizontalHeader(), self.model_of_pictures.columnCount()
        left = self.viewport().width() - _NARROWEST_NAME
        for column in range(1, count):
            header.setSectionHidden(column, False)
            width = max(header.sectionSizeHint(column), self.sizeHintForColumn(column))
            header.resizeSection(column, width)
            if column >= _FIRST_VALUE + _PAIR and width > left:
                header.setSectionHidden(column, True)
            left -= width
        others = sum(header.sectionSize(column) for column in range(1, count))
        header.resizeSection(_NAME, max(_NARROWEST_NAME, self.viewport().width() - others))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and index.isValid():
            self._open_at(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._open_at(self.currentIndex())
            return
        super().keyPressEvent(event)

    def _open_at(self, index: QModelIndex) -> None:
        self._open(str(index.siblingAtColumn(_NAME).data()))
