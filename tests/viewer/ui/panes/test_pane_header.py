"""A pane's head keeps every figure in sight, however narrow it is."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.photographs import sample_crop
from tests.viewer.ui.panes.test_view import as_array
from viewer.codecs.registry import codec_named
from viewer.matching.comparison import Comparison, Result
from viewer.session.state import MetricScale
from viewer.ui.common.codec_style import style_of
from viewer.ui.panes.header_text import codec_header
from viewer.ui.panes.pane_grid import NARROWEST
from viewer.ui.panes.pane_header import PADDING, PaneHeader


@pytest.fixture(scope="module")
def result() -> Result:
    """Of a picture that has room for four scales of MS-SSIM only, which the head says."""
    return Comparison(sample_crop(120, 130), [codec_named("jpeg")]).result("jpeg", 0.5)


@pytest.mark.parametrize("width", [NARROWEST, 287, 316, 430, 900])
def test_no_figure_is_cut_off(result: Result, width: int, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    text = codec_header(
        "JPEG",
        style_of("jpeg", ("jpeg",)),
        result,
        scale=MetricScale(),
        best=frozenset({"psnr", "ms_ssim"}),
        working=False,
        failure="",
    )
    assert "(4 scales)" in text.figures[3].caption
    head = PaneHeader(text, window)
    window.resize(width, head.sizeHint().height())
    head.resize(window.size())
    window.show()
    drawn = as_array(head.grab().toImage())
    margin = drawn[:, width - PADDING // 2 :]
    assert np.all(margin == margin[0, 0])
