"""The visible part and its metrics."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.photographs import sample_crop
from viewer.metrics.measurement import Reference
from viewer.session.state import FIT, View
from viewer.session.viewport import Rect, part_metrics, visible_rect


@pytest.mark.parametrize(
    ("view", "rect"),
    [
        (FIT, Rect(0, 0, 240, 173)),
        (View(4.0, (120.0, 86.0)), Rect(95, 66, 145, 106)),
        (View(4.0, (0.0, 0.0)), Rect(0, 0, 50, 40)),
        (View(0.1, (0.0, 0.0)), Rect(0, 0, 240, 173)),
    ],
)
def test_what_is_seen(view: View, rect: Rect) -> None:
    assert visible_rect(view, (240, 173), (200, 160)) == rect


def test_the_whole_picture_has_the_metrics_of_the_whole() -> None:
    pixels = sample_crop(90, 120).pixels
    noisy = np.clip(pixels + np.random.default_rng(1).normal(0, 6, pixels.shape), 0, 255).astype(np.uint8)
    measurement = Reference(pixels).measure(noisy)
    whole = part_metrics(measurement, Rect(0, 0, 120, 90))
    assert whole.psnr_rgb_db == pytest.approx(measurement.metrics.psnr_rgb_db, abs=1e-4)
    part = part_metrics(measurement, Rect(10, 20, 60, 50))
    difference = noisy[20:50, 10:60].astype(float) - pixels[20:50, 10:60]
    assert part.psnr_rgb_db == pytest.approx(10 * math.log10(255**2 / np.mean(difference**2)), abs=1e-4)
    assert part.ssim == pytest.approx(float(measurement.ssim[20:50, 10:60].mean()), abs=1e-6)
    assert part.ssim != whole.ssim


def test_a_part_that_lost_nothing_has_infinite_psnr() -> None:
    pixels = sample_crop(40, 40).pixels
    changed = pixels.copy()
    changed[:5] ^= 16
    assert math.isinf(part_metrics(Reference(pixels).measure(changed), Rect(0, 20, 40, 40)).psnr_rgb_db)
