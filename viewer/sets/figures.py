"""All figures of a set in one metric, as the window and the report show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from viewer.codecs.registry import known_codecs
from viewer.metrics.base import Metric
from viewer.metrics.fast import FAST
from viewer.metrics.registry import METRICS
from viewer.sets.at_target import PictureFigures, figures_at
from viewer.sets.bd_interval import SetBdRate, reversed_bd_rate, set_bd_rate
from viewer.sets.means import MeanCurves, mean_curves
from viewer.sets.measured import Curves, MeasuredSet, curves_in, time_curves
from viewer.sets.pareto import TimesAtRate, times_at
from viewer.sets.rate_point import SetRatePoint, rate_points


@dataclass(frozen=True, eq=False)
class SetFigures:
    """What follows from a set's rows in one metric. bd_rates: by codec and anchor, both ways round.

    Making it takes up to seconds (`figures_of`); what depends on a rate or a quality is looked up at once.
    """

    measured: MeasuredSet
    metric: Metric
    codecs: tuple[str, ...]
    curves: Curves
    encode: Curves
    decode: Curves
    means: MeanCurves
    bd_rates: Mapping[tuple[str, str], SetBdRate]

    @property
    def pictures(self) -> tuple[str, ...]:
        """Those that have rows."""
        return self.measured.pictures

    def at(self, bpp: float, pair: tuple[str, str]) -> list[PictureFigures]:
        """Every picture at a rate. pair: the codec that wins or loses, and its anchor."""
        bd_rate = self.bd_rates.get(pair)
        return figures_at(
            bpp,
            pictures=self.pictures,
            curves=self.curves,
            codecs=self.codecs,
            metric=self.metric,
            pair=pair,
            bd_by_picture=None if bd_rate is None else bd_rate.by_picture,
        )

    def times(self, bpp: float) -> TimesAtRate:
        """Quality and times at a rate."""
        return times_at(
            bpp,
            pictures=self.pictures,
            codecs=self.codecs,
            metric=self.metric,
            values=self.curves,
            encode=self.encode,
            decode=self.decode,
        )

    def rate_points(self, value: float, share: float) -> list[SetRatePoint]:
        """The lowest rates at which a share of the pictures has a value, on the metric's axis."""
        return rate_points(
            self.curves, pictures=self.pictures, codecs=self.codecs, metric=self.metric, value=value, share=share
        )


def figures_of(measured: MeasuredSet, metric: Metric) -> SetFigures:
    """All that follows from a set's rows in a metric."""
    curves = curves_in(measured, metric)
    codecs = in_order(codec for codec in measured.codecs if any(codec == other for _, other in curves))
    bd_rates: dict[tuple[str, str], SetBdRate] = {}
    for codec, anchor in combinations(codecs, 2):
        found = set_bd_rate(curves, measured.pictures, metric, codec, anchor)
        bd_rates[codec, anchor], bd_rates[anchor, codec] = found, reversed_bd_rate(found)
    encode, decode = time_curves(measured, metric)
    return SetFigures(measured, metric, codecs, curves, encode, decode, mean_curves(measured, metric), bd_rates)


def in_order(codecs: Iterable[str]) -> tuple[str, ...]:
    """Codecs as they are shown everywhere: the known ones first, in their order."""
    names = list(dict.fromkeys(codecs))
    known = [codec.name for codec in known_codecs() if codec.name in names]
    return (*known, *(name for name in names if name not in known))


def labels_of(codecs: Sequence[str]) -> dict[str, str]:
    """What people call the codecs; those that are not installed here by their names."""
    known = {codec.name: codec.label for codec in known_codecs()}
    return {name: known.get(name, name) for name in codecs}


def default_pair(codecs: Sequence[str]) -> tuple[str, str]:
    """The codec whose wins and losses are shown at first, and its anchor: the learned one against JPEG 2000."""
    first = next((name for name in ("learned",) if name in codecs), codecs[0] if codecs else "")
    anchors = [name for name in ("jpeg2000", "jpeg", *codecs) if name in codecs and name != first]
    return first, anchors[0] if anchors else first


def metrics_in(measured: MeasuredSet) -> tuple[Metric, ...]:
    """The metrics that the rows have scores in, of those that are installed."""
    scored = {name for row in measured.rows for name in row.scores}
    return (*FAST, *(metric for metric in METRICS if metric.name in scored))
