"""BD-rates of a sweep's means against reference curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from viewer.metrics.base import Metric
from viewer.metrics.bd_rate import TOO_LITTLE_OVERLAP, BdRate, bd_rate_in, format_range
from viewer.metrics.fast import FAST
from viewer.sweep.reference import ReferenceCurve
from viewer.sweep.rows import Row
from viewer.sweep.summary import averages, comparable_rows, pictures_text


@dataclass(frozen=True)
class ReferenceBdRate:
    """A codec's curve of means against a reference curve, at equal scores in a metric; found: None if they share too
    little.
    """

    codec: str
    curve: ReferenceCurve
    metric: Metric
    found: BdRate | None


def reference_bd_rates(
    rows: Sequence[Row], references: Sequence[ReferenceCurve], metrics: Sequence[Metric] = ()
) -> list[ReferenceBdRate]:
    """Each codec against each reference, in each metric that both have. Between averages, since that is all that a
    reference has; they have to be averages over the same pictures.
    """
    chosen = tuple(dict.fromkeys((*FAST, *metrics)))
    means = averages(comparable_rows(rows), chosen)
    found = []
    for codec in dict.fromkeys(row.codec for row in rows):
        for curve in references:
            for metric in chosen:
                values = [(mean.bpp, mean.published.get(metric.name)) for mean in means if mean.codec == codec]
                own = [(bpp, value) for bpp, value in values if value is not None]
                anchor = curve.points.get(metric.name)
                if own and anchor:
                    found.append(ReferenceBdRate(codec, curve, metric, bd_rate_in(metric, anchor, own)))
    return found


def format_references(rows: Sequence[Row], references: Sequence[ReferenceCurve], metrics: Sequence[Metric] = ()) -> str:
    """The BD-rates as text, and where the curves are from."""
    found = reference_bd_rates(rows, references, metrics)
    names = {id(one): f"{one.codec} against {one.curve.label}" for one in found}
    width = max((len(name) for name in names.values()), default=0)
    lines = ["", f"{'BD-rate between averages':<{width}}  {'at equal':<12}      bits  over"]
    for one in found:
        percent, over = "n/a", TOO_LITTLE_OVERLAP
        if one.found is not None:
            percent = f"{one.found.percent:+.1f} %"
            over = format_range(one.metric, one.found.low_db, one.found.high_db)
        lines.append(f"{names[id(one)]:<{width}}  {one.metric.label:<12}  {percent:>8}  {over}")
    lines += [f"{curve.label}: from {curve.source}" for curve in references]
    same = pictures_text(len({row.image for row in comparable_rows(rows)}))
    lines.append(f"These figures hold if the references are averages over the same {same} as the sweep's.")
    return "\n".join(lines)
