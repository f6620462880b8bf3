"""A drag shows provisional pictures, and nothing that measures, saves or exports knows of them."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from tests.viewer.ui.conftest import TIMEOUT_MS, wait_until_at_target
from tests.viewer.ui.driver import driver
from viewer.codecs.registry import codec_named
from viewer.matching.comparison import Comparison
from viewer.matching.result import Result
from viewer.ui.engine.updates.view import hover
from viewer.ui.shell.main_window import MainWindow


class Gates:
    """`Comparison.result`, held up where the learned codec's pane asks for it; curves ask for every variant."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.entered, self.passed = threading.Semaphore(0), threading.Semaphore(0)
        result = Comparison.result

        def gated(comparison: Comparison, codec: str, *arguments: Any, **keywords: Any) -> Result:
            if codec == "learned" and keywords.get("every_variant") is False:
                self.entered.release()
                assert self.passed.acquire(timeout=60)
            return result(comparison, codec, *arguments, **keywords)

        monkeypatch.setattr(Comparison, "result", gated)


def test_a_drag_shows_provisional_pictures_and_the_result_when_it_rests(
    opened: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand = driver(opened)
    qtbot.waitUntil(lambda: hand.state.curves_complete, timeout=TIMEOUT_MS)
    gates = Gates(monkeypatch)
    pane, before = opened.panes["learned"], hand.shown("learned")
    assert before is not None
    points = hand.curve("learned")
    hand.store.update(hover((20, 30)))
    hand.set_target(0.9)
    assert gates.entered.acquire(timeout=60)
    with qtbot.waitSignal(
        hand.shown_provisionally, timeout=TIMEOUT_MS, check_params_cb=lambda shown: shown == "learned"
    ):
        hand.set_target(1.2)
        hand.set_target(0.3)
        gates.passed.release()
    provisional = hand.state.provisional["learned"]
    assert provisional.provisional.target_bpp == 0.3
    assert pane.canvas.picture is provisional.picture
    assert hand.shown("learned") is before  # of what is saved, exported, mapped, scored and reported
    assert hand.curve("learned") == points
    assert pane.header.text.status == "provisional"
    assert [figure.value[:1] for figure in pane.header.text.figures[2:4]] == ["≈", "≈"]
    learned = 2 + hand.codecs.index("learned")
    assert opened.readout.rows[0][learned].strong == ""
    opened.actions_by_name["copy_view"].trigger()
    assert pane.canvas.picture is before.picture
    assert gates.entered.acquire(timeout=60)
    gates.passed.release()
    wait_until_at_target(opened, qtbot)
    shown, image = hand.shown("learned"), hand.session.image
    assert shown is not None
    assert image is not None
    assert not hand.state.provisional
    assert shown.result.stream == Comparison(image, [codec_named("learned")]).result("learned", 0.3).stream
    assert np.array_equal(shown.result.reconstruction, codec_named("learned").decode(shown.result.stream))
    assert pane.canvas.picture is shown.picture
    assert opened.readout.rows[0][learned].strong == " ".join(map(str, shown.result.reconstruction[30, 20]))
