"""What a pane's head says, as values: its figures, each in the place of its column, and its texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING, Literal

from viewer.metrics.registry import metric_named
from viewer.metrics.scoring import Score, format_score, score_digits
from viewer.session.metric_choice import MetricChoice
from viewer.session.state import MetricScale
from viewer.ui.common.codec_style import CodecStyle
from viewer.ui.common.formatting import format_db, format_raw
from viewer.ui.panes.figure_tips import DEVIATION_KIND, figure_rank

if TYPE_CHECKING:
    from viewer.metrics.measurement import Metrics

Level = Literal["quiet", "warning", "error"]
Scores = Mapping[str, Score]
"""A picture's scores in slow metrics, by name: those that are there."""

COLUMNS = MetricChoice().columns
COMING = "…"
"""In the place of a score that is being computed."""
DEVIATION = "off target"
BEST_SPOKEN = {"bytes": " (fewest)"}


@dataclass(frozen=True)
class Figure:
    """One figure with what it is.

    widest, room: a value and a caption as wide as they come, which the column has room for, so that columns keep their
    places; may_be_best: and for the mark. best: of all codecs at this rate. off: not as asked for. brief: the caption
    where there is no room for it. kind: as in `figure_tips`. rank: how important it is, the least being left out first.
    """

    caption: str
    value: str
    widest: str
    room: str = ""
    may_be_best: bool = False
    best: bool = False
    off: bool = False
    brief: str = ""
    kind: str = ""
    rank: int = 0


@dataclass(frozen=True)
class HeaderText:
    """All that a pane's head says. status: what is out of the ordinary, in short; explanation: the same in full."""

    label: str
    style: CodecStyle | None = None
    detail: str = ""
    figures: tuple[Figure, ...] = ()
    status: str = ""
    level: Level = "quiet"
    working: bool = False
    explanation: str = ""
    settings: str = ""
    """Which encoder made the picture, and how."""
    award: str = ""
    """What it is the best in, where that is said in words."""
    outdated: bool = False
    """Its figures are of a picture that was made for another target than the present one."""

    @property
    def tip(self) -> str:
        """What is said where the pointer rests."""
        return "\n".join(part for part in (self.explanation, self.settings) if part)

    @property
    def spoken(self) -> str:
        """The same as one sentence, for screen readers."""
        figures = ", ".join(
            f"{f.caption} {f.value}{BEST_SPOKEN.get(f.caption, ' (best)') if f.best else ''}"
            for f in self.figures
            if f.value
        )
        return "; ".join(
            part for part in (self.label, self.award, self.detail, figures, self.explanation or self.status) if part
        )


def in_places(places: Sequence[Figure], *figures: Figure) -> tuple[Figure, ...]:
    """Figures that take the places of others; places that are left stay empty."""
    empty = Figure("", "", "")
    count = max(len(places), len(figures))
    filled = zip_longest(places, figures[:count], fillvalue=empty)
    return tuple(
        replace(figure, widest=place.widest, room=place.caption, may_be_best=place.may_be_best, rank=place.rank)
        for place, figure in filled
    )


def format_value(name: str, scale: MetricScale, metrics: Metrics, scores: Scores) -> str:
    """What a column says."""
    if name == "psnr":
        return format_db(scale.psnr_db(metrics))
    if name == "ms_ssim":
        return format_db(scale.ms_ssim(metrics)) if scale.ms_ssim_db else format_raw(scale.ms_ssim(metrics))
    return format_score(metric_named(name), scores[name].value, unit=False) if name in scores else COMING


def placeholders(scale: MetricScale, columns: Sequence[str]) -> tuple[Figure, ...]:
    """A head's figures without values. columns: the metrics, by the names of a MetricChoice."""
    return _places(scale, tuple(columns))


@lru_cache(maxsize=32)
def _places(scale: MetricScale, columns: tuple[str, ...]) -> tuple[Figure, ...]:
    """A head asks for them with every picture."""
    return (
        _ranked(Figure("bpp", "", "0.0000", kind="bpp")),
        _ranked(Figure("bytes", "", "000,000", may_be_best=True, kind="bytes")),
        *(_ranked(replace(_placeholder(name, scale), kind=name)) for name in columns),
        _ranked(Figure(DEVIATION, "", "+0.00 %", kind=DEVIATION_KIND)),
    )


def _ranked(figure: Figure) -> Figure:
    return replace(figure, rank=figure_rank(figure.kind))


def _placeholder(name: str, scale: MetricScale) -> Figure:
    channel = "" if scale.channel == "rgb" else " Y"
    if name == "psnr":
        return Figure(f"PSNR{channel} dB", "", "00.00", may_be_best=True)
    if name == "ms_ssim":
        caption = f"MS-SSIM{channel}{' dB' if scale.ms_ssim_db else ''}"
        return Figure(caption, "", "00.00" if scale.ms_ssim_db else "0.00000", may_be_best=True)
    metric = metric_named(name)
    caption = f"{metric.label} {metric.unit}" if metric.unit else metric.label
    return Figure(caption, "", "0.0000" if score_digits(metric) == 4 else "00.00", may_be_best=True)
