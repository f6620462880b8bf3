"""The slider's scale of scores."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest
from pytestqt.qtbot import QtBot

from viewer.metrics.base import usual_range
from viewer.metrics.fast import FAST
from viewer.metrics.flip import Flip
from viewer.metrics.registry import METRICS, metric_named
from viewer.ui.common.slider_scale import ScoreScale, Stride, score_scale
from viewer.ui.rate.slider import RateSlider


@pytest.mark.parametrize("name", [metric.name for metric in METRICS if metric not in FAST])
def test_better_is_to_the_right(name: str) -> None:
    metric = metric_named(name)
    scale = score_scale(metric)
    worst, best = (scale.high, scale.low) if metric.direction == "lower" else (scale.low, scale.high)
    assert (scale.at(0.0), scale.at(1.0)) == (worst, best)
    assert math.isclose(scale.share(worst), 0.0, abs_tol=1e-12)
    assert math.isclose(scale.share(best), 1.0)
    middle = scale.at(0.5)
    for stride in Stride:
        assert scale.share(scale.stepped(middle, 1, stride)) > scale.share(middle)
    assert scale.stepped(best, 1, Stride.PAGE) == best
    assert 5 <= len(scale.ticks) <= 13
    assert all(scale.low <= value <= scale.high for value in (*scale.ticks, *scale.minor))


def test_a_step_is_a_round_number_that_can_be_typed() -> None:
    scale = score_scale(metric_named("ssimulacra2"))
    assert scale.stepped(70.0, 1, Stride.STEP) == 70.5
    assert scale.stepped(70.0, 1, Stride.FINE) == 70.1
    assert scale.text(70.5) == "70.50"
    assert scale.tick_text(scale.ticks[0]) == "10"


@dataclass(frozen=True)
class Bare(Flip):
    """A metric that says nothing of its usual scores."""

    usual_range: tuple[float, float] | None = None  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("unit", "direction", "extent", "usual"),
    [
        ("", "lower", (0.0, 1.0), (0.0, 1.0)),
        ("", "lower", (0.0, math.inf), (0.0, 10.0)),
        ("", "higher", (-math.inf, 100.0), (0.0, 100.0)),
        ("", "higher", (-math.inf, math.inf), (0.0, 100.0)),
        ("dB", "higher", (0.0, math.inf), (20.0, 50.0)),
        ("dB", "higher", (0.0, 30.0), (0.0, 30.0)),
    ],
)
def test_a_metric_that_does_not_say_has_ends_that_suit_its_range(
    unit: str, direction: str, extent: tuple[float, float], usual: tuple[float, float]
) -> None:
    metric = Bare(unit=unit, direction=direction, range=extent)  # type: ignore[arg-type]
    assert usual_range(metric) == usual
    assert isinstance(score_scale(metric), ScoreScale)


@pytest.mark.parametrize("name", ["flip", "ssimulacra2"])
def test_every_labelled_tick_has_its_number_whichever_way_the_scale_runs(name: str, qtbot: QtBot) -> None:
    slider = RateSlider()
    qtbot.addWidget(slider)
    scale = score_scale(metric_named(name))
    slider.resize(1000, slider.sizeHint().height())
    slider.set_target(scale.at(0.5), scale)
    drawn = slider.grab().toImage()
    ratio, rows = drawn.devicePixelRatio(), range(drawn.height() * 3 // 4, drawn.height())
    for value in scale.ticks:
        middle = min(max(round(slider.x_of(value) * ratio), 12), drawn.width() - 13)
        colours = {drawn.pixel(x, y) for x in range(middle - 12, middle + 13) for y in rows}
        assert len(colours) > 2, value
