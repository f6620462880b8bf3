"""Pins rate points, steps between them, and compares two of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from viewer.matching.curve import RatePoint, point_of
from viewer.session.pane_layout import ORIGINAL
from viewer.session.pins import KeptStream
from viewer.ui.common.actions import Command
from viewer.ui.common.formatting import format_bpp
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.compared import change_pin, compare_pins, pin_point, remove_pins
from viewer.ui.engine.updates.messages import show_error
from viewer.ui.engine.updates.refinement import shown_stream
from viewer.ui.engine.updates.target import go_to_pin
from viewer.ui.engine.updates.view import toggle_panel
from viewer.ui.panels.pin_panel import PinPanel

PANEL = "pins"


class PinBoard:
    """The commands and the list of pins."""

    def __init__(self, store: Store, labels: Mapping[str, str], present: Callable[[], str]) -> None:
        """labels: of every codec, by name. present: returns the current pane, ORIGINAL or a codec's name."""
        self._store = store
        self._labels = labels
        self._present = present
        self.panel = PinPanel(self._labels)
        store.update_on(self.panel.edited, change_pin)
        store.update_on(self.panel.deleted, remove_pins)
        store.update_on(self.panel.wanted, go_to_pin)
        store.watch(lambda state: state.session.pins, self.panel.show_pins)

    def commands(self) -> tuple[Command, ...]:
        """The commands for pins, in the menu Rate."""
        return (
            Command("pin", "&Rate", "P&in pane’s rate", self.add, ("A",), section=3),
            Command("next_pin", "&Rate", "&Next pin", partial(self._step, 1), ("J",), section=3),
            Command("previous_pin", "&Rate", "Previo&us pin", partial(self._step, -1), ("Shift+J",), section=3),
            Command(
                "pins",
                "&Rate",
                "List &of pins",
                partial(self._store.update, toggle_panel(PANEL)),
                ("Shift+A",),
                section=3,
                checked=lambda state: state.panel == PANEL,
            ),
            Command(
                "compare_pins",
                "&Rate",
                "&Compare two pins side by side",
                self.compare,
                ("Ctrl+J",),
                section=3,
                short="Compare two",
                checked=lambda state: state.pinned is not None,
            ),
        )

    def compare(self) -> None:
        """Show two pins in the panes as if they were codecs, or the codecs again.

        The pins are the two selected in the list, else the two visited last, else the newest.
        """
        state = self._store.state
        pins = state.session.pins
        if state.pinned is not None:
            self._store.update(compare_pins(None))
        elif len(pins) < 2:
            self._say("You need two pins to compare: select a codec, then press A to pin it at this rate.")
        else:
            newest = (pins.pins[-2], pins.pins[-1])
            selected = self.panel.selected_rows()
            chosen = (pins.pins[selected[0]], pins.pins[selected[1]]) if len(selected) == 2 else None
            self._store.update(compare_pins(chosen or pins.pair or newest))

    def add(self) -> None:
        """Pin what the current pane shows."""
        state, name = self._store.state, self._present()
        shown = None if name == ORIGINAL else state.results.get(name)
        if name == ORIGINAL:
            self._say("Select a codec first, by a click on its pane or its digit; then press A.")
        elif name in state.files:
            self._say("A picture decoded elsewhere has one rate and cannot be pinned: select a codec first.")
        elif shown is None:
            self._say("Nothing has been encoded in this pane yet: wait for the codec, then pin.")
        else:
            self.add_point(point_of(shown.result), shown_stream(state, name))

    def add_point(self, point: RatePoint, refined: KeptStream | None = None) -> None:
        """Pin a measured point."""
        name = f"{self._labels[point.codec]} {format_bpp(point.target_bpp)}{'' if refined is None else ' refined'}"
        self._store.update(pin_point(point, name, refined))

    def _step(self, by: int) -> None:
        pins = self._store.state.session.pins
        if not len(pins):
            self._say("Nothing is pinned yet: select a codec, then press A to pin it at this rate.")
            return
        stepped = pins.stepped(by)
        assert stepped.current is not None
        self._store.update(go_to_pin(stepped.current))

    def _say(self, text: str) -> None:
        self._store.update(show_error(text))
