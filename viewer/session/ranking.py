"""Who is the best by what is printed: of two figures that read the same neither is ahead."""

from __future__ import annotations

from collections.abc import Mapping


def highest(values: Mapping[str, float], digits: int) -> frozenset[str]:
    """The names of the highest value as it is printed, with so many digits; all of those that read the same."""
    printed = {name: float(f"{value:.{digits}f}") for name, value in values.items()}
    top = max(printed.values())
    return frozenset(name for name, value in printed.items() if value == top)


def lowest(values: Mapping[str, float], digits: int) -> frozenset[str]:
    """The same for metrics of which less is better."""
    return highest({name: -value for name, value in values.items()}, digits)
