"""Keeps one codec at a rate of its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from viewer.ui.common.actions import Command
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.target import toggle_lock, unlock_all


class RateLock:
    """The commands that lock the current pane's rate, so that two codecs are seen at different ones."""

    def __init__(self, store: Store, present: Callable[[], str]) -> None:
        """present: returns the current pane, ORIGINAL or a codec's name."""
        self._store = store
        self._present = present

    def commands(self) -> tuple[Command, ...]:
        """Lock or unlock one, and unlock all."""
        return (
            Command("lock_rate", "&Rate", "Loc&k pane’s rate, or unlock it", self.toggle, ("Ctrl+L",), section=1),
            Command(
                "unlock_rates",
                "&Rate",
                "Unlock all &rates",
                partial(self._store.update, unlock_all()),
                section=1,
                enabled=lambda state: bool(state.locked),
            ),
        )

    def toggle(self) -> None:
        """Keep the current pane's codec at its rate, or let it follow the slider again."""
        self._store.update(toggle_lock(self._present()))
