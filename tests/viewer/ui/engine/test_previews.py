"""Of a large picture the visible part comes first: real, labelled as a part, and replaced by the whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage
from pytestqt.qtbot import QtBot

import viewer.session.viewport
import viewer.system.memory
from tests.photographs import sample_crop
from tests.viewer.ui.conftest import TIMEOUT_MS, wait_until_at_target
from tests.viewer.ui.driver import driver
from tests.viewer.ui.panes.test_view import as_array
from viewer.codecs.registry import codec_named
from viewer.matching.targets.quality import QualityTarget
from viewer.metrics.measurement import Reference
from viewer.session.state import View
from viewer.session.viewport import Rect, preview_rect, still_covers, visible_rect
from viewer.ui.engine.previews import Part
from viewer.ui.engine.workers.scheduling import Overtaken, VisibleFirst
from viewer.ui.panes.header_figures import HeaderText
from viewer.ui.shell.main_window import MainWindow


@pytest.fixture
def large_photograph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One that counts as large, and of which only a part is previewed."""
    monkeypatch.setattr(viewer.system.memory, "LARGE_PIXELS", 50_000)
    monkeypatch.setattr(viewer.session.viewport, "MAX_PREVIEW_PIXELS", 12_000)
    path = tmp_path / "large.png"
    crop = PillowImage.fromarray(sample_crop(173, 240).pixels)
    crop.resize((720, 519), PillowImage.Resampling.BICUBIC).save(path)
    return path


@pytest.fixture
def parts(window: MainWindow) -> list[tuple[str, Part]]:
    """Every part that is shown, as it comes."""
    seen: list[tuple[str, Part]] = []

    def take(codec: str) -> None:
        part = driver(window).part(codec)
        if part is not None:
            seen.append((codec, part))
            assert window.panes[codec].header.text.status
            assert "framed area" in window.panes[codec].header.text.detail
            assert "bytes, area" in [figure.caption for figure in window.panes[codec].header.text.figures]

    driver(window).part_changed.connect(take)
    return seen


def test_every_codec_shows_the_visible_part_before_the_whole(
    window: MainWindow, large_photograph: Path, parts: list[tuple[str, Part]], qtbot: QtBot
) -> None:
    controller = driver(window)
    controller.open_file(large_photograph)
    qtbot.waitUntil(lambda: len({codec for codec, _ in parts}) == len(controller.codecs), timeout=TIMEOUT_MS)
    wait_until_at_target(window, qtbot)
    for codec, part in parts:
        image = part.result.request.image
        assert (image.width, image.height) == part.rect.size
        assert np.array_equal(part.result.reconstruction, codec_named(codec).decode(part.result.stream))
        assert part.result.request.target_bpp == 0.5
        assert np.array_equal(
            image.pixels,
            controller.session.image.pixels[part.rect.top : part.rect.bottom, part.rect.left : part.rect.right],  # type: ignore[union-attr]
        )
    for codec in controller.codecs:
        assert driver(window).part(codec) is None
        assert "framed" not in window.panes[codec].header.text.detail
        canvas = window.panes[codec].canvas
        assert canvas.picture is not None
        assert canvas.picture.patch is None


def test_at_equal_quality_too_the_visible_part_comes_first(
    window: MainWindow, large_photograph: Path, parts: list[tuple[str, Part]], qtbot: QtBot
) -> None:
    controller, target = driver(window), QualityTarget("psnr", "rgb", 31.0)
    with qtbot.waitSignal(controller.opened, timeout=TIMEOUT_MS):
        controller.open_file(large_photograph)
    wait_until_at_target(window, qtbot)
    parts.clear()
    heads: dict[str, HeaderText] = {}
    driver(window).part_changed.connect(lambda codec: heads.update({codec: window.panes[codec].header.text}))

    def are_equal() -> bool:
        shown = [controller.shown(codec) for codec in controller.codecs]
        return all(one is not None and one.match is not None and one.match.target == target for one in shown)

    controller.set_quality(target)
    qtbot.waitUntil(lambda: {codec for codec, _ in parts} == set(controller.codecs), timeout=TIMEOUT_MS)
    first = window.panes[controller.codecs[0]].header.text.label
    for codec in controller.codecs:  # no comparison of sizes until the whole pictures are there
        assert (heads[codec].figures[-1].caption, heads[codec].figures[-1].value) == (f"vs {first}", "–")
    qtbot.waitUntil(are_equal, timeout=TIMEOUT_MS)
    for codec, part in parts:
        assert part.match is not None
        assert part.match.target == target
        reference = Reference(part.result.request.image.pixels)
        decoded = codec_named(codec).decode(part.result.stream)
        assert reference.measure(decoded).metrics.psnr_rgb_db == part.match.value_db
        assert driver(window).part(codec) is None
        whole = window.panes[codec].header.text
        assert "framed" not in whole.detail
        assert whole.figures[1].caption == "bytes"
        assert whole.figures[-1].value != "–"


def test_a_part_is_painted_in_its_place_over_the_picture_before(
    window: MainWindow, large_photograph: Path, qtbot: QtBot
) -> None:
    controller = driver(window)
    with qtbot.waitSignal(controller.opened, timeout=TIMEOUT_MS):
        controller.open_file(large_photograph)
    controller.set_view(View(1.0, (300.0, 250.0)))
    wait_until_at_target(window, qtbot)
    before = window.panes["jpeg"].canvas.picture
    painted: list[bool] = []

    def look(codec: str) -> None:
        part, canvas = driver(window).part(codec), window.panes[codec].canvas
        if codec != "jpeg" or part is None:
            return
        placement = canvas.placement
        assert placement is not None
        assert before is not None
        drawn = as_array(canvas.grab().toImage())
        left, top = placement.left + part.rect.left, placement.top + part.rect.top
        width, height = part.rect.size
        seen = drawn[max(top, 0) : top + height, max(left, 0) : left + width]
        cut = part.result.reconstruction[max(-top, 0) :, max(-left, 0) :][: seen.shape[0], : seen.shape[1]]
        painted.append(np.array_equal(seen, cut) and seen.size > 3000)
        assert canvas.picture is not None
        assert canvas.picture.levels is before.levels

    driver(window).part_changed.connect(look)
    controller.set_target(0.25)
    wait_until_at_target(window, qtbot)
    assert painted
    assert all(painted)


def test_small_pictures_have_no_parts(opened: MainWindow, qtbot: QtBot) -> None:
    driver(opened).set_target(0.3)
    assert all(driver(opened).part(codec) is None for codec in driver(opened).codecs)
    wait_until_at_target(opened, qtbot)


@pytest.mark.parametrize("view", [View(), View(1.0, (3000.0, 2000.0)), View(4.0, (5.0, 3990.0)), View(0.5, (0.0, 0.0))])
def test_what_is_previewed_is_visible_and_bounded(view: View) -> None:
    size, area = (6001, 4003), (900, 600)
    visible = visible_rect(view, size, area)
    assert visible is not None
    part = preview_rect(visible, size)
    assert part.left % 16 == part.top % 16 == 0
    assert part.right <= size[0]
    assert part.bottom <= size[1]
    assert still_covers(part, visible)
    width, height = part.size
    assert width * height <= 1.1 * viewer.session.viewport.MAX_PREVIEW_PIXELS
    if visible.size[0] * visible.size[1] <= viewer.session.viewport.MAX_PREVIEW_PIXELS:
        assert part.contains(visible)
        assert still_covers(part, Rect(visible.left, visible.top, visible.right, visible.bottom))
    else:
        assert visible.contains(part) or width * height >= viewer.session.viewport.MAX_PREVIEW_PIXELS * 0.9


def test_a_job_that_was_overtaken_gives_up() -> None:
    visible_first, old, new = VisibleFirst(), object(), object()
    visible_first.ask("jpeg", old)
    visible_first.wait("jpeg", old)
    visible_first.ask("jpeg", new)
    visible_first.wait("jpeg", new)
    with pytest.raises(Overtaken):
        visible_first.wait("jpeg", old)
    visible_first.begin_part("learned")
    visible_first.close()
    with pytest.raises(Overtaken):
        visible_first.wait("jpeg", new)
