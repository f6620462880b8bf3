"""Metrics by name: SSIMULACRA2 and FLIP against their packages, and scores that cannot be had."""

from __future__ import annotations

import io
import math
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from flip_evaluator import evaluate
from PIL import Image as PillowImage
from ssimulacra2 import compute_ssimulacra2

from models.errors import MetricError
from tests.photographs import sample_crop
from viewer.imaging.image import Pixels
from viewer.imaging.writer import png_bytes
from viewer.metrics.base import HasErrorMap, Metric, PreparedMetric, axis_title, axis_value, quality
from viewer.metrics.flip import Flip
from viewer.metrics.measurement import Reference
from viewer.metrics.registry import BUILT_IN, METRICS, metric_named, slow
from viewer.metrics.scoring import Score, Scorer, format_score
from viewer.metrics.ssimulacra2 import Ssimulacra2
from viewer.system.memory import process_budget


def jpeg(pixels: Pixels, quality: int) -> Pixels:
    buffer = io.BytesIO()
    PillowImage.fromarray(pixels).save(buffer, "JPEG", quality=quality)
    return np.asarray(PillowImage.open(buffer).convert("RGB"))


@pytest.fixture(scope="module")
def original() -> Pixels:
    return sample_crop(160, 232).pixels


def test_ssimulacra2_is_what_its_package_says_of_the_files(original: Pixels, tmp_path: Path) -> None:
    coarse = jpeg(original, 20)
    paths = tmp_path / "a.png", tmp_path / "b.png"
    for path, pixels in zip(paths, (original, coarse), strict=True):
        path.write_bytes(png_bytes(pixels))
    assert Scorer(original, [Ssimulacra2()]).score("ssimulacra2", coarse).value == compute_ssimulacra2(*paths)


def test_flip_is_the_mean_of_the_map_of_its_package(original: Pixels) -> None:
    coarse = jpeg(original, 20)
    _map, mean, _parameters = evaluate(original.astype("f4") / 255, coarse.astype("f4") / 255, "LDR")
    assert Scorer(original, [Flip()]).score("flip", coarse).value == pytest.approx(mean, abs=1e-6)


def test_flip_knows_where(original: Pixels) -> None:
    changed = original.copy()
    changed[100:110, 40:50] = 255 - changed[100:110, 40:50]
    prepared = Flip().prepare(original)
    assert isinstance(prepared, HasErrorMap)
    errors = prepared.error_map(changed)
    assert errors.shape == original.shape[:2]
    row, column = np.unravel_index(errors.argmax(), errors.shape)
    assert 98 <= row < 112
    assert 38 <= column < 52
    assert errors[:60].max() == 0


@pytest.mark.parametrize("metric", BUILT_IN, ids=lambda metric: metric.name)
def test_every_metric_is_best_without_loss_and_better_at_more_bits(metric: Metric, original: Pixels) -> None:
    prepared = metric.prepare(original)
    worse, better, best = (prepared.score(pixels) for pixels in (jpeg(original, 10), jpeg(original, 80), original))
    assert quality(metric, worse) < quality(metric, better) < quality(metric, best)
    low, high = metric.range
    assert best == pytest.approx(high if metric.direction == "higher" else low)


def test_fast_metrics_are_those_of_every_result(original: Pixels) -> None:
    coarse = jpeg(original, 30)
    metrics = Reference(original).measure(coarse).metrics
    scores = Scorer(original, METRICS[:4]).scores(coarse)
    assert {name: score.value for name, score in scores.items()} == {
        "psnr_rgb": metrics.psnr_rgb_db,
        "psnr_luma": metrics.psnr_luma_db,
        "ms_ssim_rgb": metrics.ms_ssim_rgb,
        "ms_ssim_luma": metrics.ms_ssim_luma,
    }
    assert not {metric.name for metric in slow(BUILT_IN)} & {metric.name for metric in METRICS[:4]}
    assert {"ssimulacra2", "flip"} <= {metric.name for metric in slow(BUILT_IN)}


def test_axes_spread_ms_ssim_and_say_their_unit() -> None:
    ms_ssim = metric_named("ms_ssim_rgb")
    assert axis_value(ms_ssim, 0.99) == pytest.approx(20)
    titles = [axis_title(metric_named(name)) for name in ("psnr_luma", "ms_ssim_rgb", "ssimulacra2")]
    assert titles == ["PSNR luma, dB", "MS-SSIM RGB, dB", "SSIMULACRA2"]
    assert quality(metric_named("flip"), 0.1) > quality(metric_named("flip"), 0.2)


def test_an_unknown_metric_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(MetricError, match=r"no metric “nothing”: choose from psnr_rgb, .*, ssimulacra2, flip"):
        metric_named("nothing")


def test_of_a_tiny_picture_ssimulacra2_has_no_score_and_says_why() -> None:
    tiny = sample_crop(7, 64).pixels
    scores = Scorer(tiny, [Ssimulacra2(), Flip()]).scores(tiny)
    assert scores["ssimulacra2"] == Score(None, "SSIMULACRA2 needs sides of 8 pixels or more.")
    assert scores["flip"].value == 0.0


@dataclass(frozen=True)
class Constant:
    """Gives whatever it is told to."""

    value: float
    name: str = "constant"
    label: str = "Constant"
    unit: str = ""
    direction: str = "higher"
    range: tuple[float, float] = (0.0, 1.0)

    def prepare(self, original: Pixels) -> PreparedMetric:
        assert original.size
        return self

    def score(self, pixels: Pixels) -> float:
        return self.value if pixels.size else 0.0


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (math.nan, "Constant returned no number (NaN) for this picture."),
        (1.5, "Constant returned 1.5, which is outside its own range, 0 to 1."),
        (-math.inf, "Constant returned -inf, which is outside its own range, 0 to 1."),
    ],
)
def test_what_is_no_score_is_a_sentence(value: float, sentence: str, original: Pixels) -> None:
    metric: Metric = Constant(value)  # type: ignore[assignment]
    assert Scorer(original, [metric]).score("constant", original) == Score(None, sentence)


def test_rounding_does_not_leave_the_range(original: Pixels) -> None:
    metric: Metric = Constant(1.0 + 1e-9)  # type: ignore[assignment]
    assert Scorer(original, [metric]).score("constant", original) == Score(1.0)


def test_a_package_that_is_not_there_is_a_sentence(original: Pixels, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "flip_evaluator", None)
    score = Scorer(original, [Flip()]).score("flip", original)
    assert score.value is None
    assert score.problem.startswith("FLIP cannot be computed here (")
    assert "ratelens doctor" in score.problem


def test_a_metric_that_takes_too_much_memory_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    large = np.zeros((3000, 4000, 3), np.uint8)
    monkeypatch.setattr(process_budget(), "limit_bytes", 500_000_000)
    score = Scorer(large, [Ssimulacra2()]).score("ssimulacra2", large)
    assert score.value is None
    assert "SSIMULACRA2 needs about 6.3 GB of memory" in score.problem


def test_scores_are_written_with_digits_that_say_enough() -> None:
    written = [
        format_score(metric_named(name), value)
        for name, value in (("psnr_rgb", 35.123), ("ms_ssim_rgb", 0.98765), ("ssimulacra2", -3.456), ("flip", 0.07361))
    ]
    assert written == ["35.12 dB", "0.9877", "-3.46", "0.0736"]
    assert format_score(metric_named("flip"), None) == "–"
    assert format_score(metric_named("psnr_rgb"), math.inf) == "∞"
