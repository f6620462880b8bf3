"""The two plots, with what they show and the switches for it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QAction, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from viewer.matching.curve import RatePoint, best_points
from viewer.matching.quality_target import RANGE_DB, QualityMeasure, QualityTarget, ms_ssim_db, ms_ssim_raw
from viewer.session.state import MetricScale
from viewer.ui.common.codec_style import CodecStyle
from viewer.ui.common.formatting import figure_font
from viewer.ui.common.theme import Colours
from viewer.ui.plots.footer import PlotFoot
from viewer.ui.plots.pins import FilePoint, PinPoint, PlotPin
from viewer.ui.plots.rate_plot import RatePlot

if TYPE_CHECKING:
    from viewer.metrics.measurement import Metrics

FRAME_MS = 16
"""Targets and markers that change within one frame are drawn together."""
CURVES_MS = 250
"""Curves are drawn no more often than this, for each time costs as much as a dozen frames of a drag."""


MIN_WIDTH = 372
"""Room for a plot's title and its buttons: a splitter that was left narrower by an earlier run may not cut them."""


PIN_REACH = 16
"""So near to a point, in logical pixels, a right click pins it."""


@dataclass(frozen=True)
class PlotContent:
    """What the plots show. curves: measured points by codec, rate ascending. markers: rate and metrics where a codec is
    now. quality: what was asked for instead of the rate. files: pictures decoded elsewhere. progress: points
    measured, of how many.
    """

    scale: MetricScale = field(default_factory=MetricScale)
    curves: Mapping[str, Sequence[RatePoint]] = field(default_factory=dict)
    markers: Mapping[str, tuple[float, Metrics]] = field(default_factory=dict)
    target_bpp: float = 1.0
    quality: QualityTarget | None = None
    pins: tuple[PinPoint, ...] = ()
    files: tuple[FilePoint, ...] = ()
    progress: tuple[int, int] = (0, 0)


class PlotPanel(QWidget):
    """PSNR and MS-SSIM against bpp. What is new is drawn once a frame."""

    rate_chosen = Signal(float)
    quality_chosen = Signal(float)
    """The user chose this quality in dB, of the metric that is equal."""
    pin_wanted = Signal(object)
    """RatePoint that the user wants to pin."""

    def __init__(self, styles: Mapping[str, tuple[str, CodecStyle]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._styles = tuple(styles)
        self._content = PlotContent()
        self.psnr = RatePlot("PSNR", styles, self)
        self.ms_ssim = RatePlot("MS-SSIM", styles, self)
        self._psnr_title = QLabel(self)
        self._ms_ssim_title = QLabel(self)
        self._progress = _quiet("", self)
        self._frame = QTimer(self, singleShot=True, interval=FRAME_MS)
        self._frame.timeout.connect(self._draw_present)
        self._curves_frame = QTimer(self, singleShot=True, interval=CURVES_MS)
        self._curves_frame.timeout.connect(self._draw_psnr)
        self._second_frame = QTimer(self, singleShot=True, interval=CURVES_MS // 2)
        self._second_frame.timeout.connect(self._draw_ms_ssim)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Button)
        self.setMinimumWidth(MIN_WIDTH)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 7, 8, 8)
        self._rows: list[QHBoxLayout] = []
        for title, plot in ((self._psnr_title, self.psnr), (self._ms_ssim_title, self.ms_ssim)):
            title.setFont(figure_font(self.font(), 1.0, bold=True))
            row = QHBoxLayout()
            row.setSpacing(6)
            row.addWidget(title)
            row.addWidget(_quiet("higher is better", self))
            row.addStretch(1)
            self._rows.append(row)
            layout.addLayout(row)
            layout.addWidget(plot, 1)
            plot.rate_chosen.connect(self.rate_chosen)
            plot.level_chosen.connect(self._choose_level)
            plot.pin_wanted.connect(self._pin_nearest)
        layout.setSpacing(4)
        self.foot = PlotFoot(self)
        layout.addWidget(self.foot)
        self._rows[1].addWidget(self._progress)
        self._entitle()

    @property
    def is_behind(self) -> bool:
        """Whether anything has changed that is not drawn yet."""
        return any(timer.isActive() for timer in (self._frame, self._curves_frame, self._second_frame))

    def add_switches(self, psnr: Sequence[QAction], ms_ssim: Sequence[QAction]) -> None:
        """Put switches for these actions beside the titles."""
        for row, actions in zip(self._rows, (psnr, ms_ssim), strict=True):
            for action in actions:
                button = QToolButton(self)
                button.setDefaultAction(action)
                button.setText(action.iconText())
                button.setFont(figure_font(self.font(), 0.86))
                row.addWidget(button)

    def sizeHint(self) -> QSize:
        return QSize(400, 700)

    def minimumSizeHint(self) -> QSize:
        return QSize(260, 300)

    def show_content(self, content: PlotContent) -> None:
        """Show this from now on; another scale at once."""
        before, self._content = self._content, content
        done, total = content.progress
        self._progress.setText("" if done >= total else f"Curves: {done} of {total} points")
        if content.scale != before.scale:
            self.foot.set_scale(content.scale)
            self._entitle()
            self.draw_now()
        if content.curves != before.curves and not self._curves_frame.isActive():
            self._curves_frame.start()
        if replace(content, curves=before.curves, progress=before.progress) != before:
            self._schedule()

    def set_logarithmic(self, logarithmic: bool) -> None:
        """How the rate axis is scaled."""
        self.psnr.set_logarithmic(logarithmic)
        self.ms_ssim.set_logarithmic(logarithmic)

    def set_colours(self, colours: Colours) -> None:
        """Follow the theme."""
        self.psnr.set_colours(colours)
        self.ms_ssim.set_colours(colours)

    def add_codec(self, codec: str, label: str, style: CodecStyle) -> None:
        """Know one more codec; it is not shown yet."""
        self._styles = (*self._styles, codec)
        for plot in (self.psnr, self.ms_ssim):
            plot.add_codec(codec, label, style)

    def set_codecs(self, codecs: Sequence[str]) -> None:
        """Show these codecs only."""
        self.psnr.set_codecs(codecs)
        self.ms_ssim.set_codecs(codecs)

    def _pin_nearest(self, bpp: float, value: float) -> None:
        """Pin the measured point nearest to a place in the plot that was clicked, if there is one near."""
        in_psnr = self.sender() is self.psnr
        plot, read = (
            (self.psnr, self._content.scale.psnr_db) if in_psnr else (self.ms_ssim, self._content.scale.ms_ssim)
        )
        at = plot.point_of(bpp, value)

        def away(point: RatePoint) -> float:
            place = plot.point_of(point.bpp, read(point.metrics))
            return math.hypot(place.x() - at.x(), place.y() - at.y())

        measure = self._measure(plot)
        points = (p for codec in plot.codecs for p in best_points(self._content.curves.get(codec, ()), measure))
        drawn = [p for p in points if math.isfinite(read(p.metrics))]
        nearest = min(drawn, key=away, default=None)
        if nearest is not None and away(nearest) <= PIN_REACH:
            self.pin_wanted.emit(nearest)

    def _choose_level(self, level: float) -> None:
        quality = self._content.quality
        if quality is not None:
            raw = quality.metric == "ms_ssim" and not self._content.scale.ms_ssim_db
            value_db = ms_ssim_db(min(max(level, 0.0), 1.0)) if raw else level
            low, high = RANGE_DB[quality.metric]
            self.quality_chosen.emit(round(min(max(value_db, low), high), 2))

    def _level(self) -> float | None:
        """The quality asked for, as its plot is read."""
        if self._content.quality is None:
            return None
        raw = self._content.quality.metric == "ms_ssim" and not self._content.scale.ms_ssim_db
        return ms_ssim_raw(self._content.quality.value_db) if raw else self._content.quality.value_db

    def _schedule(self) -> None:
        if not self._frame.isActive():
            self._frame.start()

    def draw_now(self) -> None:
        """Draw what is new without waiting for the frame."""
        self._curves_frame.stop()
        self._second_frame.stop()
        self._draw_curves(self.psnr, self._content.scale.psnr_db)
        self._draw_curves(self.ms_ssim, self._content.scale.ms_ssim)
        self._draw_present()

    def _draw_psnr(self) -> None:
        self._draw_curves(self.psnr, self._content.scale.psnr_db)
        self._second_frame.start()  # not both in one go, in which a drag would stand still for twice as long

    def _draw_ms_ssim(self) -> None:
        self._draw_curves(self.ms_ssim, self._content.scale.ms_ssim)

    def _draw_curves(self, plot: RatePlot, value: Callable[[Metrics], float]) -> None:
        measure = self._measure(plot)
        for codec in self._styles:
            best = best_points(self._content.curves.get(codec, ()), measure)
            plot.set_curve(codec, tuple((point.bpp, value(point.metrics)) for point in best))

    def _measure(self, plot: RatePlot) -> QualityMeasure:
        """What a plot's curves are the best of."""
        return QualityMeasure("psnr" if plot is self.psnr else "ms_ssim", self._content.scale.channel)

    def _draw_present(self) -> None:
        self._frame.stop()
        for plot, value in ((self.psnr, self._content.scale.psnr_db), (self.ms_ssim, self._content.scale.ms_ssim)):
            for codec in self._styles:
                marker = self._content.markers.get(codec)
                plot.set_marker(codec, None if marker is None else (marker[0], value(marker[1])))
            plot.set_target(self._content.target_bpp if self._content.quality is None else None)
            plot.set_pins(
                tuple(
                    PlotPin(
                        one.point.codec,
                        one.point.bpp,
                        value(one.point.metrics),
                        one.pin.colour,
                        one.pin.name,
                        one.chosen,
                    )
                    for one in self._content.pins
                )
                + tuple(
                    PlotPin("", one.bpp, value(one.metrics), one.style.colour, one.name, False, one.style.marker)
                    for one in self._content.files
                )
            )
        metric = "" if self._content.quality is None else self._content.quality.metric
        self.psnr.set_level(self._level() if metric == "psnr" else None)
        self.ms_ssim.set_level(self._level() if metric == "ms_ssim" else None)

    def _entitle(self) -> None:
        channel = "RGB" if self._content.scale.channel == "rgb" else "luma"
        self._psnr_title.setText(f"PSNR {channel}, dB")
        self._ms_ssim_title.setText(f"MS-SSIM {channel}" + (", dB" if self._content.scale.ms_ssim_db else ""))


def _quiet(text: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    label.setFont(figure_font(parent.font(), 0.86))
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label
