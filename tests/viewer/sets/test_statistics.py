"""The figures of a set, on made rows whose answers are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.viewer.sets.made import TARGETS, line, row, two_codecs
from viewer.metrics.fast import MS_SSIM_RGB, PSNR_RGB
from viewer.sets.at_target import by_gain, figures_at, most_telling
from viewer.sets.bd_interval import MIN_PICTURES, interval, reversed_bd_rate, set_bd_rate
from viewer.sets.means import mean_curves
from viewer.sets.measured import MeasuredSet, curve_through, curves_in, time_curves
from viewer.sets.pareto import front, times_at
from viewer.sets.rate_point import rate_points
from viewer.sweep.rows import Row
from viewer.sweep.target import rate_target


def measured(rows: list[Row]) -> MeasuredSet:
    return MeasuredSet(tuple(rows))


def beyond(image: str, codec: str) -> Row:
    """A row of a codec that does not get to 2 bpp."""
    return row(image, codec, 2.0, 40.0, reachable=False)


def test_a_curve_goes_through_its_points_and_straight_between_them() -> None:
    curve = curve_through([(1.0, 35.0), (0.25, 25.0), (0.5, 30.0), (2.0, 40.0)])
    assert curve is not None
    assert [curve.at(bpp) for bpp, _ in curve.points] == [value for _, value in curve.points]
    assert curve.at(math.sqrt(0.5)) == pytest.approx(32.5, abs=1e-9)
    assert curve.at(0.2499) == 25.0  # targets are met within 1 %
    assert curve.at(0.2) is None
    assert curve.at(2.1) is None


def test_lossless_points_are_left_out_of_a_curve() -> None:
    curve = curve_through([(1.0, 35.0), (8.0, math.inf)])
    assert curve is not None
    assert curve.points == ((1.0, 35.0),)
    assert curve_through([(8.0, math.inf)]) is None


def test_the_rate_of_a_value_is_where_the_curve_stays_above_it() -> None:
    curve = curve_through([(0.25, 25.0), (0.5, 31.0), (1.0, 29.0), (2.0, 40.0)])
    assert curve is not None
    there = curve.rate_of(30.0)
    assert there is not None
    assert 1.0 < there < 2.0
    assert curve.rate_of(20.0) == 0.25
    assert curve.rate_of(41.0) is None
    falling = curve_through([(0.25, 4.0), (1.0, 2.0)])
    assert falling is not None
    assert falling.rate_of(3.0, rising=False) == pytest.approx(0.5)


def test_means_and_quartiles_of_known_pictures() -> None:
    rows = [one for n, gain in enumerate((0.0, 1.0, 2.0, 3.0, 10.0)) for one in line(f"{n}.png", "new", 35.0 + gain)]
    curves = mean_curves(measured(rows), PSNR_RGB)
    at_1 = next(point for point in curves.by_codec["new"] if point.target == rate_target(1.0))
    assert (at_1.mean, at_1.low, at_1.high) == (38.2, 36.0, 38.0)
    assert curves.pictures == tuple(f"{n}.png" for n in range(5))
    assert curves.left_out == ()


def test_means_are_of_the_same_pictures_at_every_rate() -> None:
    """Picture 3 is not brought to 2 bpp by one codec; then it counts nowhere, lest the curve bend."""
    rows = two_codecs({f"{n}.png": 1.0 for n in range(3)}) + line("3.png", "new", 90.0)
    rows += [*line("3.png", "old", 90.0, targets=TARGETS[:-1]), beyond("3.png", "old")]
    curves = mean_curves(measured(rows), PSNR_RGB)
    assert curves.pictures == ("0.png", "1.png", "2.png")
    assert all(point.mean < 50 for points in curves.by_codec.values() for point in points)


def test_a_rate_that_few_pictures_reach_is_left_out_rather_than_most_pictures() -> None:
    rows = line("0.png", "new", 35.0)
    for n in range(1, 4):
        rows += [
            *line(f"{n}.png", "new", 35.0, targets=TARGETS[:-1]),
            row(f"{n}.png", "new", 2.0, 40.0, reachable=False),
        ]
    curves = mean_curves(measured(rows), PSNR_RGB)
    assert len(curves.pictures) == 4
    assert curves.left_out == (rate_target(2.0),)
    assert [point.target for point in curves.by_codec["new"]] == list(map(rate_target, TARGETS[:-1]))


def test_pictures_that_are_not_done_yet_do_not_count() -> None:
    rows = two_codecs({"0.png": 1.0, "1.png": 1.0}) + line("2.png", "new", 35.0)
    assert mean_curves(measured(rows), PSNR_RGB).pictures == ("0.png", "1.png")


def test_the_bd_rate_of_a_shift_is_the_shift() -> None:
    """5 dB an octave: 5 dB better at every rate is the same quality at half of the bits."""
    rows = two_codecs({f"{n}.png": 5.0 for n in range(6)})
    one = measured(rows)
    found = set_bd_rate(curves_in(one, PSNR_RGB), one.pictures, PSNR_RGB, "new", "old")
    assert found.percent == pytest.approx(-50.0, abs=0.01)
    assert found.low == pytest.approx(-50.0, abs=0.01)
    assert found.high == pytest.approx(-50.0, abs=0.01)
    other = reversed_bd_rate(found)
    assert (other.codec, other.anchor) == ("old", "new")
    assert other.percent == pytest.approx(100.0, abs=0.05)
    direct = set_bd_rate(curves_in(one, PSNR_RGB), one.pictures, PSNR_RGB, "old", "new")
    assert other.percent == pytest.approx(direct.percent or 0.0, abs=1e-6)


def test_a_bd_rate_names_the_pictures_that_it_is_of() -> None:
    rows = two_codecs({f"{n}.png": 5.0 for n in range(6)}) + line("6.png", "new", 35.0)
    one = measured(rows)
    found = set_bd_rate(curves_in(one, PSNR_RGB), one.pictures, PSNR_RGB, "new", "old")
    assert set(found.by_picture) == {f"{n}.png" for n in range(6)}
    nothing = set_bd_rate(curves_in(one, PSNR_RGB), ["6.png"], PSNR_RGB, "new", "old")
    assert (nothing.percent, nothing.low, nothing.high) == (None, None, None)


def test_the_interval_is_that_of_the_mean_and_the_same_each_time() -> None:
    values = np.random.default_rng(3).normal(-20.0, 8.0, 400)
    low, high = interval(list(values))
    assert low is not None
    assert high is not None
    error = 1.96 * values.std() / math.sqrt(len(values))
    assert low == pytest.approx(values.mean() - error, abs=0.08 * error)
    assert high == pytest.approx(values.mean() + error, abs=0.08 * error)
    assert interval(list(values)) == (low, high)


def test_an_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    generator = np.random.default_rng(5)
    held = 0
    for _ in range(100):
        low, high = interval(list(generator.normal(0.0, 1.0, 30)))
        assert low is not None
        assert high is not None
        held += low <= 0.0 <= high
    assert 86 <= held <= 99


def test_few_pictures_have_no_interval() -> None:
    assert interval([1.0] * (MIN_PICTURES - 1)) == (None, None)
    assert interval([1.0] * MIN_PICTURES) == (1.0, 1.0)


def test_wins_and_losses_at_a_rate_are_those_that_were_made() -> None:
    one = measured(two_codecs({"a.png": 1.0, "b.png": -2.0, "c.png": 3.0}))
    curves = curves_in(one, PSNR_RGB)
    figures = figures_at(
        0.7,
        pictures=one.pictures,
        curves=curves,
        codecs=one.codecs,
        metric=PSNR_RGB,
        pair=("new", "old"),
        bd_by_picture={"a.png": -13.0},
    )
    assert [figure.gain for figure in figures] == [pytest.approx(gain, abs=1e-6) for gain in (1.0, -2.0, 3.0)]
    assert figures[0].values["old"] == pytest.approx(35.0 + 5.0 * math.log2(0.7), abs=1e-4)
    assert [figure.bd_percent for figure in figures] == [-13.0, None, None]
    assert [figure.picture for figure in by_gain(figures)] == ["c.png", "a.png", "b.png"]


def test_a_picture_that_a_codec_does_not_bring_to_the_rate_comes_last() -> None:
    rows = two_codecs({"a.png": 1.0, "b.png": -2.0})
    rows = [one for one in rows if (one.image, one.codec) != ("a.png", "old") or one.bpp >= 0.5]
    one = measured(rows)
    figures = figures_at(
        0.25,
        pictures=one.pictures,
        curves=curves_in(one, PSNR_RGB),
        codecs=one.codecs,
        metric=PSNR_RGB,
        pair=("new", "old"),
    )
    assert [(figure.picture, figure.gain is None) for figure in by_gain(figures)] == [("b.png", False), ("a.png", True)]


def test_the_most_telling_pictures_are_wins_and_losses() -> None:
    one = measured(two_codecs({f"{n:02}.png": float(n - 4) for n in range(30)}))
    figures = figures_at(
        0.5,
        pictures=one.pictures,
        curves=curves_in(one, PSNR_RGB),
        codecs=one.codecs,
        metric=PSNR_RGB,
        pair=("new", "old"),
    )
    names = [figure.picture for figure in most_telling(figures)]
    assert names == ["29.png", "28.png", "27.png", "26.png", "25.png", "24.png", "03.png", "02.png", "01.png", "00.png"]
    assert len(most_telling(figures[:7])) == 7


def test_the_rate_at_which_nine_of_ten_pictures_are_good_enough() -> None:
    """Each picture needs an octave more than the one before for the same MS-SSIM; the tenth needs too much."""
    rows = [one for n in range(10) for one in line(f"{n}.png", "new", 35.0 - 0.5 * n)]
    one = measured(rows)
    (point,) = rate_points(
        curves_in(one, MS_SSIM_RGB), pictures=one.pictures, codecs=["new"], metric=MS_SSIM_RGB, value=12.5, share=0.9
    )
    # the ninth picture, 4 dB worse than the first, has 15 - 4 dB at 1 bpp: 1.5 dB more are 0.3 octaves
    assert point.bpp == pytest.approx(2**0.3, rel=1e-3)
    assert point.missing == ("9.png",)
    assert point.pictures == 10
    assert not point.at_most


def test_a_quality_that_too_few_pictures_have_has_no_rate() -> None:
    rows = [one for n in range(4) for one in line(f"{n}.png", "new", 35.0 - 10.0 * n)]
    one = measured(rows)
    (point,) = rate_points(
        curves_in(one, PSNR_RGB), pictures=one.pictures, codecs=["new"], metric=PSNR_RGB, value=35.0, share=0.9
    )
    assert point.bpp is None
    assert point.missing == ("1.png", "2.png", "3.png")


def test_a_quality_that_the_lowest_rate_has_is_said_to_be_at_most_that() -> None:
    one = measured(line("0.png", "new", 35.0))
    (point,) = rate_points(
        curves_in(one, PSNR_RGB), pictures=one.pictures, codecs=["new"], metric=PSNR_RGB, value=10.0, share=0.9
    )
    assert (point.bpp, point.at_most, point.missing) == (0.125, True, ())


def test_times_are_per_megapixel_with_what_was_prepared() -> None:
    rows = line("0.png", "new", 35.0, encode_ms=10.0, prepare_ms=40.0, decode_ms=20.0)
    rows += line("0.png", "old", 33.0, encode_ms=5.0, decode_ms=2.0)
    rows += line("0.png", "poor", 30.0, encode_ms=60.0, decode_ms=1.0)
    one = measured(rows)
    encode, decode = time_curves(one, PSNR_RGB)
    found = times_at(
        0.6,
        pictures=one.pictures,
        codecs=one.codecs,
        metric=PSNR_RGB,
        values=curves_in(one, PSNR_RGB),
        encode=encode,
        decode=decode,
    )
    times = {point.codec: (point.encode_ms, point.decode_ms) for point in found.points}
    assert times["new"] == pytest.approx((50.0, 20.0))
    assert times["old"] == pytest.approx((5.0, 2.0))
    assert {point.codec for point in found.points if point.encode_front} == {"new", "old"}
    assert {point.codec for point in found.points if point.decode_front} == {"new", "old", "poor"}


def test_equal_points_are_both_on_the_front() -> None:
    assert front([(1.0, 5.0), (1.0, 5.0), (2.0, 5.0), (0.5, 1.0)]) == [True, True, False, True]
