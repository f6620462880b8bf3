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
        labels = self._styles.labels
        return tuple(self.command(codec, label, place) for place, (codec, label) in enumerate(labels.items(), start=2))

    def command(self, codec: str, label: str, place: int) -> Command:
        """A codec's switch, with the digit of its pane as its key; it is not there when the codec is removed."""
        return Command(
            f"codec_{codec}",
            "&Codecs",
            label,
            lambda: self._store.update(toggle_codec(codec, label)),
            (f"Alt+{place}",) if place < 10 else (),
            listed=False,
            checked=lambda state: codec in state.compared,
            label=lambda state: label if codec in state.installed else None,
        )

    @staticmethod
    def name_missing(menu: QMenu) -> None:
        """Show which codecs could be installed."""
        for label, package in missing_codecs():
            action = menu.addAction(f"{label}: pip install {package}")
            action.setEnabled(False)
