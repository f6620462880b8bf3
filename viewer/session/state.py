"""What the window shows, as frozen values: the picture, the rate, where the panes look, and how the metrics are read.

Pure: nothing here knows Qt. Lengths on the screen are device pixels (the screen's own), so that a zoom of 1 is exactly
one image pixel to one device pixel at every display scaling.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from viewer.matching.targets.quality import METRIC_NAMES, Channel, QualityMeasure, ms_ssim_db
from viewer.matching.targets.score import EqualTarget, ScoreTarget
from viewer.session.metric_choice import MetricChoice
from viewer.session.pane_layout import PaneLayout
from viewer.session.pins import Pins

if (
    TYPE_CHECKING
):  # viewer.metrics.measurement brings the numerical libraries in, and the window is up before they are loaded
    from viewer.imaging.image import Image
    from viewer.metrics.measurement import Metrics

MAX_ZOOM = 64.0
"""Largest zoom, device pixels an image pixel."""

MIN_SHOWN = 0.25
"""Smallest zoom, as a share of the zoom that fits the whole picture."""

NEARLY_ONE = 0.015
"""A picture that fits at a zoom so near to 1 is shown at 1:1."""

STOPS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
"""Zooms that a step never passes."""

Size = tuple[float, float]
"""Width and height."""


@dataclass(frozen=True)
class View:
    """Where every pane looks.

    zoom: device pixels an image pixel, None to fit. centre: x, y in image pixels, None for the middle.
    """

    zoom: float | None = None
    centre: tuple[float, float] | None = None


FIT = View()


@dataclass(frozen=True)
class Placement:
    """Where a picture lies. left, top: its corner in whole device pixels, so that nothing is resampled at zoom 1."""

    zoom: float
    left: int
    top: int


@dataclass(frozen=True)
class MetricScale:
    """How metrics are read. channel: R, G, B averaged, or luma (BT.601). ms_ssim_db: -10 log10(1 - x), not raw."""

    channel: Channel = "rgb"
    ms_ssim_db: bool = True

    def psnr_db(self, metrics: Metrics) -> float:
        """PSNR of the chosen channel in dB."""
        return metrics.psnr_rgb_db if self.channel == "rgb" else metrics.psnr_luma_db

    @property
    def best_in(self) -> QualityMeasure:
        """What decides between a codec's variants at equal rate: PSNR of the channel that is read."""
        return QualityMeasure("psnr", self.channel)

    def ms_ssim(self, metrics: Metrics) -> float:
        """MS-SSIM of the chosen channel, raw in 0..1 or in dB."""
        raw = metrics.ms_ssim_rgb if self.channel == "rgb" else metrics.ms_ssim_luma
        return ms_ssim_db(raw) if self.ms_ssim_db else raw


@dataclass(frozen=True)
class Session:
    """Everything that decides what the window shows.

    quality: what every codec is to have in common; None: the rate, target_bpp.
    """

    target_bpp: float
    image: Image | None = None
    view: View = FIT
    scale: MetricScale = field(default_factory=MetricScale)
    pane_layout: PaneLayout = field(default_factory=PaneLayout)
    quality: EqualTarget | None = None
    pins: Pins = field(default_factory=Pins)
    metric_choice: MetricChoice = field(default_factory=MetricChoice)

    @property
    def columns(self) -> tuple[str, ...]:
        """The metrics in the heads: those that were chosen, and the one that is equal for all codecs."""
        chosen, equal = self.metric_choice.columns, self.quality
        lacking = isinstance(equal, ScoreTarget) and equal.metric not in chosen
        return (*chosen, equal.metric) if lacking and equal is not None else chosen

    @property
    def slow_metrics(self) -> tuple[str, ...]:
        """The metrics that pictures are scored in: those that are chosen, and the one that is equal."""
        return tuple(
            name for name in dict.fromkeys((*self.metric_choice.slow, *self.columns)) if name not in METRIC_NAMES
        )

    def with_image(self, image: Image) -> Session:
        """The same rate on another picture; the same view too when it has the same size."""
        same_size = self.image is not None and (self.image.width, self.image.height) == (image.width, image.height)
        if same_size:
            return replace(self, image=image)
        return replace(self, image=image, view=FIT, pane_layout=replace(self.pane_layout, line=None))


def fit_zoom(image: Size, area: Size) -> float:
    """The largest zoom at which the whole picture is in the area."""
    return max(min(area[0] / image[0], area[1] / image[1]), 1e-6)


def resolved_zoom(view: View, image: Size, area: Size) -> float:
    """The zoom of a view, device pixels an image pixel, with fitting worked out.

    A picture that fits at almost 1:1 is shown at 1:1: resampled to 99 %, every pixel of it would be blurred.
    """
    if view.zoom is not None:
        return view.zoom
    fit = fit_zoom(image, area)
    return 1.0 if abs(fit - 1.0) <= NEARLY_ONE else fit


def place(view: View, image: Size, area: Size) -> Placement:
    """Where the picture lies in an area of so many device pixels."""
    zoom = resolved_zoom(view, image, area)
    x, y = _centre(view, image, area, zoom)
    # Not round(): it takes halves to even numbers, and a pan by one pixel would move by none or two.
    return Placement(zoom, math.floor(area[0] / 2 - x * zoom + 0.5), math.floor(area[1] / 2 - y * zoom + 0.5))


def zoomed(view: View, image: Size, area: Size, at: tuple[float, float], factor: float) -> View:
    """Zoom by a factor while the image point at `at` (device pixels in the area) stays where it is.

    A step that would pass one of STOPS ends there, so that turning the wheel finds exact pixels.
    """
    fit = fit_zoom(image, area)
    before = resolved_zoom(view, image, area)
    after = min(max(before * factor, min(fit * MIN_SHOWN, 1.0)), max(MAX_ZOOM, fit))
    # A factor of 1 / before brings it to 1 but for a rounding, at which pixels would be resampled.
    near = [stop for stop in STOPS if math.isclose(after, stop, rel_tol=1e-9)]
    low, high = sorted((before, after))
    passed = near or [stop for stop in STOPS if low < stop < high and not math.isclose(before, stop, rel_tol=1e-9)]
    return _anchored(view, image, area, at, min(passed, key=lambda stop: abs(stop - after), default=after))


def at_zoom(view: View, image: Size, area: Size, zoom: float) -> View:
    """A view of a given zoom, about the same centre."""
    return _anchored(view, image, area, (area[0] / 2, area[1] / 2), zoom)


def panned(view: View, image: Size, area: Size, by: tuple[float, float]) -> View:
    """Move the picture by so many device pixels, at most until its border is at the area's; the same view if it
    cannot move.
    """
    zoom = resolved_zoom(view, image, area)
    x, y = _centre(view, image, area, zoom)
    centre = _inside((x - by[0] / zoom, y - by[1] / zoom), image, area, zoom)
    return view if centre == (x, y) else View(zoom, centre)


def _anchored(view: View, image: Size, area: Size, at: tuple[float, float], zoom: float) -> View:
    before = resolved_zoom(view, image, area)
    x, y = _centre(view, image, area, before)
    from_middle = (at[0] - area[0] / 2, at[1] - area[1] / 2)
    still = 1.0 / before - 1.0 / zoom
    return View(zoom, _inside((x + from_middle[0] * still, y + from_middle[1] * still), image, area, zoom))


def _centre(view: View, image: Size, area: Size, zoom: float) -> tuple[float, float]:
    """What lies in the middle of an area, which may be larger than the one that the view was made in."""
    return _inside(view.centre or (image[0] / 2, image[1] / 2), image, area, zoom)


def _inside(centre: tuple[float, float], image: Size, area: Size, zoom: float) -> tuple[float, float]:
    """The nearest centre at which no surround is seen; the middle of a side that is seen from end to end."""
    x, y = (
        side / 2 if side <= (seen := room / zoom) else min(max(middle, seen / 2), side - seen / 2)
        for middle, side, room in zip(centre, image, area, strict=True)
    )
    return x, y
