"""Updates of the folder's pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtGui import QImage

from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.store import update


@update
def folder_listed(state: AppState, paths: tuple[Path, ...]) -> AppState:
    """The pictures beside the present one; thumbnails of others are let go of."""
    kept = {path: made for path, made in state.thumbnails.items() if path in paths}
    return replace(state, folder=paths, thumbnails=kept)


@update
def thumbnail_made(state: AppState, path: Path, thumbnail: QImage) -> AppState:
    """A thumbnail; empty if the file cannot be read."""
    if path not in state.folder:
        return state
    return replace(state, thumbnails={**state.thumbnails, path: thumbnail})
