"""Access keys of menus."""

from __future__ import annotations

from viewer.ui.common.actions import own_letters


def test_the_first_keeps_its_letter_and_the_later_takes_the_beginning_of_another_word() -> None:
    assert own_letters(["&Save", "&Show in folder", "Copy"]) == ["&Save", "Show &in folder", "Copy"]


def test_no_letter_is_taken_that_a_later_entry_has() -> None:
    assert own_letters(["&Save", "&Sizes it", "&It"]) == ["&Save", "Si&zes it", "&It"]


def test_where_no_letter_is_left_there_is_none() -> None:
    assert own_letters(["&A", "&B", "&Ab"]) == ["&A", "&B", "Ab"]
    assert own_letters(["R && D", "&Do"]) == ["R && D", "&Do"]
