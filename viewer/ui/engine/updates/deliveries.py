"""Updates with what the workers deliver. Results that are no longer awaited change nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import MemoryLimitError
from viewer.matching.curve import RatePoint, point_of, with_point
from viewer.session.pane_layout import ORIGINAL
from viewer.session.state import FIT
from viewer.session.viewport import region_view
from viewer.ui.engine.app_state import AppState, current_region
from viewer.ui.engine.store import update
from viewer.ui.engine.updates.files import restore_session
from viewer.ui.engine.updates.messages import show_error
from viewer.ui.engine.updates.samples import begin_sample, end_sample, place_found
from viewer.ui.engine.updates.target import enter_by_score
from viewer.ui.engine.updates.view import show_region
from viewer.ui.engine.wanted_scores import scored_of
from viewer.ui.engine.workers.jobs import OpenFile, OpenRequest

if TYPE_CHECKING:
    from viewer.metrics.scoring import Score
    from viewer.session.pins import Place
    from viewer.ui.engine.bd_rates import BdFigures
    from viewer.ui.engine.drafts import DraftPicture
    from viewer.ui.engine.maps import MadeMap
    from viewer.ui.engine.part_metrics import MeasuredPart
    from viewer.ui.engine.previews import Part
    from viewer.ui.engine.region_finder import FoundRegions
    from viewer.ui.engine.wanted_scores import Scored, ScoreRequest
    from viewer.ui.engine.workers.curve_worker import CurveStep
    from viewer.ui.engine.workers.jobs import (
        DisplayedProvisional,
        DisplayedResult,
        EncodeRequest,
        Opened,
        SearchProgress,
    )


@update
def draft_made(state: AppState, path: Path, draft: DraftPicture) -> AppState:
    """Show a draft of the file that is being opened; the view applies to it from now on."""
    if not isinstance(state.opening, OpenFile) or state.opening.path != path:
        return state
    image, picture = state.session.image, draft.picture
    if image is None or (image.width, image.height) != (picture.width, picture.height):
        state = replace(state, session=replace(state.session, view=FIT))
    return replace(state, draft=draft)


@update
def picture_opened(state: AppState, request: OpenRequest, opened: Opened) -> AppState:
    """Replace the picture, and restore the session that it was opened for."""
    session, draft, image = state.session.with_image(opened.image), state.draft, opened.image
    seen_already = draft is not None and (draft.picture.width, draft.picture.height) == (image.width, image.height)
    if seen_already and draft is not None and draft.path == image.path:
        session = replace(session, view=state.session.view)
    opening = None if request is state.opening else state.opening
    state = replace(
        state,
        session=session,
        opened=opened,
        opening=opening,
        stepped_to=state.stepped_to if opening is not None else None,
        step_direction=_direction(state, request),
        draft=None,
        session_file=None,
        doubted=None,
        answered={},
        results={},
        failures={},
        contents={},
        matched={},
        parts={},
        provisional={},
        searching={},
        maps={},
        refinements={},
        refine_region=None,
        kept_streams=(),
        doubtful=frozenset(),
        curves={},
        curves_done=(0, 0),
        curves_complete=False,
        pin_points={},
        bd=None,
        regions=None,
        region_index=None,
        part_metrics=None,
        scores={},
        message=None,
    )
    layout = session.pane_layout.among((ORIGINAL, *state.panes))  # the files beside the picture before are gone
    state = replace(state, session=replace(session, pane_layout=layout), seeking_place=False)
    if isinstance(request, OpenFile) and request.is_sample:
        state = begin_sample()(state)
    elif not (isinstance(request, OpenFile) and request.is_step):
        state = end_sample()(state)
    if state.notice:
        state = show_error(state.notice)(replace(state, notice=""))
    if not isinstance(request, OpenFile):
        return state
    if request.of_several > 1:
        only = f"Only the first of {request.of_several} files was opened, “{image.name}”: drop one at a time."
        state = show_error(only)(state)
    if opened.refused:
        state = show_error(" ".join(opened.refused))(state)
    found = request.session
    if found is None:
        return state
    if found.kept.pixels_sha256 in ("", image.digest):
        return restore_session(found)(state)
    return replace(state, doubted=found)


def _direction(state: AppState, request: OpenRequest) -> int:
    """Which way the user has stepped through the folder to a picture."""
    image = state.session.image
    if not isinstance(request, OpenFile) or not request.is_step or image is None:
        return 0
    places = [state.folder.index(path) for path in (image.path, request.path) if path in state.folder]
    return 1 if len(places) < 2 or places[1] >= places[0] else -1


@update
def opening_failed(state: AppState, request: OpenRequest, problem: str) -> AppState:
    """Report that a picture cannot be opened; the previous one stays."""
    if request is state.opening:
        state = replace(state, opening=None, draft=None)
    return show_error(problem)(replace(state, open_problem=problem))


@update
def encoded(state: AppState, request: EncodeRequest, result: DisplayedResult) -> AppState:
    """What came of a request. During a drag, those that were overtaken are shown too."""
    if not _is_wanted(state, request):
        return state
    if result.match is None:  # at equal quality a codec may choose another encoder, which is of another curve
        state = _with_point(state, point_of(result.result))
    if request.pane not in state.awaited:
        return state  # an older one, while the pane shows the target already
    pane = request.pane
    state = replace(
        state,
        answered={**state.answered, pane: request},
        results={**state.results, pane: result},
        provisional={other: shown for other, shown in state.provisional.items() if other != pane},
        failures={other: why for other, why in state.failures.items() if other != pane},
    )
    for metric, score in result.result.scores.items():  # equal in a slow metric: the search has measured it
        state = _with_score(state, scored_of(point_of(result.result)), metric, score)
    return enter_by_score(state)


@update
def shown_provisionally(state: AppState, request: EncodeRequest, shown: DisplayedProvisional) -> AppState:
    """What a pane shows until its result is there; nothing if it is there already."""
    if not _is_wanted(state, request) or request.pane not in state.awaited:
        return state
    return replace(state, provisional={**state.provisional, request.pane: shown})


@update
def search_went_on(state: AppState, progress: SearchProgress) -> AppState:
    """How far a pane's search for a quality is."""
    return replace(state, searching={**state.searching, progress.request.pane: progress})


@update
def without_provisional(state: AppState) -> AppState:
    """Let the panes show their last results, although the next ones are on their way."""
    return replace(state, provisional={})


@update
def encoding_failed(state: AppState, request: EncodeRequest, error: Exception, problem: str) -> AppState:
    """Why there is nothing new to show. What a limit refused that is another by now is asked for again."""
    if not _is_wanted(state, request) or request.pane not in state.awaited:
        return state
    pane = request.pane
    if isinstance(error, MemoryLimitError) and request in state.doubtful and request == state.awaited.get(pane):
        return replace(
            state,
            attempts={**state.attempts, pane: request.attempt + 1},
            curves_complete=False,
            curve_attempt=state.curve_attempt + 1,
        )
    answered = {**state.answered, pane: request}
    return replace(state, answered=answered, failures={**state.failures, pane: problem})


def _is_wanted(state: AppState, request: EncodeRequest) -> bool:
    """Whether a request is for the current picture, and for what its pane shows."""
    if request.opened is not state.opened or request.pane not in state.panes:
        return False
    pin = state.pin_of(request.pane)
    asked = request.codec, request.target_bpp, request.kept
    return pin is None or (pin.codec, pin.target_bpp, pin.stream_for(request.opened.image.digest)) == asked


@update
def curve_step_done(state: AppState, step: CurveStep) -> AppState:
    """Add a point to the curves."""
    if step.opened is not state.opened or step.codecs != state.compared:
        return state
    if step.point is not None:
        state = _with_point(state, step.point)
    complete = state.curves_complete or step.done == step.total
    return replace(state, curves_done=(step.done, step.total), curves_complete=complete)


def _with_point(state: AppState, point: RatePoint) -> AppState:
    before = state.curves.get(point.codec, ())
    if any(known.byte_count == point.byte_count for known in before):
        return state
    return replace(state, curves={**state.curves, point.codec: with_point(before, _with_scores(state, point))})


def _with_scores(state: AppState, point: RatePoint) -> RatePoint:
    """A point with what is known of it in slow metrics."""
    scores = state.scores.get(scored_of(point), {})
    return replace(point, scores=scores) if scores != point.scores else point


@update
def scored(state: AppState, request: ScoreRequest, score: Score) -> AppState:
    """What a slow metric says of a picture or of a point of the curves."""
    if request.opened is not state.opened:
        return state
    return enter_by_score(_with_score(state, request.scored, request.metric, score))


def _with_score(state: AppState, place: Scored, metric: str, score: Score) -> AppState:
    codec = place.codec
    state = replace(state, scores={**state.scores, place: {**state.scores.get(place, {}), metric: score}})
    curve = tuple(_with_scores(state, point) for point in state.curves.get(codec, ()))
    pins = {pin: _with_scores(state, point) for pin, point in state.pin_points.items()}
    return replace(state, curves={**state.curves, codec: curve} if curve else state.curves, pin_points=pins)


@update
def part_made(state: AppState, opened: Opened, pane: str, part: Part) -> AppState:
    """Show the visible part of a large picture at the target, while the whole is being encoded."""
    return replace(state, parts={**state.parts, pane: part}) if opened is state.opened else state


@update
def map_made(state: AppState, made: MadeMap) -> AppState:
    """Store a map of what a pane shows."""
    if made.request.opened is not state.opened:
        return state
    return replace(state, maps={**state.maps, made.request.pane: made})


@update
def regions_found(state: AppState, found: FoundRegions) -> AppState:
    """Store the worst regions of what the panes show; the first view of a sample goes there.

    If one is framed, the same place stays framed, else the first; the view goes there unless the user has left.
    """
    listed = found.groups.get(state.region_group, ())
    framed = current_region(state)
    if state.region_index is None or not listed:
        return place_found()(replace(state, regions=found, region_index=None))
    same = None if framed is None else framed.nearest([one.region for one in listed])
    if same is not None:
        return replace(state, regions=found, region_index=same)
    there = framed is None or state.session.view == region_view(framed.left, framed.top, framed.side, state.area)
    state = replace(state, regions=found, region_index=0)
    return show_region(0)(state) if there else state


@update
def bd_rates_measured(state: AppState, figures: BdFigures | None) -> AppState:
    """Store the BD-rates of the chosen pair; None if there are too few points."""
    return replace(state, bd=figures)


@update
def pins_measured(state: AppState, opened: Opened, points: dict[Place, RatePoint]) -> AppState:
    """Where pins are on the present picture."""
    if opened is not state.opened:
        return state
    known = {place: _with_scores(state, point) for place, point in points.items()}
    return replace(state, pin_points={**state.pin_points, **known})


@update
def part_measured(state: AppState, measured: MeasuredPart) -> AppState:
    """Store the metrics of the visible area."""
    return replace(state, part_metrics=measured)
