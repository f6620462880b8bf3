"""States for tests: as plain values, by which two windows can be compared, and what an opened picture needs."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from viewer.matching.comparison import Comparison
from viewer.matching.score_search import Equaliser
from viewer.metrics.scoring import Scorer
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.workers.jobs import DisplayedResult


def comparable(state: AppState) -> dict[str, Any]:
    """All of a state but for pictures, which come of the streams, and for requests, which say how it came about.

    Of the curves their sizes: of two streams of one size the curve has the one that came first, and that is a matter of
    time between its worker and the panes'. So are the BD-rates that come of them.
    """
    image = state.session.image
    regions = {} if state.regions is None else state.regions.groups
    return {
        "session": replace(state.session, image=None),
        "image": None if image is None else (image.name, image.digest),
        "compared": state.compared,
        "pinned": state.pinned,
        "results": {pane: _result(one) for pane, one in state.results.items() if pane in state.panes},
        "failures": dict(state.failures),
        "awaited": set(state.awaited),
        "maps": {pane: (made.request.show, made.request.gain) for pane, made in state.maps.items()},
        "curves": {codec: [point.byte_count for point in state.curves.get(codec, ())] for codec in state.compared},
        "progress": (state.curves_done, state.curves_complete),
        "pins": {place: point.byte_count for place, point in state.pin_points.items()},
        "BD-rate": state.bd_pair,
        "regions": {group: [found.region for found in regions[group]] for group in regions},
        "region": (state.region_group, state.region_index),
        "switches": (state.switches, state.blink_hz, state.panel, state.theme),
        "area": state.area,
        "message": None if state.message is None else (state.message.kind, state.message.text),
    }


def _result(shown: DisplayedResult) -> tuple[object, ...]:
    result = shown.result
    digest = hashlib.sha256(result.stream).hexdigest()
    return result.request.codec, result.request.target_bpp, digest, shown.match and shown.match.target


def equaliser(comparison: Comparison) -> Equaliser:
    """What brings codecs to equal quality, without slow metrics."""
    return Equaliser(comparison, Scorer(comparison.image.pixels, ()))
