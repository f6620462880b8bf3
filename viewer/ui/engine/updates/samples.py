"""Updates for samples: how they are first seen, and back to what there was before."""

from __future__ import annotations

from dataclasses import replace

from viewer.session.first_view import (
    Arrangement,
    close_view,
    first_view,
    in_the_middle,
    own_arrangement,
    rate_for_all,
)
from viewer.session.pane_layout import ORIGINAL
from viewer.session.state import FIT
from viewer.ui.engine.app_state import DIFFER, AppState
from viewer.ui.engine.store import update
from viewer.ui.engine.updates.compared import without_pins
from viewer.ui.engine.updates.view import set_pane_layout, set_view


@update
def begin_sample(state: AppState) -> AppState:
    """See a sample that was just opened as one is first seen; the place follows once the pictures are there."""
    state = without_pins(state)
    before = arrangement(state) if state.first_view is None else own(state)
    view = first_view(before, state.compared)
    state = _arranged(replace(state, first_view=view), view.shown)
    return replace(state, session=replace(state.session, view=FIT), seeking_place=True)


@update
def end_sample(state: AppState) -> AppState:
    """See a picture of the user's own, which was just opened, as the last one was left."""
    if state.first_view is None:
        return state
    state = _arranged(replace(state, first_view=None, seeking_place=False), own(state))
    return replace(state, session=replace(state.session, view=FIT))


@update
def place_found(state: AppState) -> AppState:
    """Go to where the codecs differ most, if the user has not looked elsewhere meanwhile."""
    groups = {} if state.regions is None else state.regions.groups
    found = next((group for group in (groups.get(DIFFER, ()), *groups.values()) if group), None)
    size = state.picture_size
    if not state.seeking_place or state.regions is None:
        return state
    if found and size is not None:
        regions = (one.region for one in found)
        views = [close_view(one.left, one.top, one.side, size, state.area) for one in regions]
        # Of those near the border the line would leave one of the two codecs a narrow strip.
        view, column = next((one for one in views if in_the_middle(*one, state.area)), views[0])
        state = set_pane_layout(replace(state.session.pane_layout, line=column))(state)
        state = set_view(view)(state)
    return replace(_within_reach(state), seeking_place=False)


def _within_reach(state: AppState) -> AppState:
    """At a rate that the two codecs that are seen can go down to, where they cannot go down to a sample's."""
    view, session = state.first_view, state.session
    if view is None or arrangement(state).target_bpp != view.shown.target_bpp or session.quality is not None:
        return state
    layout = session.pane_layout
    sides = (state.results.get(side) for side in (layout.left, layout.right))
    floors = [side.result.floor_bpp for side in sides if side is not None and side.result.floor_bpp is not None]
    target_bpp = rate_for_all(session.target_bpp, floors)
    shown = replace(view.shown, target_bpp=target_bpp)
    state = replace(state, first_view=replace(view, shown=shown))
    return replace(state, session=replace(session, target_bpp=target_bpp))


def arrangement(state: AppState) -> Arrangement:
    """What there is now."""
    session = state.session
    return Arrangement(session.target_bpp, session.quality, session.pane_layout)


def own(state: AppState) -> Arrangement:
    """What the user's own pictures are seen with, whatever a sample is seen with."""
    present = arrangement(state)
    return present if state.first_view is None else own_arrangement(present, state.first_view)


def _arranged(state: AppState, wanted: Arrangement) -> AppState:
    layout = wanted.pane_layout.among((ORIGINAL, *state.panes))
    session = replace(state.session, target_bpp=wanted.target_bpp, quality=wanted.quality, pane_layout=layout)
    return replace(state, session=session, entered_quality=None)
