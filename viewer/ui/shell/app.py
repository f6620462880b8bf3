"""Runs the window."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from models.cpu import core_count, use_threads
from viewer.codecs.registry import known_codecs
from viewer.system.garbage import collecting
from viewer.system.memory import limit_malloc_arenas
from viewer.system.program import end_at_once_on_signals, programs
from viewer.system.resources import sample_images
from viewer.ui.common.settings import Settings
from viewer.ui.common.theme import ThemeSwitch
from viewer.ui.engine.codec_adding import recall_variants
from viewer.ui.shell import qt_log
from viewer.ui.shell.crash_dialog import CrashBox
from viewer.ui.shell.main_window import MainWindow
from viewer.ui.shell.screen_fit import ScreenFit

if TYPE_CHECKING:
    from viewer.matching.reconstruction import Given

START_BPP = 0.25
"""A rate at which the codecs differ clearly on most photographs."""
SCREENSHOT_SIZE = (1600, 1000)
LEAVE_AFTER_S = 0.3
"""How long the process waits for running jobs after the window has closed."""
PLOTS_AFTER_MS = 50
"""How long after a picture is shown the plots are drawn first, so that it is on the screen by then."""
PLOTS_AT_LATEST_MS = 2000
NO_GARBAGE_MS = 2000
"""How long after the window appears no garbage is collected: until then nearly all that is made stays."""
SWITCH_INTERVAL_S = 0.001
"""After how long a worker in Python code yields to the GUI thread; Python's default of 5 ms is half a frame."""


def run(
    path: Path | None,
    target_bpp: float | None,
    screenshot: Path | None,
    size: tuple[int, int] | None,
    given: tuple[Given, ...] = (),
) -> int:
    """Show the window until it is closed; returns the exit code.

    path: the picture to open, the first sample if None. target_bpp: None for the usual rate, or a sample's. size: of
    the window, in logical pixels. given: reconstructions of the picture, decoded elsewhere. With `screenshot` the
    window is saved there once it has settled (all panes at the target, both plots complete), and closed. Raises
    OutputError if it could not be saved, or the picture not be opened.
    """
    application = make_application()
    qt_log.install()
    crash_box = CrashBox(application)
    crash_box.install()
    end_at_once_on_signals()
    settings = Settings()
    recall_variants(settings.variants)
    window = MainWindow(known_codecs(), target_bpp or START_BPP, settings, ThemeSwitch(application))
    if size is not None or screenshot is not None:
        window.resize(*(size or SCREENSHOT_SIZE))
    else:
        ScreenFit(window)
    shot = None
    if screenshot is not None:
        from viewer.ui.shell.screenshot import Screenshot

        window.opening.may_ask = False
        shot = Screenshot(window, screenshot)
        shot.finished.connect(window.close)
        crash_box.raised.connect(shot.crash)
    _hold_plots(window)
    window.show()
    QTimer.singleShot(NO_GARBAGE_MS, collecting.begin)
    window.opening.open_path(path or sample_images()[0].path, given=given, as_sample=target_bpp is None)
    code = application.exec()
    programs().stop()
    if shot is not None:
        shot.raise_problem()
    if not window.service.join(LEAVE_AFTER_S):
        _leave(code)
    return code


def make_application() -> QApplication:
    """Create the QApplication, and set up the process."""
    limit_malloc_arenas()
    # torch reads it on import, in a worker. Commands use all cores; here the other codecs' workers need them.
    if "OMP_NUM_THREADS" not in os.environ:
        os.environ["OMP_NUM_THREADS"] = str(max(1, core_count() // 2))
        use_threads(core_count())  # for parts of large pictures: the learned codec goes on when the others are done
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    application = QApplication(sys.argv[:1])
    application.setApplicationName("RateLens")
    application.setDesktopFileName("ratelens")
    application.setStyle("Fusion")
    return application


def _hold_plots(window: MainWindow) -> None:
    """Draw the plots once there is something to plot, or nothing to open: until then they only cost time."""
    window.plots.hold()

    def react(is_opened: bool) -> None:
        if is_opened:
            QTimer.singleShot(PLOTS_AFTER_MS, window.plots.release)

    window.store.watch(lambda state: state.opened is not None, react)
    QTimer.singleShot(PLOTS_AT_LATEST_MS, window.plots.release)


def _leave(code: int) -> None:
    """End the process even if a worker is in native code, which would crash the interpreter's normal shutdown."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
