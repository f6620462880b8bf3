"""What a sweep shows: averages per codec and rate, and BD-rates."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from itertools import combinations
from statistics import fmean

from viewer.codecs.base import settings_of
from viewer.codecs.registry import known_codecs
from viewer.metrics.base import Metric, axis_digits, axis_value
from viewer.metrics.bd_rate import TOO_LITTLE_OVERLAP, bd_rate_in, format_range
from viewer.metrics.fast import FAST, MS_SSIM_RGB, PSNR_RGB
from viewer.sweep.rows import Row
from viewer.sweep.target import Target

WORSE_DB = 0.1
"""So much has to be lost for more bits to count as worse, in PSNR and MS-SSIM."""

_MOST = 0.5
"""Share of the pictures that has to reach a target with every codec for it to be on curves of the whole set."""


def best_rows(rows: Sequence[Row], metric: Metric) -> list[Row]:
    """One row of a picture, codec and target: of several variants the one that is best in a metric, of those that have
    a score in it.
    """
    best: dict[tuple[str, str, Target], Row] = {}
    for row in rows:
        value, known = _rising(row, metric), best.get(row.key)
        if value is not None and (known is None or value > (_rising(known, metric) or -math.inf)):
            best[row.key] = row
    return list(best.values())


def _rising(row: Row, metric: Metric) -> float | None:
    """The value in a metric, higher where it is better."""
    value = row.value(metric)
    return value if value is None or metric.direction == "higher" else -value


@dataclass(frozen=True)
class Average:
    """Means of one codec at one target over the pictures on which every codec of the sweep reaches that target.

    Of several variants each metric has the one that is best in it; bpp is of that of PSNR.

    values: of other metrics that all of these pictures have a score in, by name, on their axes. published: of all of
    them as published figures have it, the mean of the scores before it is put on an axis (MS-SSIM into dB).
    """

    codec: str
    target: Target
    pictures: int
    bpp: float
    psnr_db: float
    ms_ssim: float
    ms_ssim_db: float
    values: Mapping[str, float] = field(default_factory=dict, hash=False)
    published: Mapping[str, float] = field(default_factory=dict, hash=False)

    def value(self, metric: Metric) -> float | None:
        """The mean in a metric, on its axis; None if it is not known."""
        known = {PSNR_RGB.name: self.psnr_db, MS_SSIM_RGB.name: self.ms_ssim_db, **self.values}
        return known.get(metric.name)


@dataclass(frozen=True)
class MeanBdRate:
    """Mean rate difference at equal quality, in percent; negative means fewer bits than the anchor.

    The mean over the pictures of the BD-rate between the two codecs' points on that picture (Bjontegaard 2001,
    piecewise cubic), never between averages over different pictures. metric: what is equal. pictures: on which the two
    curves have enough in common. low_db, high_db: the ends of what they are compared over, means too, on the metric's
    axis. All None where there is no such picture.
    """

    codec: str
    anchor: str
    metric: Metric
    pictures: int
    percent: float | None
    low_db: float | None
    high_db: float | None


def pictures_text(count: int) -> str:
    """ "1 picture", "24 pictures"."""
    return f"{count} picture{'' if count == 1 else 's'}"


def common_pictures(rows: Sequence[Row]) -> list[Row]:
    """The rows of the pictures on which every codec reaches every target: only these give comparable mean curves."""
    codecs, targets = {row.codec for row in rows}, {row.target for row in rows}
    reached = {row.key for row in rows if row.reachable}
    wanted = [(codec, target) for codec in codecs for target in targets]
    whole = {row.image for row in rows if all((row.image, *pair) in reached for pair in wanted)}
    return [row for row in rows if row.image in whole]


def comparable_rows(rows: Sequence[Row]) -> list[Row]:
    """The rows of curves to be laid beside each other or published ones: of the same pictures at every target.

    Targets that too few of the pictures reach with every codec are left out, so that the curves are of most of the set
    rather than of the few easy ones among it.
    """
    codecs = {row.codec for row in rows}
    by_pair: dict[tuple[str, Target], set[str]] = {}
    for row in rows:
        if row.reachable:
            by_pair.setdefault((row.image, row.target), set()).add(row.codec)
    reached: dict[Target, set[str]] = {row.target: set() for row in rows}
    for (image, target), some in by_pair.items():
        if some == codecs:
            reached[target].add(image)
    targets, pictures = most_common(reached, len({row.image for row in rows}))
    return [row for row in rows if row.target in targets and row.image in pictures]


def most_common(reached: Mapping[Target, set[str]], count: int) -> tuple[list[Target], set[str]]:
    """Targets, and the pictures that reach all of them: without those targets for which these would be too few.

    reached: pictures by target; count: of all pictures.
    """
    left = dict(reached)
    while left:
        common = set.intersection(*left.values())
        if len(common) >= _MOST * count:
            return sorted(left), common
        del left[min(left, key=lambda target: (len(left[target]), -target.value))]
    return [], set()


def averages(rows: Sequence[Row], metrics: Sequence[Metric] = ()) -> list[Average]:
    """Means per codec and target, targets ascending. metrics: to be averaged besides PSNR and MS-SSIM RGB."""
    codecs = list(dict.fromkeys(row.codec for row in rows))
    out = []
    for target in sorted({row.target for row in rows}):
        every = [row for row in rows if row.target == target]
        at = best_rows(every, PSNR_RGB)
        reached = {row.image for row in common_pictures(at)} if {row.codec for row in at} == set(codecs) else set()
        for codec in codecs:
            chosen = [row for row in at if row.codec == codec and row.image in reached]
            if chosen:
                variants = [row for row in every if row.codec == codec and row.image in reached]
                out.append(_average(chosen, variants, metrics))
    return out


def _average(rows: Sequence[Row], variants: Sequence[Row], metrics: Sequence[Metric]) -> Average:
    """rows: one of each picture. variants: all that there are of these pictures."""
    chosen = {metric: best_rows(variants, metric) for metric in (PSNR_RGB, MS_SSIM_RGB, *metrics)}
    whole = {metric: best for metric, best in chosen.items() if len(best) == len(rows)}
    values = {metric.name: _mean([row.value(metric) for row in best]) for metric, best in whole.items()}
    published = {
        metric.name: axis_value(metric, mean)
        for metric, best in whole.items()
        if (mean := _mean([row.score(metric) for row in best])) is not None
    }
    return Average(
        rows[0].codec,
        rows[0].target,
        len(rows),
        fmean(row.bpp for row in rows),
        fmean(row.psnr_rgb for row in rows),
        fmean(row.ms_ssim_rgb for row in chosen[MS_SSIM_RGB]),
        values[MS_SSIM_RGB.name] or 0.0,
        {name: mean for name, mean in values.items() if mean is not None},
        published,
    )


def _mean(values: Sequence[float | None]) -> float | None:
    """None where one is missing."""
    known = [value for value in values if value is not None]
    return fmean(known) if len(known) == len(values) else None


def bd_rates(
    rows: Sequence[Row], anchors: Sequence[str] = ("jpeg2000", "jpeg"), metrics: Sequence[Metric] = ()
) -> list[MeanBdRate]:
    """Each codec against each anchor that the sweep holds, and refined ones against themselves before, at equal PSNR,
    MS-SSIM, and in each of these metrics.
    """
    codecs = list(dict.fromkeys(row.codec for row in rows))
    known = [codec.name for codec in known_codecs() if codec.name in codecs]
    refined = [codec for codec in codecs if codec not in known]
    pairs = [(codec, anchor) for anchor in anchors if anchor in codecs for codec in (*known, *refined)]
    pairs += [(codec, name) for codec in refined for name in known if codec.startswith(f"{name}-")]
    pairs = [(codec, anchor) for codec, anchor in pairs if codec != anchor]
    by_picture = _by_picture(rows)
    found: dict[tuple[str, str, Metric], MeanBdRate] = {}
    chosen = tuple(dict.fromkeys((*FAST, *metrics)))
    for metric in chosen:
        curves = [{name: _curve(own, metric) for name, own in codecs.items()} for codecs in by_picture.values()]
        found |= {(*pair, metric): _bd_rate(curves, *pair, metric) for pair in pairs}
    return [found[*pair, metric] for pair in pairs for metric in chosen]


_ByPicture = Mapping[str, Mapping[str, Sequence[Row]]]
"""Rows by picture, pictures sorted, and by codec: looked up instead of searched for, of a hundred thousand pictures."""


def _by_picture(rows: Sequence[Row]) -> _ByPicture:
    found: dict[str, dict[str, list[Row]]] = {}
    for row in rows:
        found.setdefault(row.image, {}).setdefault(row.codec, []).append(row)
    return dict(sorted(found.items()))


_Curve = Sequence[tuple[float, float]]


def _bd_rate(curves: Iterable[Mapping[str, _Curve]], codec: str, anchor: str, metric: Metric) -> MeanBdRate:
    """curves: of each picture, by codec."""
    both = ((one.get(anchor, ()), one.get(codec, ())) for one in curves)
    found = [one for pair in both if (one := bd_rate_in(metric, *pair)) is not None]
    if not found:
        return MeanBdRate(codec, anchor, metric, 0, None, None, None)
    percent, low_db, high_db = (fmean(values) for values in zip(*map(astuple, found), strict=True))
    return MeanBdRate(codec, anchor, metric, len(found), percent, low_db, high_db)


def _curve(rows: Sequence[Row], metric: Metric) -> list[tuple[float, float]]:
    """The curve of one codec on one picture."""
    chosen = best_rows(rows, metric)
    return [(row.bpp, value) for row in chosen if (value := row.value(metric)) is not None]


def worse_with_more(rows: Sequence[Row]) -> list[str]:
    """Where a codec loses PSNR or MS-SSIM though it takes more bits, a sentence for each codec and metric that does."""
    sentences = []
    by_picture = _by_picture(rows)
    for codec in dict.fromkeys(row.codec for row in rows):
        for metric in FAST:
            curves = ((image, _curve(codecs.get(codec, ()), metric)) for image, codecs in by_picture.items())
            falls = [fall for image, curve in curves if (fall := _fall(image, curve)) is not None]
            if falls:
                _lost_db, image, (low_bpp, low_db), (high_bpp, high_db) = max(falls)
                sentences.append(
                    f"More bits are worse for {codec} in {metric.label} on {len(falls)} of the pictures, most on "
                    f"“{image}”: {low_db:.2f} dB at {low_bpp:.4f} bpp, {high_db:.2f} at {high_bpp:.4f}."
                )
    return sentences


def _fall(
    image: str, curve: Sequence[tuple[float, float]]
) -> tuple[float, str, tuple[float, float], tuple[float, float]] | None:
    """The largest loss from one point of a curve to one of more bits: in dB, the picture, and both points."""
    pairs = [(before[1] - after[1], image, before, after) for before, after in combinations(sorted(curve), 2)]
    return max((pair for pair in pairs if pair[0] > WORSE_DB), default=None)


def format_summary(rows: Sequence[Row], metrics: Sequence[Metric] = ()) -> str:
    """Averages and BD-rates as text. metrics: see `averages`."""
    width = max(9, *(len(row.codec) for row in rows), 0) if rows else 9
    others = "".join(f"  {metric.label:>{_column_width(metric)}}" for metric in metrics)
    means = averages(rows, metrics)
    first = max(6, *(len(_target_text(a.target)) for a in means), 0) if means else 6
    lines = [f"{'target':<{first}}  {'codec':<{width}} pictures     bpp  PSNR RGB  MS-SSIM  MS-SSIM dB{others}"]
    for a in means:
        figures = f"{a.bpp:6.4f}  {a.psnr_db:8.2f}  {a.ms_ssim:7.4f}  {a.ms_ssim_db:10.2f}"
        scores = "".join(f"  {_mean_text(a, metric):>{_column_width(metric)}}" for metric in metrics)
        lines.append(f"{_target_text(a.target):>{first}}  {a.codec:<{width}} {a.pictures:8d}  {figures}{scores}")
    found = bd_rates(rows, metrics=metrics)
    wide = max(29, *(len(f"{bd.codec} against {bd.anchor}") for bd in found)) if found else 29
    lines += ["", f"{'BD-rate, mean over pictures':<{wide}}  {'at equal':<12}  pictures      bits  over, on average"]
    for bd in found:
        percent, over = "n/a", TOO_LITTLE_OVERLAP
        if bd.percent is not None and bd.low_db is not None and bd.high_db is not None:
            percent, over = f"{bd.percent:+.1f} %", format_range(bd.metric, bd.low_db, bd.high_db)
        names = f"{bd.codec} against {bd.anchor}"
        lines.append(f"{names:<{wide}}  {bd.metric.label:<12}  {bd.pictures:8d}  {percent:>8}  {over}")
    lines += ["", *(f"{codec}: {text}" for codec, text in _settings(rows)), *worse_with_more(rows)]
    return "\n".join(lines)


def _target_text(target: Target) -> str:
    return f"{target.value:.3f}" if target.is_rate else target.text


def _settings(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Which encoders were driven, and how."""
    present = {row.codec for row in rows}
    return [
        (codec.name, settings) for codec in known_codecs() if codec.name in present and (settings := settings_of(codec))
    ]


def _column_width(metric: Metric) -> int:
    return max(len(metric.label), 7)


def _mean_text(average: Average, metric: Metric) -> str:
    value = average.value(metric)
    return "–" if value is None else f"{value:.{axis_digits(metric) + 1}f}"
