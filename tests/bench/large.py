"""A large picture in the window, end to end: when what is shown, the peak of memory, the GUI thread's longest work.

    python -m tests.bench.large [megapixels]

Makes a picture (100 megapixels unless told), opens it, waits until every codec shows the whole at one rate, moves to
the pixels and to another rate, and waits again. Takes minutes. Exit code 1 if a codec failed or the memory limit was
passed.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image as PillowImage
from PySide6.QtCore import QObject, QSettings, QTimer

from tests.bench.photograph import enlarged
from tests.viewer.ui.driver import driver
from viewer.codecs.registry import CODECS
from viewer.session.state import View
from viewer.system.memory import process_budget, resident_bytes
from viewer.ui.common.settings import Settings
from viewer.ui.common.theme import ThemeSwitch
from viewer.ui.shell.app import make_application
from viewer.ui.shell.main_window import MainWindow

RATES_BPP = (0.25, 0.5)
SAMPLED_EVERY_MS = 20


class Log(QObject):
    """Tells what happens and goes through the rates."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.peak_bytes = 0
        self.failed = False
        self._window = window
        self._controller = driver(window)
        self._begun_s = time.monotonic()
        self._worked_s = time.thread_time()
        self._longest_s = 0.0
        self._rates = list(RATES_BPP[1:])
        timer = QTimer(self, interval=SAMPLED_EVERY_MS)
        timer.timeout.connect(self._sample)
        timer.start()
        self._controller.opened.connect(lambda _opened: self.tell("opened"))
        self._controller.open_failed.connect(self._give_up)
        self._controller.codec_changed.connect(self._look)
        driver(window).part_changed.connect(self._tell_part)

    def tell(self, what: str) -> None:
        """Print a line."""
        now, peak = resident_bytes() / 1e6, self.peak_bytes / 1e6
        elapsed, longest = time.monotonic() - self._begun_s, self._longest_s * 1e3
        print(f"{elapsed:7.1f} s  {now:5.0f} MB (peak {peak:5.0f})  GUI {longest:4.0f} ms  {what}", flush=True)

    def _sample(self) -> None:
        self.peak_bytes = max(self.peak_bytes, resident_bytes())
        worked_s = time.thread_time()
        self._longest_s = max(self._longest_s, worked_s - self._worked_s)
        self._worked_s = worked_s

    def _tell_part(self, codec: str) -> None:
        part = driver(self._window).part(codec)
        if part is not None:
            self.tell(f"{codec}: the visible part at {part.result.bpp:.3f} bpp")

    def _look(self, codec: str) -> None:
        controller, shown = self._controller, self._controller.shown(codec)
        if controller.failure(codec):
            self.failed = True
            self.tell(f"{codec}: {controller.failure(codec)}")
        elif shown is not None and not controller.is_working(codec):
            self.tell(f"{codec}: the whole at {shown.result.bpp:.3f} bpp")
        if any(map(controller.is_working, controller.codecs)):
            return
        if not self._rates:
            self._window.close()
            return
        image = controller.session.image
        assert image is not None
        controller.set_view(View(1.0, (image.width / 3, image.height / 3)))
        rate = self._rates.pop(0)
        self.tell(f"to {rate} bpp at 1:1")
        controller.set_target(rate)

    def _give_up(self, sentence: str) -> None:
        self.failed = True
        self.tell(sentence)
        self._window.close()


def main() -> int:
    """Run it; returns the exit code."""
    megapixels = float(sys.argv[1]) if len(sys.argv) > 1 else 100.0
    with tempfile.TemporaryDirectory(prefix="ratelens-") as folder:
        path = Path(folder) / "large.jpg"
        PillowImage.fromarray(enlarged(megapixels)).save(path, quality=93)
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # as the other benchmarks: no screen is needed
        application = make_application()
        settings = Settings(QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat))
        window = MainWindow(CODECS, RATES_BPP[0], settings, ThemeSwitch(application))
        window.resize(1280, 800)
        window.show()
        log = Log(window)
        driver(window).open_file(path)
        application.exec()
        driver(window).join(60.0)
        limit_bytes = process_budget().limit_bytes
        log.tell(f"the limit is {limit_bytes / 1e6:.0f} MB")
        return 1 if log.failed or log.peak_bytes > limit_bytes else 0


if __name__ == "__main__":
    sys.exit(main())
