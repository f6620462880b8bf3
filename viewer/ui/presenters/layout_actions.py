"""The commands that arrange the panes."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from viewer.session.metric_reading import MAPPED, label_of
from viewer.session.pane_layout import GAINS, Layout, PaneLayout, Show
from viewer.ui.common.actions import Command
from viewer.ui.common.formatting import MINUS
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.store import Store, Update
from viewer.ui.engine.updates.compared import compare_pins
from viewer.ui.engine.updates.places import (
    can_gain,
    choose_left,
    choose_pane,
    differ_from,
    differ_from_next,
    is_against,
    is_left,
    is_shown,
    is_single,
    is_split,
    pane_at,
    toggle_split,
)
from viewer.ui.engine.updates.view import (
    arrange,
    blink_once,
    peek,
    set_blink_rate,
    set_blinking,
    set_gain,
    set_switch,
    show,
    step_pane,
    swap,
)
from viewer.ui.panes.canvas import Canvas
from viewer.ui.presenters.pane_styles import PaneStyles

BLINK_RATES_HZ = (1, 2, 4)
PLACES = range(1, 10)
"""Digits of panes; which of them exist depends on the codecs that are on."""

_SHOW_TEXTS = (
    (Show.PICTURE, "&Picture", "P", 0),
    (Show.SIGNED, "&Difference, signed", "D", 1),
    (Show.ABSOLUTE, "Difference, &absolute", "Shift+D", 1),
    (Show.ERROR, "&Error map", "E", 2),
    (Show.SSIM, "&SSIM map", "Q", 2),
    (Show.BLOCKING, "&Blocking", "K", 3),
    (Show.RINGING, "&Ringing", "I", 3),
    (Show.BLUR, "Bl&ur", "U", 3),
    (Show.BITS, "Bi&t distribution (Learned)", "Shift+B", 4),
)

_CHANNEL_TEXTS = (
    (Show.RED, "&Red", "", "Show the red channel in grey"),
    (Show.GREEN, "&Green", "", "Show the green channel in grey"),
    (Show.BLUE, "&Blue", "", "Show the blue channel in grey"),
    (Show.LUMA, "&Luma (Y)", "Shift+Y", "Show the brightness alone, in grey"),
    (Show.CB, "&Chroma Cb", "Shift+U", "Show the blue chroma in grey: mid-grey where there is no colour"),
    (Show.CR, "C&hroma Cr", "Shift+V", "Show the red chroma in grey: mid-grey where there is no colour"),
)

_SHORT = {Show.PICTURE: "Picture", Show.SIGNED: "Difference", Show.ERROR: "Error", Show.SSIM: "SSIM map"}
_TIPS = {
    Show.PICTURE: "Show the pictures themselves",
    Show.SIGNED: "Show the difference to the original: grey where there is none",
    Show.ABSOLUTE: "Show the size of the difference to the original: black where there is none",
    Show.ERROR: "Show how wrong each place is: bright is worse",
    Show.SSIM: "Show where structure was lost: bright is worse",
    Show.BLOCKING: "Show where edges of blocks are seen: bright is worse",
    Show.RINGING: "Show waves beside edges: bright is worse",
    Show.BLUR: "Show where detail was lost: bright is worse",
    Show.BITS: "Show where the learned codec spends its bits",
}


class LayoutActions(QObject):
    """Arranging the panes, blinking, and showing the original while Space is held."""

    def __init__(self, store: Store, styles: PaneStyles, split_canvas: Canvas, window: QWidget) -> None:
        super().__init__(window)
        self._store = store
        self._styles = styles
        self._window = window
        self._split_canvas = split_canvas
        self._blink = QTimer(self)
        store.update_on(self._blink.timeout, blink_once)
        store.watch(lambda state: (state.switches.blinking, state.blink_hz), self._set_timer)
        window.installEventFilter(self)

    def commands(self) -> tuple[Command, ...]:
        """The commands of the menus Panes and Show."""
        return (*self._arrangements(), *self._blinking(), *self._split(), *self._shows())

    def _does(self, update: Update) -> partial[None]:
        return partial(self._store.update, update)

    def _arrangements(self) -> tuple[Command, ...]:
        return (
            Command(
                "grid",
                "&Panes",
                "All in a &grid",
                self._does(arrange(PaneLayout.in_grid)),
                ("G",),
                short="Grid",
                tip="Every picture beside the others",
                words="layout all panes side by side",
                checked=lambda state: state.session.pane_layout.layout is Layout.GRID,
            ),
            Command(
                "next_pane",
                "&Panes",
                "&Next single view",
                self._does(step_pane(1)),
                ("Tab",),
                section=1,
                enabled=is_single,  # in the grid Tab moves the focus
            ),
            Command(
                "previous_pane",
                "&Panes",
                "&Previous single view",
                self._does(step_pane(-1)),
                ("Shift+Tab",),
                section=1,
                enabled=is_single,
            ),
            *(
                Command(
                    f"pane_{place}",
                    "&Panes",
                    f"Show pane {place}",
                    self._does(choose_pane(place)),
                    (str(place),),
                    section=1,
                    listed=False,
                    checked=lambda state, place=place: is_shown(state, place),  # type: ignore[misc]
                    label=lambda state, place=place: self._label(state, place, "Show {}"),  # type: ignore[misc]
                )
                for place in PLACES
            ),
            Command("swap", "&Panes", "S&witch between the last two", self._does(swap()), ("X",), section=2),
        )

    def _blinking(self) -> tuple[Command, ...]:
        return (
            Command(
                "blink",
                "&Panes",
                "&Blink between the last two",
                self._toggle_blinking,
                ("B",),
                section=2,
                short="Blink",
                tip="Show the last two pictures in turn, in the same place",
                words="flicker alternate toggle compare",
                checked=lambda state: state.switches.blinking,
            ),
            *(
                Command(
                    f"blink_{hz}",
                    "&Panes",
                    f"{hz} per second",
                    self._does(set_blink_rate(hz)),
                    section=2,
                    submenu="Blink &rate",
                    group="blink",
                    checked=lambda state, hz=hz: state.blink_hz == hz,  # type: ignore[misc]
                )
                for hz in BLINK_RATES_HZ
            ),
        )

    def _split(self) -> tuple[Command, ...]:
        move = "&Move split"
        lines = (
            ("line_left", "Move split left", "Ctrl+Left", -1, False),
            ("line_right", "Move split right", "Ctrl+Right", 1, False),
            ("line_left_fine", "Move split 1 pixel left", "Ctrl+Shift+Left", -1, True),
            ("line_right_fine", "Move split 1 pixel right", "Ctrl+Shift+Right", 1, True),
        )
        return (
            Command(
                "split",
                "&Panes",
                "&Split view",
                self._does(toggle_split()),
                ("S",),
                section=3,
                short="Split",
                tip="Two pictures left and right of a line that you drag",
                words="layout wipe slider curtain before after",
                checked=is_split,
            ),
            *(
                Command(
                    f"left_{place}",
                    "&Panes",
                    f"Pane {place} left of the split",
                    self._does(choose_left(place)),
                    (f"Ctrl+{place}",),
                    section=3,
                    submenu="&Left of the split",
                    listed=False,
                    checked=lambda state, place=place: is_left(state, place),  # type: ignore[misc]
                    label=lambda state, place=place: self._label(state, place, "{} left of the split"),  # type: ignore[misc]
                )
                for place in PLACES
            ),
            *(
                Command(
                    name,
                    "&Panes",
                    text,
                    partial(self._split_canvas.move_line, parts, finely=finely),
                    (key,),
                    section=3,
                    submenu=move,
                    enabled=is_split,
                )
                for name, text, key, parts, finely in lines
            ),
        )

    def _shows(self) -> tuple[Command, ...]:
        return (
            *(
                Command(
                    f"show_{what.value}",
                    "&Show",
                    text,
                    self._does(show(what)),
                    (key,),
                    section=section,
                    group="show",
                    short=_SHORT.get(what, ""),
                    tip=_TIPS[what],
                    words="map view",
                    checked=lambda state, what=what: state.session.pane_layout.show is what,  # type: ignore[misc]
                )
                for what, text, key, section in _SHOW_TEXTS
            ),
            *(
                Command(
                    f"show_{name}_map",
                    "&Show",
                    f"{label_of(name)} map",
                    self._does(show(Show.METRIC, name)),
                    section=2,
                    group="show",
                    tip=f"Show where {label_of(name)} finds differences: bright is worse",
                    words="map view",
                    checked=lambda state, name=name: state.session.pane_layout.mapped == name,  # type: ignore[misc]
                )
                for name in MAPPED
            ),
            *(
                Command(
                    f"show_{what.value}",
                    "&Show",
                    text,
                    self._does(show(what)),
                    (key,) if key else (),
                    section=4,
                    submenu="C&hannel",
                    group="show",
                    tip=tip,
                    words="channel view grey component plane colour",
                    checked=lambda state, what=what: state.session.pane_layout.show is what,  # type: ignore[misc]
                )
                for what, text, key, tip in _CHANNEL_TEXTS
            ),
            Command(
                "show_clipping",
                "&Show",
                "Clippin&g",
                self._does(show(Show.CLIPPING)),
                ("Shift+X",),
                section=4,
                group="show",
                tip="Mark the pixels with a channel at 0 or at 255",
                words="clipped view overexposed underexposed black white saturated blown highlights shadows",
                checked=lambda state: state.session.pane_layout.show is Show.CLIPPING,
            ),
            *(
                Command(
                    f"against_{place}",
                    "&Show",
                    f"Difference to pane {place}",
                    self._does(differ_from(place)),
                    section=1,
                    submenu="Dif&ference to",
                    listed=False,
                    checked=lambda state, place=place: is_against(state, place),  # type: ignore[misc]
                    label=lambda state, place=place: self._label(state, place, "{}"),  # type: ignore[misc]
                )
                for place in PLACES
            ),
            Command(
                "next_against",
                "&Show",
                "Differen&ce to the next",
                self._does(differ_from_next()),
                ("Ctrl+D",),
                section=1,
            ),
            Command(
                "gain_up",
                "&Show",
                "&More gain",
                self._does(set_gain(1)),
                ("Ctrl+Up",),
                section=7,
                short="+",
                enabled=lambda state: can_gain(state, GAINS[-1]),
            ),
            Command(
                "gain_down",
                "&Show",
                "&Less gain",
                self._does(set_gain(-1)),
                ("Ctrl+Down",),
                section=7,
                short=MINUS,
                enabled=lambda state: can_gain(state, GAINS[0]),
            ),
        )

    def go_back(self) -> None:
        """Go back to the grid, or from there, if pins are compared, to the codecs."""
        if self._store.state.session.pane_layout.layout is Layout.GRID:
            self._store.update(compare_pins(None))
        else:
            self._store.update(arrange(PaneLayout.in_grid))

    def _label(self, state: AppState, place: int, text: str) -> str | None:
        pane = pane_at(state, place)
        return None if pane is None else text.format(self._styles.label(state, pane))

    def _toggle_blinking(self) -> None:
        on = not self._store.state.switches.blinking
        if not on or self._window.isVisible():
            self._store.update(set_blinking(on))

    def _set_timer(self, blinking: tuple[bool, int]) -> None:
        on, hz = blinking
        self._blink.setInterval(1000 // hz)
        if on and not self._blink.isActive():
            self._blink.start()
        elif not on:
            self._blink.stop()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Of the window alone. Keys come here that no widget has taken: in a field, a button, a list or a box Space
        types, presses, selects or opens.
        """
        kind = event.type()
        hidden = kind is QEvent.Type.Hide or (kind is QEvent.Type.WindowStateChange and self._window.isMinimized())
        if hidden:
            self._store.update(set_switch("blinking", False))
        if hidden or kind is QEvent.Type.WindowDeactivate:
            self._store.update(peek(False))
        is_key = kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease)
        if is_key and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self._store.update(peek(kind is QEvent.Type.KeyPress))
            return True
        return False
