"""The store: who is called, when, and with what; however the watchers are ordered."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

import pytest
from PySide6.QtCore import QObject, Signal

from viewer.session.state import Session
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.target import set_target
from viewer.ui.engine.updates.view import hover, set_switch, toggle


def make_store() -> Store:
    return Store(AppState(session=Session(0.5), installed=("a", "b"), compared=("a", "b")))


def target_bpp(state: AppState) -> float:
    return state.session.target_bpp


def test_a_watcher_is_called_at_once_and_when_what_it_selects_has_changed() -> None:
    store = make_store()
    seen: list[float] = []
    store.watch(target_bpp, seen.append)
    store.update(hover((1, 2)))
    store.update(set_target(0.7))
    store.update(set_target(0.7))
    assert seen == [0.5, 0.7]
    later: list[float] = []
    store.watch(target_bpp, later.append, at_once=False)
    assert later == []
    store.update(set_target(0.9))
    assert (seen, later) == ([0.5, 0.7, 0.9], [0.9])


class _Knob(QObject):
    turned = Signal(float)
    pressed = Signal()


def test_a_signal_makes_a_step_with_the_values_that_it_carries() -> None:
    store, knob = make_store(), _Knob()
    store.update_on(knob.turned, set_target)
    store.update_on(knob.pressed, partial(set_switch, "loupe", True))
    knob.turned.emit(0.7)
    assert target_bpp(store.state) == 0.7
    assert not store.state.switches.loupe
    knob.pressed.emit()
    assert store.state.switches.loupe


def test_everybody_in_a_round_sees_one_state_and_is_called_once() -> None:
    for seed in range(20):
        store = make_store()
        calls: list[tuple[str, float, bool]] = []

        def react(name: str, store: Store = store, calls: list[tuple[str, float, bool]] = calls) -> Callable[..., None]:
            def called(_value: object) -> None:
                calls.append((name, store.state.session.target_bpp, store.state.switches.loupe))
                if name == "follows":
                    store.update(set_switch("loupe", True))

            return called

        watchers = [(name, react(name)) for name in ("first", "follows", "last")]
        random.Random(seed).shuffle(watchers)
        for _name, reaction in watchers:
            store.watch(target_bpp, reaction, at_once=False)
        store.watch(lambda state: state.switches.loupe, react("loupe"), at_once=False)
        store.update(set_target(0.8))
        assert sorted(calls[:3]) == [("first", 0.8, False), ("follows", 0.8, False), ("last", 0.8, False)]
        assert calls[3:] == [("loupe", 0.8, True)]


def test_what_is_asked_for_in_a_round_is_done_after_it() -> None:
    store = make_store()
    seen: list[float] = []

    def halve(bpp: float) -> None:
        seen.append(bpp)
        if bpp > 0.3:
            store.update(set_target(bpp / 2))
            assert store.state.session.target_bpp == bpp

    store.watch(target_bpp, halve, at_once=False)
    store.update(set_target(1.0))
    assert seen == [1.0, 0.5, 0.25]
    assert store.state.session.target_bpp == 0.25


def test_watchers_that_chase_each_other_are_found_out() -> None:
    store = make_store()
    store.watch(lambda state: state.switches.smooth, lambda _on: store.update(toggle("smooth")), at_once=False)
    with pytest.raises(RuntimeError, match="keep triggering"):
        store.update(toggle("smooth"))
    seen: list[float] = []
    store.watch(target_bpp, seen.append, at_once=False)
    store.update(hover((3, 4)))  # and the store goes on working
    assert store.state.hovered == (3, 4)


def test_a_watcher_that_fails_keeps_the_others_from_nothing() -> None:
    store = make_store()
    seen: list[float] = []

    def fail(_bpp: float) -> None:
        raise ZeroDivisionError("on purpose")

    store.watch(target_bpp, fail, at_once=False)
    store.watch(target_bpp, seen.append, at_once=False)
    with pytest.raises(ZeroDivisionError):
        store.update(set_target(0.6))
    assert seen == [0.6]
    assert store.state.session.target_bpp == 0.6
