"""Has workers open sets, make their figures and small pictures, and run their sweeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QImage

from models.errors import RateLensError
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.encode_service import EncodeService
from viewer.ui.engine.sets.state import FiguresRequest, SetRequest, SweepRequest
from viewer.ui.engine.sets.updates import (
    figures_made,
    rows_read,
    set_opened,
    set_refused,
    sweep_reported,
    thumbnails_made,
)
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.messages import show_error
from viewer.ui.engine.workers.latest_worker import Outcome
from viewer.ui.engine.workers.sweep_process import SweepEvent, SweepProcess

if TYPE_CHECKING:
    from viewer.sets.figures import SetFigures
    from viewer.sets.source import PictureSet

THUMBNAIL_SIDE = 96
"""Of the longer side, in pixels: enough for a row of the table on a screen of twice the density."""


def read_set(request: SetRequest) -> PictureSet:
    """Runs in a worker. Raises SetError, ImageError."""
    from viewer.sets.source import open_folder, open_results

    if request.path.is_dir():
        return open_folder(request.path)
    return open_results(request.path, request.folder)


def read_rows_again(opened: PictureSet) -> PictureSet:
    """The set with the rows that it has by now. Runs in a worker. Raises SetError."""
    from viewer.sets.source import read_results

    return replace(opened, rows=tuple(row for row in read_results(opened.results) if row.image not in opened.copies))


def make_figures(request: FiguresRequest) -> SetFigures:
    """Runs in a worker."""
    from viewer.metrics.registry import metric_named
    from viewer.sets.figures import figures_of
    from viewer.sets.measured import MeasuredSet

    return figures_of(MeasuredSet(request.opened.rows), metric_named(request.metric))


def make_thumbnails(job: tuple[Path, tuple[tuple[str, Path], ...]]) -> Mapping[str, QImage | None]:
    """Runs in a worker."""
    return {name: _thumbnail(path) for name, path in job[1]}


def _thumbnail(path: Path) -> QImage | None:
    """None for what cannot be read: the sweep says why."""
    from viewer.imaging.reader import load_image

    try:
        pixels = load_image(path).pixels
    except RateLensError:
        return None
    height, width = pixels.shape[:2]
    held = pixels.tobytes()  # QImage does not keep it alive
    whole = QImage(held, width, height, 3 * width, QImage.Format.Format_RGB888)
    side = min(THUMBNAIL_SIDE, max(width, height))
    small = whole.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
    return small.copy()


class SetService(QObject):
    """Keeps the set, its figures and its sweep up to date."""

    def __init__(self, store: Store, service: EncodeService) -> None:
        super().__init__(service)
        self._store = store
        self._opener = service.add_worker("set", read_set, self._on_opened)
        self._reader = service.add_worker("set rows", read_rows_again, self._on_rows)
        self._figures = service.add_worker("set figures", make_figures, self._on_figures)
        self._thumbnails = service.add_worker("thumbnails", make_thumbnails, self._on_thumbnails)
        sweep = service.add_background(SweepProcess, self._on_sweep)
        store.watch(lambda state: state.sets.opening, self._open)
        store.watch(lambda state: state.sets.wanted_figures, self._make_figures)
        store.watch(lambda state: state.sets.wanted_thumbnails, self._make_thumbnails)
        store.watch(wanted_sweep, sweep.want)

    def _open(self, request: SetRequest | None) -> None:
        if request is not None:
            self._opener.post(request)

    def _make_figures(self, request: FiguresRequest | None) -> None:
        if request is not None:
            self._figures.post(request)

    def _make_thumbnails(self, job: tuple[Path, tuple[tuple[str, Path], ...]] | None) -> None:
        if job is not None:
            self._thumbnails.post(job)

    def _on_opened(self, outcome: Outcome) -> None:
        if outcome.error is None:
            self._store.update(set_opened(outcome.job, outcome.value))
            return
        sentence = str(outcome.error) if isinstance(outcome.error, RateLensError) else "Unexpected error: see the log."
        self._store.update(set_refused(outcome.job, sentence))
        if not isinstance(outcome.error, RateLensError):
            raise outcome.error

    def _on_rows(self, outcome: Outcome) -> None:
        if outcome.error is None:
            self._store.update(rows_read(outcome.value))
        elif isinstance(outcome.error, RateLensError):
            self._store.update(show_error(str(outcome.error)))
        else:
            raise outcome.error

    def _on_figures(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            raise outcome.error
        self._store.update(figures_made(outcome.job, outcome.value))

    def _on_thumbnails(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            raise outcome.error
        self._store.update(thumbnails_made(outcome.job[0], outcome.value))

    def _on_sweep(self, event: SweepEvent) -> None:
        self._store.update(sweep_reported(event))
        opened = self._store.state.sets.opened
        if opened is not None and (event.done or event.ended):
            self._reader.post(opened)


def wanted_sweep(state: AppState) -> tuple[int, SweepRequest] | None:
    """The sweep that is to run, and which start of it; None if none is."""
    sweep = state.sets.sweep
    return (sweep.run, sweep.request) if sweep.phase == "running" and sweep.request is not None else None
