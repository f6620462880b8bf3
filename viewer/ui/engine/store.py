"""Holds the one AppState, and notifies watchers when their part of it changes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from viewer.ui.engine.app_state import AppState, derived

if TYPE_CHECKING:
    from PySide6.QtCore import SignalInstance

log = logging.getLogger("ratelens.store")

Update = Callable[[AppState], AppState]
"""A pure step from one state to the next."""

T = TypeVar("T")
P = ParamSpec("P")
MAX_ROUNDS = 50
"""More rounds than this mean that watchers keep triggering each other."""


def update(step: Callable[Concatenate[AppState, P], AppState]) -> Callable[P, Update]:
    """Turn `step(state, ...)` into `step(...)(state)`, as `Store.update` takes it."""

    @wraps(step)
    def bound(*args: P.args, **kwargs: P.kwargs) -> Update:
        return lambda state: step(state, *args, **kwargs)

    return bound


@dataclass(eq=False)
class _Watcher:
    select: Callable[[AppState], Any]
    react: Callable[[Any], object]
    seen: Any


class Store:
    """The state and its watchers. For the GUI thread only.

    Watchers are called in rounds. The start of a round determines which ones: those whose selected value differs from
    the one they were last called with. The state does not change during a round: an `update` from a watcher waits for
    the end of the round, and starts the next one. So all watchers in a round see the same state, each is called once,
    and the order of registration does not matter.
    """

    def __init__(self, state: AppState) -> None:
        self._state = derived(state)
        self._watchers: list[_Watcher] = []
        self._waiting: list[Update] = []
        self._in_round = False

    @property
    def state(self) -> AppState:
        return self._state

    def update(self, change: Update) -> None:
        """Change the state, and notify the watchers whose part of it has changed.

        If watchers fail, raises the first error once all have been called; the others are logged.
        """
        self._waiting.append(change)
        if self._in_round:
            return
        errors: list[Exception] = []
        self._in_round = True
        try:
            for _round in range(MAX_ROUNDS):
                if not self._waiting:
                    break
                self._apply()
                errors += self._notify()
            else:
                self._waiting.clear()
                raise RuntimeError("The watchers of the state keep triggering each other.")
        finally:
            self._in_round = False
        for error in errors[1:]:
            log.error("another watcher failed, too", exc_info=error)
        if errors:
            raise errors[0]

    def update_on(self, signal: SignalInstance, step: Callable[..., Update]) -> None:
        """Make a step whenever a widget gives a signal, with the values that it carries."""
        signal.connect(lambda *values: self.update(step(*values)))

    def watch(self, select: Callable[[AppState], T], react: Callable[[T], object], *, at_once: bool = True) -> None:
        """Call react with the selected part of the state whenever it changes; at_once: also now."""
        value = select(self._state)
        self._watchers.append(_Watcher(select, react, value))
        if at_once:
            react(value)

    def _apply(self) -> None:
        waiting, self._waiting = self._waiting, []
        for change in waiting:
            self._state = derived(change(self._state))

    def _notify(self) -> list[Exception]:
        due = []
        for watcher in self._watchers:
            value = watcher.select(self._state)
            if value is not watcher.seen and value != watcher.seen:
                watcher.seen = value
                due.append((watcher, value))
        errors = []
        for watcher, value in due:
            try:
                watcher.react(value)
            except Exception as error:  # the other watchers must still be notified
                errors.append(error)
        return errors
