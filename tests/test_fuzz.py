"""Damaged input, for a bounded time. `python -m tests.fuzz --minutes N` goes on longer."""

from __future__ import annotations

import pytest

from tests.fuzz.campaign import blind, can_guide, guided, input_of
from tests.fuzz.child import LARGEST_GROWTH
from tests.fuzz.mutation import damaged
from tests.fuzz.seeds import OWN, PICTURES
from tests.fuzz.targets import TARGETS

pytestmark = pytest.mark.filterwarnings("ignore")  # of damaged metadata, Pillow warns

SECONDS = 60.0
"""At most, for a target; a whole count is tried in a fraction of it."""


@pytest.mark.parametrize("name", [name for name in TARGETS if name not in (*PICTURES, *OWN)])
def test_damaged_streams_and_weights(name: str) -> None:
    (report,) = blind([name], first=1, count=100, seconds=SECONDS)
    assert report.found == []
    assert report.tried > 20
    assert report.largest_bytes < LARGEST_GROWTH


@pytest.mark.parametrize("name", [*PICTURES, *OWN])
def test_damaged_pictures_of_every_format(name: str) -> None:
    target = TARGETS[name]
    assert target.check(target.whole(0)), "the undamaged file is read"
    for seed in range(40):
        target.check(damaged(target.whole(seed), seed))


def test_damage_is_the_same_for_the_same_seed() -> None:
    assert input_of("png", 7) == input_of("png", 7) != input_of("png", 8)


@pytest.mark.fuzz
@pytest.mark.skipif(not can_guide(), reason="atheris is not installed (Linux only: pip install atheris)")
@pytest.mark.parametrize("name", [name for name, target in TARGETS.items() if target.guided])
def test_inputs_that_reach_new_lines(name: str) -> None:
    report = guided(name, seconds=20, runs=800)
    assert report.found == []
    assert report.tried > 20
