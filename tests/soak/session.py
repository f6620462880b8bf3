"""The long use itself: windows opened and closed, and one window used at random."""

from __future__ import annotations

import random
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from PIL import Image as PillowImage
from PySide6.QtCore import QCoreApplication, QEvent, QMimeDatabase, qInstallMessageHandler

from tests.photographs import sample_crop
from tests.soak import census
from tests.soak.census import Census
from tests.soak.hand import Hand
from tests.viewer.ui.driver import Driver, driver
from viewer.codecs.registry import CODECS
from viewer.metrics.bd_rate import bd_rate
from viewer.ui.common.settings import Settings
from viewer.ui.common.theme import ThemeSwitch
from viewer.ui.shell.app import make_application
from viewer.ui.shell.main_window import MainWindow

ROUND_BYTES = 128 * 2**10
"""Memory that a round may add: the process's, of which the allocator gives little back."""
CACHES_BYTES = (96 + 80 + 200 + 64) * 2**20
"""What random use may add: results, equal qualities and maps are kept up to limits of their own; and some slack."""
SIZES = ((120, 160), (173, 240), (256, 256))
JOIN_S = 120.0
SAMPLES = 30


class Complaints:
    """Everything that was raised or warned of."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def install(self) -> None:
        """Hear of all, from now on."""
        sys.excepthook = self._take
        threading.excepthook = lambda args: self._take(args.exc_type, args.exc_value, args.exc_traceback)
        qInstallMessageHandler(lambda _kind, _context, text: self._record_warning(text))

    def _take(self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        self.lines.append("".join(traceback.format_exception(kind, error, trace)))

    def _record_warning(self, text: str) -> None:
        if "propagateSizeHints" not in text:  # the offscreen platform has none
            self.lines.append(text)


def run(folder: Path, rounds: int, minutes: float, seed: int) -> bool:
    """Do all, print what was counted; whether nothing grew and nothing complained."""
    complaints = Complaints()
    complaints.install()
    _application = make_application()  # Qt's lives as long as this name
    pictures = [folder / f"{height}x{width}.png" for height, width in SIZES]
    for path, size in zip(pictures, SIZES, strict=True):
        PillowImage.fromarray(sample_crop(*size).pixels).save(path)
    good = True
    try:
        _load_the_late()
        if rounds:
            print("windows opened and closed\n" + "  ".join(census.HEADINGS), flush=True)
            good &= _judge(_rounds(pictures, rounds, seed), ROUND_BYTES * rounds)
        if minutes:
            print("random use\n" + "  ".join(census.HEADINGS), flush=True)
            good &= _judge(_use(pictures, minutes, seed), CACHES_BYTES)
    except Exception:
        complaints.lines.append(traceback.format_exc())
    for line in dict.fromkeys(complaints.lines):
        print(f"COMPLAINT ({complaints.lines.count(line)} times)\n{line}")
    return good and not complaints.lines


def _load_the_late() -> None:
    """What a window loads when it first needs it, so in any round, but once: the BD-rate's libraries, 50 MiB, and the
    list of file types, which Qt keeps open.
    """
    QMimeDatabase().mimeTypeForName("image/png")
    curve = [(0.1 * 2.0**step, 30.0 + 2.0 * step) for step in range(6)]
    if bd_rate(curve, curve) is None:
        raise ValueError("these curves have a BD-rate")


def _make_window(seed: int) -> MainWindow:
    window = MainWindow(CODECS, 0.5, Settings(), ThemeSwitch())
    window.resize(900 + seed % 300, 700)
    window.show()
    return window


def _is_at_rest(controller: Driver) -> bool:
    return controller.session.image is not None and not any(map(controller.is_working, controller.codecs))


def _one_round(pictures: Sequence[Path], seed: int) -> None:
    """Open a window and a picture, do something, and close at any moment."""
    rng = random.Random(seed)
    window = _make_window(seed)
    hand, controller = Hand(window, pictures, seed), driver(window)
    controller.open_file(rng.choice(pictures))
    ending = rng.randrange(4)
    if ending >= 1:
        hand.rest(lambda: controller.session.image is not None)
    if ending >= 2:
        for _ in range(3):
            hand.act()
    if ending == 3:
        hand.rest(lambda: _is_at_rest(controller))
    window.close()
    if not controller.join(JOIN_S):
        raise TimeoutError("a worker did not end")
    window.deleteLater()


def _rounds(pictures: Sequence[Path], rounds: int, seed: int) -> list[Census]:
    taken = []
    for done in range(1, rounds + 1):
        _one_round(pictures, 1000 * seed + done)
        for _ in range(3):
            QCoreApplication.processEvents()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        if done % max(1, rounds // SAMPLES) == 0:
            taken.append(census.take(done))
            print(census.row(taken[-1]), flush=True)
    return taken


def _use(pictures: Sequence[Path], minutes: float, seed: int) -> list[Census]:
    """One window, used without a break; counted when it rests."""
    window = _make_window(0)
    controller = driver(window)
    hand = Hand(window, pictures, seed)
    controller.open_file(pictures[0])
    hand.rest(lambda: _is_at_rest(controller))
    taken: list[Census] = []
    begun, done = time.monotonic(), 0
    while (elapsed_s := time.monotonic() - begun) < 60.0 * minutes:
        hand.act()
        done += 1
        if done % 4 == 0:
            hand.pause(20)
        if elapsed_s >= 60.0 * minutes * len(taken) / SAMPLES:
            hand.rest(lambda: _is_at_rest(controller))
            taken.append(census.take(done))
            print(census.row(taken[-1]), flush=True)
    window.close()
    if not controller.join(JOIN_S):
        raise TimeoutError("a worker did not end")
    return taken


def _judge(taken: Sequence[Census], allowed: int) -> bool:
    """Whether nothing grew, in words too. The first third is warming up."""
    settled = taken[len(taken) // 3 :]
    growth = settled[-1].memory_bytes - settled[0].memory_bytes
    pace, grown = census.memory_growth(settled), census.grown(settled)
    verdict = f"after the first third, memory grew by {growth / 2**20:.0f} MiB of {allowed / 2**20:.0f} allowed"
    print(f"{verdict} ({pace / 1024:.1f} KiB each); grown: {', '.join(grown) or 'nothing'}", flush=True)
    return growth <= allowed and not grown
