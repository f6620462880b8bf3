"""The learned codec's integer quality: its gains and tables."""

from __future__ import annotations

import math
from typing import Final

STEPS_PER_LEVEL: Final = 128
"""Qualities from one trained level to the next: a step changes the rate by about a third of a percent."""

LOWEST_LEVEL: Final = -3.0
"""Below level 0 and above the last one the gains are extrapolated, so that more rates can be reached."""

LEVELS_BEYOND_LAST: Final = 3.0
"""With tables of their own, for new models. A weights file has tables for as many qualities as it was made for."""

LEVELS_BEYOND_TABLES: Final = 3.0
"""Levels that use the last tables, which fit them less and less: 2 to 6 % more bits than with tables of their own. Only
pictures that are so easy to code that the tables' last quality takes below 2 bits per pixel need them.
"""

PRODUCT_HELD_ABOVE: Final = 3.0
"""More than so many levels above the last trained one, gain times inverse gain is as at that one again. Extrapolated,
it drifts away from what the synthesis expects, by 1 to 4 dB six levels above. Lower levels keep the extrapolated one:
there are streams of them.
"""

CORRECTED_FROM_LEVEL: Final = 3.0
FULLY_CORRECTED_AT_LEVEL: Final = 7.0
"""Between these levels the share of the correction grows linearly: see models.nn.transforms.Transforms.correction.

At low rates, details that the first analysis misses are not worth their bits.
"""

LAMBDAS: Final = (0.0009, 0.0018, 0.0035, 0.0067, 0.0130, 0.0250, 0.0483, 0.0932, 0.1800)
"""Weight of 255^2 * MSE against bits per pixel, one per trained level, geometric."""

_QUALITIES_PER_TABLE: Final = 8


def qualities(tables: int) -> range:
    """Every quality of a model with this many frequency tables per channel, in order of rising rate."""
    return range(quality_of_table(tables - 1) + round(LEVELS_BEYOND_TABLES * STEPS_PER_LEVEL) + 1)


def level_of(quality: float) -> float:
    """Fractional trained level of a quality; negative below the first."""
    return LOWEST_LEVEL + quality / STEPS_PER_LEVEL


def correction_share(quality: float) -> float:
    """Share of the latents' correction that a quality uses, 0 to 1."""
    span = FULLY_CORRECTED_AT_LEVEL - CORRECTED_FROM_LEVEL
    return min(max((level_of(quality) - CORRECTED_FROM_LEVEL) / span, 0.0), 1.0)


def lagrangian(quality: float) -> float:
    """Bits a pixel that one unit of distortion (MSE of 0..255) is worth at a quality: along the line of LAMBDAS."""
    growth = math.log(LAMBDAS[-1] / LAMBDAS[0]) / (len(LAMBDAS) - 1)
    return LAMBDAS[0] * math.exp(growth * level_of(quality))


def table_count(levels: int) -> int:
    """Frequency tables per channel of a new model with this many trained levels.

    Eight neighbouring qualities, whose steps differ by less than 2 %, share one.
    """
    return _nearest_table(round((levels - 1 + LEVELS_BEYOND_LAST - LOWEST_LEVEL) * STEPS_PER_LEVEL)) + 1


def table_of(quality: int, tables: int) -> int:
    """Index of the frequency tables, of so many, that a quality uses."""
    return min(_nearest_table(quality), tables - 1)


def _nearest_table(quality: int) -> int:
    return (quality + _QUALITIES_PER_TABLE // 2) // _QUALITIES_PER_TABLE


def quality_of_table(table: int) -> int:
    """The quality that a table was made for."""
    return table * _QUALITIES_PER_TABLE
