"""Updates of what is compared: codecs, or two pins instead."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from viewer.matching.curve import RatePoint
from viewer.session.pane_layout import ORIGINAL, PIN_PANES, PaneLayout
from viewer.session.pins import KeptStream, Pin, Pins
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.store import update
from viewer.ui.engine.updates.messages import show_error


@update
def set_codecs(state: AppState, names: Collection[str]) -> AppState:
    """Compare these of the installed codecs; at least one."""
    codecs = tuple(name for name in state.installed if name in names)
    if not codecs:
        return state
    state = without_pins(state)
    return state if codecs == state.compared else comparing(state, codecs)


@update
def toggle_codec(state: AppState, codec: str, label: str) -> AppState:
    """Switch a codec on or off; the last one stays on."""
    wanted = [name for name in state.installed if (name in state.compared) != (name == codec)]
    if not wanted:
        return show_error(f"{label} is the only codec that is on: switch on another one first.")(state)
    return set_codecs(wanted)(state)


@update
def install_codec(state: AppState, codec: str) -> AppState:
    """One more codec, which is compared from now on."""
    if codec not in state.installed:
        state = replace(state, installed=(*state.installed, codec))
    return set_codecs((*state.compared, codec))(state)


@update
def know_codecs(state: AppState, names: tuple[str, ...]) -> AppState:
    """Codecs that could be compared besides; they are not yet."""
    new = tuple(name for name in names if name not in state.installed)
    return replace(state, installed=(*state.installed, *new)) if new else state


@update
def uninstall_codec(state: AppState, codec: str) -> AppState:
    """Without a codec that was removed, and its pins. In the place of the last one comes the first that there is."""
    installed = tuple(name for name in state.installed if name != codec)
    pins = state.session.pins
    state = remove_pins(tuple(index for index, pin in enumerate(pins.pins) if pin.codec == codec))(state)
    compared = tuple(name for name in state.compared if name != codec) or installed[:1]
    return replace(set_codecs(compared)(state), installed=installed)


def comparing(state: AppState, codecs: tuple[str, ...]) -> AppState:
    state = _with_other_panes(replace(state, compared=codecs, curves_complete=False, curves_done=(0, 0)))
    layout = state.session.pane_layout.among((ORIGINAL, *state.panes))
    return replace(state, session=replace(state.session, pane_layout=layout))


@update
def compare_pins(state: AppState, pair: tuple[Pin, Pin] | None) -> AppState:
    """Show two pins in the panes instead of the codecs; None: the codecs again, arranged as before."""
    if pair == state.pinned:
        return state
    before = state.session.pane_layout
    state = _with_other_panes(replace(state, pinned=pair, layout_before_pins=state.layout_before_pins or before))
    first, second = PIN_PANES
    sides = PaneLayout(pane=second, before=first, left=first, right=second)
    if pair is None:
        sides = (state.layout_before_pins or before).among((ORIGINAL, *state.panes))
        state = replace(state, layout_before_pins=None)
    layout = replace(before, pane=sides.pane, before=sides.before, left=sides.left, right=sides.right)
    return replace(state, session=replace(state.session, pane_layout=layout))


def without_pins(state: AppState) -> AppState:
    return compare_pins(None)(state)


def _with_other_panes(state: AppState) -> AppState:
    """Drop results delivered for pins, and the regions of the previous panes."""

    def kept(values: Mapping[str, Any]) -> dict[str, Any]:
        return {pane: value for pane, value in values.items() if pane not in PIN_PANES}

    return replace(
        state,
        answered=kept(state.answered),
        results=kept(state.results),
        failures=kept(state.failures),
        contents=kept(state.contents),
        maps=kept(state.maps),
        regions=None,
        region_index=None,
    )


@update
def set_pins(state: AppState, pins: Pins) -> AppState:
    """Replace the pins, or the current one; a deleted pin is no longer compared."""
    state = replace(state, session=replace(state.session, pins=pins))
    kept = {pin.place for pin in pins.pins}
    gone = any(pin.place not in kept for pin in state.pinned or ())
    return without_pins(state) if gone else state


@update
def pin_point(state: AppState, point: RatePoint, name: str, refined: KeptStream | None = None) -> AppState:
    """Pin a measured point. refined: its stream, if it is a refined one."""
    pins, image = state.session.pins, state.session.image
    digest = "" if image is None or refined is None else image.digest
    pin = Pin(point.codec, point.target_bpp, name, pins.next_colour(), refined=refined, pixels_sha256=digest)
    return set_pins(pins.added(pin))(replace(state, pin_points={**state.pin_points, pin.place: point}))


@update
def change_pin(state: AppState, index: int, values: Mapping[str, str]) -> AppState:
    """Change a pin's name, colour or note."""
    return set_pins(state.session.pins.changed(index, **values))(state)


@update
def remove_pins(state: AppState, indices: Collection[int]) -> AppState:
    """Delete some of the pins."""
    pins = state.session.pins
    for index in sorted(indices, reverse=True):
        pins = pins.removed(index)
    return set_pins(pins)(state)


@update
def set_bd_pair(state: AppState, codec: str, anchor: str) -> AppState:
    """Choose the pair of codecs for the BD-rate."""
    return replace(state, bd_pair=(codec, anchor))
