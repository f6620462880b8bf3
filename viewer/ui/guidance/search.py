"""Finds commands by words: a pure function over texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

START, INSIDE, SCATTERED = 4, 2, 1
"""What a word that was typed is worth: at the start of a word, anywhere in the text, letters in order."""


@dataclass(frozen=True)
class Entry:
    """Something that can be found. text: what is shown, which counts twice. more: other words for it."""

    name: str
    text: str
    more: str = ""


def found(query: str, entries: Sequence[Entry]) -> list[Entry]:
    """The entries in which every word of the query is found, the best first; all in order if the query is empty."""
    words = query.lower().split()
    scored = [(sum(scores), entry) for entry in entries if all(scores := [_score(word, entry) for word in words])]
    scored.sort(key=lambda pair: -pair[0])  # stable: equally good ones keep their order
    return [entry for _score, entry in scored]


def _score(word: str, entry: Entry) -> int:
    """How well a word fits, 0 if not at all."""
    text, more = entry.text.lower(), entry.more.lower()
    return 2 * _fit(word, text) or _fit(word, more) or (SCATTERED if _in_order(word, text) else 0)


def _fit(word: str, text: str) -> int:
    if any(part.startswith(word) for part in text.replace("-", " ").replace("(", " ").split()):
        return START
    return INSIDE if word in text else 0


def _in_order(word: str, text: str) -> bool:
    """Whether the letters of a word come in a text one after the other: "wrg" in "worst regions"."""
    letters = iter(text)
    return len(word) > 1 and all(letter in letters for letter in word)
