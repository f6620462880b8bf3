"""The cache: what is kept, what is let go of, and in which order."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from viewer.system.lru_cache import BoundedCache


def _cache(limit_bytes: int, *, at_least: int = 1) -> BoundedCache[str, bytes]:
    return BoundedCache(limit_bytes, len, at_least=at_least)


def _filled(cache: BoundedCache[str, bytes], keys: Sequence[str], byte_count: int) -> BoundedCache[str, bytes]:
    for key in keys:
        cache.put(key, bytes(byte_count))
    return cache


def test_what_was_not_used_for_longest_goes_first() -> None:
    cache = _filled(_cache(30), "abc", 10)
    assert cache.get("a") == bytes(10)
    cache.put("d", bytes(10))
    assert cache.get("b") is None
    assert all(cache.get(key) is not None for key in "acd")


def test_a_value_that_is_put_again_counts_once_and_as_new() -> None:
    cache = _filled(_cache(30), "abc", 10)
    cache.put("a", bytes(9))
    cache.put("d", bytes(10))
    assert cache.get("a") == bytes(9)
    assert cache.get("b") is None


def test_one_large_value_takes_the_place_of_several_small_ones() -> None:
    cache = _filled(_cache(30), "abc", 10)
    cache.put("d", bytes(25))
    assert [key for key in "abcd" if cache.get(key) is not None] == ["d"]


def test_the_newest_are_kept_however_much_they_take() -> None:
    cache = _filled(_cache(5, at_least=2), "abc", 10)
    assert cache.get("a") is None
    assert cache.get("b") == cache.get("c") == bytes(10)


def test_nothing_is_left_after_clearing() -> None:
    cache = _filled(_cache(30), "abc", 10)
    cache.clear()
    assert all(cache.get(key) is None for key in "abc")


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 50)), max_size=60), st.integers(0, 100), st.integers(1, 3))
def test_the_limit_holds_but_for_the_newest(puts: list[tuple[int, int]], limit_bytes: int, at_least: int) -> None:
    cache: BoundedCache[int, int] = BoundedCache(limit_bytes, lambda byte_count: byte_count, at_least=at_least)
    for key, byte_count in puts:
        cache.put(key, byte_count)
        assert cache.get(key) == byte_count
    kept = [value for value in map(cache.get, range(10)) if value is not None]
    assert sum(kept) <= limit_bytes or len(kept) <= at_least
