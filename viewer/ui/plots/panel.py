"""The two plots, with what they show and the switches for it."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QElapsedTimer, QPointF, QSize, QTimer, Signal
from PySide6.QtGui import QAction, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from viewer.matching.curve import RatePoint
from viewer.matching.targets.quality import RANGE_DB, ms_ssim_db
from viewer.matching.targets.score import EqualTarget, ScoreTarget
from viewer.metrics.scoring import score_digits
from viewer.session.metric_choice import MetricChoice
from viewer.session.metric_reading import (
    family,
    label_of,
    metric_read,
    plot_title,
    plotted_curve,
    plotted_level,
    plotted_points,
    plotted_value,
)
from viewer.session.state import MetricScale
from viewer.ui.common.codec_style import CodecStyle
from viewer.ui.common.formatting import figure_font
from viewer.ui.common.theme import Colours
from viewer.ui.plots.footer import PlotFoot
from viewer.ui.plots.legend import PlotLegend
from viewer.ui.plots.pins import FilePoint, PinPoint, PlotPin
from viewer.ui.plots.rate_plot import RatePlot

FRAME_MS = 16
"""Targets and markers are drawn no more often than this: those that change meanwhile are drawn together."""
CURVES_MS = 250
"""Curves are drawn no more often than this, for each time costs as much as a dozen frames of a drag."""


MIN_WIDTH = 372
"""Room for a plot's title and its buttons: a splitter that was left narrower by an earlier run may not cut them."""


PLOT_TIP = "{} of each codec at every rate; {} is better. Click or drag to set the rate; a right click opens a menu."


@dataclass(frozen=True)
class PlotContent:
    """What the plots show. metrics: of the upper plot and of the lower one, as in a MetricChoice. curves: measured
    points by codec, rate ascending. markers: where a codec is now. provisional: rates, bpp, of codecs whose results are
    on their way: their markers are put on their curves. quality: what was asked for instead of the rate. files:
    pictures decoded elsewhere. progress: points measured, of how many; score_progress: scores in slow metrics,
    likewise.
    """

    scale: MetricScale = field(default_factory=MetricScale)
    metrics: tuple[str, str] = MetricChoice().plots
    curves: Mapping[str, Sequence[RatePoint]] = field(default_factory=dict)
    markers: Mapping[str, RatePoint] = field(default_factory=dict)
    provisional: Mapping[str, float] = field(default_factory=dict)
    target_bpp: float = 1.0
    quality: EqualTarget | None = None
    pins: tuple[PinPoint, ...] = ()
    files: tuple[FilePoint, ...] = ()
    progress: tuple[int, int] = (0, 0)
    score_progress: tuple[int, int] = (0, 0)


class PlotPanel(QWidget):
    """Two metrics against bpp. What is new is drawn once a frame."""

    rate_chosen = Signal(float)
    quality_chosen = Signal(float)
    """The user chose this quality, dB or a score, of the metric that is equal."""

    def __init__(self, styles: Mapping[str, tuple[str, CodecStyle]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._styles = tuple(styles)
        self._content = PlotContent()
        self.upper_plot = RatePlot(styles, self)
        self.lower_plot = RatePlot(styles, self)
        self._plots = (self.upper_plot, self.lower_plot)
        self._titles = (QLabel(self), QLabel(self))
        self._directions = (_quiet("", self), _quiet("", self))
        self._progress = _quiet("", self)
        self._channel: list[QToolButton] = []
        self._decibels: list[QToolButton] = []
        self._since_drawn = QElapsedTimer()
        self._frame = QTimer(self, singleShot=True)
        self._frame.timeout.connect(self._draw_present)
        self._curves_frame = QTimer(self, singleShot=True, interval=CURVES_MS)
        self._curves_frame.timeout.connect(self._draw_upper)
        self._second_frame = QTimer(self, singleShot=True, interval=CURVES_MS // 2)
        self._second_frame.timeout.connect(self._draw_lower)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Button)
        self.setMinimumWidth(MIN_WIDTH)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 7, 8, 8)
        self._rows: list[QHBoxLayout] = []
        for title, direction, plot in zip(self._titles, self._directions, self._plots, strict=True):
            title.setFont(figure_font(self.font(), 1.0, bold=True))
            row = QHBoxLayout()
            row.setSpacing(6)
            row.addWidget(title)
            row.addWidget(direction)
            row.addStretch(1)
            self._rows.append(row)
            layout.addLayout(row)
            layout.addWidget(plot, 1)
            plot.rate_chosen.connect(self.rate_chosen)
            plot.level_chosen.connect(self._choose_level)
        layout.setSpacing(4)
        self.legend = PlotLegend(styles, self)
        layout.addWidget(self.legend)
        self.foot = PlotFoot(self)
        layout.addWidget(self.foot)
        self._rows[1].addWidget(self._progress)
        self._entitle()

    @property
    def is_behind(self) -> bool:
        """Whether anything has changed that is not drawn yet."""
        timers = (self._frame, self._curves_frame, self._second_frame)
        return any(timer.isActive() for timer in timers) or any(plot.is_held for plot in self._plots)

    def add_switches(self, channel: QAction, logarithmic: QAction, decibels: QAction) -> None:
        """Put switches for these actions beside the titles: each beside the first plot that it applies to, if any."""
        self._channel = [self._switch(row, channel) for row in self._rows]
        self._switch(self._rows[0], logarithmic)
        self._decibels = [self._switch(row, decibels) for row in self._rows]
        self._place_switches()

    def _switch(self, row: QHBoxLayout, action: QAction) -> QToolButton:
        button = QToolButton(self)
        button.setDefaultAction(action)
        button.setText(action.iconText())
        button.setFont(figure_font(self.font(), 0.86))
        row.addWidget(button)
        return button

    def _place_switches(self) -> None:
        """The channel is one of PSNR and MS-SSIM, dB of MS-SSIM; other metrics know neither."""
        metrics = self._content.metrics
        with_channel = next((n for n, metric in enumerate(metrics) if family(metric)), None)
        with_decibels = next((n for n, metric in enumerate(metrics) if metric == "ms_ssim"), None)
        for number in range(len(metrics)):
            for buttons, place in ((self._channel, with_channel), (self._decibels, with_decibels)):
                if buttons:
                    buttons[number].setVisible(number == place)

    def sizeHint(self) -> QSize:
        return QSize(400, 700)

    def minimumSizeHint(self) -> QSize:
        return QSize(260, 220)

    def show_content(self, content: PlotContent) -> None:
        """Show this from now on; another scale, or other metrics, at once."""
        before, self._content = self._content, content
        progress = _progress_text(content)
        self._progress.setText(progress)
        self._directions[1].setVisible(not progress)  # both have no room in a narrow panel
        if (content.scale, content.metrics) != (before.scale, before.metrics):
            self._entitle()
            self.draw_now()
        if content.curves != before.curves and not self._curves_frame.isActive():
            self._curves_frame.start()
        same = {"curves": before.curves, "progress": before.progress, "score_progress": before.score_progress}
        if replace(content, **same) != before:  # type: ignore[arg-type]
            self._schedule()

    def hold(self) -> None:
        """Keep the plots empty until `release`."""
        for plot in self._plots:
            plot.hold()

    def release(self) -> None:
        """Draw the plots from now on."""
        for plot in self._plots:
            plot.release()

    def set_logarithmic(self, logarithmic: bool) -> None:
        """How the rate axis is scaled."""
        for plot in self._plots:
            plot.set_logarithmic(logarithmic)

    def set_colours(self, colours: Colours) -> None:
        """Follow the theme."""
        for plot in self._plots:
            plot.set_colours(colours)

    def add_codec(self, codec: str, label: str, style: CodecStyle) -> None:
        """Know one more codec; it is not shown yet."""
        self._styles = (*self._styles, codec)
        self.legend.add_codec(codec, label, style)
        for plot in self._plots:
            plot.add_codec(codec, label, style)

    def set_codecs(self, codecs: Sequence[str], hidden: Collection[str] = ()) -> None:
        """Show these codecs only. hidden: those that have an entry in the legend and no curves."""
        self.legend.set_codecs(codecs, hidden)
        for plot in self._plots:
            plot.set_codecs([codec for codec in codecs if codec not in hidden])

    def nearest_point(self, plot: RatePlot, at: QPointF) -> RatePoint | None:
        """The measured point of a curve that is drawn nearest to a place in a plot; None if there is none."""
        metric, scale = self._content.metrics[self._plots.index(plot)], self._content.scale

        def away(point: RatePoint) -> float:
            place = plot.point_of(point.bpp, self._value(metric, point) or 0.0)
            return math.hypot(place.x() - at.x(), place.y() - at.y())

        curves = (plotted_points(metric, scale, self._content.curves.get(codec, ())) for codec in plot.codecs)
        drawn = [p for curve in curves for p in curve if math.isfinite(self._value(metric, p) or 0.0)]
        return min(drawn, key=away, default=None)

    def values_at(self, plot: RatePlot, at: QPointF) -> tuple[float, float | None]:
        """The rate at a place in a plot, bpp, and the quality, dB or a score, if the plot's metric is matched."""
        bpp, level = plot.values_at(at)
        quality, metric = self._content.quality, self._content.metrics[self._plots.index(plot)]
        return bpp, None if quality is None or quality.metric != metric else self._quality_at(quality, level)

    def _choose_level(self, level: float) -> None:
        quality = self._content.quality
        if quality is not None:
            self.quality_chosen.emit(self._quality_at(quality, level))

    def _quality_at(self, quality: EqualTarget, level: float) -> float:
        """A value on a plot's axis as a target, dB or a score, within what can be asked for."""
        if isinstance(quality, ScoreTarget):
            metric = metric_read(quality.metric, self._content.scale)
            low, high = metric.range
            return round(min(max(level, low), high), score_digits(metric))
        raw = quality.metric == "ms_ssim" and not self._content.scale.ms_ssim_db
        value_db = ms_ssim_db(min(max(level, 0.0), 1.0)) if raw else level
        low, high = RANGE_DB[quality.metric]
        return round(min(max(value_db, low), high), 2)

    def _schedule(self) -> None:
        if not self._frame.isActive():
            # Of a drag each frame is painted apart from the pictures, so that the hand never waits for both. Else
            # nothing follows soon, and there is nothing to wait for.
            rested_ms = self._since_drawn.elapsed() if self._since_drawn.isValid() else FRAME_MS
            self._frame.start(FRAME_MS if self._content.provisional else max(0, FRAME_MS - rested_ms))

    def draw_now(self) -> None:
        """Draw what is new without waiting for the frame."""
        self._curves_frame.stop()
        self._second_frame.stop()
        for number in range(len(self._plots)):
            self._draw_curves(number)
        self._draw_present()

    def _draw_upper(self) -> None:
        self._draw_curves(0)
        self._second_frame.start()  # not both in one go, in which a drag would stand still for twice as long

    def _draw_lower(self) -> None:
        self._draw_curves(1)

    def _draw_curves(self, number: int) -> None:
        metric, scale = self._content.metrics[number], self._content.scale
        for codec in self._styles:
            points = self._content.curves.get(codec, ())
            self._plots[number].set_curve(codec, plotted_curve(metric, scale, points))

    def _value(self, metric: str, point: RatePoint) -> float | None:
        return plotted_value(metric, self._content.scale, point.metrics, point.scores)

    def _draw_present(self) -> None:
        self._frame.stop()
        self._since_drawn.start()
        quality = self._content.quality
        for plot, metric in zip(self._plots, self._content.metrics, strict=True):
            for codec in self._styles:
                marker = self._content.markers.get(codec)
                value = None if marker is None else self._value(metric, marker)
                point = None if marker is None or value is None else (marker.bpp, value)
                plot.set_marker(codec, plot.point_on_curve(codec, self._content.provisional.get(codec)) or point)
            plot.set_target(self._content.target_bpp if quality is None else None)
            pins = tuple(pin for one in self._content.pins if (pin := self._pin(metric, one)) is not None)
            files = tuple(pin for one in self._content.files if (pin := self._file(metric, one)) is not None)
            plot.set_pins(pins + files)
            plot.set_level(plotted_level(metric, self._content.scale, quality))

    def _pin(self, metric: str, pin: PinPoint) -> PlotPin | None:
        value = self._value(metric, pin.point)
        if value is None:
            return None
        return PlotPin(pin.point.codec, pin.point.bpp, value, pin.pin.colour, pin.pin.name, pin.chosen)

    def _file(self, metric: str, file: FilePoint) -> PlotPin | None:
        value = plotted_value(metric, self._content.scale, file.metrics, file.scores)
        if value is None:
            return None
        return PlotPin("", file.bpp, value, file.style.colour, file.name, False, file.style.marker)

    def _entitle(self) -> None:
        metrics, scale = self._content.metrics, self._content.scale
        self.foot.set_metrics(metrics, scale)
        self._place_switches()
        for metric, plot, title, direction in zip(metrics, self._plots, self._titles, self._directions, strict=True):
            title.setText(plot_title(metric, scale))
            better = metric_read(metric, scale).direction
            direction.setText(f"{better} is better")
            plot.set_metric(label_of(metric), better)
            title.setToolTip(PLOT_TIP.format(label_of(metric), better))


def _progress_text(content: PlotContent) -> str:
    """What is still on its way."""
    (done, total), (scored, wanted) = content.progress, content.score_progress
    if done < total:
        return f"Curves: {done} of {total} points"
    return f"Scores: {scored} of {wanted}" if scored < wanted else ""


def _quiet(text: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    label.setFont(figure_font(parent.font(), 0.86))
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label
