"""How a sample photograph is first seen: at a rate and a place that show what codecs do. The user's own pictures are
seen as they were left.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from viewer.matching.targets.score import EqualTarget
from viewer.session.pane_layout import ORIGINAL, Layout, PaneLayout, Show
from viewer.session.state import MAX_ZOOM, Size, View, fit_zoom

SAMPLE_BPP = 0.12
"""A rate at which the codecs differ at first sight on most photographs."""
_FARTHEST = 0.2
"""How far the line may be from the middle, as a share of what is seen."""
_PREFERRED = ("learned", "jpeg")
"""The codecs left and right of the line, where both are compared."""


@dataclass(frozen=True)
class Arrangement:
    """What a first view sets, and what the user may have chosen instead. quality: as in a Session."""

    target_bpp: float
    quality: EqualTarget | None
    pane_layout: PaneLayout


@dataclass(frozen=True)
class FirstView:
    """before: what the user had; shown: what a sample was first seen with instead."""

    before: Arrangement
    shown: Arrangement


def first_view(before: Arrangement, codecs: Sequence[str]) -> FirstView:
    """A sample's first view: low rate, the learned codec and JPEG under a split line. codecs: those compared."""
    left = next((codec for codec in _PREFERRED if codec in codecs), codecs[0])
    right = next((codec for codec in (*_PREFERRED[1:], *codecs) if codec in codecs and codec != left), None)
    sides = (ORIGINAL, left) if right is None else (left, right)
    layout = replace(
        before.pane_layout,
        layout=Layout.SPLIT,
        left=sides[0],
        right=sides[1],
        line=None,
        show=Show.PICTURE,
        peeking=False,
    )
    return FirstView(before, Arrangement(SAMPLE_BPP, None, layout))


def rate_for_all(target_bpp: float, floors_bpp: Sequence[float]) -> float:
    """The target, or the next hundredth of a bit that is not below what some codecs cannot go below."""
    return max(target_bpp, *(math.ceil(100 * floor) / 100 for floor in floors_bpp), 0.0)


def own_arrangement(present: Arrangement, view: FirstView) -> Arrangement:
    """What the user's own pictures are seen with: what there was before the sample, except for what the user has
    changed since.
    """
    target_kept = (present.target_bpp, present.quality) == (view.shown.target_bpp, view.shown.quality)
    layout_kept = _kind(present.pane_layout) == _kind(view.shown.pane_layout)
    target = view.before if target_kept else present
    return Arrangement(target.target_bpp, target.quality, (view.before if layout_kept else present).pane_layout)


def close_view(left: int, top: int, side: int, image: Size, area: Size) -> tuple[View, int]:
    """A view about a square of the picture, and the column of the split line: through the square, as near to the middle
    of what is seen as that allows. At 1:1 or, where that would be small in an area of so many device pixels, the whole
    zoom next to the one that fits.
    """
    zoom = min(max(1.0, float(round(fit_zoom(image, area)))), MAX_ZOOM)
    middle = (left + side / 2, top + side / 2)
    centre = tuple(_centred(at, whole, seen / zoom) for at, whole, seen in zip(middle, image, area, strict=True))
    column = min(max(centre[0], left + side / 4), left + side * 3 / 4)
    return View(zoom, (centre[0], centre[1])), round(column)


def in_the_middle(view: View, column: int, area: Size) -> bool:
    """Whether a split line at a column leaves a good part of what is seen on both sides."""
    if view.zoom is None or view.centre is None:
        return True
    away = abs(column - view.centre[0]) * view.zoom / area[0]
    return away <= _FARTHEST


def _centred(at: float, whole: float, seen: float) -> float:
    """The middle of what is seen, as near to a place as there is picture around it."""
    return whole / 2 if seen >= whole else min(max(at, seen / 2), whole - seen / 2)


def _kind(layout: PaneLayout) -> tuple[object, ...]:
    """What counts as an arrangement of the user's own: not where the line is."""
    return layout.layout, layout.left, layout.right, layout.show, layout.mapped
