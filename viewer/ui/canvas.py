"""One picture, zoomed and panned; all canvases of a window share one View."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from viewer.session import FIT, Placement, Size, View, panned, place, zoomed
from viewer.ui.picture import Picture
from viewer.ui.theme import SURROUND

WHEEL_ZOOM = 1.25
"""Zoom factor for one notch of the wheel."""

KEY_PAN = 0.1
"""Share of the canvas that an arrow key moves the picture by."""

LARGEST_SCALED = 4_000_000
"""Up to so many pixels the picture is kept scaled for the present zoom; a larger one is scaled while it is painted."""


class Canvas(QWidget):
    """Paints a picture where a View says. It paints in device pixels itself, because at fractional display scaling
    logical coordinates cannot put one image pixel on one device pixel.

    Minified pictures are averaged over area, never sampled; magnified ones are smooth or nearest, as chosen.
    """

    view_changed = Signal(object)
    """The user asks for another View."""
    resized = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture: Picture | None = None
        self._view = FIT
        self._smooth = False
        self._hint = ""
        self._drag_from: QPointF | None = None
        self._ringed = False
        self._scaled: tuple[Picture, QSize, QImage] | None = None
        self.setAccessibleName(f"{name} picture")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(80, 60)
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    @property
    def view(self) -> View:
        return self._view

    @property
    def picture(self) -> Picture | None:
        return self._picture

    @property
    def placement(self) -> Placement | None:
        """Where the picture lies now, in device pixels from the canvas's corner."""
        return None if self._picture is None else place(self._view, self._size(), self.area)

    @property
    def area(self) -> Size:
        """The canvas's size in device pixels."""
        ratio = self.devicePixelRatioF()
        return round(self.width() * ratio), round(self.height() * ratio)

    def show_picture(self, picture: Picture | None) -> None:
        """Show another picture in the same place."""
        self._picture = picture
        self._scaled = None
        self.update()

    def set_view(self, view: View) -> None:
        """Look elsewhere."""
        if view != self._view:
            self._view = view
            self.update()

    def set_smooth(self, smooth: bool) -> None:
        """How to magnify: smooth (bilinear) or nearest pixel."""
        self._smooth = smooth
        self.update()

    def set_hint(self, hint: str) -> None:
        """What to say while there is no picture."""
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
            painter.save()
            self._paint_picture(painter, self._picture)
            painter.restore()
        if self._ringed:
            painter.setPen(QPen(Qt.GlobalColor.black, 1))
            painter.drawRect(self.rect().adjusted(1, 1, -2, -2))
            painter.setPen(QPen(Qt.GlobalColor.white, 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _paint_picture(self, painter: QPainter, picture: Picture) -> None:
        placement = place(self._view, self._size(), self.area)
        device = painter.deviceTransform()
        corner = QTransform.fromTranslate(round(device.dx()) + placement.left, round(device.dy()) + placement.top)
        painter.setWorldTransform(corner * device.inverted()[0])
        if placement.zoom < 1.0:
            self._paint_minified(painter, picture, placement.zoom)
        else:
            self._paint_magnified(painter, picture, placement)

    def _paint_minified(self, painter: QPainter, picture: Picture, zoom: float) -> None:
        size = QSize(max(1, round(picture.width * zoom)), max(1, round(picture.height * zoom)))
        level = picture.level_for(zoom)
        if size.width() * size.height() > LARGEST_SCALED:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.scale(size.width() / level.width(), size.height() / level.height())
            painter.drawImage(0, 0, level)
            return
        if self._scaled is None or self._scaled[:2] != (picture, size):
            mode = Qt.TransformationMode.SmoothTransformation
            self._scaled = (picture, size, level.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, mode))
        painter.drawImage(0, 0, self._scaled[2])

    def _paint_magnified(self, painter: QPainter, picture: Picture, placement: Placement) -> None:
        image, zoom = picture.levels[0], placement.zoom
        # Only what is visible, and two pixels around for the interpolation.
        left = max(0, int(-placement.left / zoom) - 2)
        top = max(0, int(-placement.top / zoom) - 2)
        right = min(picture.width, int((self.area[0] - placement.left) / zoom) + 3)
        bottom = min(picture.height, int((self.area[1] - placement.top) / zoom) + 3)
        if right <= left or bottom <= top:
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._smooth and zoom != 1.0)
        painter.scale(zoom, zoom)
        painter.drawImage(left, top, image, left, top, right - left, bottom - top)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """A click shows by what it does; only the keyboard needs a ring."""
        super().focusInEvent(event)
        self._ringed = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._ringed = False
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120
        if notches:
            self.zoom_by(WHEEL_ZOOM**notches, event.position())
        event.accept()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and event.gestureType() is Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom_by(1.0 + event.value(), event.position())
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._drag_from = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag_from is not None:
            step = event.position() - self._drag_from
            self._drag_from = event.position()
            self._pan_by(step.x(), step.y())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Between fitting and 1:1 at the pointer."""
        placement = self.placement
        if placement is not None and self._view.zoom is None:
            self.zoom_by(1.0 / placement.zoom, event.position())
        else:
            self.view_changed.emit(FIT)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._drag_from = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)

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
