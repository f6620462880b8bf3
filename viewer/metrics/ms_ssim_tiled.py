"""Measures pictures too large to keep every scale of: rows pass through all scales once, and only the maps are kept.

The values are those of `viewer.metrics.ms_ssim`: the same windows over the same rows, summed in a different order.
Between strips, a scale keeps only the last ten rows of each plane, which the next windows need.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import reduce
from typing import Self

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from models.cpu import thread_count
from viewer.imaging.image import Pixels
from viewer.metrics.ms_ssim import LUMA_PLANE, Measured, combined, differences_of, luma_of, square_mean
from viewer.metrics.ssim import Window, halve, scale_count

MAP_SCALE = 2
"""Side, in pixels, of the square that each value of the maps is the mean of."""

_STRIP_PIXELS = 1 << 19
_MIN_STRIP_ROWS = 32
_BLOCK_VALUES = 3 << 15
_MIN_BLOCK_COLUMNS = 64
"""Local values are computed of so many columns of a strip that the dozen buffers fit into the second-level cache."""
_LARGEST_ASPECT = 8


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
        error_rgb = error_luma = 0.0
        rows = max(_MIN_STRIP_ROWS, _STRIP_PIXELS // width)
        with _Planes(height, width, self.scales, ssim) as planes:
            for top in range(0, height, rows):
                strip = slice(top, top + rows)
                channels = [np.ascontiguousarray(original[strip, :, channel]) for channel in range(LUMA_PLANE)]
                differences = differences_of(channels, np.ascontiguousarray(pixels[strip]))
                mean = np.zeros(differences[0].shape, np.float32)
                error_rgb += square_mean(differences[:LUMA_PLANE], mean)
                error_luma += cv2.norm(differences[LUMA_PLANE], cv2.NORM_L2SQR)
                squared_error.push(mean)
                luma = luma_of([channel.astype(np.float32) for channel in channels])
                planes.push([*channels, luma], differences)
        ssim.finish()
        maps = [half.values.T if self._on_side else half.values for half in (squared_error, ssim)]
        return Measured(combined(planes.losses), error_rgb, error_luma, maps[0], maps[1], MAP_SCALE)

    def _turned(self, pixels: Pixels) -> Pixels:
        return pixels.transpose(1, 0, 2) if self._on_side else pixels


class _Planes:
    """R, G, B and luma at all scales, and the map that R, G and B make up. In the context, each plane is computed in a
    thread, as far as there are threads, while the caller prepares the next rows.
    """

    def __init__(self, height: int, width: int, scales: int, ssim: _HalfMap) -> None:
        self._planes = [_scales(height, width, scales, mapped=plane < LUMA_PLANE) for plane in range(LUMA_PLANE + 1)]
        self._ssim = ssim
        self._threads = min(thread_count(), len(self._planes))
        self._pool: ThreadPoolExecutor | None = None
        self._begun: list[Future[MatLike | None]] = []

    def __enter__(self) -> Self:
        if self._threads > 1:
            self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="ratelens-planes")
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            with self._pool:  # which waits for what is at work
                self._take_begun()

    def push(self, x: Sequence[MatLike], d: Sequence[MatLike]) -> None:
        """The next rows of the original's planes and of the difference's."""
        if self._pool is None:
            self._take([scales[0].push(*rows) for scales, *rows in zip(self._planes, x, d, strict=True)])
            return
        self._take_begun()
        self._begun = [
            self._pool.submit(scales[0].push, *rows) for scales, *rows in zip(self._planes, x, d, strict=True)
        ]

    @property
    def losses(self) -> list[list[float]]:
        """At each scale, finest first, each plane's mean over all positions of 1 - contrast-structure; at the last one
        of 1 - SSIM.
        """
        return [
            [scale.total / scale.window.value_count for scale in of_all] for of_all in zip(*self._planes, strict=True)
        ]

    def _take_begun(self) -> None:
        self._take([future.result() for future in self._begun])
        self._begun = []

    def _take(self, losses: Sequence[MatLike | None]) -> None:
        """Add to the map what the planes have completed."""
        complete = [loss for loss in losses if loss is not None]
        if not complete:
            return
        similar = reduce(cv2.add, complete)
        values = cv2.addWeighted(similar, -1 / LUMA_PLANE, similar, 0, 1)
        window = self._planes[0][0].window
        side = window.margin_x
        values = cv2.copyMakeBorder(values, 0, 0, side, side, cv2.BORDER_REPLICATE)
        self._ssim.push(values, missing_before=window.margin_y)


class _Scale:
    """A plane at one scale: takes rows of the original and of the difference from the top, sums local losses, and
    passes the halved rows on.
    """

    def __init__(self, height: int, width: int, coarser: _Scale | None, *, mapped: bool) -> None:
        """mapped: whether the local values of 1 - SSIM are wanted."""
        self.window = Window(height, width)
        self.total = 0.0
        """The sum over all positions of 1 - contrast-structure; at the last scale, of 1 - SSIM."""
        self._coarser = coarser
        self._mapped = mapped
        self._held: _Rows | None = None
        self._unpaired: _Rows | None = None
        self._alone = height % 2
        """With an odd height, the first row is halved on its own."""

    def push(self, x: MatLike, d: MatLike) -> MatLike | None:
        """The next rows. Returns the local values of 1 - SSIM that they complete, if these are wanted."""
        if self._coarser is not None:
            self._halve(x, d, self._coarser)
        x, d = _joined(self._held, x, d)
        reach = 2 * self.window.margin_y
        loss = None
        if len(x) > reach:
            loss = self._add(x, d)
            x, d = x[len(x) - reach :], d[len(d) - reach :]
        self._held = (x, d)
        return loss

    def _add(self, x: MatLike, d: MatLike) -> MatLike | None:
        last = self._coarser is None
        rows, columns = len(x) - 2 * self.window.margin_y, x.shape[1] - 2 * self.window.margin_x
        losses = np.empty((rows, columns), np.float32) if self._mapped else None
        across = max(_MIN_BLOCK_COLUMNS, _BLOCK_VALUES // len(x))
        for left in range(0, columns, across):
            inside = slice(left, min(left + across, columns))
            window = slice(inside.start, inside.stop + 2 * self.window.margin_x)
            part = x[:, window]
            contrast, loss = self.window.losses(
                part, self.window.statistics(part), d[:, window], luminance=last or self._mapped
            )
            self.total += cv2.sumElems(loss if last and loss is not None else contrast)[0]
            if losses is not None and loss is not None:
                losses[:, inside] = loss
        return losses

    def _halve(self, x: MatLike, d: MatLike, coarser: _Scale) -> None:
        x, d = _joined(self._unpaired, x, d)
        count = (len(x) + self._alone) // 2 * 2 - self._alone
        self._unpaired = x[count:], d[count:]
        if count:
            self._alone = 0
            coarser.push(halve(x[:count].astype(np.float32, copy=False)), halve(d[:count]))


_Rows = tuple[MatLike, MatLike]
"""Of the original and of the difference."""


def _scales(height: int, width: int, count: int, *, mapped: bool) -> list[_Scale]:
    """A plane's linked scales, finest first; mapped: of the first one."""
    sizes = [(height, width)]
    while len(sizes) < count:
        sizes.append(((sizes[-1][0] + 1) // 2, (sizes[-1][1] + 1) // 2))
    scales: list[_Scale] = []
    for index, size in reversed(list(enumerate(sizes))):
        scales.insert(0, _Scale(*size, scales[0] if scales else None, mapped=mapped and not index))
    return scales


def _joined(before: _Rows | None, x: MatLike, d: MatLike) -> _Rows:
    if before is None or not len(before[0]):
        return x, d
    return np.vstack((before[0], x)), np.vstack((before[1], d))


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
