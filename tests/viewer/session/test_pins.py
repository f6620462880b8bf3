"""Pins: added, chosen, stepped through, changed, removed; written as plain values and read back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import PinError
from viewer.codecs.palette import CODEC_COLOURS
from viewer.session.pins import PIN_COLOURS, Pin, Pins

LOW, HIGH, OTHER = Pin("learned", 0.25, "low"), Pin("learned", 0.5, "high"), Pin("jpeg", 0.5, "other")
THREE = Pins().added(LOW).added(HIGH).added(OTHER)


def test_the_two_chosen_last_are_a_pair() -> None:
    assert THREE.chosen == OTHER
    assert THREE.pair == (HIGH, OTHER)
    assert THREE.choosing(0).pair == (OTHER, LOW)
    assert Pins().added(LOW).pair is None


def test_stepping_goes_around_both_ends() -> None:
    pins = Pins((LOW, HIGH, OTHER))
    assert [pins.stepped(1).chosen, pins.stepped(-1).chosen] == [LOW, OTHER]
    assert [pins.choosing(2).stepped(1).chosen, pins.choosing(0).stepped(-1).chosen] == [LOW, OTHER]
    assert Pins().stepped(1) == Pins()


def test_a_point_that_is_pinned_already_is_chosen_and_keeps_its_name() -> None:
    again = THREE.added(Pin("learned", 0.25, "once more"))
    assert len(again) == 3
    assert again.chosen == LOW


def test_removing_keeps_the_choice_on_the_others() -> None:
    without = THREE.choosing(1).removed(0)
    assert without.pins == (HIGH, OTHER)
    assert without.pair == (OTHER, HIGH)
    assert without.removed(0).chosen is None


def test_a_change_leaves_codec_and_rate() -> None:
    pins = THREE.changed(0, name="web", note="sky is clean", colour="#123456")
    assert pins.pins[0] == Pin("learned", 0.25, "web", "#123456", "sky is clean")
    assert pins.pins[1:] == THREE.pins[1:]


def test_new_pins_take_colours_in_turn_that_no_codec_has() -> None:
    pins, colours = Pins(), []
    for number in range(2 * len(PIN_COLOURS)):
        colours.append(pins.next_colour())
        pins = pins.added(Pin("jpeg", 0.1 * (number + 1), str(number), colours[-1]))
    assert colours == [*PIN_COLOURS, *PIN_COLOURS]
    assert not set(PIN_COLOURS) & set(CODEC_COLOURS.values())


pins_of_any_kind = st.builds(
    Pin,
    codec=st.text(min_size=1),
    target_bpp=st.floats(1e-6, 1e6),
    name=st.text(),
    colour=st.sampled_from(PIN_COLOURS),
    note=st.text(),
)


@given(st.lists(pins_of_any_kind))
def test_pins_survive_json(pins: list[Pin]) -> None:
    kept = Pins(tuple(pins))
    assert Pins.from_dicts(json.loads(json.dumps(kept.as_dicts()))) == kept


@pytest.mark.parametrize(
    "damage",
    [
        {"codec": ""},
        {"codec": 3},
        {"target_bpp": "0.25"},
        {"target_bpp": True},
        {"target_bpp": 0},
        {"target_bpp": float("nan")},
        {"target_bpp": float("inf")},
        {"name": None},
        {"note": 5},
        {"colour": "red"},
        {"colour": 7},
    ],
)
def test_damaged_pins_are_refused_with_a_sentence(damage: dict[str, Any]) -> None:
    with pytest.raises(PinError, match=r"\.$"):
        Pin.from_dict(LOW.as_dict() | damage)


def test_colour_and_note_may_lack() -> None:
    assert Pin.from_dict({"codec": "jpeg", "target_bpp": 1, "name": "one"}) == Pin("jpeg", 1.0, "one")
