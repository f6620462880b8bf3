"""Where a small box goes over a picture: into a corner in which it covers nothing that is looked at."""

from __future__ import annotations

from collections.abc import Sequence

from viewer.session.viewport import Rect

Corner = tuple[bool, bool]
"""Whether it is right, and whether it is at the bottom."""


def corner_place(
    size: tuple[int, int], area: Rect, margin: int, taken: Sequence[Rect], corners: Sequence[Corner]
) -> Rect | None:
    """The box's place in the first of these corners in which it covers nothing that is taken; None if there is none.

    size: of the box, width and height. area: inside which it goes.
    """
    width, height = size
    if width + 2 * margin > area.size[0] or height + 2 * margin > area.size[1]:
        return None
    for right, bottom in corners:
        left = area.right - margin - width if right else area.left + margin
        top = area.bottom - margin - height if bottom else area.top + margin
        place = Rect(left, top, left + width, top + height)
        if not any(place.overlaps(other) for other in taken):
            return place
    return None
