"""Mean quality against rate, with a band of quartiles behind each curve and, on demand, a point for each picture."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtWidgets import QWidget

from viewer.matching.targets.rate import MAX_BPP, MIN_BPP
from viewer.ui.common.codec_style import CodecStyle
from viewer.ui.common.theme import colours_of
from viewer.ui.plots.legend import PlotLegend
from viewer.ui.plots.rate_plot import RatePlot

if TYPE_CHECKING:
    from viewer.ui.plots.axes import AxesLook

Band = Sequence[tuple[float, float, float]]
"""(bpp, lower, upper quartile), rate ascending."""
Cloud = Sequence[tuple[float, float]]
"""(bpp, value) of pictures."""

_BAND_ALPHA = 40
_CLOUD_ALPHA = 130
_CLOUD_SIZE = 4
_RATES_PADDING = 0.02
_MARGIN = 1.12
"""The plot reaches this factor beyond the lowest and highest rate."""


class SetPlot(RatePlot):
    """A rate plot of means."""

    def __init__(self, styles: Mapping[str, tuple[str, CodecStyle]], parent: QWidget | None = None) -> None:
        self._spread: tuple[float, ...] = ()
        """The ends of bands and clouds, which the axis shows, too."""
        self._rates: tuple[float, float] | None = None
        super().__init__(styles, parent)
        self._behind: list[Any] = []
        self.set_colours(colours_of(self.palette()))

    def show_set(
        self,
        curves: Mapping[str, Sequence[tuple[float, float]]],
        bands: Mapping[str, Band],
        clouds: Mapping[str, Cloud],
        styles: Mapping[str, tuple[str, CodecStyle]],
    ) -> None:
        """Draw these, by codec. bands, clouds: may lack codecs."""
        for codec, (label, style) in styles.items():
            if codec not in self._styles:
                self.add_codec(codec, label, style)
        spread = [end for band in bands.values() for _, *ends in band for end in ends]
        spread += [value for cloud in clouds.values() for _, value in cloud]
        known = [value for value in spread if math.isfinite(value)]
        self._spread = (min(known), max(known)) if known else ()
        for codec in self._styles:
            self.set_curve(codec, tuple(curves.get(codec, ())))
        self.set_codecs(tuple(curves))
        for old in self._behind:
            self._made_axes().item.removeItem(old)
        self._behind = []
        for codec in curves:
            colour = QColor(styles[codec][1].colour)
            self._add_band(colour, bands.get(codec, ()))
            self._add_cloud(colour, clouds.get(codec, ()))
        self._fit_rates([bpp for points in (*curves.values(), *clouds.values()) for bpp, _ in points])

    @property
    def behind(self) -> tuple[Any, ...]:
        """What is drawn behind the curves: bands, with their edges, and points."""
        return tuple(self._behind)

    def _add_band(self, colour: QColor, band: Band) -> None:
        known = [(bpp, low, high) for bpp, low, high in band if math.isfinite(low) and math.isfinite(high)]
        if len(known) < 2:
            return
        import pyqtgraph as pg  # when there is a set: it takes a quarter of a second

        rates = [self._x(bpp) for bpp, _, _ in known]
        edges = [pg.PlotCurveItem(rates, [end[place] for end in known], pen=None) for place in (1, 2)]
        fill = QColor(colour)
        fill.setAlpha(_BAND_ALPHA)
        between = pg.FillBetweenItem(*edges, brush=fill)
        for one in (*edges, between):
            one.setZValue(-10)
            self._made_axes().item.addItem(one)
            self._behind.append(one)

    def _add_cloud(self, colour: QColor, cloud: Cloud) -> None:
        known = [(bpp, value) for bpp, value in cloud if math.isfinite(value)]
        if not known:
            return
        import pyqtgraph as pg

        dots = QColor(colour)
        dots.setAlpha(_CLOUD_ALPHA)
        points = pg.ScatterPlotItem(
            [self._x(bpp) for bpp, _ in known],
            [value for _, value in known],
            size=_CLOUD_SIZE,
            brush=dots,
            pen=None,
            antialias=True,
        )
        points.setZValue(-5)
        self._made_axes().item.addItem(points)
        self._behind.append(points)

    def _draw_curves(self) -> None:
        values = [value for codec in self._codecs for _bpp, value in self._drawn_points(codec)]
        values += self._spread
        whole = (min(values), max(values)) if values else None
        super()._draw_curves()
        if whole is not None and whole != self._values_range:
            self._values_range = whole
            self._redraw()

    def _fit_rates(self, rates: Sequence[float]) -> None:
        low = max(min(rates, default=MIN_BPP) / _MARGIN, MIN_BPP / _MARGIN)
        high = min(max(rates, default=MAX_BPP) * _MARGIN, MAX_BPP * _MARGIN)
        self._rates = (low, high)
        self._redraw()

    def _axes_look(self) -> AxesLook:
        look = super()._axes_look()
        if self._rates is None:
            return look
        return replace(look, x=(self._x(self._rates[0]), self._x(self._rates[1])), x_padding=_RATES_PADDING)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_behind"):
            self.set_colours(colours_of(self.palette()))


class SetLegend(PlotLegend):
    """The legend of a set's plot; nothing in it can be clicked."""

    def __init__(self, styles: Mapping[str, tuple[str, CodecStyle]], parent: QWidget | None = None) -> None:
        super().__init__(styles, parent)
        self.setCursor(Qt.CursorShape.ArrowCursor)

    def show_codecs(self, styles: Mapping[str, tuple[str, CodecStyle]]) -> None:
        """Entries for these."""
        self._styles.update(styles)
        self.set_codecs(tuple(styles), ())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.ignore()

    def tip_of(self, codec: str) -> str:
        """The encoder that made a codec's curve, and its settings."""
        return super().tip_of(codec).partition("\n")[0]
