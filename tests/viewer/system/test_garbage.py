"""Nothing is collected while something large is loaded."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from viewer.system.garbage import Collecting


class _Ring:
    """Refers to itself, so that only the collector frees it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def as_before() -> Iterator[None]:
    enabled, frozen = gc.isenabled(), gc.get_freeze_count()
    yield
    if not frozen:
        gc.unfreeze()
    (gc.enable if enabled else gc.disable)()


@pytest.mark.usefixtures("as_before")
def test_nothing_is_collected_while_anything_is_loading() -> None:
    collecting = Collecting()
    gc.enable()
    with collecting.held():
        assert not gc.isenabled()
        with collecting.held():
            loaded = weakref.ref(_Ring())
            assert not gc.isenabled()
        assert not gc.isenabled()
        assert loaded() is not None
    assert gc.isenabled()
    assert loaded() is None
    assert gc.get_freeze_count() > 0


@pytest.mark.usefixtures("as_before")
def test_a_start_during_which_nothing_is_collected_goes_on_while_something_is_loading() -> None:
    collecting = Collecting()
    gc.disable()
    with collecting.held():
        pass
    assert not gc.isenabled()
    with collecting.held():
        collecting.begin()
        assert not gc.isenabled()
    assert gc.isenabled()


@pytest.mark.usefixtures("as_before")
def test_collection_goes_on_after_what_cannot_be_loaded() -> None:
    collecting = Collecting()
    gc.enable()
    with pytest.raises(OSError, match="gone"), collecting.held():
        raise OSError("gone")
    assert gc.isenabled()


@pytest.mark.usefixtures("as_before")
def test_what_is_garbage_after_loading_is_freed_then() -> None:
    collecting = Collecting()
    gc.enable()
    with collecting.held():
        loaded = weakref.ref(_Ring())
        assert loaded() is not None
    assert loaded() is None
    gc.disable()
    started = weakref.ref(_Ring())
    collecting.begin()
    assert started() is None
