"""Where one codec wins and loses against another: each picture at one rate, and the most telling pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from viewer.metrics.base import Metric

if TYPE_CHECKING:
    from viewer.sets.measured import Curves


@dataclass(frozen=True)
class PictureFigures:
    """A picture at a rate. values: by codec, on the metric's axis; missing where a codec does not go to that rate.
    gain: by how much the codec is better than the anchor there, positive where it wins; None where one is missing.
    bd_percent: bits that it needs beside the anchor at equal quality over the whole curves.
    """

    picture: str
    values: Mapping[str, float] = field(default_factory=dict, hash=False)
    gain: float | None = None
    bd_percent: float | None = None


def figures_at(
    bpp: float,
    *,
    pictures: Sequence[str],
    curves: Curves,
    codecs: Sequence[str],
    metric: Metric,
    pair: tuple[str, str],
    bd_by_picture: Mapping[str, float] | None = None,
) -> list[PictureFigures]:
    """Each picture at a rate, in the order of `pictures`. pair: the codec that wins or loses, and its anchor."""
    sign = 1.0 if metric.direction == "higher" else -1.0
    found = []
    for picture in pictures:
        values = {
            codec: value
            for codec in codecs
            if (curve := curves.get((picture, codec))) is not None and (value := curve.at(bpp)) is not None
        }
        ours, theirs = (values.get(codec) for codec in pair)
        gain = None if ours is None or theirs is None else sign * (ours - theirs)
        found.append(PictureFigures(picture, values, gain, (bd_by_picture or {}).get(picture)))
    return found


def by_gain(figures: Sequence[PictureFigures]) -> list[PictureFigures]:
    """The largest win first, the largest loss last; pictures without both values at the end, in their order."""
    known = sorted((one for one in figures if one.gain is not None), key=lambda one: -(one.gain or 0.0))
    return known + [one for one in figures if one.gain is None]


def most_telling(figures: Sequence[PictureFigures], count: int = 10) -> list[PictureFigures]:
    """The pictures with the largest wins and losses, half of each where there are so many, as `by_gain`."""
    ranked = [one for one in by_gain(figures) if one.gain is not None]
    if len(ranked) <= count:
        return ranked
    wins, losses = [one for one in ranked if (one.gain or 0.0) >= 0], [one for one in ranked if (one.gain or 0.0) < 0]
    lost = min(len(losses), max(count // 2, count - len(wins)))
    first = ranked[: count - lost]
    return first + (ranked[-lost:] if lost else [])
