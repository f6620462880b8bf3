"""Makes the pictures of README and guide from the program's own windows: xvfb-run python -m tests.guide_pictures

All of a run are of the same program, at 1280 x 800 in the dark theme. A screen of at least 1600 x 1000 is needed.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image as PillowImage
from PySide6.QtCore import QBuffer, QIODevice, QSettings
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from viewer.codecs.registry import known_codecs
from viewer.session.pane_layout import PaneLayout
from viewer.sweep.run import sweep
from viewer.system.resources import guide_folder, sample_images
from viewer.ui.common.settings import Settings
from viewer.ui.common.theme import ThemeChoice, ThemeSwitch
from viewer.ui.engine.updates.target import set_target
from viewer.ui.engine.updates.view import set_pane_layout
from viewer.ui.shell.main_window import MainWindow

SIZE = (1280, 800)
README_PICTURE = Path(__file__).resolve().parents[1] / ".github" / "screenshot.png"


def main() -> int:
    """Entry point."""
    application = QApplication(sys.argv)
    out = guide_folder() / "pictures"
    out.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat))
        themes = ThemeSwitch(application)
        window = MainWindow(known_codecs(), 0.25, settings, themes)
        themes.choose(ThemeChoice.DARK)
        window.resize(*SIZE)
        window.show()
        _Tour(window, out, Path(folder)).make()
        window.close()
    return 0


class _Tour:
    """Goes through the tasks of the guide, and saves what the window shows."""

    def __init__(self, window: MainWindow, out: Path, folder: Path) -> None:
        self._window = window
        self._out = out
        self._folder = folder

    def make(self) -> None:
        window, store = self._window, self._window.store
        window.opening.open_path(sample_images()[0].path, as_sample=True)
        self._settle()
        self._do("hint")
        self._do("regions")
        self._wait(lambda: store.state.regions is not None)
        self._do("next_region")
        self._settle()
        self._save("find-an-artefact")
        self._do("regions")
        store.update(set_pane_layout(PaneLayout()))
        self._do("fit")
        store.update(set_target(0.25))
        self._settle()
        README_PICTURE.write_bytes(_bytes(window, "PNG"))
        self._do("equal_ms_ssim")
        self._settle()
        self._save("choose-a-rate")
        self._do("equal_rate")
        self._settle()
        self._do("present")
        self._settle()
        self._save("show-it")
        self._do("present")
        self._do("add_codec")
        self._wait(lambda: window.codec_adding.dialog is not None)
        assert window.codec_adding.dialog is not None
        self._settle()
        window.codec_adding.dialog.what.setCurrentIndex(1)
        self._save("add-a-codec", window.codec_adding.dialog)
        window.codec_adding.dialog.reject()
        results = self._folder / "samples.csv"
        folder = sample_images()[0].path.parent
        sweep([folder], results, ["learned", "jpeg", "jpeg2000"], [0.1, 0.2, 0.35, 0.6, 1.0])
        window.opening.open_path(results)
        self._wait(lambda: store.state.sets.opened is not None)
        self._settle()
        self._save("run-a-set")

    def _do(self, command: str) -> None:
        self._window.actions_by_name[command].trigger()
        QApplication.processEvents()

    def _wait(self, done: Callable[[], bool]) -> None:
        while not done():
            QTest.qWait(30)

    def _settle(self) -> None:
        self._wait(lambda: self._window.store.state.is_settled)
        self._window.plots.draw_now()
        QTest.qWait(400)

    def _save(self, name: str, widget: QWidget | None = None) -> None:
        (self._out / f"{name}.webp").write_bytes(_bytes(widget or self._window, "WEBP"))
        sys.stderr.write(f"{name}\n")


def _bytes(widget: QWidget, kind: str) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    widget.grab().save(buffer, "PNG")
    out = BytesIO()
    picture = PillowImage.open(BytesIO(bytes(buffer.data().data()))).convert("RGB")
    picture.save(out, kind, **({"quality": 82, "method": 6} if kind == "WEBP" else {"optimize": True}))
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
