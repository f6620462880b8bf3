"""Pinning rate points, going from one to the next, and measuring them on the present picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction

from models.errors import RateLensError
from viewer.matching.curve import RatePoint, point_of
from viewer.matching.rate_target import usable_bpp
from viewer.session.pane_layout import ORIGINAL, PIN_PANES, Layout
from viewer.session.pins import Pin, Pins
from viewer.ui.common.actions import Actions
from viewer.ui.common.formatting import format_bpp
from viewer.ui.engine.encode_service import Controller
from viewer.ui.engine.jobs import Opened
from viewer.ui.engine.latest_worker import Outcome
from viewer.ui.engine.scheduling import Overtaken
from viewer.ui.panels.pin_panel import PinPanel
from viewer.ui.panels.side import SidePanel
from viewer.ui.plots.pins import PinPoint

PANEL = "pins"

Place = tuple[str, float]
"""A codec and a target rate: what a pin names."""


@dataclass(frozen=True)
class PinJob:
    """Places to be measured on a picture, as long as that is the one that is compared."""

    opened: Opened
    places: tuple[Place, ...]
    is_wanted: Callable[[], bool] = field(compare=False)


def measure_pins(job: PinJob) -> dict[Place, RatePoint]:
    """Run in a worker. A codec that fails says so in its pane; its pins have no point."""

    def pause() -> None:
        if not job.is_wanted():
            raise Overtaken

    points: dict[Place, RatePoint] = {}
    for codec, target_bpp in job.places:
        try:
            points[codec, target_bpp] = point_of(job.opened.comparison.result(codec, target_bpp, pause))
        except Overtaken:
            break
        except RateLensError:
            continue
    return points


class PinBoard(QObject):
    """Keeps the pins' panel and points true, and does what the keys for pins say."""

    refused = Signal(str)
    """A sentence that says why nothing was pinned."""
    points_changed = Signal(tuple)
    """PinPoint of every pin that is measured."""

    def __init__(self, controller: Controller, labels: Mapping[str, str], present: Callable[[], str]) -> None:
        """labels: of every codec, by their names. present: the pane that is meant, ORIGINAL or a codec's name."""
        super().__init__(controller)
        self._controller = controller
        self._labels = dict(labels)
        self._present = present
        self._side: SidePanel | None = None
        self._compare_action: QAction | None = None
        self._points: dict[Place, RatePoint] = {}
        self._worker = controller.add_worker("pins", measure_pins)
        self._worker.delivered.connect(self._take)
        self.panel = PinPanel(self._labels)
        self.panel.changed.connect(controller.set_pins)
        self.panel.wanted.connect(self.go)
        controller.pins_changed.connect(self._follow)
        controller.opened.connect(self._start_anew)

    @property
    def pins(self) -> Pins:
        return self._controller.session.pins

    def add_to(self, side: SidePanel) -> None:
        """Make the panel one of the side panels."""
        self._side = side
        side.add(PANEL, self.panel)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What the commands do, by their names."""
        return {
            "pins": self.set_shown,
            "pin": self.add,
            "next_pin": lambda: self._step(1),
            "previous_pin": lambda: self._step(-1),
            "compare_pins": self.compare,
        }

    def follow(self, actions: Actions) -> None:
        """Let the menus tell whether pins are compared."""

        def check(_panes: object = None) -> None:
            actions["compare_pins"].setChecked(self._is_comparing)

        self._compare_action = actions["compare_pins"]
        self._controller.codecs_changed.connect(check)
        self.panel.add_button(actions["compare_pins"])

    @property
    def _is_comparing(self) -> bool:
        return any(self._controller.pinned(pane) is not None for pane in PIN_PANES)

    def compare(self, _on: bool = False) -> None:
        """Show two pins in the panes as if they were codecs, or the codecs again.

        They are the two that are selected in the list, else the two that were gone to last, else the newest.
        """
        pins = self.pins
        if self._is_comparing:
            self._controller.compare_pins(None)
        elif len(pins) < 2:
            self.refused.emit("It takes two pins to compare: A pins the rate of the codec that is looked at.")
            if self._compare_action is not None:
                self._compare_action.setChecked(False)
        else:
            newest = (pins.pins[-2], pins.pins[-1])
            self._controller.compare_pins(self.panel.selected_pair() or pins.pair or newest)

    def set_shown(self, on: bool) -> None:
        """Show or hide the list."""
        assert self._side is not None
        self._side.set_shown(PANEL, on)

    def add(self) -> None:
        """Pin what the present pane shows."""
        name = self._present()
        shown = None if name == ORIGINAL else self._controller.shown(name)
        if name == ORIGINAL:
            self.refused.emit("The original has no rate to pin: choose a codec’s pane by a click or its digit.")
        elif shown is None:
            self.refused.emit("Nothing has been coded here yet: wait until the codec is done, then pin.")
        else:
            self.add_point(point_of(shown.result))

    def add_point(self, point: RatePoint) -> None:
        """Pin a measured point."""
        name = f"{self._labels[point.codec]} {format_bpp(point.target_bpp)}"
        self._points[point.codec, point.target_bpp] = point
        pin = Pin(point.codec, point.target_bpp, name, self.pins.next_colour())
        self._controller.set_pins(self.pins.added(pin))

    def go(self, index: int) -> None:
        """Go to a pin's rate and, where one pane is shown alone, to its codec."""
        self._controller.set_pins(self.pins.choosing(index))
        pin, controller = self.pins.pins[index], self._controller
        controller.compare_pins(None)
        looking = controller.session.looking
        if looking.layout is Layout.SINGLE and pin.codec in controller.compared:
            controller.set_looking(looking.alone(pin.codec))
        controller.set_target(usable_bpp(pin.target_bpp))

    def _step(self, by: int) -> None:
        if not len(self.pins):
            self.refused.emit("Nothing is pinned yet: A pins the rate of the codec that is looked at.")
            return
        stepped = self.pins.stepped(by)
        assert stepped.current is not None
        self.go(stepped.current)

    def _start_anew(self) -> None:
        self._points.clear()
        self._follow(self.pins)

    def _follow(self, pins: Pins) -> None:
        self.panel.show_pins(pins)
        self._tell()
        kept = {(pin.codec, pin.target_bpp) for pin in pins.pins}
        compared = (self._controller.pinned(pane) for pane in PIN_PANES)
        if any(pin is not None and (pin.codec, pin.target_bpp) not in kept for pin in compared):
            self._controller.compare_pins(None)
        opened = self._controller.opened_picture
        wanted = tuple(
            dict.fromkeys((pin.codec, pin.target_bpp) for pin in pins.pins if pin.codec in self._controller.installed)
        )
        missing = tuple(place for place in wanted if place not in self._points)
        if opened is not None and missing:
            self._worker.post(PinJob(opened, missing, lambda: self._controller.opened_picture is opened))

    def _take(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            raise outcome.error  # no user can cause one: for the excepthook
        if outcome.job.opened is self._controller.opened_picture:
            self._points |= outcome.value
            self._tell()

    def _tell(self) -> None:
        pins = self.pins
        self.points_changed.emit(
            tuple(
                PinPoint(pin, point, index == pins.current)
                for index, pin in enumerate(pins.pins)
                if (point := self._points.get((pin.codec, pin.target_bpp))) is not None
            )
        )
