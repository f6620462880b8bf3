"""When the plots are drawn."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.viewer.ui.conftest import TIMEOUT_MS
from viewer.ui.common.codec_style import style_of
from viewer.ui.plots.panel import PlotContent, PlotPanel


def test_what_is_new_waits_for_nothing_but_the_frame_before(qtbot: QtBot) -> None:
    panel = PlotPanel({"jpeg": ("JPEG", style_of("jpeg", ("jpeg",)))})
    qtbot.addWidget(panel)
    content = PlotContent()
    panel.show_content(replace(content, target_bpp=0.5))
    QApplication.processEvents()
    assert not panel.is_behind
    panel.show_content(replace(content, target_bpp=0.6))
    assert panel.is_behind
    qtbot.waitUntil(lambda: not panel.is_behind, timeout=TIMEOUT_MS)
