"""Child process: the program as a user starts it, closed once its panes are full. Prints a JSON line.

Times are taken from BENCH_BEGAN_NS, the system's monotonic clock when the parent started this process.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

from PySide6.QtCore import QEvent, QObject, QTimer

import viewer.__main__
import viewer.ui.shell.app
from tests.viewer.ui.driver import driver
from viewer.ui.shell.main_window import MainWindow

_reached_ms: dict[str, float] = {}


def _note(milestone: str) -> None:
    _reached_ms.setdefault(milestone, (time.monotonic_ns() - int(os.environ["BENCH_BEGAN_NS"])) / 1e6)


class _Watched(MainWindow):
    """The window, noting when it was first painted with the event loop free, and what followed."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        driver(self).opened.connect(lambda _opened: QTimer.singleShot(0, lambda: _note("original_ms")))
        driver(self).codec_changed.connect(self._see_whether_full)
        self.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint and watched is self:
            QTimer.singleShot(0, lambda: _note("window_ms"))
        return super().eventFilter(watched, event)

    def _see_whether_full(self, codec: str) -> None:
        controller = driver(self)
        if controller.shown(codec) is not None:
            _note(f"{codec}_ms")
        full = all(controller.shown(codec) is not None for codec in controller.codecs)
        if full and "panes_full_ms" not in _reached_ms:
            _note("panes_full_ms")
            _reached_ms["panes_full_cpu_ms"] = 1e3 * time.process_time()
            # Now, because the process may end without a return while a worker is still at work.
            print(json.dumps(_reached_ms), flush=True)
            QTimer.singleShot(0, self.close)


if __name__ == "__main__":
    setattr(viewer.ui.shell.app, "MainWindow", _Watched)  # noqa: B010 (a plain assignment to another module's class)
    sys.exit(viewer.__main__.main())
