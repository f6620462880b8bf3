"""A picture's latents at every quality: the result of the analysis and, at high rates, a share of a correction."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np

from models.nn.transforms import Latents
from models.quality import correction_share

_ALL = slice(None)


class PictureLatents:
    """Latents y (C, h, w) and their correction, which is computed when a quality first needs it.

    Low rates need none, and so are faster. Safe to use from several threads.
    """

    def __init__(self, y: Latents, correct: Callable[[], Latents]) -> None:
        self.y = y
        self._correct: Callable[[], Latents] | None = correct
        self._corrections: list[Latents] = []
        self._lock = threading.Lock()

    @property
    def kept(self) -> tuple[Latents, ...]:
        """All arrays computed so far."""
        return (self.y, *self._corrections)

    @property
    def correction(self) -> Latents:
        """The whole correction (C, h, w): see models.nn.transforms.Transforms.correction."""
        with self._lock:
            if self._correct is not None:
                self._corrections.append(self._correct())
                self._correct = None  # it refers to the picture
            return self._corrections[0]

    def prepare(self, quality: int) -> None:
        """Make the correction, if the quality takes any of it."""
        if correction_share(quality):
            self.correction  # noqa: B018 (made by being asked for)

    def at(self, quality: int, rows: slice = _ALL, columns: slice = _ALL) -> Latents:
        """The latents that a quality is coded from, for some rows and columns."""
        y = self.y[:, rows, columns]
        share = np.float32(correction_share(quality))
        return y + share * self.correction[:, rows, columns].astype(np.float32, copy=False) if share else y
