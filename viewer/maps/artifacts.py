"""Maps of blocking, ringing and blur: where each artefact is and how strong, relative to the original.

All take luma planes (see `luma`) of the original and the decoded picture, and return float32 (H, W), zero where the
decoded picture is no worse than the original. They are meant for finding artefacts, not for ranking codecs.
"""

from __future__ import annotations

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from viewer.imaging.image import Pixels

Plane = MatLike

_BLOCK = 8
_EDGE_LOW, _EDGE_HIGH = 60, 150
_RING_REACH = 8
_BLUR_WINDOW = 17
_LOW_PASS_TAPS = 9
_FULL_WEIGHT_VARIATION = 2.0


def luma(pixels: Pixels) -> Plane:
    """BT.601 luma of uint8 (H, W, 3): float32 (H, W), 0..255."""
    weights = np.array([0.299, 0.587, 0.114], np.float32)
    return np.ascontiguousarray(pixels.astype(np.float32) @ weights)


def blocking(original: Plane, decoded: Plane, block: int = _BLOCK) -> Plane:
    """Steps across the boundaries of a block grid, in 8-bit levels.

    How far the step across a boundary exceeds the mean of the steps on both sides of it, minus the same in the
    original, spread over the adjacent blocks. Source: Wu and Yuen 1997, "A generalized block-edge impairment metric for
    video coding" (without its masking weights: the difference to the original replaces them).
    """
    total = _boundary_excess(original, decoded, block) + _boundary_excess(original.T, decoded.T, block).T
    return np.asarray(cv2.blur(np.ascontiguousarray(total), (block, block), borderType=cv2.BORDER_REPLICATE))


def _boundary_excess(original: Plane, decoded: Plane, block: int) -> Plane:
    """Excess steps across vertical boundaries, on the pixels left and right of each."""
    out = np.zeros(decoded.shape, np.float32)
    columns = np.arange(block, decoded.shape[1] - 1, block)
    if not len(columns):
        return out
    excess = np.maximum(0.0, _excess(decoded, columns) - np.maximum(0.0, _excess(original, columns)))
    # A boundary is two pixels wide per block: scaled so that blurring keeps its height.
    out[:, columns - 1] = out[:, columns] = excess * (block / 4.0)
    return out


def _excess(plane: Plane, columns: NDArray[np.intp]) -> Plane:
    step = np.abs(plane[:, columns] - plane[:, columns - 1])
    before = np.abs(plane[:, columns - 1] - plane[:, columns - 2])
    after = np.abs(plane[:, columns + 1] - plane[:, columns])
    return np.asarray(step - 0.5 * (before + after))


def ringing(original: Plane, decoded: Plane) -> Plane:
    """Oscillation beside strong edges, in 8-bit levels.

    Where the original is smooth but has a strong edge within 8 pixels: the local standard deviation of the decoded
    picture beyond the original's. Source: Marziliano, Dufaux, Winkler and Ebrahimi 2004, "Perceptual blur and
    ringing metrics: application to JPEG2000" (edges by Canny 1986).
    """
    edges = cv2.Canny(np.clip(np.rint(original), 0, 255).astype(np.uint8), _EDGE_LOW, _EDGE_HIGH)
    reach = 2 * _RING_REACH + 1
    near = cv2.dilate(edges, np.ones((reach, reach), np.uint8)) > 0
    on_edge = cv2.dilate(edges, np.ones((3, 3), np.uint8)) > 0
    extra = _deviation(decoded) - _deviation(original)
    return np.where(near & ~on_edge, np.maximum(extra, 0.0), 0.0).astype(np.float32)


def _deviation(plane: Plane) -> Plane:
    mean = cv2.blur(plane, (5, 5), borderType=cv2.BORDER_REFLECT_101)
    square = cv2.blur(plane * plane, (5, 5), borderType=cv2.BORDER_REFLECT_101)
    return np.sqrt(np.maximum(square - mean * mean, 0.0))


def blur(original: Plane, decoded: Plane) -> Plane:
    """Share of detail lost, 0 to 1.

    Measured by how much of a picture's variation a strong low-pass removes: little if the picture is blurred already.
    The decoded picture's blur minus the original's, in windows of 17 pixels, the worse of horizontal and vertical.
    Windows in which the original hardly varies weigh less. Source: Crete, Dolmiere, Ladret and Nicolas 2007,
    "The blur effect: perception and estimation with a new no-reference perceptual blur metric".
    """
    worse = np.maximum(
        _blurredness(decoded, 1) - _blurredness(original, 1), _blurredness(decoded, 0) - _blurredness(original, 0)
    )
    window = (_BLUR_WINDOW, _BLUR_WINDOW)
    variation = cv2.blur(_deviation(original), window, borderType=cv2.BORDER_REFLECT_101)
    return np.asarray(np.clip(worse, 0.0, 1.0) * np.minimum(variation / _FULL_WEIGHT_VARIATION, 1.0), np.float32)


def _blurredness(plane: Plane, axis: int) -> Plane:
    """Share of the variation along an axis that a low-pass along it leaves, in windows: 0 sharp, 1 blurred."""
    taps = (_LOW_PASS_TAPS, 1) if axis else (1, _LOW_PASS_TAPS)
    smooth = cv2.blur(plane, taps, borderType=cv2.BORDER_REFLECT_101)
    before, after = _variation(plane, axis), _variation(smooth, axis)
    window = (_BLUR_WINDOW, _BLUR_WINDOW)
    total = cv2.blur(before, window, borderType=cv2.BORDER_REFLECT_101)
    taken = cv2.blur(np.maximum(before - after, 0.0), window, borderType=cv2.BORDER_REFLECT_101)
    return np.where(total > 1e-3, (total - taken) / np.maximum(total, 1e-3), 1.0).astype(np.float32)


def _variation(plane: Plane, axis: int) -> Plane:
    return np.abs(np.diff(plane, axis=axis, append=plane.take([-1], axis))).astype(np.float32)
