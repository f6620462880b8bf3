"""Panes by their place, as digits and menus have them: which one it is, whether it is shown, and to show it."""

from __future__ import annotations

from viewer.session.pane_layout import DIFFERENCES, ORIGINAL, VIEWS, Layout, Show
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.store import update
from viewer.ui.engine.updates.view import arrange


def pane_at(state: AppState, place: int) -> str | None:
    """The pane of a digit, if it can be shown: the original is 1. A codec keeps its digit whichever others are on."""
    places = (ORIGINAL, *state.panes) if state.pinned is not None else (ORIGINAL, *state.installed, *state.files)
    pane = places[place - 1] if place <= len(places) else None
    return pane if pane in (ORIGINAL, *state.panes) else None


@update
def differ_from(state: AppState, place: int) -> AppState:
    """Show differences to this pane."""
    return arrange(lambda layout: layout.to_difference(pane_at(state, place) or ORIGINAL))(state)


@update
def differ_from_next(state: AppState) -> AppState:
    """Show differences to the pane after the one that they are to now."""
    panes, layout = (ORIGINAL, *state.panes), state.session.pane_layout
    further = layout.show in DIFFERENCES
    following = panes[(panes.index(layout.against) + further) % len(panes)]
    return arrange(lambda layout: layout.to_difference(following))(state)


@update
def choose_pane(state: AppState, place: int) -> AppState:
    """Show a pane as a single view or, in a split view, on the right."""
    pane, split = pane_at(state, place), is_split(state)
    if pane is None:
        return state
    return arrange(lambda layout: layout.split(right=pane) if split else layout.alone(pane))(state)


@update
def choose_left(state: AppState, place: int) -> AppState:
    """Show a split view with this pane on the left."""
    return arrange(lambda layout: layout.split(left=pane_at(state, place)))(state)


@update
def toggle_split(state: AppState) -> AppState:
    """From any arrangement to a split view, and from there to the grid."""
    return arrange(lambda layout: layout.in_grid() if layout.layout is Layout.SPLIT else layout.split())(state)


def is_single(state: AppState) -> bool:
    """Whether one pane is shown alone."""
    return state.session.pane_layout.layout is Layout.SINGLE


def is_split(state: AppState) -> bool:
    """Whether two panes share the place of one."""
    return state.session.pane_layout.layout is Layout.SPLIT


def is_shown(state: AppState, place: int) -> bool:
    """Whether a pane is the single one, or the right one of a split view."""
    layout, pane = state.session.pane_layout, pane_at(state, place)
    return (is_single(state) and layout.pane == pane) or (is_split(state) and layout.right == pane)


def is_left(state: AppState, place: int) -> bool:
    """Whether a pane is the left one of a split view."""
    return is_split(state) and state.session.pane_layout.left == pane_at(state, place)


def is_against(state: AppState, place: int) -> bool:
    """Whether differences to a pane are shown."""
    layout = state.session.pane_layout
    return layout.show in DIFFERENCES and layout.against == pane_at(state, place)


def can_gain(state: AppState, end: int) -> bool:
    """Whether what is shown has a gain, and it is not at this end."""
    layout = state.session.pane_layout
    return layout.show is not Show.PICTURE and layout.show not in VIEWS and layout.gain != end
