"""The sentence above the panes is true: of figures that were measured, and nothing is called ahead that is not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import pytest

from tests.photographs import sample_crop
from viewer.codecs.registry import codec_named
from viewer.matching.comparison import Comparison
from viewer.matching.curve import RatePoint, point_of
from viewer.matching.quality_search import EqualQuality
from viewer.matching.result import Result
from viewer.matching.targets.quality import QualityMeasure, QualityTarget
from viewer.metrics.fast import ms_ssim_raw
from viewer.session.result_sentence import INTERPOLATED, Subject, rate_needed, result_sentence
from viewer.session.state import MetricScale

SCALE = MetricScale()
BPP = 0.5


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return Comparison(sample_crop(176, 176), [codec_named(name) for name in ("jpeg", "jpeg2000")])


def made(result: Result, psnr_db: float, ms_ssim_db: float, **changes: object) -> Result:
    """The result, had it been of these qualities."""
    metrics = replace(result.measurement.metrics, psnr_rgb_db=psnr_db, ms_ssim_rgb=ms_ssim_raw(ms_ssim_db))
    measurement = replace(result.measurement, metrics=metrics)
    return replace(result, measurement=measurement, reachable=True, **changes)  # type: ignore[arg-type]


def subjects(result: Result, qualities: Mapping[str, tuple[float, float]]) -> list[Subject]:
    return [Subject(label, label.lower(), made(result, *values)) for label, values in qualities.items()]


def said(
    some: list[Subject], curves: Mapping[str, tuple[RatePoint, ...]] | None = None, *, complete: bool = True
) -> str:
    return result_sentence(some, SCALE, curves or {}, complete=complete).text


def test_it_names_who_is_ahead_of_whom_by_the_printed_figures(comparison: Comparison) -> None:
    result = comparison.result("jpeg", BPP)
    two = result_sentence(subjects(result, {"A": (30.004, 12.0), "B": (28.996, 10.5)}), SCALE, {}, complete=True)
    assert two.matched.startswith("Both at 1.9 kB, within 0.")
    assert two.lead == "A is ahead of B by 1.00 dB PSNR and 1.50 dB MS-SSIM"
    three = said(subjects(result, {"A": (30.0, 12.0), "B": (29.0, 10.0), "C": (28.0, 11.0)}))
    assert three.startswith("All at 1.9 kB")
    assert "A is ahead of B by 1.00 dB PSNR and of C by 1.00 dB MS-SSIM." in three


def test_different_leaders_and_equals_are_told_apart(comparison: Comparison) -> None:
    result = comparison.result("jpeg", BPP)
    text = said(subjects(result, {"A": (30.0, 10.0), "B": (29.0, 12.0)}))
    assert "A is ahead of B by 1.00 dB PSNR; B is ahead of A by 2.00 dB MS-SSIM." in text
    level = said(subjects(result, {"A": (30.001, 12.0), "B": (30.004, 10.0), "C": (20.0, 9.0)}))
    assert "A and B have the same PSNR; A is ahead of B by 2.00 dB MS-SSIM." in level
    lossless = said(subjects(result, {"A": (math.inf, 60.0), "B": (30.0, 10.0)}))
    assert "by ∞ dB PSNR" in lossless


def test_luma_and_raw_ms_ssim_are_read_as_the_heads_read_them(comparison: Comparison) -> None:
    some = subjects(comparison.result("jpeg", BPP), {"A": (30.0, 20.0), "B": (29.0, 10.0)})
    assert "and 0.09000 MS-SSIM" in result_sentence(some, MetricScale(ms_ssim_db=False), {}, complete=True).lead
    luma = result_sentence(some, MetricScale("luma"), {}, complete=True)
    assert luma.lead == "A and B have the same luma PSNR; A and B have the same luma MS-SSIM"


def test_the_deviation_is_the_largest_that_was_measured_rounded_up(comparison: Comparison) -> None:
    results = [comparison.result(codec, BPP) for codec in ("jpeg", "jpeg2000")]
    text = said([Subject(one.request.codec, one.request.codec, one) for one in results])
    percent = float(text.split("within ")[1].split(" %")[0])
    largest = max(100 * abs(one.deviation) for one in results)
    assert largest <= percent < max(largest + 0.1, 0.11)


def test_a_codec_that_missed_the_target_does_not_compete(comparison: Comparison) -> None:
    good, floor = comparison.result("jpeg2000", 0.1), comparison.result("jpeg", 0.1)
    assert not floor.reachable
    some = [Subject("JPEG 2000", "jpeg2000", good), Subject("JPEG", "jpeg", floor)]
    sentence = result_sentence(some, SCALE, {}, complete=True)
    assert sentence.matched.startswith("JPEG 2000 at ")
    assert f"JPEG cannot go below {floor.bpp:.4f} bpp" in sentence.matched
    percent = 100 * (1 - len(good.stream) / len(floor.stream))
    assert sentence.lead == "" or sentence.lead.endswith(f"with {percent:.1f} % fewer bytes")


def test_ahead_even_with_fewer_bytes_is_said(comparison: Comparison) -> None:
    result = comparison.result("jpeg", BPP)
    good = Subject("A", "a", replace(made(result, 30.0, 12.0), stream=result.stream[:-100]))
    more = Subject("B", "b", replace(made(result, 29.0, 11.0), reachable=False, floor_bpp=result.bpp))
    lead = result_sentence([good, more], SCALE, {}, complete=True).lead
    assert lead.startswith("A is ahead of B by 1.00 dB PSNR and 1.00 dB MS-SSIM, with ")
    assert lead.endswith(f"with {100 * 100 / len(result.stream):.1f} % fewer bytes")
    better = Subject("B", "b", replace(made(result, 31.0, 11.0), reachable=False, floor_bpp=result.bpp))
    assert result_sentence([good, better], SCALE, {}, complete=True).lead == ""


def test_bytes_for_the_same_ms_ssim_are_interpolated_from_the_curve_and_so_marked(comparison: Comparison) -> None:
    """The rate that the curve gives has the quality that was asked for, when the codec is really brought there."""
    measure = QualityMeasure("ms_ssim", "rgb")
    leader, other = comparison.result("jpeg2000", BPP), comparison.result("jpeg", BPP)
    curve = tuple(point_of(comparison.result("jpeg", bpp)) for bpp in (0.35, 0.5, 0.7, 1.0, 1.4, 2.0))
    some = [Subject("JPEG 2000", "jpeg2000", leader), Subject("JPEG", "jpeg", other)]
    assert measure.of(leader.measurement.metrics) > measure.of(other.measurement.metrics)
    sentence = result_sentence(some, SCALE, {"jpeg": curve}, complete=True)
    target = QualityTarget("ms_ssim", "rgb", round(measure.of(leader.measurement.metrics), 2))
    match = EqualQuality(comparison).match("jpeg", target)
    ratio = len(match.result.stream) / len(leader.stream)
    told = float(sentence.needs.split("about ")[1].split(" times")[0])
    assert told == pytest.approx(ratio, rel=0.05)
    assert sentence.needs.endswith("for the same MS-SSIM")
    assert sentence.note == INTERPOLATED


def test_nothing_is_interpolated_over_a_wide_gap_while_curves_are_measured() -> None:
    curve = [(0.1, 5.0), (1.6, 13.0)]
    assert rate_needed(curve, 9.0, complete=False) is None
    assert rate_needed(curve, 9.0, complete=True) == pytest.approx(0.4)
    assert rate_needed([*curve[:1], (0.15, 8.0)], 7.0, complete=False) is not None
    assert rate_needed(curve, 14.0, complete=False) is None
    assert rate_needed(curve, 14.0, complete=True) == math.inf
    assert rate_needed(curve, 4.0, complete=True) is None


def test_what_is_still_being_measured_is_said_to_be(comparison: Comparison) -> None:
    some = subjects(comparison.result("jpeg", BPP), {"A": (30.0, 12.0), "B": (29.0, 10.0)})
    assert result_sentence(some, SCALE, {}, complete=False).pending
    assert result_sentence(some, SCALE, {}, complete=True).needs == ""


def test_at_equal_quality_bytes_are_exact(comparison: Comparison) -> None:
    target = QualityTarget("ms_ssim", "rgb", 12.0)
    matches = {codec: EqualQuality(comparison).match(codec, target) for codec in ("jpeg", "jpeg2000")}
    assert all(match.reached for match in matches.values())
    some = [Subject(codec, codec, match.result, match) for codec, match in matches.items()]
    sentence = result_sentence(some, SCALE, {}, complete=True)
    assert sentence.matched == "Both at MS-SSIM 12.00 dB, within 0.05 dB"
    small, large = sorted(some, key=lambda one: len(one.result.stream))
    ratio = len(large.result.stream) / len(small.result.stream)
    assert sentence.lead == f"{large.label} needs {ratio:.2f} times the bytes of {small.label}"
    assert sentence.note == ""


def test_pins_of_different_rates_are_not_said_to_be_matched(comparison: Comparison) -> None:
    some = [Subject(f"Pin {bpp}", "jpeg", comparison.result("jpeg", bpp)) for bpp in (0.5, 1.0)]
    text = said(some)
    assert text.startswith("Different sizes: Pin 0.5 ")
    assert "Pin 1.0 is ahead of Pin 0.5 by" in text
    assert "for the same" not in text
