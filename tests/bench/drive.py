"""Child process: drives the real window by its slider as a user's mouse would. Prints a JSON line.

Arguments: picture, number of moves, seconds of dragging. Targets are drawn at random: hardly a result is cached.
"""

from __future__ import annotations

import json
import math
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEventLoop, QPoint, Qt, QTimer
from PySide6.QtTest import QTest

from tests.bench.probes import Heartbeat, Painted, Stopwatch
from tests.bench.timed import peak_bytes
from tests.viewer.ui.driver import driver
from viewer.codecs.registry import CODECS
from viewer.metrics.measurement import Metrics
from viewer.ui.common.settings import Settings
from viewer.ui.common.theme import ThemeSwitch
from viewer.ui.engine.workers import jobs
from viewer.ui.panes.canvas import Canvas
from viewer.ui.panes.pane_header import PaneHeader
from viewer.ui.plots.panel import PlotPanel
from viewer.ui.plots.rate_plot import RatePlot
from viewer.ui.rate.slider import RateSlider
from viewer.ui.shell.app import SCREENSHOT_SIZE, START_BPP, make_application
from viewer.ui.shell.main_window import MainWindow

MOUSE_MS = 16
"""A mouse reports about as often as the screen is drawn."""
LOWEST_BPP, HIGHEST_BPP = 0.1, 2.5
"""Within what every codec reaches on photographs: at its floor a codec encodes nothing new."""
TIMEOUT_MS = 120_000


class Driver:
    """Moves the slider and watches what comes of it."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        self.slider = window.rate_bar.slider
        self.controller = driver(window)
        self._random = random.Random(1)
        self._changed: tuple[str, float] = ("", 0.0)
        self._marked_s = 0.0
        self._markers: dict[str, tuple[float, Metrics]] = {}
        self._painted = {
            codec: Painted([window.panes[codec].canvas, window.panes[codec].header]) for codec in self.controller.codecs
        }
        self._plots_painted = Painted([window.plots.upper_plot, window.plots.lower_plot])
        self.controller.codec_changed.connect(self._note_change)

    def _note_change(self, codec: str) -> None:
        shown = self.controller.shown(codec)
        if self.controller.is_working(codec) or shown is None:
            return
        self._changed = (codec, time.perf_counter())
        marker = (shown.result.bpp, shown.result.measurement.metrics)
        if self._markers.get(codec) != marker:  # a codec at its floor stays where it is, and nothing is drawn anew
            self._markers[codec] = marker
            self._marked_s = time.perf_counter()

    def wait(self, done: Callable[[], bool]) -> None:
        """Run the event loop until done() says so; it is asked after every batch of events, and nothing spins."""
        loop = QEventLoop()
        late = QTimer(singleShot=True, interval=TIMEOUT_MS)
        late.start()
        while not done():
            loop.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            if not late.isActive():
                raise TimeoutError("The window did not come to rest.")

    def at_target(self) -> bool:
        """Whether every pane shows the slider's rate."""
        return not any(self.controller.is_working(codec) for codec in self.controller.codecs)

    def drawn(self) -> bool:
        """Whether the codec that came last is painted too: picture, head, and its marker in both plots."""
        codec, moment_s = self._changed
        painted = self._painted[codec].all_since(moment_s) and self._plots_painted.all_since(self._marked_s)
        return self.at_target() and painted

    def x_of(self, bpp: float) -> QPoint:
        return QPoint(round(self.slider.x_of(bpp)), self.slider.height() // 2)

    def random_bpp(self) -> float:
        return math.exp(self._random.uniform(math.log(LOWEST_BPP), math.log(HIGHEST_BPP)))

    def move(self) -> dict[str, Any]:
        """Click somewhere on the slider; milliseconds until everything is shown, and what each codec's result took."""
        while True:
            point = self.x_of(self.random_bpp())
            before = self.controller.session.target_bpp
            begun, cpu_begun, gui_begun = time.perf_counter(), time.process_time(), time.thread_time()
            QTest.mouseClick(self.slider, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point)
            if self.controller.session.target_bpp != before:
                break
        self.wait(self.at_target)
        panes_ms = (time.perf_counter() - begun) * 1e3
        self.wait(self.drawn)
        all_ms = (time.perf_counter() - begun) * 1e3
        cpu_ms = (time.process_time() - cpu_begun) * 1e3
        gui_cpu_ms = (time.thread_time() - gui_begun) * 1e3
        stages = {}
        for codec in self.controller.codecs:
            shown = self.controller.shown(codec)
            assert shown is not None
            result = shown.result
            stages[codec] = {
                "search_ms": result.search_ms,
                "decode_ms": result.decode_ms,
                "measure_ms": result.measure_ms,
            }
        return {"panes_ms": panes_ms, "all_ms": all_ms, "cpu_ms": cpu_ms, "gui_cpu_ms": gui_cpu_ms, "stages": stages}

    def drag(self, seconds: float) -> dict[str, Any]:
        """Drag the handle to and fro."""
        counts = dict.fromkeys(self.controller.codecs, 0)
        latest = {codec: self.window.panes[codec].canvas.picture for codec in counts}

        def note(codec: str) -> None:
            picture = self.window.panes[codec].canvas.picture
            if picture is not latest[codec]:
                latest[codec] = picture
                counts[codec] += 1

        shown = (self.controller.codec_changed, self.controller.shown_provisionally)
        for signal in shown:
            signal.connect(note)
        cpu_begun, gui_begun = time.process_time(), time.thread_time()
        heartbeat = Heartbeat()
        begun = time.perf_counter()
        moves = 0
        loop = QEventLoop()

        def step() -> None:
            nonlocal moves
            elapsed = time.perf_counter() - begun
            if elapsed >= seconds:
                mouse.stop()
                loop.quit()
                return
            moves += 1
            phase = (1 - math.cos(elapsed * 2 * math.pi / 4.0 + 0.3)) / 2
            share = 0.03 + 0.94 * phase
            x = self.x_of(LOWEST_BPP).x() * (1 - share) + self.x_of(HIGHEST_BPP).x() * share
            QTest.mouseMove(self.slider, QPoint(round(x), self.slider.height() // 2))

        mouse = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=MOUSE_MS)
        mouse.timeout.connect(step)
        start = self.x_of(self.slider.target)
        QTest.mousePress(self.slider, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
        heartbeat.start()
        mouse.start()
        loop.exec()
        heartbeat.stop()
        took = time.perf_counter() - begun
        QTest.mouseRelease(self.slider, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
        for signal in shown:
            signal.disconnect(note)
        self.wait(self.drawn)
        return {
            "seconds": took,
            "cpu_s": time.process_time() - cpu_begun,
            "gui_cpu_s": time.thread_time() - gui_begun,
            "mouse_moves": moves,
            "pictures": counts,
            "gaps_ms": heartbeat.gaps_ms,
            "work_ms": heartbeat.work_ms,
        }


def run(picture: Path, moves: int, seconds: float) -> dict[str, Any]:
    """Open, settle, move, drag."""
    stopwatch = Stopwatch()
    stopwatch.watch(Canvas, "paintEvent", "paint pictures")
    stopwatch.watch(PaneHeader, "paintEvent", "paint headers")
    stopwatch.watch(RateSlider, "paintEvent", "paint slider")
    stopwatch.watch(RatePlot, "paintEvent", "paint plots")
    stopwatch.watch(PlotPanel, "draw_now", "update plots")
    stopwatch.watch(jobs, "picture_of", "make pictures (workers)")
    application = make_application()
    window = MainWindow(CODECS, START_BPP, Settings(), ThemeSwitch(application))
    window.resize(*SCREENSHOT_SIZE)
    window.show()
    hand = Driver(window)
    begun = time.perf_counter()
    driver(window).open_file(picture)
    hand.wait(lambda: hand.controller.session.image is not None and hand.at_target())
    opened_ms = (time.perf_counter() - begun) * 1e3
    early = [hand.move() for _ in range(moves // 4)]
    begun = time.perf_counter()
    hand.wait(lambda: hand.controller.is_settled)
    settled_ms = (time.perf_counter() - begun) * 1e3
    settled_memory = peak_bytes()
    stopwatch.reset()
    settled_moves = [hand.move() for _ in range(moves)]
    painting = stopwatch.report()
    stopwatch.reset()
    drag = hand.drag(seconds)
    drag["painting"] = stopwatch.report()
    window.close()
    hand.controller.join(5.0)
    return {
        "opened_ms": opened_ms,
        "settled_ms": settled_ms,
        "moves_while_curves_fill": early,
        "moves": settled_moves,
        "painting": painting,
        "drag": drag,
        "settled_peak_bytes": settled_memory,
        "peak_bytes": peak_bytes(),
    }


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))), flush=True)
