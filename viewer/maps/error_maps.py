"""Differences and maps of a codec as pixels, and their legends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from viewer.imaging.image import Pixels
from viewer.maps.difference import DifferenceMode, difference_picture, error_in_levels, map_picture
from viewer.metrics.base import HasMap, Metric
from viewer.metrics.registry import metric_named
from viewer.session.pane_layout import VIEWS, Show

if TYPE_CHECKING:
    from viewer.matching.reconstruction import Reconstruction
    from viewer.matching.result import Result

Map = NDArray[np.float32]

MODES = {Show.SIGNED: DifferenceMode.SIGNED, Show.ABSOLUTE: DifferenceMode.ABSOLUTE}

LEVELS = "8-bit levels"
_STRIP_PIXELS = 1 << 23
"""Larger pictures are processed in strips, to bound the memory."""
_STRIP_HALO = 64
"""Rows around a strip that its values depend on. (Canny's hysteresis can depend on more, but hardly does.)"""
_STRIP_GRID = 16
"""Strips begin at multiples of this, as codecs' blocks do."""
_HIGH_AT_GAIN_1 = {
    Show.ERROR: 128.0,
    Show.SSIM: 2.0,
    Show.BLOCKING: 64.0,
    Show.RINGING: 64.0,
    Show.BLUR: 2.0,
    Show.BITS: 2048.0,
}
"""A map's brightest colour means this value divided by the gain; at gain 4, photographs at low rates reach it."""


@dataclass(frozen=True)
class Legend:
    """How to read a map. low, high: values of the darkest and the brightest colour. unit: may be empty.

    coloured: uses the colours of `map_picture`, else greys.
    """

    title: str
    low: float
    high: float
    unit: str
    coloured: bool


def legend_of(show: Show, gain: int, against: str = "original", mapped: str = "") -> Legend | None:
    """The legend of a map or difference; None for the picture itself and VIEWS of it. against: what a difference is to.
    mapped: the metric of METRIC.
    """
    if show is Show.PICTURE or show in VIEWS:
        return None
    if show is Show.SIGNED:
        return Legend(f"Decoded − {against}", -127 / gain, 127 / gain, LEVELS, coloured=False)
    if show is Show.ABSOLUTE:
        return Legend(f"|Decoded − {against}|", 0.0, 255 / gain, LEVELS, coloured=False)
    if show is Show.METRIC:
        metric = metric_named(mapped)
        return Legend(f"{metric.label} map", 0.0, _metric_high(metric) / gain, "", coloured=True)
    high = _HIGH_AT_GAIN_1[show] / gain
    if show is Show.SSIM:
        return Legend("Local SSIM", 1.0, 1.0 - high, "", coloured=True)
    titles = {
        Show.ERROR: ("RMS error of R, G, B", LEVELS),
        Show.BLOCKING: ("Blocking, 8 × 8", LEVELS),
        Show.RINGING: ("Ringing", LEVELS),
        Show.BLUR: ("Blur", "share of detail lost"),
        Show.BITS: ("Bits, 16 × 16", "bits per block"),
    }
    title, unit = titles[show]
    return Legend(title, 0.0, high, unit, coloured=True)


def metric_pixels(errors: Map, mapped: str, gain: int) -> Pixels:
    """A metric's own map, (H, W), as a picture."""
    return map_picture(errors, 0.0, _metric_high(metric_named(mapped)) / gain)


def _metric_high(metric: Metric) -> float:
    return metric.map_high if isinstance(metric, HasMap) and metric.map_high else 1.0


def unavailable_reason(show: Show, codec: str | None) -> str:
    """Why a map is unavailable for a codec, as a sentence; empty if it is available. codec: None for a picture that was
    decoded elsewhere.
    """
    from viewer.maps.bit_map import no_bit_map_reason

    if show is not Show.BITS:
        return ""
    if codec is None:
        return "Only the learned codec’s bits are mapped, not those of a file that was decoded elsewhere."
    return no_bit_map_reason(codec)


def codec_of(result: Result | Reconstruction) -> str | None:
    """The codec that made it; None of a picture that was decoded elsewhere."""
    from viewer.matching.reconstruction import Reconstruction

    return None if isinstance(result, Reconstruction) else result.request.codec


def shown_pixels(show: Show, gain: int, original: Pixels, result: Result | Reconstruction) -> Pixels:
    """The picture, difference or map of a result, uint8 (H, W, 3); ERROR and SSIM are smaller for large pictures.

    Without a bit map: the picture itself, darkened and half as large, as a background for the reason.
    """
    if show is Show.PICTURE:
        return result.reconstruction
    if show in VIEWS:
        from viewer.maps.channels import view_picture

        return view_picture(show, result.reconstruction)
    if show is Show.BITS:
        return _bits_pixels(result, _HIGH_AT_GAIN_1[show] / gain)
    if show is Show.ERROR:
        return map_picture(error_in_levels(result.measurement.squared_error), 0.0, _HIGH_AT_GAIN_1[show] / gain)
    if show is Show.SSIM:
        return map_picture(1.0 - result.measurement.ssim, 0.0, _HIGH_AT_GAIN_1[show] / gain)
    height, width = original.shape[:2]
    rows = max(1, _STRIP_PIXELS // width // _STRIP_GRID) * _STRIP_GRID
    if rows >= height:
        return _compared(show, gain, original, result.reconstruction)
    pixels = np.empty_like(original)
    for top in range(0, height, rows):
        first, bottom = max(0, top - _STRIP_HALO), min(height, top + rows)
        seen = slice(first, min(height, bottom + _STRIP_HALO))
        strip = _compared(show, gain, original[seen], result.reconstruction[seen])
        pixels[top:bottom] = strip[top - first : bottom - first]
    return pixels


def _compared(show: Show, gain: int, original: Pixels, decoded: Pixels) -> Pixels:
    """A difference, or a map of an artefact, for some rows."""
    if show in MODES:
        return difference_picture(original, decoded, MODES[show], float(gain))
    from viewer.maps import artifacts

    measure = {Show.BLOCKING: artifacts.blocking, Show.RINGING: artifacts.ringing, Show.BLUR: artifacts.blur}[show]
    values = measure(artifacts.luma(original), artifacts.luma(decoded))
    return map_picture(np.asarray(values), 0.0, _HIGH_AT_GAIN_1[show] / gain)


def _bits_pixels(result: Result | Reconstruction, high: float) -> Pixels:
    from viewer.maps.bit_map import block_bits, upscale_blocks
    from viewer.matching.reconstruction import Reconstruction

    if isinstance(result, Reconstruction) or unavailable_reason(Show.BITS, result.request.codec):
        return np.asarray(result.reconstruction[::2, ::2] // 4)
    return upscale_blocks(map_picture(block_bits(result), 0.0, high), *result.reconstruction.shape[:2])
