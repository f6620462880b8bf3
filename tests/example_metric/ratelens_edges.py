"""An example of a metric for RateLens: the correlation of the edges of two pictures. Install it, and “edges” is there.

It is complete: everything that RateLens asks of a metric is here. `viewer.metrics.base` says what each part is for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class EdgesMetric:
    """The metric. range: the lowest and the highest score; what lies outside is taken for a mistake. map_high: what the
    brightest colour of its map means; without it the window does not offer the map.
    """

    name: str = "edges"
    label: str = "Edges"
    unit: str = ""
    direction: str = "higher"
    range: tuple[float, float] = (-1.0, 1.0)
    map_high: float = 360.0

    def prepare(self, original: NDArray[np.uint8]) -> PreparedEdges:
        return PreparedEdges(_edges(original))


@dataclass(frozen=True, eq=False)
class PreparedEdges:
    """What depends on the original alone is computed once; `score` is called for every reconstruction."""

    original: NDArray[np.float32]

    def score(self, pixels: NDArray[np.uint8]) -> float:
        a, b = (edges - edges.mean() for edges in (self.original, _edges(pixels)))
        norm = float(np.linalg.norm(a) * np.linalg.norm(b))
        return float(np.vdot(a, b)) / norm if norm else 1.0

    def error_map(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Optional: where it is off, (H, W)."""
        errors: NDArray[np.float32] = np.abs(_edges(pixels) - self.original)
        return errors


def _edges(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The length of the gradient of the green channel, (H, W)."""
    green = np.pad(pixels[:, :, 1].astype(np.float32), 1, "edge")
    down, right = green[2:, 1:-1] - green[:-2, 1:-1], green[1:-1, 2:] - green[1:-1, :-2]
    edges: NDArray[np.float32] = np.hypot(down, right)
    return edges
