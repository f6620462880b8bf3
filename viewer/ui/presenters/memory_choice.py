"""The memory limit, as the user chooses it in the menu."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject

from viewer.system.memory import process_budget
from viewer.ui.common.actions import MEMORY_LIMITS_GB, Actions
from viewer.ui.common.settings import Settings
from viewer.ui.engine.encode_service import Controller


class MemoryChoice(QObject):
    """Sets the limit, keeps it between runs, and lets codecs that were refused try again."""

    def __init__(self, controller: Controller, settings: Settings) -> None:
        super().__init__(controller)
        self._controller = controller
        self._settings = settings

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What the commands do, by their names."""
        return {f"memory_{limit or 'usual'}": partial(self._choose, limit) for limit in MEMORY_LIMITS_GB}

    def restore(self, actions: Actions) -> None:
        """As it was left, unless the command line asks for another."""
        limit = self._settings.memory_limit_gb
        actions[f"memory_{limit if limit in MEMORY_LIMITS_GB and limit else 'usual'}"].setChecked(True)
        if limit is not None and process_budget().is_default:
            process_budget().limit_bytes = limit * 10**9

    def _choose(self, limit: int | None, _checked: bool = True) -> None:
        self._settings.memory_limit_gb = limit
        budget = process_budget()
        budget.limit_bytes = budget.default_bytes if limit is None else limit * 10**9
        self._controller.try_again()
