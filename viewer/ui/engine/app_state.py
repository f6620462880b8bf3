"""Everything that determines what the window shows, as one frozen value. Only `updates` changes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from models.refine.settings import Aim
from viewer.matching.targets.quality import PSNR_RGB, QualityMeasure
from viewer.matching.targets.score import EqualTarget
from viewer.metrics.bd_rate import MIN_POINTS
from viewer.session.pane_layout import DIFFERENCES, FILE_PANES, ORIGINAL, PIN_PANES, PaneLayout, Show
from viewer.session.state import Session, Size
from viewer.system.memory import is_large
from viewer.ui.common.theme import ThemeChoice
from viewer.ui.engine.sets.state import SetState
from viewer.ui.engine.wanted_scores import Scores, next_score, with_file_scores
from viewer.ui.engine.workers.jobs import EncodeRequest
from viewer.ui.engine.workers.refining import Refinement, Stage

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from viewer.maps.regions import Region
    from viewer.matching.curve import RatePoint
    from viewer.matching.reconstruction import Reconstruction
    from viewer.session.first_view import FirstView
    from viewer.session.pins import KeptStream, Pin, Place
    from viewer.session.session_file import FoundSession
    from viewer.session.tour import Tour
    from viewer.ui.engine.bd_rates import BdFigures
    from viewer.ui.engine.drafts import DraftPicture
    from viewer.ui.engine.image_pyramid import Picture
    from viewer.ui.engine.maps import MadeMap
    from viewer.ui.engine.part_metrics import MeasuredPart
    from viewer.ui.engine.previews import Part
    from viewer.ui.engine.region_finder import FoundRegions
    from viewer.ui.engine.workers.jobs import (
        DisplayedFile,
        DisplayedProvisional,
        DisplayedResult,
        Opened,
        OpenRequest,
        SearchProgress,
    )

SERIES = "series "
"""Before the names of series of pictures that were decoded elsewhere, among the codecs' names."""

DIFFER = ""
"""The group of regions where the codecs differ most, among the codecs' names."""


@dataclass(frozen=True)
class Switches:
    """Options that are on or off. part_metrics: metrics of the visible area. presented_plot: a small plot
    while presenting. size_bars: bytes at equal quality. point_table: its window. set_view: the set of
    pictures in the place of the panes. hint: the line for newcomers.
    """

    smooth: bool = False
    logarithmic: bool = True
    loupe: bool = False
    part_metrics: bool = False
    blinking: bool = False
    full_screen: bool = False
    presenting: bool = False
    presented_plot: bool = False
    size_bars: bool = False
    filmstrip: bool = False
    times: bool = False
    point_table: bool = False
    set_view: bool = False
    plots: bool = True
    large_plots: bool = False
    hint: bool = True


@dataclass(frozen=True)
class BeforeTour:
    """What the guided tour puts back at its end."""

    session: Session
    switches: Switches
    panel: str
    locked: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Message:
    """A sentence for the user. command: the one a prompt offers. number: distinguishes repeated messages. saved: it is
    about AppState.saved.
    """

    kind: Literal["error", "info", "prompt"]
    text: str
    command: str = ""
    number: int = 0
    saved: bool = False


@dataclass(frozen=True)
class PaneContent:
    """What a pane shows: a result's picture, or a map of it. It stays until the next one is ready."""

    picture: Picture
    result: DisplayedResult | DisplayedFile


@dataclass(frozen=True, kw_only=True)
class AppState:
    """What the user has chosen, what is open, and what the workers have delivered. By pane: under the pane's name.

    installed: every codec that could be compared; compared: those that are. pinned: two pins that the panes show in
    their place. opening: what is to be opened next. attempts: how often a pane was asked again after a failure.
    doubtful: requests that were under way when the user changed what a failure may be due to. answered: the request
    whose result or failure a pane has. awaited: what a pane is to show and does not yet; derived, as are contents and
    matched: the results of all panes that follow the slider when last none was awaited, which are compared in words.
    area: of a picture that is seen, device pixels. hovered: the image pixel under the pointer.
    """

    session: Session
    installed: tuple[str, ...]
    compared: tuple[str, ...]
    pinned: tuple[Pin, Pin] | None = None
    layout_before_pins: PaneLayout | None = None
    locked: Mapping[str, float] = field(default_factory=dict)
    """The rates, bpp, of codecs that do not follow the slider."""
    entered_quality: EqualTarget | None = None
    """The quality at which equal quality began; None once the user has changed it."""
    entering: str = ""
    """The slow metric that equal quality is to begin in, as soon as the reference's picture has a score in it."""

    opening: OpenRequest | None = None
    stepped_to: Path | None = None
    """The last file stepped to in the folder, until it is open."""
    step_direction: int = 0
    """Of the step to the present picture: 1 to a later one of the folder, -1 to an earlier one, 0 if there was none."""
    folder: tuple[Path, ...] = ()
    """The pictures in the present one's folder, in natural order."""
    thumbnails: Mapping[Path, QImage] = field(default_factory=dict)
    """Of the folder's pictures, while the filmstrip is shown; empty of files that cannot be read."""
    opened: Opened | None = None
    open_problem: str = ""
    """Why the last file could not be opened."""
    draft: DraftPicture | None = None
    first_view: FirstView | None = None
    """How a sample was first seen, and what was there before; None for the user's own pictures."""
    seeking_place: bool = False
    """Whether the view goes to where the codecs differ most once that is known, unless the user looks elsewhere."""
    session_file: Path | None = None
    """The session file that the picture was opened with."""
    doubted: FoundSession | None = None
    """A session whose picture has changed since it was saved: the user is asked what to do."""

    answered: Mapping[str, EncodeRequest] = field(default_factory=dict)
    results: Mapping[str, DisplayedResult] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)
    attempts: Mapping[str, int] = field(default_factory=dict)
    doubtful: frozenset[EncodeRequest] = frozenset()
    awaited: Mapping[str, EncodeRequest] = field(default_factory=dict)
    contents: Mapping[str, PaneContent] = field(default_factory=dict)
    refinements: Mapping[str, Refinement] = field(default_factory=dict)
    """Of what panes show, by pane; `results` has their best. They end when a pane is to show something else."""
    refine_aim: Aim = Aim.BOTH
    refine_region: tuple[int, int, int, int] | None = None
    """Where refinement spends more bits: left, top, width, height in image pixels."""
    kept_streams: tuple[KeptStream, ...] = ()
    """Refined streams of the session that was opened, not yet shown."""
    matched: Mapping[str, DisplayedResult] = field(default_factory=dict)
    parts: Mapping[str, Part] = field(default_factory=dict)
    provisional: Mapping[str, DisplayedProvisional] = field(default_factory=dict)
    """What panes show until their results are there. Nothing but the panes and the markers of plots knows of it."""
    searching: Mapping[str, SearchProgress] = field(default_factory=dict)
    """By pane, how far a long search for a quality has come."""
    maps: Mapping[str, MadeMap] = field(default_factory=dict)

    curves: Mapping[str, tuple[RatePoint, ...]] = field(default_factory=dict)
    curves_done: tuple[int, int] = (0, 0)
    """Number of points measured, and of all points."""
    curves_complete: bool = False
    curve_attempt: int = 0
    pin_points: Mapping[Place, RatePoint] = field(default_factory=dict)
    bd_pair: tuple[str, str] = ("", "")
    bd: BdFigures | None = None
    regions: FoundRegions | None = None
    region_group: str = DIFFER
    region_index: int | None = None
    """The current region of the group, which is framed."""
    part_metrics: MeasuredPart | None = None
    scores: Scores = field(default_factory=dict)
    """Of the pictures and points of the present picture, in slow metrics."""

    sets: SetState = field(default_factory=SetState)
    """The set of pictures."""

    hidden_curves: frozenset[str] = frozenset()
    """Codecs whose curves the plots leave out."""
    tour: Tour | None = None
    before_tour: BeforeTour | None = None
    switches: Switches = field(default_factory=Switches)
    blink_hz: int = 2
    panel: str = ""
    """The open side panel; empty if none is open."""
    theme: ThemeChoice = ThemeChoice.SYSTEM
    memory_limit_gb: int | None = None
    area: Size = (1.0, 1.0)
    hovered: tuple[int, int] | None = None
    message: Message | None = None
    message_count: int = 0
    saved: Path | None = None
    """The file that was saved last, or the folder of several."""
    notice: str = ""
    """A message from the start, repeated with the first picture, which appears before anyone can have read it."""

    @cached_property
    def panes(self) -> tuple[str, ...]:
        """The panes beside the original's, in order: the codecs' and the files', or those of two pins."""
        return (*self.compared, *self.files) if self.pinned is None else PIN_PANES

    @cached_property
    def grid_panes(self) -> tuple[str, ...]:
        """The panes that the grid shows: two pins have it for themselves, and Space shows the original."""
        return self.panes if self.pinned is not None and self.draft is None else (ORIGINAL, *self.panes)

    @property
    def sources(self) -> tuple[str, ...]:
        """Every pane that there may be beside the original's."""
        return (*self.installed, *PIN_PANES, *FILE_PANES)

    @cached_property
    def files(self) -> dict[str, DisplayedFile]:
        """The pictures decoded elsewhere that came with the present one, by pane. They do not follow the slider."""
        return {} if self.opened is None else dict(zip(FILE_PANES, self.opened.files, strict=False))

    @cached_property
    def scored_files(self) -> dict[str, Reconstruction]:
        """The same with their scores."""
        return {pane: with_file_scores(self.scores, file.result) for pane, file in self.files.items()}

    @cached_property
    def series(self) -> dict[str, tuple[RatePoint, ...]]:
        """The curves that they make, for BD-rates: by a name that no codec has, those with points enough."""
        files = self.scored_files
        if self.opened is None or not any(one.series for one in files.values()):
            return {}
        from viewer.matching.reconstruction import curves_of  # a worker has loaded it, to read them

        curves = curves_of(files.values(), self.opened.image)
        return {f"{SERIES}{name}": points for name, points in curves.items() if len(points) >= MIN_POINTS}

    def displayed(self, pane: str) -> DisplayedResult | DisplayedFile | None:
        """What was decoded for a pane, here or elsewhere."""
        return self.results.get(pane) or self.files.get(pane)

    @property
    def reference(self) -> str:
        """The codec whose quality equal quality starts from."""
        return self.compared[0]

    @property
    def picture_size(self) -> Size | None:
        """Width and height of what is seen: of a draft, or of the picture that is compared."""
        if self.draft is not None:
            return self.draft.picture.width, self.draft.picture.height
        image = self.session.image
        return None if image is None else (image.width, image.height)

    @property
    def is_settled(self) -> bool:
        """Whether there is nothing left to do: every pane is at the target (or failed), the curves are complete, as are
        the BD-rates of them, and all is scored.
        """
        complete = self.opening is None and not self.awaited and (self.curves_complete or self.opened is None)
        complete = complete and not (self.seeking_place and self.matched)
        if any(one.stage is not Stage.ENDED for one in self.refinements.values()):
            return False
        return complete and (self.bd is None or self.bd.complete) and next_score(self) is None and self.sets.is_settled

    def pin_of(self, pane: str) -> Pin | None:
        """The pin that a pane shows, under its present name and colour; None for a codec's."""
        if self.pinned is None or pane not in PIN_PANES:
            return None
        pin = self.pinned[PIN_PANES.index(pane)]
        known = self.session.pins.pins  # it may have been renamed in the meantime
        return next((one for one in known if one.place == pin.place), pin)


def derived(state: AppState) -> AppState:
    """The state with its derived fields updated: what is awaited, and what the panes show."""
    awaited = {
        pane: request
        for pane in state.panes
        if (request := _wanted(state, pane)) is not None and state.answered.get(pane) != request
    }
    parts = {pane: part for pane, part in state.parts.items() if pane in awaited or pane in state.failures}
    contents = {pane: content for pane in state.sources if (content := _content(state, pane)) is not None}
    group = state.region_group if state.region_group in state.panes else DIFFER
    changes = {
        "awaited": awaited,
        "refinements": _refinements(state, awaited),
        "matched": _matched(state, awaited),
        "parts": parts,
        "provisional": {pane: shown for pane, shown in state.provisional.items() if pane in awaited},
        "searching": {pane: one for pane, one in state.searching.items() if awaited.get(pane) == one.request},
        "contents": contents,
        "bd_pair": _bd_pair(state),
        "region_group": group,
    }
    changed = {name: value for name, value in changes.items() if value != getattr(state, name)}
    return replace(state, **changed) if changed else state  # type: ignore[arg-type]


def _refinements(state: AppState, awaited: Mapping[str, EncodeRequest]) -> dict[str, Refinement]:
    """Those of what the panes show."""
    current = {}
    for pane, one in state.refinements.items():
        if pane not in state.panes or one.request.encode != state.answered.get(pane):
            continue
        known = replace(one, stage=Stage.ENDED) if pane in awaited and one.stage is not Stage.ENDED else one
        if known.stage is not Stage.ENDED or known.best is not None:
            current[pane] = known
    return current


def _matched(state: AppState, awaited: Mapping[str, EncodeRequest]) -> Mapping[str, DisplayedResult]:
    """The panes' results once all have arrived; until then those before, if they are of the same panes."""
    panes = {pane for pane in state.panes if pane not in FILE_PANES and pane not in state.failures}
    if state.opened is None or (awaited and (panes != set(state.matched) or state.pinned is not None)):
        return {}
    if awaited:
        return state.matched
    return {pane: state.results[pane] for pane in state.panes if pane in panes and pane in state.results}


def _wanted(state: AppState, pane: str) -> EncodeRequest | None:
    """What a pane is to show."""
    if state.opened is None or pane in FILE_PANES or state.switches.set_view:  # whose panes are not seen
        return None
    session, pin, attempt = state.session, state.pin_of(pane), state.attempts.get(pane, 0)
    measure = best_in(state, pane)
    if pin is not None:
        kept = pin.stream_for(state.opened.image.digest)
        return EncodeRequest(state.opened, pin.codec, pin.target_bpp, None, pane, attempt, measure, kept)
    target_bpp, quality = target_of(state, pane)
    in_haste = (
        quality is None and session.pane_layout.show is Show.PICTURE and not is_large(state.opened.image.pixel_count)
    )
    return EncodeRequest(state.opened, pane, target_bpp, quality, pane, attempt, measure, in_haste=in_haste)


def target_of(state: AppState, codec: str) -> tuple[float, EqualTarget | None]:
    """The rate, or the quality, that a codec is to show: the common one, unless its rate is locked."""
    if codec in state.locked:
        return state.locked[codec], None
    return state.session.target_bpp, state.session.quality


def best_in(state: AppState, pane: str) -> QualityMeasure:
    """What decides between the variants of a pane's codec: how the metrics are read, if it has any at equal rate."""
    pin, opened = state.pin_of(pane), state.opened
    codec = pane if pin is None else pin.codec
    if opened is None or (pin is None and target_of(state, pane)[1] is not None):
        return PSNR_RGB
    return state.session.scale.best_in if opened.comparison.codecs[codec].tries_every_encoder else PSNR_RGB


def _content(state: AppState, pane: str) -> PaneContent | None:
    """A map takes the place of what was there before once it is made."""
    result = state.displayed(pane)
    if result is None:
        return None
    layout, before = state.session.pane_layout, state.contents.get(pane)
    if layout.show is Show.PICTURE:
        return PaneContent(result.picture, result)
    made = state.maps.get(pane)
    if made is not None and made.request.is_of(result, layout, difference_to(state)):
        return PaneContent(made.picture, result)
    return before


def current_region(state: AppState) -> Region | None:
    """The current region of the list; None while there is none."""
    listed = () if state.regions is None else state.regions.groups.get(state.region_group, ())
    index = state.region_index
    return listed[index].region if index is not None and index < len(listed) else None


def difference_to(state: AppState) -> DisplayedResult | DisplayedFile | None:
    """What differences are taken to, where that is not the original."""
    layout = state.session.pane_layout
    return state.displayed(layout.against) if layout.show in DIFFERENCES else None


def _bd_pair(state: AppState) -> tuple[str, str]:
    """The chosen pair; in the place of a codec that is not compared comes another one, not its partner if possible."""
    codecs = (*state.compared, *state.series)
    codec, anchor = state.bd_pair
    if codec not in codecs:
        codec = next((name for name in codecs if name != anchor), codecs[0])
    if anchor not in codecs:
        anchor = next((name for name in codecs if name != codec), codecs[0])
    return codec, anchor
