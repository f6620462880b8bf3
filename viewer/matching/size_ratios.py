"""What codecs at equal quality say of their sizes, and when more bits have made a picture worse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from viewer.matching.result import Result


class Matched(Protocol):
    """What is compared by its bytes: a QualityMatch, or a match in another metric."""

    @property
    def target(self) -> Any: ...

    @property
    def result(self) -> Result: ...

    @property
    def reached(self) -> bool: ...

    @property
    def title(self) -> str: ...

    @property
    def falls_from_bpp(self) -> float | None: ...


def reference_codec(matches: Mapping[str, Matched], codecs: Sequence[str]) -> str:
    """The codec that the others are compared with: the first one that meets the target, else the first one."""
    return next((codec for codec in codecs if codec in matches and matches[codec].reached), codecs[0])


def byte_ratios(matches: Mapping[str, Matched], reference: str) -> dict[str, float]:
    """Bytes relative to the reference codec's, for the other codecs that meet the same target."""
    anchor = matches.get(reference)
    if anchor is None or not anchor.reached:
        return {}
    return {
        codec: len(match.result.stream) / len(anchor.result.stream)
        for codec, match in matches.items()
        if codec != reference and match.reached and match.target == anchor.target
    }


def size_ratio_sentence(label: str, ratio: float, reference: str) -> str:
    """A ratio of bytes in words: "JPEG needs 1.9 times the bytes of Learned"."""
    return f"{label} needs {ratio:.{1 if ratio >= 9.995 else 2}f} times the bytes of {reference}"


def fall_sentence(label: str, match: Matched) -> str:
    """That more bits would make the codec worse, if the search has seen that; else empty."""
    if match.falls_from_bpp is None:
        return ""
    return f"More bits than {match.falls_from_bpp:.4f} bpp can worsen {label}’s {match.title} on this picture."
