"""How the panes are looked at: which of them, in what arrangement. Frozen values and pure steps between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

ORIGINAL = "original"
"""The original's pane, among the codecs' names."""


class Layout(Enum):
    """GRID: every pane. SINGLE: one, at full size."""

    GRID = "grid"
    SINGLE = "single"


class Show(Enum):
    """What of a codec is shown: its picture, its difference to the original, or a map of how it differs."""

    PICTURE = "picture"
    SIGNED = "signed"
    ABSOLUTE = "absolute"
    ERROR = "error"
    SSIM = "ssim"
    BLOCKING = "blocking"
    RINGING = "ringing"
    BLUR = "blur"


GAINS = (1, 2, 4, 8, 16, 32)
"""By how much differences and maps are strengthened."""


@dataclass(frozen=True)
class Looking:
    """pane: the one that is shown alone (ORIGINAL or a codec's name). before: the one shown before it.

    peeking: the original is held in the place of every picture. show: of the codecs. gain: one of GAINS.
    """

    layout: Layout = Layout.GRID
    pane: str = ORIGINAL
    before: str = ORIGINAL
    peeking: bool = False
    show: Show = Show.PICTURE
    gain: int = 4

    def alone(self, pane: str) -> Looking:
        """One pane at full size."""
        before = self.before if pane == self.pane else self.pane
        return replace(self, layout=Layout.SINGLE, pane=pane, before=before)

    def stepped(self, panes: Sequence[str], by: int) -> Looking:
        """The pane so many places further, at full size."""
        return self.alone(panes[(panes.index(self.pane) + by) % len(panes)])

    def swapped(self) -> Looking:
        """The two panes shown last change places."""
        return replace(self, layout=Layout.SINGLE, pane=self.before, before=self.pane)

    def in_grid(self) -> Looking:
        """Every pane."""
        return replace(self, layout=Layout.GRID)

    def showing(self, show: Show) -> Looking:
        """Something else of the codecs; what is shown already goes back to the picture."""
        return replace(self, show=Show.PICTURE if show is self.show else show)

    def with_gain(self, steps: int) -> Looking:
        """A gain so many steps stronger, within what there is."""
        index = min(max(GAINS.index(self.gain) + steps, 0), len(GAINS) - 1)
        return replace(self, gain=GAINS[index])
