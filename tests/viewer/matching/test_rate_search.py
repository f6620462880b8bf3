"""Rate matching: against encoders with awkward size curves, and on photographs with every codec."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import CodecError
from tests.photographs import flat, sample_crop
from viewer.codecs.base import Codec
from viewer.codecs.registry import CODECS
from viewer.matching.comparison import Comparison
from viewer.matching.rate_search import TOLERANCE, Search, match


@dataclass(frozen=True)
class Staircase:
    """An encoder whose sizes are given, one per quality, and whose guess is what it is told."""

    sizes: tuple[int, ...]
    first_guess: int
    detail: str = ""

    @property
    def qualities(self) -> range:
        return range(len(self.sizes))

    def guess(self, target_bytes: int) -> int:  # noqa: ARG002 (the worst encoder: it cannot tell)
        return self.first_guess

    def encode(self, quality: int) -> bytes:
        return bytes(self.sizes[quality])


@given(
    st.lists(st.integers(1, 400), min_size=2, max_size=500),
    st.integers(1, 50_000),
    st.data(),
)
@settings(max_examples=200, deadline=None)
def test_on_rising_sizes_the_nearest_is_found(steps: list[int], target: int, data: st.DataObject) -> None:
    sizes = tuple(sum(steps[: i + 1]) for i in range(len(steps)))
    found = match(Staircase(sizes, data.draw(st.integers(0, len(sizes) - 1))), target)
    nearest = min(sizes, key=lambda size: abs(size / target - 1))
    if found.reachable:
        assert abs(len(found.stream) / target - 1) <= TOLERANCE
    else:
        assert abs(nearest / target - 1) > TOLERANCE
    if sizes[0] > target * (1 + TOLERANCE):
        assert found.floor_bytes == sizes[0] == len(found.stream)
    if sizes[-1] < target * (1 - TOLERANCE):
        assert found.ceiling_bytes == sizes[-1] == len(found.stream)


@given(st.lists(st.integers(1, 3000), min_size=1, max_size=80), st.integers(1, 4000))
@settings(max_examples=200, deadline=None)
def test_on_any_sizes_it_ends_and_is_honest(sizes: list[int], target: int) -> None:
    found = match(Staircase(tuple(sizes), 0), target)
    assert len(found.stream) == sizes[found.quality]
    assert found.reachable == (abs(len(found.stream) / target - 1) <= TOLERANCE)
    assert found.probes <= 24


@dataclass(frozen=True)
class Failing:
    """A staircase some of whose qualities cannot be coded."""

    stairs: Staircase
    fails: frozenset[int]
    detail: str = ""

    @property
    def qualities(self) -> range:
        return self.stairs.qualities

    def guess(self, target_bytes: int) -> int:
        return self.stairs.guess(target_bytes)

    def encode(self, quality: int) -> bytes:
        if quality in self.fails:
            raise CodecError(f"Quality {quality} cannot be coded.")
        return self.stairs.encode(quality)


@given(st.lists(st.integers(1, 400), min_size=2, max_size=300), st.integers(1, 50_000), st.data())
@settings(max_examples=100, deadline=None)
def test_what_cannot_be_coded_is_one_try_and_no_more(steps: list[int], target: int, data: st.DataObject) -> None:
    sizes = tuple(sum(steps[: i + 1]) for i in range(len(steps)))
    qualities = range(len(sizes))
    fails = frozenset(data.draw(st.sets(st.sampled_from(qualities))))
    asked: list[int] = []

    class Noting(Failing):
        def encode(self, quality: int) -> bytes:
            asked.append(quality)
            return super().encode(quality)

    encoder = Noting(Staircase(sizes, data.draw(st.sampled_from(qualities))), fails)
    try:
        found = match(encoder, target)
    except CodecError:
        assert set(asked) <= fails
        return
    assert len(asked) == len(set(asked)) == found.probes
    assert found.quality not in fails
    assert len(found.stream) == sizes[found.quality]
    assert found.reachable == (abs(len(found.stream) / target - 1) <= TOLERANCE)


def test_rates_that_fail_at_one_end_leave_the_others() -> None:
    sizes = tuple(round(1000 * 1.001**i) for i in range(3000))
    for target in (1200, 5000, 7300):
        found = match(Failing(Staircase(sizes, 2900), frozenset(range(2000, 3000))), target)
        assert found.reachable, target
    beyond = match(Failing(Staircase(sizes, 2900), frozenset(range(2000, 3000))), 15_000)
    assert beyond.ceiling_bytes == sizes[1999]


def test_where_nothing_can_be_coded_the_reason_is_said() -> None:
    with pytest.raises(CodecError, match="cannot be coded"):
        match(Failing(Staircase((10, 20, 30), 1), frozenset(range(3))), 20)


def test_a_floor_is_named_only_when_nothing_is_left_to_try() -> None:
    search = Search(Staircase(tuple(range(1000, 2000)), 900), 100)
    search.run(max_probes=2)
    assert search.result().floor_bytes is None
    search.run()
    found = search.result()
    assert found.floor_bytes == len(found.stream) == 1000
    assert not found.reachable


def test_a_search_that_goes_on_tries_nothing_twice() -> None:
    sizes = tuple(round(1000 * 1.001**i) for i in range(3000))
    search = Search(Staircase(sizes, 0), 7777)
    for max_probes in range(1, 25):
        search.run(max_probes)
        assert len(search.sizes) <= max_probes
    assert search.reachable
    assert search.result().quality == match(Staircase(sizes, 0), 7777).quality


GAPS = {"webp": 0.02}
"""Codecs whose rates have gaps that nothing they offer fills, and how far off that leaves them; it is said as a gap."""


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)
@pytest.mark.parametrize("bpp", [0.06, 0.1, 0.17, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0])
def test_photographs_are_matched_within_one_percent_or_the_limit_is_named(codec: Codec, bpp: float) -> None:
    result = Comparison(sample_crop(384, 512, "rooftops"), [codec]).result(codec.name, bpp)
    if result.reachable:
        assert abs(result.deviation) <= TOLERANCE
        assert result.floor_bpp is None
        assert result.ceiling_bpp is None
    elif codec.name in GAPS and result.floor_bpp is None and result.ceiling_bpp is None:
        assert abs(result.deviation) <= GAPS[codec.name]
    elif result.deviation > 0:
        assert result.floor_bpp == result.bpp
    else:
        assert result.ceiling_bpp == result.bpp


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)
def test_a_flat_picture_names_its_ceiling(codec: Codec) -> None:
    image = flat(64, 64)
    found = match(codec.encoders(image)[0], 3.0 * image.pixel_count / 8)
    assert not found.reachable
    assert found.ceiling_bytes == len(found.stream)
