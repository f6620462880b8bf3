"""Where values are in a drawn plot."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF


@dataclass(frozen=True)
class Frame:
    """Maps values to pixels. rect: of the plot inside its axes, in logical pixels. x, y: the ranges shown."""

    rect: QRectF
    x: tuple[float, float]
    y: tuple[float, float]

    def point(self, x: float, y: float) -> QPointF:
        """The position of a value."""
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        up = (y - self.y[0]) / (self.y[1] - self.y[0])
        return QPointF(self.rect.left() + across * self.rect.width(), self.rect.bottom() - up * self.rect.height())

    def x_at(self, pixel: float) -> float:
        """The value on the x axis at a pixel."""
        return self.x[0] + (pixel - self.rect.left()) / self.rect.width() * (self.x[1] - self.x[0])

    def y_at(self, pixel: float) -> float:
        """The value on the y axis at a pixel."""
        return self.y[0] + (self.rect.bottom() - pixel) / self.rect.height() * (self.y[1] - self.y[0])
