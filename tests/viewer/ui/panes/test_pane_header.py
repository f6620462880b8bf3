"""A pane's head keeps every figure in sight, however narrow it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPaintEvent, QRegion
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.photographs import sample_crop
from tests.viewer.ui.driver import driver
from tests.viewer.ui.panes.test_view import as_array
from viewer.codecs.base import settings_of
from viewer.codecs.registry import codec_named
from viewer.matching.comparison import Comparison
from viewer.matching.result import Result
from viewer.session.pane_places import NARROWEST
from viewer.session.state import MetricScale
from viewer.ui.common.codec_style import style_of
from viewer.ui.common.formatting import format_bpp, format_duration
from viewer.ui.panes.best_codecs import best_codecs
from viewer.ui.panes.header_figures import HeaderText
from viewer.ui.panes.header_text import codec_header, part_header
from viewer.ui.panes.pane_header import PADDING, PaneHeader
from viewer.ui.shell.main_window import MainWindow


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


def test_the_bytes_of_a_framed_area_are_named_so_in_a_narrow_head_too(result: Result, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    style = style_of("jpeg", ("jpeg",))
    head = PaneHeader(part_header("JPEG", style, result, scale=MetricScale(), working=True, failure=""), window)
    window.show()
    for width in (600, 300):
        head.resize(width, head.sizeHint().height())
        assert "bytes, area" in [head._caption_of(figure) for figure in head.figures]


def test_a_narrow_head_leaves_out_what_matters_least_and_tells_it_in_its_tip(result: Result, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    text = codec_header(
        "JPEG",
        style_of("jpeg", ("jpeg",)),
        result,
        scale=MetricScale(),
        best=frozenset(),
        working=False,
        failure="",
    )
    head = PaneHeader(text, window)
    window.show()
    seen = {}
    for width in (600, 250, NARROWEST):
        head.resize(width, head.sizeHint().height())
        seen[width] = [figure.kind for figure in head.figures]
    assert seen[600] == ["bpp", "bytes", "psnr", "ms_ssim", "deviation"]
    assert set(seen[NARROWEST]) < set(seen[250]) < set(seen[600])
    assert "psnr" in seen[NARROWEST]
    assert "deviation" not in seen[250]
    assert f"bytes {len(result.stream):,}" in head.tip_at(QPointF(20, 12))


def test_every_figure_of_a_head_says_what_it_is(result: Result, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    text = codec_header(
        "JPEG",
        style_of("jpeg", ("jpeg",)),
        result,
        scale=MetricScale(),
        best=frozenset({"psnr"}),
        working=False,
        failure="",
    )
    head = PaneHeader(text, window)
    head.resize(700, head.sizeHint().height())
    window.show()
    tips = {head.tip_at(QPointF(x, head.height() - 14)) for x in range(PADDING, 700, 4)}
    for words in ("Bits per pixel", "header included", "Peak signal-to-noise", "structural similarity", "off target"):
        assert any(words in tip for tip in tips), words
    assert any("Best of the codecs shown" in tip for tip in tips)


def test_a_head_tells_how_far_a_long_search_is(result: Result) -> None:
    style = style_of("jpeg", ("jpeg",))
    for shown, said in ((None, ""), (result, f"{format_bpp(result.bpp)} bpp")):
        texts = [
            codec_header(
                "JPEG", style, shown, scale=MetricScale(), best=frozenset(), working=working, failure="", tried=tried
            )
            for working, tried in ((True, 0), (True, 4), (False, 4))
        ]
        assert [text.status for text in texts] == ["encoding…", "searching: 4 streams tried…", ""]
        assert said in texts[1].explanation
    part = part_header("JPEG", style, result, scale=MetricScale(), working=True, failure="", tried=4)
    assert part.status == "full picture: 4 streams tried…"


def test_a_head_tells_how_its_picture_was_made_and_where_fewer_bits_are_better(result: Result) -> None:
    settings = settings_of(codec_named("jpeg"))
    text = codec_header(
        "JPEG",
        style_of("jpeg", ("jpeg",)),
        result,
        scale=MetricScale(),
        best=frozenset(),
        working=False,
        failure="",
        remark="JPEG is better with fewer bits on this picture: PSNR RGB 38.00 dB at 0.2500 bpp.",
        settings=settings,
    )
    assert text.tip.splitlines() == [text.explanation, settings]
    assert "better with fewer bits" in text.spoken
    assert text.level == "warning"


def test_of_values_that_read_the_same_both_are_the_best_or_none(result: Result) -> None:
    """15.228 and 15.229 dB of MS-SSIM both read 15.23."""
    metrics = result.measurement.metrics

    def other(ms_ssim: float) -> Result:
        measurement = replace(result.measurement, metrics=replace(metrics, ms_ssim_rgb=ms_ssim))
        return replace(result, measurement=measurement, reachable=True)

    results = {"a": other(0.970000), "b": other(0.970003), "c": other(0.96)}
    assert best_codecs(results, MetricScale())["ms_ssim"] == {"a", "b"}
    assert best_codecs(results, MetricScale(ms_ssim_db=False))["ms_ssim"] == {"a", "b"}
    apart = results | {"b": other(0.9702)}
    assert best_codecs(apart, MetricScale())["ms_ssim"] == {"b"}


class _Watched(PaneHeader):
    """Notes what of it is painted."""

    def __init__(self, text: HeaderText, parent: QWidget) -> None:
        super().__init__(text, parent)
        self.painted = QRegion()

    def paintEvent(self, event: QPaintEvent) -> None:
        self.painted += event.region()
        super().paintEvent(event)


def test_only_what_has_changed_of_a_head_is_painted_and_it_looks_as_if_all_was(result: Result, qtbot: QtBot) -> None:
    text = codec_header(
        "JPEG",
        style_of("jpeg", ("jpeg",)),
        result,
        scale=MetricScale(),
        best=frozenset(),
        working=False,
        failure="",
    )
    window = QWidget()
    qtbot.addWidget(window)
    head = _Watched(text, window)
    window.resize(430, head.sizeHint().height())
    head.resize(window.size())
    with qtbot.waitExposed(window):
        window.show()
    screen = head.grab().toImage()

    def painted(text: HeaderText) -> tuple[int, int]:
        """The rows of pixels that are painted where the head changes to a text: the first, and the one after the last;
        after a look at whether that was enough.
        """
        QApplication.processEvents()
        head.painted = QRegion()
        head.set_text(text)
        QApplication.processEvents()
        region = QRegion(head.painted)
        if not region.isEmpty():
            head.render(screen, region.boundingRect().topLeft(), region)
        fresh = PaneHeader(text, window)
        fresh.resize(head.size())
        assert np.array_equal(as_array(screen), as_array(fresh.grab().toImage()))
        bounds = region.boundingRect()
        return bounds.top(), bounds.bottom() + 1

    figures = tuple(replace(f, value="12.34" if "PSNR" in f.caption else f.value) for f in text.figures)
    assert {len(f.value) for f in text.figures if "PSNR" in f.caption} == {5}
    top, bottom = painted(replace(text, figures=figures))
    assert top > head.height() // 2
    assert bottom == head.height()
    top, bottom = painted(replace(text, figures=figures, status="cannot go below 0.1 bpp", level="warning"))
    assert top == 0
    assert bottom < head.height() // 2
    painted(replace(text, figures=figures, working=True))
    assert painted(replace(text, figures=figures, working=True, status="encoding…")) == (
        0,
        0,
    )  # short work says nothing
    assert painted(replace(text, working=False))[1] == head.height()
    captions = tuple(replace(figure, caption="other") for figure in text.figures)
    assert painted(replace(text, label="Other", figures=captions)) == (0, head.height())


def test_times_are_shown_on_wish_and_are_those_of_the_picture(opened: MainWindow) -> None:
    before = opened.panes["jpeg"].header.text
    QTest.keyClick(opened, Qt.Key.Key_M, Qt.KeyboardModifier.ShiftModifier)
    shown = driver(opened).shown("jpeg")
    assert shown is not None
    text = opened.panes["jpeg"].header.text
    took = f"encode {format_duration(shown.result.encode_ms)}, decode {format_duration(shown.result.decode_ms)}"
    assert text.detail == took
    assert before.detail in text.tip  # how it was encoded is still said
    QTest.keyClick(opened, Qt.Key.Key_M, Qt.KeyboardModifier.ShiftModifier)
    assert opened.panes["jpeg"].header.text == before
