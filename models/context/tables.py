"""The frequency tables that the context model chooses from: densities of 64 scales with means at fractions of a symbol.

A symbol q with predicted mean m / 8 is coded as d = q - round(m / 8), or -d if the mean is below its rounded value, so
that a table's own mean is one of 0, 1/8, ..., 4/8. Wider densities need fewer means. row_of[s, f] is the row for scale
index s and fraction f. Tables start as Laplace densities and are then fitted to counts.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.entropy.range_coder import FrequencyTables, build_tables

SCALES: Final = 64
SCALES_PER_OCTAVE: Final = 5
LOWEST_LOG2_SCALE: Final = -4.4
FRACTIONS: Final = 5
MEAN_STEPS: Final = 8
"""Steps of a predicted mean per symbol."""

TAIL: Final = 2.0**-16
"""Probability of the escape: so low that the flat densities of the widest rows lose nothing."""

_REACH: Final = 12.0


def scale_of(index: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Laplace scale b of a table index."""
    return np.asarray(2.0 ** (LOWEST_LOG2_SCALE + np.asarray(index, np.float64) / SCALES_PER_OCTAVE))


def fraction_served(scale: float, fraction: int) -> int:
    """The fraction, in eighths, that replaces `fraction` at a scale; the KL divergence stays below 0.003 nats."""
    if scale < 1.0:
        return fraction
    if scale < 2.0:
        return (0, 0, 2, 4, 4)[fraction]
    if scale < 4.0:
        return (0, 0, 4, 4, 4)[fraction]
    return 0


def row_layout() -> tuple[NDArray[np.int16], list[tuple[int, int]]]:
    """row_of, int16 (SCALES, FRACTIONS), and each row's (scale index, fraction in eighths)."""
    rows: dict[tuple[int, int], int] = {}
    row_of = np.zeros((SCALES, FRACTIONS), np.int16)
    for index in range(SCALES):
        for fraction in range(FRACTIONS):
            key = (index, fraction_served(float(scale_of(index)), fraction))
            row_of[index, fraction] = rows.setdefault(key, len(rows))
    return row_of, list(rows)


def laplace(scale: float, mean: float) -> tuple[NDArray[np.float64], int]:
    """Probabilities of the integers lo, lo + 1, ... under a Laplace density, far into both tails, and lo."""
    reach = int(np.ceil(_REACH * scale)) + 2
    edges = np.arange(-reach, reach + 2) - 0.5 - mean
    # Using the survival function on either side of the mean avoids cancellation in small probabilities.
    tail = 0.5 * np.exp(-np.abs(edges) / scale)
    below = np.where(edges < 0, tail, 1.0 - tail)
    above = np.where(edges < 0, 1.0 - tail, tail)
    mass = np.where(edges[:-1] >= 0, above[:-1] - above[1:], below[1:] - below[:-1])
    return mass, -reach


def laplace_tables() -> FrequencyTables:
    """The tables before they are fitted to counts."""
    _, rows = row_layout()
    return build_tables((laplace(float(scale_of(index)), fraction / MEAN_STEPS) for index, fraction in rows), TAIL)
