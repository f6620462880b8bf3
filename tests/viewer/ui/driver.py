"""Drives a window in tests: what a user asks for as methods, what the state says as properties, changes as signals."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from viewer.matching.curve import RatePoint
from viewer.matching.targets.quality import QualityTarget
from viewer.session.pane_layout import PIN_PANES, PaneLayout
from viewer.session.pins import Pin, Pins
from viewer.session.state import Session, View
from viewer.ui.engine.app_state import AppState, Message
from viewer.ui.engine.maps import MadeMap, current_map
from viewer.ui.engine.previews import Part
from viewer.ui.engine.updates.compared import compare_pins, set_codecs, set_pins
from viewer.ui.engine.updates.files import open_file, open_picture
from viewer.ui.engine.updates.messages import show_error
from viewer.ui.engine.updates.target import set_quality, set_target
from viewer.ui.engine.updates.view import set_pane_layout, set_view
from viewer.ui.engine.workers.jobs import DisplayedResult, Opened, OpenPasted
from viewer.ui.shell.main_window import MainWindow


class Driver(QObject):
    """One for each window; `driver` finds it."""

    opened = Signal(object)
    """Opened: another picture."""
    open_failed = Signal(str)
    opening = Signal(object)
    """What is to be opened next."""
    codec_changed = Signal(str)
    """A pane's result or failure changed."""
    part_changed = Signal(str)
    """A pane's visible part came or went."""
    shown_provisionally = Signal(str)
    """A pane shows another provisional picture."""
    curve_changed = Signal()
    pane_layout_changed = Signal(object)
    draft_changed = Signal()
    pins_measured = Signal(tuple)
    regions_found = Signal()
    settled = Signal()
    refused = Signal(str)
    """An error that the user is told of."""
    told = Signal(str)
    """What went well."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.store = store = window.store
        self.service = window.service
        self._before = store.state
        store.watch(lambda state: state.opened, self.opened.emit, at_once=False)
        store.watch(lambda state: state.open_problem, self._on_problem, at_once=False)
        store.watch(lambda state: state.opening, self._on_opening, at_once=False)
        store.watch(
            lambda state: (state.results, state.failures, state.parts, state.provisional), self._on_panes, at_once=False
        )
        store.watch(lambda state: state.curves, lambda _curves: self.curve_changed.emit(), at_once=False)
        store.watch(lambda state: state.session.pane_layout, self.pane_layout_changed.emit, at_once=False)
        store.watch(lambda state: state.draft, lambda _draft: self.draft_changed.emit(), at_once=False)
        store.watch(
            lambda state: state.pin_points, lambda points: self.pins_measured.emit(tuple(points)), at_once=False
        )
        store.watch(lambda state: state.regions, lambda _regions: self.regions_found.emit(), at_once=False)
        store.watch(lambda state: state.is_settled, self._on_settled, at_once=False)
        store.watch(lambda state: state.message, self._on_message, at_once=False)

    @property
    def state(self) -> AppState:
        return self.store.state

    @property
    def session(self) -> Session:
        return self.state.session

    @property
    def codecs(self) -> tuple[str, ...]:
        """The panes beside the original's that follow the slider."""
        return tuple(pane for pane in self.state.panes if pane not in self.state.files)

    @property
    def compared(self) -> tuple[str, ...]:
        return self.state.compared

    @property
    def installed(self) -> tuple[str, ...]:
        return self.state.installed

    @property
    def opened_picture(self) -> Opened | None:
        return self.state.opened

    @property
    def is_settled(self) -> bool:
        return self.state.is_settled

    def shown(self, pane: str) -> DisplayedResult | None:
        return self.state.results.get(pane)

    def failure(self, pane: str) -> str:
        return self.state.failures.get(pane, "")

    def is_working(self, pane: str) -> bool:
        return pane in self.state.awaited

    def curve(self, codec: str) -> tuple[RatePoint, ...]:
        return self.state.curves.get(codec, ())

    def pinned(self, pane: str) -> Pin | None:
        pair = self.state.pinned
        return None if pair is None or pane not in PIN_PANES else pair[PIN_PANES.index(pane)]

    def part(self, pane: str) -> Part | None:
        return self.state.parts.get(pane)

    def made(self, pane: str) -> MadeMap | None:
        """The map that a pane shows."""
        return current_map(self.state, pane)

    def open_file(self, path: Path) -> None:
        self.store.update(open_file(path))

    def open_pasted(self, picture: QImage) -> None:
        self.store.update(open_picture(OpenPasted(picture)))

    def set_target(self, bpp: float) -> None:
        self.store.update(set_target(bpp))

    def set_quality(self, quality: QualityTarget) -> None:
        self.store.update(set_quality(quality))

    def set_view(self, view: View) -> None:
        self.store.update(set_view(view))

    def set_pane_layout(self, layout: PaneLayout) -> None:
        self.store.update(set_pane_layout(layout))

    def set_pins(self, pins: Pins) -> None:
        self.store.update(set_pins(pins))

    def set_codecs(self, names: Collection[str]) -> None:
        self.store.update(set_codecs(names))

    def compare_pins(self, pair: tuple[Pin, Pin] | None) -> None:
        self.store.update(compare_pins(pair))

    def say(self, text: str) -> None:
        """Show an error."""
        self.store.update(show_error(text))

    def join(self, timeout_s: float) -> bool:
        return self.service.join(timeout_s)

    def _on_problem(self, problem: str) -> None:
        if problem:
            self.open_failed.emit(problem)

    def _on_opening(self, request: object) -> None:
        if request is not None:
            self.opening.emit(request)

    def _on_panes(self, _changed: object) -> None:
        before, self._before = self._before, self.state
        for pane in self.state.sources:
            if self.state.parts.get(pane) is not before.parts.get(pane):
                self.part_changed.emit(pane)
            provisional = self.state.provisional.get(pane)
            if provisional is not None and provisional is not before.provisional.get(pane):
                self.shown_provisionally.emit(pane)
            same = self.state.results.get(pane) is before.results.get(pane)
            if not same or self.state.failures.get(pane) != before.failures.get(pane):
                self.codec_changed.emit(pane)

    def _on_settled(self, settled: bool) -> None:
        if settled:
            self.settled.emit()

    def _on_message(self, message: Message | None) -> None:
        if message is not None and message.kind != "prompt":
            (self.refused if message.kind == "error" else self.told).emit(message.text)


def driver(window: MainWindow) -> Driver:
    """The window's driver, which is made when it is first asked for."""
    return window.findChild(Driver) or Driver(window)
