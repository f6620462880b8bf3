"""Measures pictures too large to keep every scale of: rows pass through all scales once, and only the maps are kept.

The values are those of `viewer.metrics.ms_ssim`: the same windows over the same rows, summed in a different order.
Between strips, a scale keeps only the last ten rows of each plane, which the next windows need.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from viewer.imaging.image import Pixels
from viewer.metrics.ms_ssim import LUMA_PLANE, Measured, combined, differences_of, luma_of, square_mean
from viewer.metrics.ssim import Window, halve, scale_count

MAP_SCALE = 2
"""Side, in pixels, of the square that each value of the maps is the mean of."""

_STRIP_PIXELS = 1 << 19
_MIN_STRIP_ROWS = 32
_LARGEST_ASPECT = 8

Planes = list[MatLike]
"""Rows of R, G, B and luma."""


class StreamedPicture:
    """An original of which only the pixels are kept. Immutable, so threads may share it."""

    def __init__(self, pixels: Pixels) -> None:
        # Ten rows of a wide panorama would take too much memory: it is transposed, which does not change the values.
        self._on_side = pixels.shape[1] > _LARGEST_ASPECT * pixels.shape[0]
        self._pixels = self._turned(pixels)
        self.scales = scale_count(*pixels.shape[:2])

    def measure(self, pixels: Pixels) -> Measured:
        """Compare a picture, uint8 (H, W, 3) of the original's size. The maps are at 1 / MAP_SCALE of that size."""
        original, pixels = self._pixels, self._turned(pixels)
        height, width = original.shape[:2]
        squared_error, ssim = _HalfMap(height, width), _HalfMap(height, width)
        scales = _scales(height, width, self.scales, ssim)
        error_rgb = error_luma = 0.0
        rows = max(_MIN_STRIP_ROWS, _STRIP_PIXELS // width)
        for top in range(0, height, rows):
            strip = slice(top, top + rows)
            channels = [np.ascontiguousarray(original[strip, :, channel]) for channel in range(LUMA_PLANE)]
            differences = differences_of(channels, np.ascontiguousarray(pixels[strip]))
            mean = np.zeros(differences[0].shape, np.float32)
            error_rgb += square_mean(differences[:LUMA_PLANE], mean)
            error_luma += cv2.norm(differences[LUMA_PLANE], cv2.NORM_L2SQR)
            squared_error.push(mean)
            luma = luma_of([channel.astype(np.float32) for channel in channels])
            scales[0].push([*channels, luma], differences)
        ssim.finish()
        losses = [[total / scale.window.value_count for total in scale.totals] for scale in scales]
        maps = [half.values.T if self._on_side else half.values for half in (squared_error, ssim)]
        return Measured(combined(losses), error_rgb, error_luma, maps[0], maps[1], MAP_SCALE)

    def _turned(self, pixels: Pixels) -> Pixels:
        return pixels.transpose(1, 0, 2) if self._on_side else pixels


class _Scale:
    """One scale: takes rows of the original's and the difference's planes from the top, sums local losses, and passes
    the halved rows on.
    """

    def __init__(self, height: int, width: int, coarser: _Scale | None, ssim: _HalfMap | None) -> None:
        self.window = Window(height, width)
        self.totals = [0.0] * (LUMA_PLANE + 1)
        """For each plane, the sum over all positions of 1 - contrast-structure; at the last scale, of 1 - SSIM."""
        self._coarser = coarser
        self._ssim = ssim
        self._held: tuple[Planes, Planes] | None = None
        self._unpaired: tuple[Planes, Planes] | None = None
        self._alone = height % 2
        """With an odd height, the first row is halved on its own."""

    def push(self, x: Planes, d: Planes) -> None:
        """The next rows."""
        if self._coarser is not None:
            self._halve(x, d, self._coarser)
        x, d = _joined(self._held, x, d)
        reach = 2 * self.window.margin_y
        if len(x[0]) > reach:
            self._add(x, d)
            x, d = ([plane[len(plane) - reach :] for plane in planes] for planes in (x, d))
        self._held = (x, d)

    def _add(self, x: Planes, d: Planes) -> None:
        last = self._coarser is None
        similar: MatLike | None = None
        for i, (rows, difference) in enumerate(zip(x, d, strict=True)):
            mapped = self._ssim is not None and i < LUMA_PLANE
            statistics = self.window.statistics(rows)
            contrast, loss = self.window.losses(rows, statistics, difference, luminance=last or mapped)
            self.totals[i] += cv2.sumElems(loss if last and loss is not None else contrast)[0]
            if mapped and loss is not None:
                similar = loss if similar is None else cv2.add(similar, loss)
        if self._ssim is not None and similar is not None:
            side = self.window.margin_x
            values = cv2.addWeighted(similar, -1 / LUMA_PLANE, similar, 0, 1)
            values = cv2.copyMakeBorder(values, 0, 0, side, side, cv2.BORDER_REPLICATE)
            self._ssim.push(values, missing_before=self.window.margin_y)

    def _halve(self, x: Planes, d: Planes, coarser: _Scale) -> None:
        x, d = _joined(self._unpaired, x, d)
        count = (len(x[0]) + self._alone) // 2 * 2 - self._alone
        self._unpaired = [plane[count:] for plane in x], [plane[count:] for plane in d]
        if count:
            self._alone = 0
            coarser.push(
                [halve(plane[:count].astype(np.float32, copy=False)) for plane in x],
                [halve(plane[:count]) for plane in d],
            )


def _scales(height: int, width: int, count: int, ssim: _HalfMap) -> list[_Scale]:
    """Linked scales, finest first; the first one fills the map."""
    sizes = [(height, width)]
    while len(sizes) < count:
        sizes.append(((sizes[-1][0] + 1) // 2, (sizes[-1][1] + 1) // 2))
    scales: list[_Scale] = []
    for index, size in reversed(list(enumerate(sizes))):
        scales.insert(0, _Scale(*size, scales[0] if scales else None, None if index else ssim))
    return scales


def _joined(before: tuple[Planes, Planes] | None, x: Planes, d: Planes) -> tuple[Planes, Planes]:
    if before is None or not len(before[0][0]):
        return x, d
    first, second = before
    return _stacked(first, x), _stacked(second, d)


def _stacked(before: Planes, after: Planes) -> Planes:
    return [np.vstack(pair) for pair in zip(before, after, strict=True)]


class _HalfMap:
    """A map at half size, filled from the top: means over 2x2 values, or fewer at the end of an odd side."""

    def __init__(self, height: int, width: int) -> None:
        self.values: NDArray[np.float32] = np.empty(((height + 1) // 2, (width + 1) // 2), np.float32)
        self._height = height
        self._taken = 0
        self._unpaired: Sequence[MatLike] = ()
        self._last: MatLike | None = None

    def push(self, rows: MatLike, missing_before: int = 0) -> None:
        """Append rows, all columns. missing_before: rows missing before the first one, which are set equal to it."""
        if self._last is None:
            rows = cv2.copyMakeBorder(rows, missing_before, 0, 0, 0, cv2.BORDER_REPLICATE)
        self._last = rows[-1:].copy()
        rows = np.vstack([*self._unpaired, rows])
        ends = self._taken + len(rows) == self._height
        count = len(rows) if ends else len(rows) // 2 * 2
        self._unpaired = [rows[count:].copy()]
        if count:
            pairs = cv2.copyMakeBorder(rows[:count], 0, count % 2, 0, rows.shape[1] % 2, cv2.BORDER_REPLICATE)
            half = cv2.resize(pairs, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
            self.values[self._taken // 2 : self._taken // 2 + len(half)] = half
            self._taken += count

    def finish(self) -> None:
        """Set the rows missing at the end equal to the last one."""
        missing = self._height - self._taken - sum(map(len, self._unpaired))
        if missing and self._last is not None:
            self.push(np.repeat(self._last, missing, axis=0))
