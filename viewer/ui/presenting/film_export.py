"""Exports what two panes show as a film: a wipe between them, or a sweep of the rate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from viewer.imaging.image import Pixels
from viewer.imaging.image_info import format_bytes
from viewer.matching.targets.quality import METRIC_NAMES, QualityMeasure, format_quality
from viewer.session.pane_layout import ORIGINAL, Layout
from viewer.session.viewport import Rect, visible_rect
from viewer.system.memory import composing_bytes, process_budget
from viewer.ui.common.actions import Command
from viewer.ui.common.slider_scale import rounded_bpp
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.file_writer import Writer, folder_of
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.messages import show_error
from viewer.ui.engine.workers.jobs import DisplayedResult
from viewer.ui.presenters.pane_styles import PaneStyles

if TYPE_CHECKING:
    from viewer.matching.comparison import Comparison
    from viewer.matching.result import Result
    from viewer.report.film import Shot

WIPE_FRAMES = 100
ANIMATED_WIPE_FRAMES = 50
"""GIF and WebP are larger and play less smoothly."""
RATE_MS = 160
"""How long each rate of a sweep is seen."""
SUBMENU = "E&xport films and plots"


@dataclass(frozen=True, eq=False)
class Filmed:
    """A pane as it is filmed. pixels: of the whole picture, uint8 (H, W, 3). result: None for a picture that does not
    change with the rate.
    """

    pane: str
    name: str
    colour: str
    pixels: Pixels
    size: str
    result: Result | None


@dataclass(frozen=True, eq=False)
class FilmJob:
    """Everything that a film is made from. part: of the picture. measure: what is written beside the size."""

    comparison: Comparison
    sides: tuple[Filmed, Filmed]
    part: Rect
    measure: QualityMeasure
    in_db: bool
    bpp: float


class FilmExport:
    """Asks where to save a film; a worker makes it."""

    def __init__(self, store: Store, styles: PaneStyles, writer: Writer) -> None:
        self._store = store
        self._styles = styles
        self._writer = writer

    def commands(self) -> tuple[Command, ...]:
        """The commands that export films."""
        return (
            Command(
                "export_wipe", "&File", "&Wipe between two pictures…", self.export_wipe, section=2, submenu=SUBMENU
            ),
            Command("export_sweep", "&File", "&Sweep of the rate…", self.export_sweep, section=2, submenu=SUBMENU),
        )

    def export_wipe(self) -> None:
        """Save a wipe between the sides of the split view, or between the codecs of the BD-rate."""
        self._export("wipe", "Save a wipe", wipe_film, "Making the film…")

    def export_sweep(self) -> None:
        """Save a sweep of the rate, with the same two panes side by side."""
        if not any(pane in self._store.state.compared for pane in film_panes(self._store.state)):
            self._error("These two pictures do not change with the rate: split the view with a codec’s pane first.")
            return
        self._export("sweep", "Save a sweep of the rate", sweep_film, "Making the film: every rate is encoded…")

    def _export(self, kind: str, title: str, make: Callable[[FilmJob, str], bytes], said: str) -> None:
        from viewer.report.film_file import ANIMATION_SUFFIXES, SUFFIXES, has_video

        job = film_job(self._store.state, self._styles)
        if job is None:
            self._error("There is nothing to film yet: open a picture, or wait for the codecs.")
            return
        proposed, *others = SUFFIXES if has_video() else (*ANIMATION_SUFFIXES, *SUFFIXES[:2])
        image = job.comparison.image
        panes = "-".join(side.pane.replace(" ", "") for side in job.sides)
        name = f"{Path(image.name).stem}-{kind}-{panes}{proposed}"
        self._writer.ask_file(
            title, folder_of(image) / name, lambda path: make(job, path.suffix), others=others, said=said
        )

    def _error(self, text: str) -> None:
        self._store.update(show_error(text))


def film_panes(state: AppState) -> tuple[str, str]:
    """The two panes to film: the sides of a split view, else the pair of the BD-rate, or what there is."""
    layout = state.session.pane_layout
    if layout.layout is Layout.SPLIT:
        return layout.left, layout.right
    codec, anchor = state.bd_pair
    if state.pinned is None and codec != anchor:
        return codec, anchor
    panes = (ORIGINAL, *state.panes)[-2:]
    return panes[0], panes[1]


def film_job(state: AppState, styles: PaneStyles) -> FilmJob | None:
    """What is filmed now: the visible part of two panes; None while one of them shows nothing yet."""
    opened = state.opened
    if opened is None:
        return None
    sides = tuple(side for pane in film_panes(state) if (side := _filmed(state, styles, pane)) is not None)
    if len(sides) != 2:
        return None
    image, session = opened.image, state.session
    part = visible_rect(session.view, (image.width, image.height), state.area) or Rect(0, 0, image.width, image.height)
    measure = QualityMeasure("ms_ssim", session.scale.channel)
    bpp = session.target_bpp
    return FilmJob(opened.comparison, (sides[0], sides[1]), part, measure, session.scale.ms_ssim_db, bpp)


def _filmed(state: AppState, styles: PaneStyles, pane: str) -> Filmed | None:
    assert state.opened is not None
    label = styles.label(state, pane)
    if pane == ORIGINAL:
        image = state.opened.image
        size = f"{format_bytes(3 * image.pixel_count)}, uncompressed"
        return Filmed(pane, label, "", image.pixels, size, None)
    shown = state.displayed(pane)
    if shown is None:
        return None
    colour = styles.style(state, pane).colour
    if not isinstance(shown, DisplayedResult):
        count = shown.result.byte_count
        size = "size unknown" if count is None else format_bytes(count)
        return Filmed(pane, label, colour, shown.result.pixels, size, None)
    return Filmed(pane, label, colour, shown.result.reconstruction, "", shown.result)


def wipe_film(job: FilmJob, suffix: str) -> bytes:
    """The film's file. Runs in a worker. Raises OutputError; MemoryLimitError."""
    from viewer.report.film import wipe
    from viewer.report.film_file import ANIMATION_SUFFIXES, check_film_suffix, film_bytes

    check_film_suffix(suffix)
    animated = suffix.lower() in ANIMATION_SUFFIXES
    frames = ANIMATED_WIPE_FRAMES if animated else WIPE_FRAMES
    left, right = (_shot(job, side, side.result) for side in job.sides)
    with process_budget().granted(composing_bytes(_kept(frames, suffix), _pixel_count(job)), "A film of the view"):
        return film_bytes(wipe(left, right, frames), suffix, frame_ms=80 if animated else 40)


def sweep_film(job: FilmJob, suffix: str) -> bytes:
    """The film's file; brings the codecs to every rate. Runs in a worker. Raises OutputError; CodecError;
    MemoryLimitError.
    """
    from viewer.report.film import film_rates, sweep
    from viewer.report.film_file import check_film_suffix, film_bytes

    check_film_suffix(suffix)
    rates = film_rates(job.bpp)
    shots = [tuple(_at_rate(job, side, rounded_bpp(bpp)) for side in job.sides) for bpp in rates]
    with process_budget().granted(composing_bytes(_kept(2 * len(rates), suffix), _pixel_count(job)), "A film"):
        return film_bytes(sweep([(left, right) for left, right in shots]), suffix, frame_ms=RATE_MS)


def _kept(frames: int, suffix: str) -> int:
    """How many frames are in memory at once."""
    return frames if suffix.lower() == ".gif" else 2


def _pixel_count(job: FilmJob) -> int:
    from viewer.report.film import MOST_HEIGHT, MOST_WIDTH

    width, height = job.part.size
    return int(min(2 * width * height, MOST_WIDTH * MOST_HEIGHT))


def _at_rate(job: FilmJob, side: Filmed, bpp: float) -> Shot:
    if side.result is None:
        return _shot(job, side, None)
    return _shot(job, side, job.comparison.result(side.result.request.codec, bpp))


def _shot(job: FilmJob, side: Filmed, result: Result | None) -> Shot:
    from viewer.report.film import Shot

    pixels = side.pixels if result is None else result.reconstruction
    part = pixels[job.part.top : job.part.bottom, job.part.left : job.part.right].copy()
    if result is None:
        return Shot(part, side.name, side.size, side.colour)
    metric = job.measure.metric
    value = format_quality(metric, job.measure.of(result.measurement.metrics), in_db=job.in_db)
    note = f"{format_bytes(len(result.stream))}, {METRIC_NAMES[metric]} {value}"
    return Shot(part, side.name, note, side.colour)
