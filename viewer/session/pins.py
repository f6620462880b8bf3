"""Pins: rate points that the user wants to return to. Frozen values with pure updates."""

from __future__ import annotations

import math
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from models.errors import PinError

PIN_COLOURS = ("#d8483f", "#0f8b9d", "#5f8a1e", "#a68288", "#7c6994", "#69765f")
"""Colours for new pins, in turn. Each is 15 units of CIEDE2000 or more from every codec's colour and from the other
pins', and stands out on light and dark backgrounds.
"""

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class KeptStream:
    """A refined stream of a codec at a target rate: making it again would take long. seconds: spent on it."""

    codec: str
    target_bpp: float
    stream: bytes
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a JSON file; `from_dict` reads them."""
        values = {"codec": self.codec, "target_bpp": self.target_bpp, "seconds": round(self.seconds, 3)}
        return {**values, "stream": b64encode(self.stream).decode()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> KeptStream | None:
        """The inverse of as_dict; None if anything is wrong, as the stream can be made again."""
        codec, target_bpp, text = values.get("codec"), finite_number(values.get("target_bpp")), values.get("stream")
        if not isinstance(codec, str) or not isinstance(text, str) or target_bpp is None or target_bpp <= 0:
            return None
        try:
            stream = b64decode(text, validate=True)
        except ValueError:
            return None
        return cls(codec, target_bpp, stream, max(finite_number(values.get("seconds")) or 0.0, 0.0)) if stream else None


Place = tuple[str, float, bool]
"""Codec, target rate in bpp, and whether refined: what tells pins apart."""


@dataclass(frozen=True)
class Pin:
    """A codec at a target rate, bits per pixel. colour: #rrggbb. note: free text, may be empty.

    A pin is not tied to a picture: on another picture, it means the same codec at the same rate. refined: the stream
    that was pinned, if it was refined; it is of the picture with these pixels only (`Image.digest`).
    """

    codec: str
    target_bpp: float
    name: str
    colour: str = PIN_COLOURS[0]
    note: str = ""
    refined: KeptStream | None = None
    pixels_sha256: str = ""

    @property
    def place(self) -> Place:
        """What tells it apart from other pins."""
        return self.codec, self.target_bpp, self.refined is not None

    def stream_for(self, pixels_sha256: str) -> KeptStream | None:
        """The refined stream, if it is of the picture with these pixels."""
        return self.refined if self.pixels_sha256 == pixels_sha256 else None

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a JSON file; `from_dict` reads them."""
        values: dict[str, Any] = {
            name: getattr(self, name) for name in ("codec", "target_bpp", "name", "colour", "note")
        }
        if self.refined is not None:
            values |= {"refined": self.refined.as_dict(), "pixels_sha256": self.pixels_sha256}
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Pin:
        """The inverse of as_dict; colour and note may be missing. Raises PinError, which says what is wrong."""
        codec, target_bpp, name = values.get("codec"), values.get("target_bpp"), values.get("name")
        colour, note = values.get("colour", PIN_COLOURS[0]), values.get("note", "")
        if not isinstance(codec, str) or not codec:
            raise PinError("A pin has no codec: give it one, such as “learned”.")
        if isinstance(target_bpp, bool) or not isinstance(target_bpp, int | float):
            raise PinError(f"A pin of “{codec}” has no rate: give it a target_bpp, such as 0.25.")
        if not (math.isfinite(target_bpp) and target_bpp > 0):
            raise PinError(f"A pin of “{codec}” has the rate {target_bpp}: give it bits per pixel above 0.")
        if not isinstance(name, str) or not isinstance(note, str):
            raise PinError(f"A pin of “{codec}” has a name or a note that is not text: put both in quotes.")
        if not isinstance(colour, str) or not _COLOUR.fullmatch(colour):
            raise PinError(f"The pin “{name}” has the colour “{colour}”: give it as #rrggbb.")
        refined, digest = values.get("refined"), values.get("pixels_sha256")
        kept = KeptStream.from_dict(refined) if isinstance(refined, Mapping) and isinstance(digest, str) else None
        if kept is None or not isinstance(digest, str):
            return cls(codec, float(target_bpp), name, colour.lower(), note)
        return cls(codec, float(target_bpp), name, colour.lower(), note, kept, digest)


@dataclass(frozen=True)
class Pins:
    """The pins in order of creation. current, before: indices of the two selected last, or None.

    These two are the ones that are compared.
    """

    pins: tuple[Pin, ...] = field(default=())
    current: int | None = None
    before: int | None = None

    def __len__(self) -> int:
        return len(self.pins)

    @property
    def chosen(self) -> Pin | None:
        """The pin selected last."""
        return None if self.current is None else self.pins[self.current]

    @property
    def pair(self) -> tuple[Pin, Pin] | None:
        """The two pins selected last, the earlier one first."""
        if self.current is None or self.before is None:
            return None
        return self.pins[self.before], self.pins[self.current]

    def added(self, pin: Pin) -> Pins:
        """Add a pin and select it. If the same codec is already pinned at the same rate, select that pin instead."""
        for index, known in enumerate(self.pins):
            if known.place == pin.place:
                return self.choosing(index)
        return replace(self, pins=(*self.pins, pin)).choosing(len(self.pins))

    def choosing(self, index: int) -> Pins:
        """Select a pin."""
        return self if index == self.current else replace(self, current=index, before=self.current)

    def stepped(self, by: int) -> Pins:
        """Select the pin `by` places further, wrapping around; the first or last one if none was selected."""
        if not self.pins:
            return self
        start = self.current if self.current is not None else (-1 if by > 0 else 0)
        return self.choosing((start + by) % len(self.pins))

    def changed(self, index: int, **values: str) -> Pins:
        """Change a pin's name, colour or note."""
        pin = replace(self.pins[index], **values)  # type: ignore[arg-type]
        return replace(self, pins=(*self.pins[:index], pin, *self.pins[index + 1 :]))

    def removed(self, index: int) -> Pins:
        """Remove a pin; the selection of the others stays."""
        kept = (*self.pins[:index], *self.pins[index + 1 :])
        return Pins(kept, _after_removal(self.current, index), _after_removal(self.before, index))

    def next_colour(self) -> str:
        """The first of the colours used least."""
        counts = [sum(pin.colour == colour for pin in self.pins) for colour in PIN_COLOURS]
        return PIN_COLOURS[counts.index(min(counts))]

    def as_dicts(self) -> list[dict[str, Any]]:
        """Every pin as plain values, for a JSON file."""
        return [pin.as_dict() for pin in self.pins]

    @classmethod
    def from_dicts(cls, values: Sequence[Mapping[str, Any]]) -> Pins:
        """The inverse of as_dicts; no pin is selected. Raises PinError."""
        return cls(tuple(Pin.from_dict(pin) for pin in values))


def finite_number(value: Any) -> float | None:
    """A number of a JSON file; None for what is none, or not finite."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def _after_removal(index: int | None, removed: int) -> int | None:
    if index is None or index == removed:
        return None
    return index - 1 if index > removed else index
