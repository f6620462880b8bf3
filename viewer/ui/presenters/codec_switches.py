"""Switches codecs on and off, by menu and by key."""

from __future__ import annotations

from PySide6.QtWidgets import QMenu

from viewer.codecs.registry import missing_codecs
from viewer.ui.common.actions import Command
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.compared import toggle_codec
from viewer.ui.presenters.pane_styles import PaneStyles


class CodecSwitches:
    """The menu of codecs. Every codec has a pane, hidden while it is off, so that switching creates nothing."""

    def __init__(self, store: Store, styles: PaneStyles) -> None:
        self._store = store
        self._styles = styles

    def commands(self) -> tuple[Command, ...]:
        """A switch for every codec."""
        return tuple(
            Command(
                f"codec_{codec}",
                "&Codecs",
                label,
                lambda codec=codec, label=label: self._store.update(toggle_codec(codec, label)),  # type: ignore[misc]
                (f"Alt+{place}",) if place < 10 else (),
                listed=False,
                checked=lambda state, codec=codec: codec in state.compared,  # type: ignore[misc]
            )
            for place, (codec, label) in enumerate(self._styles.labels.items(), start=1)
        )

    @staticmethod
    def name_missing(menu: QMenu) -> None:
        """Show which codecs could be installed."""
        for label, package in missing_codecs():
            action = menu.addAction(f"{label}: pip install {package}")
            action.setEnabled(False)
