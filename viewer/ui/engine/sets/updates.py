"""Updates of the set of pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.sets.state import FiguresRequest, SetRequest, SetState, SweepRequest, SweepState
from viewer.ui.engine.store import update
from viewer.ui.engine.updates.compared import without_pins
from viewer.ui.engine.updates.files import open_file, refuse_to_open
from viewer.ui.engine.updates.messages import show_error, show_info
from viewer.ui.engine.updates.target import equal_rate
from viewer.ui.engine.updates.view import set_switch

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from viewer.sets.figures import SetFigures
    from viewer.sets.source import PictureSet
    from viewer.ui.engine.workers.sweep_process import SweepEvent


def _with(state: AppState, **changes: Any) -> AppState:
    return replace(state, sets=replace(state.sets, **changes))


@update
def open_set(state: AppState, path: Path, folder: Path | None = None) -> AppState:
    """Open a folder or a sweep's CSV as soon as it has been read. folder: of the CSV's pictures, if it is known."""
    return _with(replace(state, open_problem=""), opening=SetRequest(path, folder))


@update
def set_opened(state: AppState, request: SetRequest, opened: PictureSet) -> AppState:
    """Show a set in the place of the one before, whose sweep ends."""
    if state.sets.opening != request:
        return state
    before = state.sets
    if before.opened is None or before.opened.results != opened.results:
        before = SetState(sweep=SweepState(run=before.sweep.run), choice=before.choice)
    thumbnails = {name: made for name, made in before.thumbnails.items() if made is not None}
    sets = replace(before, opening=None, opened=opened, figured=None, thumbnails=thumbnails)
    return show_set(True)(replace(state, sets=sets, message=None))


@update
def set_refused(state: AppState, request: SetRequest, sentence: str) -> AppState:
    """Say why something is no set; what is open stays."""
    if state.sets.opening != request:
        return state
    return refuse_to_open(sentence)(_with(state, opening=None))


@update
def show_set(state: AppState, on: bool) -> AppState:
    """Show the set, or the panes. A set is looked at by rate."""
    if on and state.sets.opened is None:
        return state
    if on:
        state = equal_rate()(without_pins(state))
    return set_switch("set_view", on)(state)


@update
def toggle_set(state: AppState) -> AppState:
    """Show the set instead of the panes, or the other way round."""
    return show_set(not state.switches.set_view)(state)


@update
def figures_made(state: AppState, request: FiguresRequest, figures: SetFigures) -> AppState:
    """Show newer figures."""
    if state.sets.opened is None or request.opened.results != state.sets.opened.results:
        return state
    return _with(state, figures=figures, figured=request)


@update
def thumbnails_made(state: AppState, results: Path, made: Mapping[str, QImage | None]) -> AppState:
    """Show small pictures of a set."""
    if state.sets.opened is None or state.sets.opened.results != results:
        return state
    return _with(state, thumbnails={**state.sets.thumbnails, **made})


@update
def rows_read(state: AppState, opened: PictureSet) -> AppState:
    """Go on with the rows that a sweep has measured meanwhile."""
    if state.sets.opened is None or state.sets.opened.results != opened.results:
        return state
    return _with(state, opened=opened)


@update
def choose(state: AppState, /, **changes: Any) -> AppState:
    """Look at the set in another way: fields of SetChoice."""
    return _with(state, choice=replace(state.sets.choice, **changes))


@update
def choose_quality(state: AppState, value: float) -> AppState:
    """Look up the rates for another quality in the present metric."""
    choice = state.sets.choice
    return choose(qualities={**choice.qualities, choice.metric: value})(state)


@update
def choose_in_pair(state: AppState, place: int, codec: str) -> AppState:
    """Compare another codec (place 0), or against another one (1). They change places rather than be the same."""
    pair = list(state.sets.pair)
    if pair[1 - place] == codec:
        pair[1 - place] = pair[place]
    pair[place] = codec
    return choose(pair=(pair[0], pair[1]))(state)


@update
def open_of_set(state: AppState, picture: str) -> AppState:
    """Open one of the set's pictures in the panes, at the rate at which the set is looked at."""
    opened = state.sets.opened
    if opened is None:
        return state
    path = opened.files.get(picture)
    if path is None:
        return show_error(f"The file of “{picture}” was not found: locate the pictures’ folder.")(state)
    return open_file(path)(show_set(False)(state))


@update
def start_sweep(state: AppState, request: SweepRequest) -> AppState:
    """Measure what the set lacks."""
    sweep = SweepState("running", request, state.sets.sweep.run + 1)
    if state.sets.opened is not None and state.sets.opened.results != request.results:
        state = _with(state, opened=replace(state.sets.opened, results=request.results))
    return _with(state, sweep=sweep)


@update
def pause_sweep(state: AppState) -> AppState:
    """Stop measuring until it is resumed."""
    sweep = state.sets.sweep
    return state if sweep.phase != "running" else _with(state, sweep=replace(sweep, phase="paused", left_s=None))


@update
def resume_sweep(state: AppState) -> AppState:
    """Go on measuring."""
    sweep = state.sets.sweep
    if sweep.phase != "paused":
        return state
    return _with(state, sweep=replace(sweep, phase="running", run=sweep.run + 1, before=sweep.done, refused=()))


@update
def cancel_sweep(state: AppState) -> AppState:
    """Stop measuring for good. What was measured is kept."""
    sweep = state.sets.sweep
    if sweep.phase == "idle" or sweep.request is None:
        return state
    name = sweep.request.results.name
    said = f"The sweep was stopped after {sweep.done} of {sweep.total} pictures. They are kept in “{name}”."
    return show_info(said)(_with(state, sweep=SweepState(run=sweep.run)))


@update
def sweep_reported(state: AppState, event: SweepEvent) -> AppState:
    """Follow the sweep that runs."""
    sweep = state.sets.sweep
    if event.run != sweep.run or sweep.phase != "running":
        return state
    if event.total is not None:
        sweep = replace(sweep, total=sweep.before + event.total)
    if event.done is not None:
        left_s = None
        if event.done:
            left_s = event.elapsed_s / event.done * (sweep.total - sweep.before - event.done)
        sweep = replace(sweep, done=sweep.before + event.done, left_s=left_s)
    if event.refused:
        sweep = replace(sweep, refused=(*sweep.refused, event.refused))
    if not event.ended:
        return _with(state, sweep=sweep)
    state = _with(state, sweep=SweepState(run=sweep.run, refused=sweep.refused))
    if event.problem:
        return show_error(event.problem)(state)
    return show_info(_ended_sentence(sweep))(state) if not sweep.refused else show_error(_ended_sentence(sweep))(state)


def _ended_sentence(sweep: SweepState) -> str:
    name = "" if sweep.request is None else f" Its results are in “{sweep.request.results.name}”."
    if not sweep.refused:
        return f"The sweep is done.{name}"
    more = f" And {len(sweep.refused) - 1} more like it." if len(sweep.refused) > 1 else ""
    return f"The sweep is done, but not everything could be measured: {sweep.refused[0]}{more}"
