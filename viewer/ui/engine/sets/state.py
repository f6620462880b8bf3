"""What the window knows of a set of pictures: frozen values in the AppState."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from viewer.sets.figures import SetFigures
    from viewer.sets.source import PictureSet

SetPlotKind = Literal["rate", "encode", "decode"]
"""What quality is plotted against: the rate, or a time."""

START_QUALITIES = {"psnr_rgb": 32.0, "psnr_luma": 33.0, "ms_ssim_rgb": 15.0, "ms_ssim_luma": 16.0}
"""The quality that a rate is looked up for at first, on the metric's axis."""


@dataclass(frozen=True)
class SetChoice:
    """How a set is looked at. pair: whose wins and losses against whom, empty for the default. share: of the pictures
    that have to have a quality. qualities: that were chosen, by metric, on its axis.
    """

    metric: str = "ms_ssim_rgb"
    pair: tuple[str, str] | None = None
    plot: SetPlotKind = "rate"
    band: bool = True
    points: bool = False
    share: float = 0.9
    qualities: Mapping[str, float] = field(default_factory=dict, hash=False)

    @property
    def quality(self) -> float:
        """The quality that a rate is looked up for."""
        return self.qualities.get(self.metric, START_QUALITIES.get(self.metric, 0.0))


@dataclass(frozen=True)
class SweepRequest:
    """A sweep to run. metrics: measured besides, as users write them."""

    folder: Path
    results: Path
    codecs: tuple[str, ...]
    rates: tuple[float, ...]
    metrics: tuple[str, ...] = ()


@dataclass(frozen=True)
class SweepState:
    """A sweep of the open set. run: tells apart what was started again. done, total: pictures, with those before a
    pause. before: how many were done then. left_s: estimate; None while nothing is known. refused: sentences about
    pictures that could not be measured.
    """

    phase: Literal["idle", "running", "paused"] = "idle"
    request: SweepRequest | None = None
    run: int = 0
    before: int = 0
    done: int = 0
    total: int = 0
    left_s: float | None = None
    refused: tuple[str, ...] = ()


@dataclass(frozen=True)
class FiguresRequest:
    """Figures to make of a set's present rows in a metric."""

    opened: PictureSet
    metric: str


@dataclass(frozen=True)
class SetRequest:
    """A folder or a sweep's CSV to open. folder: of the CSV's pictures, where the user has located them."""

    path: Path
    folder: Path | None = None


@dataclass(frozen=True)
class SetState:
    """opening: what is to be opened. figures: of the rows so far, while newer ones are awaited; None before the first.
    figured: what they are of. thumbnails: by picture; None for one that cannot be read.
    """

    opening: SetRequest | None = None
    opened: PictureSet | None = None
    figures: SetFigures | None = None
    figured: FiguresRequest | None = None
    thumbnails: Mapping[str, QImage | None] = field(default_factory=dict)
    sweep: SweepState = field(default_factory=SweepState)
    choice: SetChoice = field(default_factory=SetChoice)

    @property
    def wanted_figures(self) -> FiguresRequest | None:
        """The figures that are to be made; None if those that are there are of the present rows."""
        if self.opened is None or not self.opened.rows:
            return None
        request = FiguresRequest(self.opened, self.choice.metric)
        return None if request == self.figured else request

    @property
    def wanted_thumbnails(self) -> tuple[Path, tuple[tuple[str, Path], ...]] | None:
        """The next pictures to make small, by name, and whose set they are of; None if all are there."""
        if self.opened is None:
            return None
        files = list(self.opened.files.items())[:MOST_THUMBNAILS]
        missing = [(name, path) for name, path in files if name not in self.thumbnails]
        return (self.opened.results, tuple(missing[:THUMBNAILS_AT_ONCE])) if missing else None

    @property
    def unreadable(self) -> tuple[str, ...]:
        """Pictures that could not be made small, and so cannot be read."""
        return tuple(name for name, made in self.thumbnails.items() if made is None)

    @property
    def pair(self) -> tuple[str, str]:
        """The codec that wins or loses and its anchor, of those that have rows; empty names without any."""
        codecs = () if self.figures is None else self.figures.codecs
        if self.choice.pair is not None and all(codec in codecs for codec in self.choice.pair):
            return self.choice.pair
        from viewer.sets.figures import default_pair

        return default_pair(codecs)

    @property
    def is_settled(self) -> bool:
        """Whether nothing is under way."""
        waiting = self.opening is not None or self.wanted_figures is not None or self.wanted_thumbnails is not None
        return not waiting and self.sweep.phase != "running"


THUMBNAILS_AT_ONCE = 8
MOST_THUMBNAILS = 2000
"""Of a larger set only the first ones: their memory would be hundreds of megabytes."""
