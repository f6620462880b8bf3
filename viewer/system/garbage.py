"""When Python looks for garbage: not while something large is loaded, of which all stays.

Loading torch makes a quarter of a million objects that live for ever. The collector would look at them again and again
meanwhile, and every now and then afterwards, with the interpreter's lock held for a tenth of a second.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Collecting:
    """Switches the collector. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # what is collected may have finalisers
        self._loading = 0
        self._wanted = False

    @contextmanager
    def held(self) -> Iterator[None]:
        """Collect nothing within the block, in any thread, and never look again at what lives when the last of such
        blocks ends.
        """
        with self._lock:
            self._wanted = gc.isenabled() or (self._wanted and self._loading > 0)
            self._loading += 1
            gc.disable()
        try:
            yield
        finally:
            with self._lock:
                self._loading -= 1
                if not self._loading:
                    _freeze_what_lives()
                    if self._wanted:
                        gc.enable()

    def begin(self) -> None:
        """Collect from now on, or once nothing is loading; what lives by then is never looked at again."""
        with self._lock:
            self._wanted = True
            if not self._loading:
                _freeze_what_lives()
                gc.enable()


def _freeze_what_lives() -> None:
    # What is garbage by now would stay for ever, with the picture that was shown meanwhile.
    gc.collect()
    gc.freeze()


collecting = Collecting()
"""The process has one collector."""
