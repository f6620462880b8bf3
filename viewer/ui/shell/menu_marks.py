"""What the menus tell of how the panes are looked at."""

from __future__ import annotations

from collections.abc import Sequence

from viewer.session.pane_layout import GAINS, Layout, PaneLayout, Show
from viewer.ui.common.actions import PLACES, Actions


def mark_pane_layout(actions: Actions, pane_layout: PaneLayout, panes: Sequence[str], *, blinking: bool) -> None:
    """Check and enable the commands that arrange the panes. panes: in the order of the digit keys.

    Tab moves the focus in the grid, and the panes when one is alone.
    """
    split, alone = pane_layout.layout is Layout.SPLIT, pane_layout.layout is Layout.SINGLE
    actions["grid"].setChecked(pane_layout.layout is Layout.GRID)
    for place in PLACES:
        pane = panes[place - 1] if place <= len(panes) else None
        actions[f"pane_{place}"].setChecked(
            (alone and pane_layout.pane == pane) or (split and pane_layout.right == pane)
        )
        actions[f"left_{place}"].setChecked(split and pane_layout.left == pane)
    actions["split"].setChecked(split)
    for name in ("line_left", "line_right", "line_left_fine", "line_right_fine"):
        actions[name].setEnabled(split)
    for name in ("next_pane", "previous_pane"):
        actions[name].setEnabled(alone)
    actions["blink"].setChecked(blinking)
    actions[f"show_{pane_layout.show.value}"].setChecked(True)
    for name, end in (("gain_up", GAINS[-1]), ("gain_down", GAINS[0])):
        actions[name].setEnabled(pane_layout.show is not Show.PICTURE and pane_layout.gain != end)
