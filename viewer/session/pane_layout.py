"""How the panes are looked at: which of them, in what arrangement. Frozen values and pure steps between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

ORIGINAL = "original"
"""The original's pane, among the codecs' names."""


PIN_PANES = ("pin 1", "pin 2")
"""The panes of two pins that are compared as if they were codecs."""

FILE_PANES = tuple(f"file {number}" for number in range(1, 7))
"""The panes of pictures that were decoded elsewhere."""


class Layout(Enum):
    """GRID: every pane. SINGLE: one, at full size. SPLIT: two in one place, left and right of a line."""

    GRID = "grid"
    SINGLE = "single"
    SPLIT = "split"


class Show(Enum):
    """What of a codec is shown: its picture, its difference to the original, a map of its errors or its bits, or a
    channel of its picture.
    """

    PICTURE = "picture"
    SIGNED = "signed"
    ABSOLUTE = "absolute"
    ERROR = "error"
    SSIM = "ssim"
    BLOCKING = "blocking"
    RINGING = "ringing"
    BLUR = "blur"
    BITS = "bits"
    METRIC = "metric"
    """A metric's own map, of the one that the PaneLayout names."""
    RED = "red"
    GREEN = "green"
    BLUE = "blue"
    LUMA = "luma"
    CB = "cb"
    CR = "cr"
    CLIPPING = "clipping"


DIFFERENCES = (Show.SIGNED, Show.ABSOLUTE)
"""What can be taken to another codec as well as to the original."""

VIEWS = (Show.RED, Show.GREEN, Show.BLUE, Show.LUMA, Show.CB, Show.CR, Show.CLIPPING)
"""What is of a picture alone, so that the original has it as well; without a gain or a scale."""

GAINS = (1, 2, 4, 8, 16, 32)
"""By how much differences and maps are strengthened."""


@dataclass(frozen=True)
class PaneLayout:
    """pane: the one that is shown alone (ORIGINAL or a codec's name). before: the one shown before it.

    peeking: the original is held in the place of every picture. show: of the codecs. gain: one of GAINS. against: the
    pane that differences are taken to. left, right: the sides of a split view. line: the column at which the right one
    begins, None for the middle. mapped: the metric whose map METRIC shows.
    """

    layout: Layout = Layout.GRID
    pane: str = ORIGINAL
    before: str = ORIGINAL
    peeking: bool = False
    show: Show = Show.PICTURE
    gain: int = 4
    left: str = ORIGINAL
    right: str = ORIGINAL
    line: int | None = None
    against: str = ORIGINAL
    mapped: str = ""

    def alone(self, pane: str) -> PaneLayout:
        """One pane at full size."""
        before = self.before if pane == self.pane else self.pane
        return replace(self, layout=Layout.SINGLE, pane=pane, before=before)

    def stepped(self, panes: Sequence[str], by: int) -> PaneLayout:
        """The pane so many places further, at full size."""
        return self.alone(panes[(panes.index(self.pane) + by) % len(panes)])

    def split(self, *, left: str | None = None, right: str | None = None) -> PaneLayout:
        """Two panes in one place; one that goes where the other is changes places with it."""
        new_left, new_right = left or self.left, right or self.right
        if new_left == new_right and (left is None) != (right is None):
            new_left, new_right = (new_left, self.left) if right is None else (self.right, new_right)
        return replace(self, layout=Layout.SPLIT, left=new_left, right=new_right)

    def swapped(self) -> PaneLayout:
        """The two panes shown last, or the sides of a split view, change places."""
        if self.layout is Layout.SPLIT:
            return replace(self, left=self.right, right=self.left)
        return replace(self, layout=Layout.SINGLE, pane=self.before, before=self.pane)

    def among(self, panes: Sequence[str]) -> PaneLayout:
        """The same with these panes only: in the place of one that is gone comes the first codec.

        panes: ORIGINAL, then the codecs.
        """
        first = panes[1]
        left, right = (pane if pane in panes else first for pane in (self.left, self.right))
        if left == right and self.left != self.right:
            left, right = (ORIGINAL, right) if self.left not in panes else (left, ORIGINAL)
        pane, before = (pane if pane in panes else first for pane in (self.pane, self.before))
        against = self.against if self.against in panes else ORIGINAL
        return replace(self, pane=pane, before=before, left=left, right=right, against=against)

    def in_grid(self) -> PaneLayout:
        """Every pane."""
        return replace(self, layout=Layout.GRID)

    def showing(self, show: Show, mapped: str = "") -> PaneLayout:
        """Something else of the codecs; what is shown already goes back to the picture. mapped: of METRIC."""
        same = show is self.show and mapped == self.mapped
        return replace(self, show=Show.PICTURE if same else show, mapped="" if same else mapped)

    def to_difference(self, against: str) -> PaneLayout:
        """Differences to another pane; of pictures and other maps, the signed difference."""
        show = self.show if self.show in DIFFERENCES else Show.SIGNED
        return replace(self, against=against, show=show)

    def with_gain(self, steps: int) -> PaneLayout:
        """A gain so many steps stronger, within what there is."""
        index = min(max(GAINS.index(self.gain) + steps, 0), len(GAINS) - 1)
        return replace(self, gain=GAINS[index])
