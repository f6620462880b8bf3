"""Blind tests: fair plans, statistics against published values, and the file."""

from __future__ import annotations

import csv
import io
import itertools
from dataclasses import replace

import pytest

from viewer.matching.targets.quality import QualityTarget
from viewer.session.blind_test import (
    COLUMNS,
    Answer,
    BlindTest,
    Side,
    as_csv,
    evaluate,
    plan_trials,
    region_size,
    verdict,
)

CODECS = ("learned", "jpeg")
IMAGE, REGION = (960, 640), (384, 300)
SIDES: dict[str, Side] = {"l": "left", "r": "right", "n": "neither"}


def test_the_same_seed_gives_the_same_trials_and_another_does_not() -> None:
    first = plan_trials(7, CODECS, 40, IMAGE, REGION)
    assert first == plan_trials(7, CODECS, 40, IMAGE, REGION)
    assert first[:10] == plan_trials(7, CODECS, 10, IMAGE, REGION)
    assert first != plan_trials(8, CODECS, 40, IMAGE, REGION)


def test_trials_of_a_seed_stay_what_they_are() -> None:
    trials = plan_trials(42, CODECS, 6, IMAGE, REGION)
    assert [(t.left, t.top) for t in trials] == [(96, 28), (528, 294), (471, 17), (17, 264), (111, 8), (390, 147)]
    assert [t.on_left for t in trials] == ["learned", "learned", "jpeg", "jpeg", "jpeg", "learned"]


def test_regions_are_inside_and_reach_every_edge() -> None:
    trials = plan_trials(1, CODECS, 4000, (100, 80), (60, 50))
    assert {t.left for t in trials} == set(range(41))
    assert {t.top for t in trials} == set(range(31))


def test_sides_are_fair_and_tell_nothing_of_regions_or_of_the_trial_before() -> None:
    trials = plan_trials(3, CODECS, 4000, IMAGE, REGION)
    on_left = [t.on_left == "learned" for t in trials]
    assert abs(sum(on_left) / 4000 - 0.5) < 0.03
    again = [a == b for a, b in itertools.pairwise(on_left)]
    assert abs(sum(again) / len(again) - 0.5) < 0.03
    near = [side for side, t in zip(on_left, trials, strict=True) if t.left < 288]
    assert abs(sum(near) / len(near) - 0.5) < 0.05


@pytest.mark.parametrize(
    ("image", "room", "size"),
    [
        ((960, 640), (1200, 1300), (768, 512)),
        ((960, 640), (300, 200), (300, 200)),
        ((5, 400), (900, 900), (5, 320)),
        ((4000, 3000), (600, 700), (600, 700)),
        ((4000, 3000), (1240, 1300), (1024, 1024)),
    ],
)
def test_regions_fit_the_screen_and_leave_choice(
    image: tuple[int, int], room: tuple[int, int], size: tuple[int, int]
) -> None:
    assert region_size(image, room) == size


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_that_of_newcombe_1998_table_1(successes: int, trials: int, low: float, high: float) -> None:
    found = evaluate(successes, trials, trials)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("successes", "trials", "p_value"),
    [(7, 10, 352 / 1024), (3, 10, 352 / 1024), (10, 10, 2 / 1024), (5, 10, 1.0), (1, 1, 1.0), (0, 6, 2 / 64)],
)
def test_a_p_value_by_hand(successes: int, trials: int, p_value: float) -> None:
    assert evaluate(successes, trials, trials).p_value == pytest.approx(p_value, rel=1e-12)


def test_a_test_that_was_stopped_early_has_an_interval_but_no_p_value() -> None:
    stopped, complete = evaluate(5, 5, 20), evaluate(5, 5, 5)
    assert stopped.p_value is None
    assert complete.p_value == pytest.approx(2 / 32, rel=1e-12)
    assert (stopped.low, stopped.high) == (complete.low, complete.high)


def answered(sides: str, name: str = 'a "b", c.png') -> tuple[BlindTest, list[Answer]]:
    trials = plan_trials(5, CODECS, len(sides), IMAGE, REGION)
    test = BlindTest(5, name, "0" * 64, 0.25, CODECS, (0.2491, 0.2508), trials)
    return test, [Answer(trial, SIDES[side], 812.4, 2) for trial, side in zip(trials, sides, strict=True)]


def test_the_verdict_counts_the_first_codec() -> None:
    test, answers = answered("lrlrrlllrr")
    found = verdict(test, answers)
    chosen = sum(a.trial.on_left == "learned" if a.side == "left" else a.trial.on_right == "learned" for a in answers)
    assert (found.chosen, found.trials, found.share) == (chosen, 10, chosen / 10)
    assert found.low < found.share < found.high
    assert found.p_value is not None
    assert verdict(test, answers[:9]).p_value is None


def test_who_cannot_tell_is_counted_and_left_out_of_the_statistics() -> None:
    test, answers = answered("lnrnl")
    found = verdict(test, answers)
    decided = [answer for answer in answers if answer.side != "neither"]
    assert (found.trials, found.ties, found.answered) == (3, 2, 5)
    assert found.chosen == sum(answer.codec == "learned" for answer in decided)
    same = evaluate(found.chosen, 3, 3)
    assert (found.low, found.high, found.p_value) == (same.low, same.high, same.p_value)
    assert verdict(test, answers[:4]).p_value is None


def test_without_any_choice_there_is_no_share_and_no_p_value() -> None:
    found = verdict(*answered("nnn"))
    assert (found.trials, found.ties, found.p_value) == (0, 3, None)
    assert (found.low, found.high) == (0.0, 1.0)


def test_the_file_says_which_trials_could_not_be_told() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(*answered("ln")).decode(), newline="")))
    assert (rows[1]["answer"], rows[1]["chosen_codec"]) == ("neither", "")


def test_the_file_holds_all_that_is_needed_to_count_again() -> None:
    test, answers = answered("lrr")
    rows = list(csv.DictReader(io.StringIO(as_csv(test, answers).decode(), newline="")))
    assert tuple(rows[0]) == COLUMNS
    assert [row["chosen_codec"] for row in rows] == [answer.codec for answer in answers]
    for row, answer in zip(rows, answers, strict=True):
        assert row["image"] == 'a "b", c.png'
        assert (row["left_codec"], row["right_codec"]) == (answer.trial.on_left, answer.trial.on_right)
        assert row["left_bpp"] == ("0.2491" if answer.trial.on_left == "learned" else "0.2508")
        assert (row["seed"], row["response_ms"], row["looks_at_original"]) == ("5", "812.4", "2")
        assert row["trials_planned"] == "3"


def test_the_file_of_a_test_that_was_stopped_says_how_many_trials_were_planned() -> None:
    test, answers = answered("lrrlr")
    rows = list(csv.DictReader(io.StringIO(as_csv(test, answers[:2]).decode(), newline="")))
    assert [row["trials_planned"] for row in rows] == ["5", "5"]


def test_the_file_of_a_test_at_equal_quality_has_that_quality_and_no_target_rate() -> None:
    test, answers = answered("lr")
    (row, _) = csv.DictReader(io.StringIO(as_csv(test, answers).decode(), newline=""))
    assert (row["target_bpp"], row["target_quality"]) == ("0.25", "")
    test = replace(test, quality=QualityTarget("ms_ssim", "luma", 15.25))
    (row, _) = csv.DictReader(io.StringIO(as_csv(test, answers).decode(), newline=""))
    assert (row["target_bpp"], row["target_quality"]) == ("", "MS-SSIM luma 15.25 dB")
    assert {row["left_bpp"], row["right_bpp"]} == {"0.2491", "0.2508"}


def test_a_name_that_is_no_text_is_written_as_escapes() -> None:
    (row,) = csv.DictReader(io.StringIO(as_csv(*answered("l", "odd\udcff.png")).decode(), newline=""))
    assert row["image"] == "odd\\udcff.png"
