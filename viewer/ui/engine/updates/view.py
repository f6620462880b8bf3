"""Updates of the view, the arrangement of the panes, and the options around them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from viewer.session.pane_layout import ORIGINAL, Layout, PaneLayout, Show
from viewer.session.state import Size, View, at_zoom, zoomed
from viewer.session.viewport import region_view
from viewer.ui.common.theme import ThemeChoice
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.store import update


@update
def set_view(state: AppState, view: View) -> AppState:
    """Change the view of all panes."""
    return replace(state, session=replace(state.session, view=view), seeking_place=False)


@update
def zoom_by(state: AppState, factor: float) -> AppState:
    """Zoom about the middle of the visible area."""
    size, area = state.picture_size, state.area
    if size is None:
        return state
    middle = (area[0] / 2, area[1] / 2)
    return set_view(zoomed(state.session.view, size, area, middle, factor))(state)


@update
def zoom_to(state: AppState, zoom: float) -> AppState:
    """Set the zoom, in device pixels per image pixel."""
    size = state.picture_size
    return state if size is None else set_view(at_zoom(state.session.view, size, state.area, zoom))(state)


@update
def set_area(state: AppState, area: Size) -> AppState:
    """Set the size of a visible canvas, in device pixels."""
    return replace(state, area=area)


@update
def hover(state: AppState, pixel: tuple[int, int] | None) -> AppState:
    """Set the image pixel under the pointer."""
    return replace(state, hovered=pixel)


@update
def set_pane_layout(state: AppState, layout: PaneLayout) -> AppState:
    """Rearrange the panes."""
    return replace(state, session=replace(state.session, pane_layout=layout), seeking_place=False)


@update
def arrange(state: AppState, step: Callable[[PaneLayout], PaneLayout]) -> AppState:
    """Rearrange the panes by a function of their arrangement; ends blinking."""
    state = set_pane_layout(step(state.session.pane_layout))(state)
    return set_switch("blinking", False)(state)


@update
def show(state: AppState, what: Show, mapped: str = "") -> AppState:
    """Show a map of the codecs' results, or their pictures again. mapped: the metric whose map it is."""
    return set_pane_layout(state.session.pane_layout.showing(what, mapped))(state)


@update
def set_gain(state: AppState, steps: int) -> AppState:
    """Change the gain of maps by this many steps."""
    return set_pane_layout(state.session.pane_layout.with_gain(steps))(state)


@update
def swap(state: AppState) -> AppState:
    """Swap the two panes shown last, or the sides of a split view."""
    return set_pane_layout(state.session.pane_layout.swapped())(state)


@update
def step_pane(state: AppState, by: int) -> AppState:
    """Show the pane this many places further as a single view."""
    return set_pane_layout(state.session.pane_layout.stepped((ORIGINAL, *state.panes), by))(state)


@update
def move_split(state: AppState, column: int) -> AppState:
    """Move the line of a split view to a column of the picture."""
    return set_pane_layout(replace(state.session.pane_layout, line=column))(state)


@update
def peek(state: AppState, on: bool) -> AppState:
    """Show the original in place of every picture, while held."""
    return set_pane_layout(replace(state.session.pane_layout, peeking=on))(state)


@update
def blink_once(state: AppState) -> AppState:
    """Switch to the other one of the two panes shown last."""
    layout = state.session.pane_layout
    return set_pane_layout(layout.alone(layout.pane) if layout.layout is Layout.GRID else layout.swapped())(state)


@update
def set_blinking(state: AppState, on: bool) -> AppState:
    """Start or stop blinking; the first swap is immediate."""
    if on == state.switches.blinking:
        return state
    return set_switch("blinking", on)(blink_once()(state) if on else state)


Switch = Literal[
    "smooth",
    "logarithmic",
    "loupe",
    "part_metrics",
    "blinking",
    "full_screen",
    "presenting",
    "presented_plot",
    "size_bars",
    "filmstrip",
    "times",
    "point_table",
    "plots",
    "large_plots",
    "hint",
    "set_view",
]


@update
def set_switch(state: AppState, name: Switch, on: bool) -> AppState:
    """Set an option."""
    return replace(state, switches=replace(state.switches, **{name: on}))


@update
def toggle(state: AppState, name: Switch) -> AppState:
    """Toggle an option."""
    return set_switch(name, not getattr(state.switches, name))(state)


@update
def toggle_curves(state: AppState, codec: str) -> AppState:
    """Hide a codec's curves in the plots, or show them again."""
    return replace(state, hidden_curves=state.hidden_curves ^ {codec})


@update
def enlarge_plots(state: AppState) -> AppState:
    """Make the plots larger, or as large as before; they are shown in any case."""
    switches = state.switches
    large = not (switches.plots and switches.large_plots)
    return replace(state, switches=replace(switches, plots=True, large_plots=large))


@update
def set_blink_rate(state: AppState, hz: int) -> AppState:
    """Set how often to blink, per second."""
    return replace(state, blink_hz=hz)


@update
def set_theme(state: AppState, theme: ThemeChoice) -> AppState:
    """Set the theme."""
    return replace(state, theme=theme)


@update
def show_panel(state: AppState, name: str) -> AppState:
    """Show a side panel; an empty string hides it. Removes the frame of a region."""
    return state if name == state.panel else replace(state, panel=name, region_index=None)


@update
def toggle_panel(state: AppState, name: str) -> AppState:
    """Show a side panel, or hide it if it is open."""
    return show_panel("" if state.panel == name else name)(state)


@update
def set_region_group(state: AppState, group: str) -> AppState:
    """List the regions of another group, and go to its first; while none are found yet, once they are."""
    waiting = state.regions is None
    return show_region(0)(replace(state, region_group=group, region_index=0 if waiting else None))


@update
def show_region(state: AppState, index: int) -> AppState:
    """Go to a region of the list and frame it, in any arrangement of the panes."""
    regions = () if state.regions is None else state.regions.groups.get(state.region_group, ())
    if not 0 <= index < len(regions):
        return state
    region = regions[index].region
    state = replace(state, region_index=index)
    return set_view(region_view(region.left, region.top, region.side, state.area))(state)


@update
def step_region(state: AppState, panel: str, by: int) -> AppState:
    """Go to the region this many places further down the list, wrapping around; shows the list."""
    state = show_panel(panel)(state)
    count = 0 if state.regions is None else len(state.regions.groups.get(state.region_group, ()))
    if not count:
        return state
    start = state.region_index if state.region_index is not None else (-1 if by > 0 else 0)
    return show_region((start + by) % count)(state)
