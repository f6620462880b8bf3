"""The curves' layer: a new point of a curve does not repaint the axes, and lies where the axes say."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QPixmap
from pytestqt.qtbot import QtBot

from tests.viewer.ui.panes.test_view import as_array
from viewer.imaging.image import Pixels
from viewer.ui.common.codec_style import style_of
from viewer.ui.common.theme import LIGHT
from viewer.ui.plots.axes import Axes, AxesLook
from viewer.ui.plots.frame import Frame
from viewer.ui.plots.rate_plot import RatePlot

CODECS = ("learned", "jpeg")
RISING = ((0.1, 26.0), (0.3, 31.0), (1.0, 36.0), (2.5, 40.0))


@pytest.fixture
def plot(qtbot: QtBot) -> RatePlot:
    made = RatePlot({codec: (codec, style_of(codec, CODECS)) for codec in CODECS})
    qtbot.addWidget(made)
    made.resize(420, 300)
    made.set_target(None)
    made.set_curve("learned", RISING)
    with qtbot.waitExposed(made):
        made.show()
    return made


def seen(plot: RatePlot) -> Pixels:
    return as_array(plot.grab().toImage())


def colour_near(plot: RatePlot, bpp: float, value: float, colour: str) -> bool:
    """Whether the colour is there, at most a pixel away."""
    at, picture = plot.point_of(bpp, value), seen(plot)
    y, x = round(at.y()), round(at.x())
    wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
    return bool((np.abs(picture[y - 1 : y + 2, x - 1 : x + 2].astype(int) - wanted).max(2) < 12).any())


def test_a_new_point_within_the_range_repaints_only_the_curves(plot: RatePlot, monkeypatch: pytest.MonkeyPatch) -> None:
    painted: list[QPixmap] = []
    paint = Axes.draw

    def noted(axes: Axes, size: QSize, look: AxesLook) -> tuple[QPixmap, Frame]:
        drawn, frame = paint(axes, size, look)
        painted.append(drawn)
        return drawn, frame

    monkeypatch.setattr(Axes, "draw", noted)
    before, colour = seen(plot), style_of("learned", CODECS).colour
    assert not colour_near(plot, 0.6, 29.0, colour)
    painted.clear()
    plot.set_curve("learned", (*RISING[:2], (0.6, 29.0), *RISING[2:]))
    assert colour_near(plot, 0.6, 29.0, colour)
    plot.set_marker("learned", (0.3, 31.0))
    seen(plot)
    assert not painted
    plot.set_marker("learned", None)
    plot.set_curve("learned", RISING)
    assert np.array_equal(seen(plot), before)
    assert not painted
    plot.set_curve("jpeg", ((0.2, 20.0), (2.0, 33.0)))
    seen(plot)
    assert len(painted) == 1  # the axis reaches further down
    plot.set_colours(LIGHT)
    seen(plot)
    assert len(painted) == 2


def test_every_point_is_drawn_where_the_axes_say_and_hidden_codecs_leave_the_range(plot: RatePlot) -> None:
    plot.set_curve("jpeg", ((0.2, 20.0), (2.0, 33.0)))
    for codec, points in (("learned", RISING), ("jpeg", ((0.2, 20.0),))):
        assert all(colour_near(plot, *point, style_of(codec, CODECS).colour) for point in points)
    assert plot.value_range()[0] < 20.0
    plot.set_codecs(("learned",))
    low, high = plot.value_range()
    assert 24.0 < low < 26.0
    assert 40.0 < high < 42.0
    assert all(colour_near(plot, *point, style_of("learned", CODECS).colour) for point in RISING)


def test_a_marker_can_be_put_on_a_curve(plot: RatePlot) -> None:
    for bpp, value in ((0.3, 31.0), (float(np.sqrt(0.3)), 33.5)):
        point = plot.point_on_curve("learned", bpp)
        assert point is not None
        assert point == pytest.approx((bpp, value))
    assert plot.point_on_curve("learned", 0.05) is None
    assert plot.point_on_curve("learned", 2.9) is None
    assert plot.point_on_curve("jpeg", 0.3) is None


def test_a_plot_that_is_held_is_empty_until_it_is_released(qtbot: QtBot) -> None:
    made = RatePlot({codec: (codec, style_of(codec, CODECS)) for codec in CODECS})
    qtbot.addWidget(made)
    made.resize(300, 200)
    made.hold()
    assert len(np.unique(seen(made).reshape(-1, 3), axis=0)) == 1
    made.release()
    assert len(np.unique(seen(made).reshape(-1, 3), axis=0)) > 1
