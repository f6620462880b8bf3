"""Colours and markers of the codecs on the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from viewer.codecs.base import Codec
from viewer.codecs.palette import CodecLook, look_of
from viewer.codecs.registry import known_codecs
from viewer.report.svg_plot import marker


@dataclass(frozen=True)
class Look:
    """Label, colour and marker of a codec."""

    label: str
    look: CodecLook

    @property
    def colour(self) -> str:
        """#rrggbb."""
        return self.look.colour

    @property
    def mark(self) -> str:
        """Its marker, an SVG element inside 12 by 12."""
        return marker(self.look.marker, 6, 6, 4.4)


def series_looks(series: Iterable[str], codecs: Sequence[Codec]) -> dict[str, Look]:
    """The look of each series of pictures decoded elsewhere, by name: as if they were further codecs."""
    names = list(dict.fromkeys(codec.name for codec in (*known_codecs(), *codecs)))
    own = {name: f"series {name}" for name in series}
    return {name: Look(name, look_of(key, [*names, *own.values()])) for name, key in own.items()}


def look_named(codec: str, label: str, codecs: Sequence[str]) -> Look:
    """The look of a codec that need not be installed here. codecs: that are shown with it."""
    names = list(dict.fromkeys((*(known.name for known in known_codecs()), *codecs)))
    return Look(label, look_of(codec, names))


def looks_of(codecs: Sequence[Codec]) -> dict[str, Look]:
    """The look of each codec, by name."""
    names = list(dict.fromkeys(codec.name for codec in (*known_codecs(), *codecs)))
    return {codec.name: Look(codec.label, look_of(codec.name, names)) for codec in codecs}
