"""Drafts of large pictures, shown while the full picture is loading."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject

from viewer.ui.engine.encode_service import EncodeService
from viewer.ui.engine.image_pyramid import Picture, picture_of
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.deliveries import draft_made
from viewer.ui.engine.workers.jobs import OpenFile, OpenRequest
from viewer.ui.engine.workers.latest_worker import Outcome


@dataclass(frozen=True, eq=False)
class DraftPicture:
    """A draft, ready to paint."""

    path: Path
    name: str
    picture: Picture


def make_draft(path: Path) -> DraftPicture | None:
    """Read a draft, if there is one. Runs in a worker, which loads the libraries it needs."""
    from viewer.imaging.draft import load_draft

    draft = load_draft(path)
    if draft is None:
        return None
    return DraftPicture(path, draft.name, picture_of(draft.pixels, (draft.width, draft.height)))


class DraftService(QObject):
    """Requests a draft of every file that is being opened."""

    def __init__(self, store: Store, service: EncodeService) -> None:
        super().__init__(service)
        self._store = store
        self._worker = service.add_worker("draft", make_draft, self._on_draft)
        store.watch(lambda state: state.opening, self._ask)

    def _ask(self, request: OpenRequest | None) -> None:
        if isinstance(request, OpenFile):
            self._worker.post(request.path)

    def _on_draft(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            raise outcome.error
        if outcome.value is not None:
            self._store.update(draft_made(outcome.job, outcome.value))
