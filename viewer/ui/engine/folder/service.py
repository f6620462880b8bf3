"""The pictures in the present one's folder: their list, their thumbnails, and the neighbours made ready."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QImage

from viewer.system.memory import is_large
from viewer.ui.engine.app_state import AppState, best_in
from viewer.ui.engine.encode_service import EncodeService
from viewer.ui.engine.folder.prefetch import PrefetchJob, PrefetchWorker
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.folder import folder_listed, thumbnail_made
from viewer.ui.engine.workers.latest_worker import Outcome

THUMBNAIL = (96, 64)
"""Largest width and height, in pixels of a screen without scaling; twice that is made."""


@dataclass(frozen=True)
class ThumbnailJob:
    """One picture of the folder."""

    path: Path


def list_folder(path: Path) -> tuple[Path, ...]:
    """The pictures beside a file, itself among them, in natural order. Runs in a worker."""
    from viewer.imaging.folder import list_pictures, natural_key

    try:
        files = list_pictures(path.parent)[0]
    except OSError:
        return (path,)
    if path not in files:
        files = sorted([*files, path], key=lambda file: natural_key(file.name))
    return tuple(files)


def make_thumbnail(job: ThumbnailJob) -> QImage:
    """A small picture of a file; an empty one if it cannot be read. Runs in a worker."""
    from PIL import Image as PillowImage
    from PIL import ImageOps

    size = 2 * THUMBNAIL[0], 2 * THUMBNAIL[1]
    try:
        with PillowImage.open(job.path) as picture:
            if is_large(picture.width * picture.height) and picture.format != "JPEG":
                return QImage()  # would take long and much memory
            picture.draft("RGB", size)
            picture.thumbnail(size)
            small = ImageOps.exif_transpose(picture).convert("RGB")
    except Exception:  # Pillow's readers may raise anything on damaged files, which say so when they are opened
        return QImage()
    image = QImage(small.tobytes(), small.width, small.height, 3 * small.width, QImage.Format.Format_RGB888)
    return image.scaled(*size, Qt.AspectRatioMode.KeepAspectRatio).convertToFormat(QImage.Format.Format_RGB32)


class FolderService(QObject):
    """Lists the folder when another picture is open, makes thumbnails while the filmstrip is shown, and has the next
    and the previous picture read while nobody else is at work.
    """

    def __init__(self, store: Store, service: EncodeService) -> None:
        super().__init__(service)
        self._store = store
        self.ready = service.prefetched
        self._lister = service.add_worker("folder", list_folder, self._on_listed)
        self._thumbnails = service.add_worker("thumbnails", make_thumbnail, self._on_thumbnail)
        make = partial(PrefetchWorker, ready=service.prefetched, read=service.read)
        self._prefetcher = service.add_background(make, self._on_ready)
        store.watch(_path_of, self._list)
        store.watch(next_thumbnail, self._ask_thumbnail)
        store.watch(prefetch_wish, self._prefetch)

    def _list(self, path: Path | None) -> None:
        if path is not None:
            self._lister.post(path)

    def _on_listed(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            raise outcome.error
        if outcome.job == _path_of(self._store.state):
            self._store.update(folder_listed(outcome.value))

    def _ask_thumbnail(self, path: Path | None) -> None:
        if path is not None:
            self._thumbnails.post(ThumbnailJob(path))

    def _on_thumbnail(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            raise outcome.error
        self._store.update(thumbnail_made(outcome.job.path, outcome.value))

    def _prefetch(self, wish: tuple[object, ...] | None) -> None:
        if wish is not None:
            self._prefetcher.post(prefetch_job(self._store.state))

    def _on_ready(self, _path: Path) -> None:
        """Nothing is shown of it."""


def _path_of(state: AppState) -> Path | None:
    return None if state.opened is None else state.opened.image.path


def place_in_folder(state: AppState) -> tuple[int, int] | None:
    """Which picture of how many, from 1: (3, 24); None for a picture that has no folder, or is alone in it."""
    path = _path_of(state)
    if path is None or path not in state.folder or len(state.folder) < 2:
        return None
    return state.folder.index(path) + 1, len(state.folder)


def next_thumbnail(state: AppState) -> Path | None:
    """The picture nearest to the present one that lacks a thumbnail, while the filmstrip is shown."""
    place = place_in_folder(state)
    if place is None or not state.switches.filmstrip:
        return None
    lacking = [index for index, path in enumerate(state.folder) if path not in state.thumbnails]
    nearest = min(lacking, key=lambda index: abs(index - (place[0] - 1)), default=None)
    return None if nearest is None else state.folder[nearest]


def prefetch_wish(state: AppState) -> tuple[object, ...] | None:
    """What the neighbours depend on, once every pane is at the target; None before that."""
    if state.awaited or state.opening is not None or place_in_folder(state) is None:
        return None
    codecs = (state.compared, state.session.target_bpp, state.session.scale) if _encodes(state) else ()
    return (state.opened, state.folder, codecs)


def prefetch_job(state: AppState) -> PrefetchJob:
    """The next picture and the previous one, in the direction of the last step first."""
    place = place_in_folder(state)
    assert place is not None
    index = place[0] - 1
    order = (index + 1, index - 1) if state.step_direction >= 0 else (index - 1, index + 1)
    paths = tuple(state.folder[one] for one in order if 0 <= one < len(state.folder))
    codecs = tuple((codec, best_in(state, codec)) for codec in state.compared) if _encodes(state) else ()
    return PrefetchJob(paths, state.session.target_bpp, codecs)


def _encodes(state: AppState) -> bool:
    """Whether codecs are prepared, too: once the user has begun to step through the folder, at a matched rate."""
    return state.step_direction != 0 and state.session.quality is None and state.pinned is None
