"""Updates of refinements: of what a pane shows, to something better of the same size."""

from __future__ import annotations

from dataclasses import replace

from models.refine.settings import Aim, RefineSettings, Region
from viewer.codecs.base import can_refine
from viewer.session.pins import KeptStream
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.store import update
from viewer.ui.engine.updates.messages import gone_on, show_error, show_info
from viewer.ui.engine.workers.jobs import DisplayedResult
from viewer.ui.engine.workers.refining import Refinement, RefineRequest, RefineStep, Stage


@update
def refine_pane(state: AppState, present: str) -> AppState:
    """Refine what the present pane shows or, if that cannot be refined, the first pane that can.

    The aim and the region are those that were chosen.

    While that pane is being refined, stop instead: the best so far is kept.
    """
    if state.opened is None:
        return show_error("There is nothing to refine yet: open a picture.")(state)
    if state.session.quality is not None:
        return show_error("Refinement raises the quality at the same size: match by size first.")(state)
    pane = _refinable(state, present)
    if pane is None:
        return show_error("Only the learned codec can be refined: switch it on first.")(state)
    request, shown = state.answered.get(pane), state.results.get(pane)
    before = state.refinements.get(pane)
    if before is not None and before.stage is not Stage.ENDED:
        return _with(state, replace(before, stage=Stage.STOPPING))
    if pane in state.awaited or request is None or shown is None or pane in state.failures:
        return show_error("The learned codec has not reached the rate yet: refine when it has.")(state)
    start = shown if before is None else before.request.start
    settings = RefineSettings(aim=state.refine_aim, region=_region(state))
    others = {
        other: replace(one, stage=Stage.ENDED) for other, one in state.refinements.items() if one.best is not None
    }
    refinement = Refinement(RefineRequest(state.opened, pane, request, start, settings))
    return _with(gone_on(replace(state, refinements=others)), refinement)


def _region(state: AppState) -> Region | None:
    return None if state.refine_region is None else Region(*state.refine_region)


@update
def set_refine_aim(state: AppState, aim: Aim) -> AppState:
    """What the next refinement improves."""
    return replace(state, refine_aim=aim)


@update
def set_refine_region(state: AppState, region: tuple[int, int, int, int] | None) -> AppState:
    """Where the next refinement spends more bits: left, top, width, height in image pixels; None: nowhere."""
    return replace(state, refine_region=region)


def _refinable(state: AppState, present: str) -> str | None:
    assert state.opened is not None
    codecs = state.opened.comparison.codecs
    able = [pane for pane in state.compared if pane in state.panes and can_refine(codecs[pane])]
    return present if present in able else next(iter(able), None)


@update
def refinement_stepped(state: AppState, request: RefineRequest, step: RefineStep) -> AppState:
    """Progress, or a better result."""
    before = state.refinements.get(request.pane)
    if request.kept is not None:
        state = replace(state, kept_streams=tuple(kept for kept in state.kept_streams if kept is not request.kept))
        if request.encode != state.answered.get(request.pane) or step.result is None:
            return state
        return _with(state, Refinement(request, Stage.ENDED, 1.0, step.result))
    if before is None or before.request is not request or before.stage is Stage.ENDED:
        return state
    if not step.ended:
        return _with(state, replace(before, share=step.share, best=step.result or before.best))
    if step.result is None:
        state = drop_refinement(request)(state)
        return show_info("No better stream of this size was found: the picture is shown as it was.")(state)
    return _with(state, replace(before, share=1.0, best=step.result, stage=Stage.ENDED))


@update
def drop_refinement(state: AppState, request: RefineRequest) -> AppState:
    """Show the unrefined picture again, for good."""
    kept = tuple(kept for kept in state.kept_streams if kept is not request.kept)
    state = replace(state, kept_streams=kept)
    refinement = state.refinements.get(request.pane)
    if refinement is None or refinement.request is not request:
        return state
    others = {pane: one for pane, one in state.refinements.items() if pane != request.pane}
    return replace(state, refinements=others, results={**state.results, request.pane: request.start})


@update
def toggle_unrefined(state: AppState) -> AppState:
    """Show the unrefined pictures, for comparison, or the refined ones again."""
    hidden = not any(one.hidden for one in state.refinements.values())
    if not state.refinements:
        return show_error("Nothing is refined yet: press O to refine what the learned codec shows.")(state)
    for one in state.refinements.values():
        state = _with(state, replace(one, hidden=hidden))
    return state


def _with(state: AppState, refinement: Refinement) -> AppState:
    pane = refinement.request.pane
    shown: DisplayedResult = refinement.shown
    if state.results.get(pane) is not shown:
        state = replace(state, results={**state.results, pane: shown})
    return replace(state, refinements={**state.refinements, pane: refinement})


def kept_request(state: AppState) -> RefineRequest | None:
    """A stream from a session that is to be shown in the place of what its codec has made anew."""
    for kept in state.kept_streams:
        request, shown = state.answered.get(kept.codec), state.results.get(kept.codec)
        if state.opened is None or request is None or shown is None or kept.codec in state.awaited:
            continue
        if request.target_bpp == kept.target_bpp and request.quality is None:
            return RefineRequest(state.opened, kept.codec, request, shown, kept=kept)
    return None


def shown_stream(state: AppState, pane: str) -> KeptStream | None:
    """The refined stream that a pane shows; None while it is being refined, or shows another."""
    one = state.refinements.get(pane)
    if one is None or one.best is None or one.hidden or one.stage is not Stage.ENDED:
        return None
    seconds = (one.best.result.encode_ms - one.request.start.result.encode_ms) / 1e3
    return KeptStream(one.request.encode.codec, one.request.encode.target_bpp, one.best.result.stream, seconds)
