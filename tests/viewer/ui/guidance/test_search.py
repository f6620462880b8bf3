"""Words find commands."""

from __future__ import annotations

from viewer.ui.guidance.search import Entry, found

ENTRIES = (
    Entry("fit", "Fit in the panes", "View zoom whole window"),
    Entry("split", "Split view", "Panes wipe slider"),
    Entry("next", "Next worst region", "Show artefact"),
    Entry("smooth", "Smooth zoom", "View"),
)


def names(query: str) -> list[str]:
    return [entry.name for entry in found(query, ENTRIES)]


def test_without_words_everything_is_there_in_order() -> None:
    assert names("  ") == ["fit", "split", "next", "smooth"]


def test_every_word_must_be_found_in_any_order() -> None:
    assert names("region worst") == ["next"]
    assert names("worst zoom") == []


def test_words_of_the_text_come_before_other_words_for_it() -> None:
    assert names("zoom") == ["smooth", "fit"]


def test_other_words_find_it_and_beginnings_do() -> None:
    assert names("wipe") == ["split"]
    assert names("sm") == ["smooth"]
    assert names("artef") == ["next"]


def test_letters_in_order_are_enough() -> None:
    assert names("wrg") == ["next"]
