"""The tour's steps, and the rates that it sweeps."""

from __future__ import annotations

from itertools import pairwise

import pytest

from viewer.matching.targets.rate import MAX_BPP, MIN_BPP
from viewer.session.tour import TourStep, sweep_rates


@pytest.mark.parametrize("bpp", [0.05, 0.12, 0.5, 3.0])
def test_a_sweep_begins_and_ends_where_it_is_and_passes_lower_and_higher_rates(bpp: float) -> None:
    rates = sweep_rates(bpp)
    assert rates[0] == rates[-1] == bpp
    assert min(rates) == max(MIN_BPP, 0.4 * bpp)
    assert max(rates) == min(MAX_BPP, 5 * bpp)
    assert all(0.8 < later / earlier < 1.25 for earlier, later in pairwise(rates))


def test_steps_follow_one_another_and_the_last_has_none_after_it() -> None:
    assert TourStep.SIZE.moved(1) is TourStep.REGION
    assert TourStep.SIZE.moved(-1) is TourStep.SIZE
    assert TourStep.REPORT.moved(1) is None
    assert [step.number for step in TourStep] == [1, 2, 3, 4, 5, 6]
