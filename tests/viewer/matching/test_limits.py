"""The wordings of floor, ceiling and gap."""

from dataclasses import replace

import pytest

from tests.photographs import sample_crop
from viewer.codecs.registry import codec_named
from viewer.matching.comparison import Comparison
from viewer.matching.limits import (
    quality_limit_note,
    quality_limit_sentence,
    rate_limit_note,
    rate_limit_sentence,
)
from viewer.matching.quality_search import QualityMatch
from viewer.matching.result import Result
from viewer.matching.targets.quality import QualityTarget


@pytest.fixture(scope="module")
def result() -> Result:
    return Comparison(sample_crop(64, 64), [codec_named("jpeg")]).result("jpeg", 2.0)


def test_a_target_that_is_met_needs_no_words(result: Result) -> None:
    met = replace(result, reachable=True, floor_bpp=None, ceiling_bpp=None)
    assert rate_limit_note(met) == rate_limit_sentence("JPEG", met) == ""
    match = QualityMatch(QualityTarget("psnr", "rgb", 30.0), met, True, None, None)
    assert quality_limit_note(match, in_db=True) == quality_limit_sentence("JPEG", match, in_db=True) == ""


@pytest.mark.parametrize(
    ("floor", "ceiling", "words"),
    [(True, False, "cannot go below"), (False, True, "cannot go above"), (False, False, "cannot come closer than")],
)
def test_rate_and_quality_are_worded_alike(result: Result, floor: bool, ceiling: bool, words: str) -> None:
    bpp = result.bpp
    missed = replace(result, reachable=False, floor_bpp=bpp if floor else None, ceiling_bpp=bpp if ceiling else None)
    assert rate_limit_note(missed) == f"{words} {bpp:.4f} bpp"
    sentence = f"JPEG {words} {bpp:.4f} bpp on this picture; the target is 2.0000 bpp."
    assert rate_limit_sentence("JPEG", missed) == sentence
    target = QualityTarget("psnr", "rgb", 30.0)
    value_db = target.of(result.measurement.metrics)
    match = QualityMatch(target, result, False, value_db if floor else None, value_db if ceiling else None)
    assert quality_limit_note(match, in_db=True) == f"{words} PSNR {value_db:.2f} dB"
    sentence = f"JPEG {words} PSNR {value_db:.2f} dB on this picture; the target is 30.00 dB."
    assert quality_limit_sentence("JPEG", match, in_db=True) == sentence


def test_a_best_value_is_no_limit_if_more_bits_can_be_worse(result: Result) -> None:
    target = QualityTarget("psnr", "rgb", 60.0)
    value_db = target.of(result.measurement.metrics)
    match = QualityMatch(target, result, False, None, value_db, falls_from_bpp=1.5)
    assert quality_limit_note(match, in_db=True) == f"reached PSNR {value_db:.2f} dB at most"
    assert quality_limit_sentence("JPEG", match, in_db=True) == (
        f"JPEG reached PSNR {value_db:.2f} dB at most on this picture, where more bits can make it worse; "
        "the target is 60.00 dB."
    )
