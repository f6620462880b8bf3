"""Equal quality in any metric: what is found, and what a search that was ended leaves for the next."""

from __future__ import annotations

import pytest

from models.errors import TargetError
from tests.photographs import sample_crop
from viewer.codecs.registry import codec_named
from viewer.imaging.image import Pixels
from viewer.matching.comparison import Comparison
from viewer.matching.limits import quality_limit_note, quality_limit_sentence
from viewer.matching.score_search import Equaliser, EqualScore
from viewer.matching.targets.quality import QualityTarget
from viewer.matching.targets.score import ScoreTarget, at_value, parse_score, target_value, tolerance
from viewer.metrics.registry import metric_named
from viewer.metrics.scoring import Score, Scorer

FLIP = metric_named("flip")


class Counting:
    """A Scorer that counts."""

    def __init__(self, original: Pixels) -> None:
        self._scorer = Scorer(original, [FLIP])
        self.count = 0

    def score(self, name: str, pixels: Pixels, *, granted: bool = False) -> Score:
        self.count += 1
        return self._scorer.score(name, pixels, granted=granted)

    def required_bytes(self, name: str) -> int:
        return self._scorer.required_bytes(name)


class Ended(Exception):  # noqa: N818
    """Ends a search."""


@pytest.mark.parametrize("codec", ["jpeg", "webp"])
def test_a_score_where_lower_is_better_is_met(codec: str) -> None:
    image = sample_crop(96, 128, "rooftops")
    equal = EqualScore(Comparison(image, [codec_named(codec)]), FLIP, Scorer(image.pixels, [FLIP]))
    match = equal.match(codec, ScoreTarget("flip", 0.1))
    assert match.reached
    assert abs(match.value - 0.1) <= tolerance(FLIP, 0.1)
    measured = Scorer(image.pixels, [FLIP]).score("flip", match.result.reconstruction).value
    assert match.value == measured
    assert quality_limit_note(match, in_db=True) == ""


def test_what_a_codec_cannot_do_is_worse_or_better_whichever_way_scores_go() -> None:
    image = sample_crop(96, 128, "rooftops")
    equal = EqualScore(Comparison(image, [codec_named("jpeg")]), FLIP, Scorer(image.pixels, [FLIP]))
    worst, best = (equal.match("jpeg", ScoreTarget("flip", value)) for value in (0.9, 0.0))
    assert quality_limit_note(worst, in_db=True) == f"cannot do worse than FLIP {worst.value:.4f}"
    sentence = f"JPEG cannot do better than FLIP {best.value:.4f} on this picture; the target is 0.0000."
    assert quality_limit_sentence("JPEG", best, in_db=True) == sentence


def test_a_search_that_was_ended_is_gone_on_with() -> None:
    image = sample_crop(96, 128, "rooftops")

    def equal(scoring: Counting) -> EqualScore:
        return EqualScore(Comparison(image, [codec_named("jpeg")]), FLIP, scoring)

    whole = Counting(image.pixels)
    found = equal(whole).match("jpeg", ScoreTarget("flip", 0.1))
    counting = Counting(image.pixels)
    searching = equal(counting)

    def pause() -> None:
        if counting.count == 5:
            raise Ended

    with pytest.raises(Ended):
        searching.match("jpeg", ScoreTarget("flip", 0.1), pause)
    assert searching.match("jpeg", ScoreTarget("flip", 0.1)).result.stream == found.result.stream
    assert counting.count == whole.count
    searching.match("jpeg", ScoreTarget("flip", 0.1))
    assert counting.count == whole.count  # asked for again it is remembered


def test_one_object_meets_targets_of_every_kind() -> None:
    image = sample_crop(96, 128, "rooftops")
    equal = Equaliser(Comparison(image, [codec_named("jpeg")]), Scorer(image.pixels, [FLIP]))
    for target in (QualityTarget("psnr", "rgb", 32.0), ScoreTarget("flip", 0.1)):
        match = equal.match("jpeg", target)
        assert match.reached
        assert match.target == target
    assert target_value(at_value(ScoreTarget("flip", 0.1), 0.2)) == 0.2
    assert target_value(at_value(QualityTarget("psnr", "rgb", 32.0), 33.0)) == 33.0


def test_scores_are_typed_as_they_are_printed() -> None:
    assert parse_score(" 71,53 ", metric_named("ssimulacra2")).value == 71.53
    assert parse_score("35.10 dB", metric_named("psnr_rgb")).value == 35.1
    with pytest.raises(TargetError, match="“high” is not a FLIP score: give a number from 0 to 1"):
        parse_score("high", FLIP)
