"""Who is marked as the best: in each metric at equal rates, in bytes at equal quality."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from viewer.metrics.registry import metric_named
from viewer.metrics.scoring import Score, score_digits
from viewer.session.metric_reading import family
from viewer.session.ranking import highest, lowest
from viewer.session.state import MetricScale
from viewer.ui.panes.header_figures import COLUMNS, Scores

if TYPE_CHECKING:
    from viewer.matching.quality_search import QualityMatch
    from viewer.matching.result import Result
    from viewer.matching.score_search import ScoreMatch


def fewest_bytes(matches: Mapping[str, QualityMatch | ScoreMatch | None]) -> frozenset[str]:
    """Which codecs meet the same quality target with the fewest bytes; nobody while the panes differ."""
    met = {codec: match for codec, match in matches.items() if match is not None and match.reached}
    if len(met) < 2 or None in matches.values() or len({match.target for match in met.values()}) != 1:
        return frozenset()
    fewest = min(len(match.result.stream) for match in met.values())
    return frozenset(codec for codec, match in met.items() if len(match.result.stream) == fewest)


def best_codecs(
    results: Mapping[str, Result | None],
    scale: MetricScale,
    columns: Sequence[str] = COLUMNS,
    scores: Mapping[str, Scores] = MappingProxyType({}),
) -> dict[str, frozenset[str]]:
    """Which codecs have the best value of each metric with a column. scores: in slow metrics, by pane.

    Nobody has while the panes show different rates, or one of them nothing yet, and a codec that missed the target does
    not compete: it had other bits. In a slow metric nobody has until all have a score.
    """
    nobody: dict[str, frozenset[str]] = dict.fromkeys(columns, frozenset())
    shown = {pane: result for pane, result in results.items() if result is not None}
    if len(shown) < len(results) or len({result.request.target_bpp for result in shown.values()}) != 1:
        return nobody
    equal = {pane: result.measurement.metrics for pane, result in shown.items() if result.reachable}
    if len(equal) < 2:
        return nobody
    fast = {
        "psnr": highest({codec: scale.psnr_db(metrics) for codec, metrics in equal.items()}, 2),
        "ms_ssim": highest(
            {codec: scale.ms_ssim(metrics) for codec, metrics in equal.items()}, 2 if scale.ms_ssim_db else 5
        ),
    }
    slow = {name: {pane: scores.get(pane, {}).get(name) for pane in equal} for name in columns if not family(name)}
    return {name: fast[name] if family(name) else _best_scores(name, slow[name]) for name in columns}


def _best_scores(name: str, scores: Mapping[str, Score | None]) -> frozenset[str]:
    metric, values = metric_named(name), {}
    for pane, score in scores.items():
        if score is None:
            return frozenset()
        if score.value is not None:
            values[pane] = score.value
    if len(values) < 2:
        return frozenset()
    return (highest if metric.direction == "higher" else lowest)(values, score_digits(metric))
