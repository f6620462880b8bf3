"""The guided tour: takes a room through what the program shows, step by step, on whatever picture is open."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QAction

from viewer.session.tour import TourStep
from viewer.ui.blind.controller import BlindTesting
from viewer.ui.common.actions import Actions, Command
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.store import Store, Update
from viewer.ui.engine.updates.tour import end_tour, move_tour, start_tour, sweep_on, tour_arrived, trial_answered
from viewer.ui.presenters.pane_styles import PaneStyles
from viewer.ui.presenting.tour_strip import TourStrip
from viewer.ui.presenting.tour_text import tour_sentence

SWEEP_MS = 220
"""How long each rate of the sweep is seen, at least."""

NEXT, BEGIN, FINISH = "Next (Space)", "Begin (Space)", "Finish (Space)"
"""The button that goes on; before the blind trial, and at the last step, it begins that and ends the tour."""


class GuidedTour(QObject):
    """Moves the tour on as results arrive, and draws its strip."""

    def __init__(self, store: Store, styles: PaneStyles, blind: BlindTesting, strip: TourStrip) -> None:
        super().__init__(strip)
        self._store = store
        self._styles = styles
        self._blind = blind
        self._strip = strip
        store.watch(lambda state: (state.tour, not state.awaited, state.regions), lambda _: self._arrive())
        store.watch(_swept, self._sweep)
        store.watch(_in_trial, self._set_trial)
        store.watch(self._text, self._draw)

    def commands(self) -> tuple[Command, ...]:
        """The commands that start, move and end the tour."""
        return (
            Command(
                "tour",
                "Prese&nt",
                "&Guided tour",
                self._toggle,
                ("F6",),
                section=1,
                short="Tour",
                tip="Show in a few steps what the codecs do to this picture",
                words="introduction demo guide help start",
                checked=_touring,
            ),
            Command(
                "tour_next",
                "Prese&nt",
                "&Next step of the tour",
                self._does(move_tour(1)),
                ("Space",),
                section=1,
                submenu="Tou&r steps",
                short=NEXT,
                enabled=_touring,
            ),
            Command(
                "tour_back",
                "Prese&nt",
                "&Previous step of the tour",
                self._does(move_tour(-1)),
                ("Backspace",),
                section=1,
                submenu="Tou&r steps",
                short="Back",
                enabled=_touring,
            ),
            Command(
                "tour_end",
                "Prese&nt",
                "&End the tour",
                self._does(end_tour()),
                section=1,
                submenu="Tou&r steps",
                short="End (Esc)",
                enabled=_touring,
            ),
        )

    def add_buttons(self, actions: Actions) -> None:
        """Put the commands into the strip."""
        names = ("tour_back", "tour_next", "tour_end")
        buttons: list[QAction] = [actions[name] for name in names]
        self._strip.add_buttons(buttons, going_on=actions["tour_next"], only_last=actions["report"])

    def _does(self, change: Update) -> partial[None]:
        return partial(self._store.update, change)

    def _toggle(self) -> None:
        self._store.update(end_tour() if _touring(self._store.state) else start_tour())

    def _arrive(self) -> None:
        if self._store.state.tour is not None:
            self._store.update(tour_arrived())

    def _sweep(self, swept: int | None) -> None:
        if swept is not None:
            QTimer.singleShot(SWEEP_MS, self, partial(self._store.update, sweep_on(swept)))

    def _set_trial(self, on: bool) -> None:
        tour = self._store.state.tour
        self._blind.give_up_trial()
        if on and tour is not None:
            self._blind.one_trial((tour.codec, tour.anchor), tour.bpp, self._on_answer)

    def _on_answer(self, chosen: str, problem: str) -> None:
        self._store.update(trial_answered(chosen, problem))

    def _text(self, state: AppState) -> tuple[str, str, str, bool]:
        if state.tour is None:
            return "", "", NEXT, False
        step = state.tour.step
        place = f"{step.number} of {len(TourStep)}: {step.value}"
        is_last = step.moved(1) is None
        next_text = FINISH if is_last else BEGIN if state.tour.awaits_start else NEXT
        return tour_sentence(state, self._styles), place, next_text, is_last

    def _draw(self, text: tuple[str, str, str, bool]) -> None:
        sentence, place, next_text, is_last = text
        height = self._strip.screen().size().height()
        self._strip.show_step(sentence, place, next_text=next_text, is_last=is_last, screen_height=height)


def _touring(state: AppState) -> bool:
    return state.tour is not None


def _in_trial(state: AppState) -> bool:
    return state.tour is not None and state.tour.begun


def _swept(state: AppState) -> int | None:
    """How far the sweep is, once every pane has arrived there."""
    tour = state.tour
    return None if tour is None or tour.step is not TourStep.SWEEP or state.awaited else tour.swept
