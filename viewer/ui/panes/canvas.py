"""One picture, zoomed and panned; all canvases of a window share one View."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFont,
    QInputDevice,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from viewer.session.state import FIT, Placement, Size, View, panned, place, zoomed
from viewer.ui.common.formatting import figure_font
from viewer.ui.common.theme import SURROUND
from viewer.ui.engine.image_pyramid import Picture
from viewer.ui.panes.canvas_overlays import (
    MapKey,
    SideName,
    name_boxes,
    paint_frame,
    paint_key,
    paint_line,
    paint_names,
    paint_note,
)
from viewer.ui.panes.loupe import paint_loupe
from viewer.ui.panes.painter import PicturePainter

WHEEL_ZOOM = 1.25
"""Zoom factor for one notch of the wheel."""

KEY_PAN = 0.1
"""How far an arrow key pans, as a share of the canvas."""

NOTCH = 120
"""One notch of a wheel, in Qt's units."""

NOTCH_PAN = 0.5
"""How far two fingers pan, in logical pixels for each of these units, where the system tells no pixels."""

LINE_GRIP = 7
"""The mouse grabs the line of a split view from this distance, in logical pixels."""

SMALLEST_REGION = 8
"""Of a region that is drawn, in image pixels."""

LINE_STEPS = 40
"""A key moves the line by this fraction (one over it) of the visible width; with Shift by one image pixel."""


class Canvas(QWidget):
    """Paints a picture, or two of them left and right of a line, as a View says. It paints in device pixels itself,
    because with fractional display scaling, logical coordinates cannot map one image pixel to one device pixel.
    """

    view_changed = Signal(object)
    """The user asks for another View."""
    resized = Signal()
    hovered = Signal(object)
    """The image pixel under the pointer, (x, y), or None."""
    line_moved = Signal(int)
    """The user asks for the line of a split view at another column of the picture."""
    region_drawn = Signal(object)
    """The user draws a region with Ctrl held: a QRect in image pixels, or None for a click."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture: Picture | None = None
        self._view = FIT
        self._smooth = False
        self._hint = ""
        self._drag_from: QPointF | None = None
        self._ringed = False
        self._painter, self._beside_painter = PicturePainter(), PicturePainter()
        self._beside: Picture | None = None
        self._line: int | None = None
        self._line_taken = False
        self._names: tuple[SideName, SideName] | None = None
        self._keys: tuple[MapKey | None, MapKey | None] = (None, None)
        self._loupe: tuple[int, int] | None = None
        self._frame: QRect | None = None
        self._drawn_region: QRect | None = None
        self._corner: tuple[int, int] | None = None
        """Where the user began to draw a region, an image pixel."""
        self.setAccessibleName(f"{name} picture")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(80, 60)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    @property
    def view(self) -> View:
        return self._view

    @property
    def picture(self) -> Picture | None:
        return self._picture

    @property
    def placement(self) -> Placement | None:
        """The picture's current position, in device pixels from the canvas's corner."""
        return None if self._picture is None else place(self._view, self._size(), self.area)

    @property
    def area(self) -> Size:
        """The canvas's size in device pixels."""
        ratio = self.devicePixelRatioF()
        return round(self.width() * ratio), round(self.height() * ratio)

    def show_picture(self, picture: Picture | None) -> None:
        """Show another picture in the same place."""
        self._picture = picture
        self.setAccessibleDescription("" if picture is None else picture.note)
        self.update()

    @property
    def line(self) -> int:
        """The column of the picture at which the right side of a split view begins: where it was put or, where that
        cannot be seen, the nearest one that can.
        """
        if self._picture is None:
            return 0
        return self._seen_column(self._picture.width // 2 if self._line is None else self._line)

    def show_beside(self, picture: Picture | None, line: int | None) -> None:
        """Show another picture of the same size right of a line: from that column on, the middle if None."""
        if (picture, line) != (self._beside, self._line):
            self._beside, self._line = picture, line
            self.update()

    @property
    def _names_font(self) -> QFont:
        return figure_font(self.font(), 1.0, bold=True)

    @property
    def name_boxes(self) -> tuple[QRect, ...]:
        """Where the names beside the line are, in logical pixels."""
        placement = self.placement
        if self._names is None or self._beside is None or placement is None:
            return ()
        x = self._line_x(placement) / self.devicePixelRatioF()
        boxes = name_boxes(self._names_font, self._names, x, self.width())
        return tuple(box.toAlignedRect() for box in boxes if box is not None)

    def _seen_column(self, column: float) -> int:
        """The column nearest to this one at which the line can be seen and taken."""
        placement, grip = place(self._view, self._size(), self.area), LINE_GRIP * self.devicePixelRatioF()
        first = max(0, math.ceil((grip - placement.left) / placement.zoom))
        last = min(round(self._size()[0]), math.floor((self.area[0] - grip - placement.left) / placement.zoom))
        return min(max(math.floor(column + 0.5), first), max(first, last))

    @property
    def keys(self) -> tuple[MapKey | None, MapKey | None]:
        """The scale of the map that is shown, and of the one right of the line."""
        return self._keys

    def set_keys(self, left: MapKey | None, right: MapKey | None = None) -> None:
        """The scale of the map that is shown, or of those left and right of the line."""
        if (left, right) != self._keys:
            self._keys = left, right
            self.update()

    def set_names(self, left: SideName, right: SideName) -> None:
        """What to call the two pictures of a split view."""
        if (left, right) != self._names:
            self._names = left, right
            self.update()

    def set_view(self, view: View) -> None:
        """Change the view."""
        if view != self._view:
            self._view = view
            self.update()

    def set_loupe(self, pixel: tuple[int, int] | None) -> None:
        """Magnify the surroundings of an image pixel in a corner; None removes the loupe."""
        if pixel != self._loupe:
            self._loupe = pixel
            self.update()

    def set_frame(self, region: QRect | None) -> None:
        """Frame a region of the picture, in image pixels; None removes the frame."""
        if region != self._frame:
            self._frame = region
            self.update()

    def set_drawn_region(self, region: QRect | None) -> None:
        """Frame the region that the user has drawn, in image pixels."""
        if region != self._drawn_region:
            self._drawn_region = region
            self.update()

    def set_smooth(self, smooth: bool) -> None:
        """Set how to magnify: smooth (bilinear) or nearest pixel."""
        self._smooth = smooth
        self.update()

    def set_hint(self, hint: str) -> None:
        """Set the text shown while there is no picture."""
        self._hint = hint
        self.update()

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Ask for a zoom by a factor about a point of the canvas (logical), its middle if None."""
        if self._picture is None:
            return
        ratio = self.devicePixelRatioF()
        middle = (self.area[0] / 2, self.area[1] / 2)
        point = middle if at is None else (at.x() * ratio, at.y() * ratio)
        self.view_changed.emit(zoomed(self._view, self._size(), self.area, point, factor))

    def _size(self) -> Size:
        assert self._picture is not None
        return self._picture.width, self._picture.height

    def _pan_by(self, dx: float, dy: float) -> None:
        if self._picture is not None:
            ratio = self.devicePixelRatioF()
            self.view_changed.emit(panned(self._view, self._size(), self.area, (dx * ratio, dy * ratio)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), SURROUND)
        if self._picture is None:
            painter.setPen(Qt.GlobalColor.white)
            inside = self.rect().adjusted(24, 24, -24, -24)
            painter.drawText(inside, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._hint)
        else:
            self._paint_pictures(painter, self._picture)
            placement = place(self._view, self._size(), self.area)
            if self._frame is not None:
                paint_frame(painter, self._frame, placement, self.devicePixelRatioF())
            if self._drawn_region is not None:
                paint_frame(painter, self._drawn_region, placement, self.devicePixelRatioF(), dashed=True)
            if self._loupe is not None:
                self._paint_loupe(painter, self._picture, self._loupe)
        if self._ringed:
            painter.setPen(QPen(Qt.GlobalColor.black, 1))
            painter.drawRect(self.rect().adjusted(1, 1, -2, -2))
            painter.setPen(QPen(Qt.GlobalColor.white, 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _paint_pictures(self, painter: QPainter, picture: Picture) -> None:
        placement = place(self._view, self._size(), self.area)
        if self._beside is None:
            self._painter.paint(painter, picture, placement, self.area, smooth=self._smooth)
            paint_note(painter, self.font(), picture.note, self.rect())
            self._paint_key(painter, self._keys[0], self.rect())
            return
        x = self._line_x(placement)
        width, height = (int(side) for side in self.area)
        left, right = QRect(0, 0, x, height), QRect(x, 0, width - x, height)
        self._painter.paint(painter, picture, placement, self.area, smooth=self._smooth, clip=left)
        self._beside_painter.paint(painter, self._beside, placement, self.area, smooth=self._smooth, clip=right)
        line = round(x / self.devicePixelRatioF())
        paint_note(painter, self.font(), picture.note, QRect(0, 0, line, self.height()))
        paint_note(painter, self.font(), self._beside.note, QRect(line, 0, self.width() - line, self.height()))
        self._paint_key(painter, self._keys[0], QRect(0, 0, line, self.height()))
        self._paint_key(painter, self._keys[1], QRect(line, 0, self.width() - line, self.height()))
        paint_line(painter, x / self.devicePixelRatioF(), self.height(), strong=self.hasFocus())
        if self._names is not None:
            paint_names(painter, self._names_font, self._names, x / self.devicePixelRatioF(), self.width())

    def _paint_key(self, painter: QPainter, key: MapKey | None, area: QRect) -> None:
        if key is not None:
            paint_key(painter, figure_font(self.font(), 0.9), key, area)

    def _paint_loupe(self, painter: QPainter, picture: Picture, pixel: tuple[int, int]) -> None:
        placement = place(self._view, self._size(), self.area)
        if self._beside is not None and pixel[0] >= self.line:
            picture = self._beside
        x, y = placement.left + pixel[0] * placement.zoom, placement.top + pixel[1] * placement.zoom
        in_the_way = x < self.area[0] / 2 and y > self.area[1] / 2
        paint_loupe(painter, picture, pixel, self.rect(), on_right=in_the_way)

    def _line_x(self, placement: Placement) -> int:
        """Device pixel of the boundary between the pictures: where an image pixel begins."""
        return placement.left + math.floor(self.line * placement.zoom + 0.5)

    def _near_line(self, x: float) -> bool:
        placement = self.placement
        if self._beside is None or placement is None:
            return False
        return abs(self._line_x(placement) / self.devicePixelRatioF() - x) <= LINE_GRIP

    def _move_line_to(self, x: float) -> None:
        placement = self.placement
        if placement is not None:
            self._ask_line((x * self.devicePixelRatioF() - placement.left) / placement.zoom)

    def _ask_line(self, column: float) -> None:
        self.line_moved.emit(self._seen_column(column))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show a focus ring only if the focus came from the keyboard."""
        super().focusInEvent(event)
        self._ringed = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._ringed = False
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta()
        if _is_of_trackpad(event) and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            moved = event.pixelDelta() if event.phase() is not Qt.ScrollPhase.NoScrollPhase else QPoint()
            step = QPointF(delta) * NOTCH_PAN if moved.isNull() else QPointF(moved)
            self._pan_by(step.x(), step.y())
            event.accept()
            return
        turned = event.modifiers() & (Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier)
        along = delta.y() or (delta.x() if turned else 0)  # some systems make the wheel horizontal with these keys
        if along:
            self.zoom_by(WHEEL_ZOOM ** (along / NOTCH), event.position())
        event.accept()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and event.gestureType() is Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom_by(1.0 + event.value(), event.position())
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._corner = self.pixel_at(event.position())
            self.setCursor(Qt.CursorShape.CrossCursor)
        elif event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._line_taken = event.button() is Qt.MouseButton.LeftButton and self._near_line(event.position().x())
            self._drag_from = None if self._line_taken else event.position()
            self.setCursor(Qt.CursorShape.SplitHCursor if self._line_taken else Qt.CursorShape.ClosedHandCursor)

    def pixel_at(self, point: QPointF) -> tuple[int, int] | None:
        """The image pixel at a point of the canvas (logical), if there is one."""
        placement = self.placement
        if placement is None:
            return None
        ratio, (width, height) = self.devicePixelRatioF(), self._size()
        x = math.floor((point.x() * ratio - placement.left) / placement.zoom)
        y = math.floor((point.y() * ratio - placement.top) / placement.zoom)
        return (x, y) if 0 <= x < width and 0 <= y < height else None

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.hovered.emit(None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hovered.emit(self.pixel_at(event.position()))
        if self._corner is not None:
            self._draw_region(self._corner, event.position())
        elif self._line_taken:
            self._move_line_to(event.position().x())
        elif self._drag_from is not None:
            step = event.position() - self._drag_from
            self._drag_from = event.position()
            self._pan_by(step.x(), step.y())
        else:
            near = self._near_line(event.position().x())
            self.setCursor(Qt.CursorShape.SplitHCursor if near else Qt.CursorShape.OpenHandCursor)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Toggle between fit and 1:1 at the pointer."""
        placement = self.placement
        if placement is not None and self._view.zoom is None:
            self.zoom_by(1.0 / placement.zoom, event.position())
        else:
            self.view_changed.emit(FIT)

    def _draw_region(self, corner: tuple[int, int], to: QPointF) -> None:
        """Ask for a region from a corner to a point, inside the picture; for none while it is next to nothing."""
        placement, ratio, (width, height) = self.placement, self.devicePixelRatioF(), self._size()
        assert placement is not None
        x = min(max(math.floor((to.x() * ratio - placement.left) / placement.zoom), 0), round(width) - 1)
        y = min(max(math.floor((to.y() * ratio - placement.top) / placement.zoom), 0), round(height) - 1)
        region = QRect(QPoint(min(corner[0], x), min(corner[1], y)), QPoint(max(corner[0], x), max(corner[1], y)))
        large = min(region.width(), region.height()) >= SMALLEST_REGION
        self.region_drawn.emit(region if large else None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._corner is not None:
            self._draw_region(self._corner, event.position())
            self._corner = None
        self._drag_from = None
        self._line_taken = False
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def move_line(self, parts: int, *, finely: bool) -> None:
        """Ask for the line so many parts of what is seen, or image pixels, farther to the right."""
        placement = self.placement
        if self._beside is not None and placement is not None:
            part = 1.0 if finely else max(1.0, self.area[0] / placement.zoom / LINE_STEPS)
            self._ask_line(self.line + parts * part)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (1, 0),
            Qt.Key.Key_Right: (-1, 0),
            Qt.Key.Key_Up: (0, 1),
            Qt.Key.Key_Down: (0, -1),
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self._pan_by(step[0] * self.width() * KEY_PAN, step[1] * self.height() * KEY_PAN)


def _is_of_trackpad(event: QWheelEvent) -> bool:
    """Whether two fingers scroll, rather than a wheel: which of these signs a system gives differs."""
    if event.device() is not None and event.device().type() is QInputDevice.DeviceType.TouchPad:
        return True
    in_pixels = not event.pixelDelta().isNull() and event.angleDelta().y() % NOTCH != 0
    return event.phase() is not Qt.ScrollPhase.NoScrollPhase or in_pixels
