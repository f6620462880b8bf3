"""The commands that choose metrics: the columns of the panes' heads, and what the two plots show."""

from __future__ import annotations

from functools import partial

from viewer.session.metric_reading import CHOOSABLE, label_of
from viewer.ui.common.actions import Command
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.store import Store, update
from viewer.ui.engine.updates.target import set_metric_choice
from viewer.ui.engine.updates.view import toggle

_PLOTS = (("upper", "&Upper plot"), ("lower", "Lo&wer plot"))


class MetricMenu:
    """Submenus of the menu Metrics."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def commands(self) -> tuple[Command, ...]:
        """A column for each metric, and one metric for each plot."""
        return (
            Command(
                "times",
                "&Metrics",
                "Encode and decode t&imes in the heads",
                partial(self._store.update, toggle("times")),
                ("Shift+M",),
                checked=lambda state: state.switches.times,
            ),
            *(
                Command(
                    f"column_{name}",
                    "&Metrics",
                    text,
                    lambda name=name: self._store.update(_toggle_column(name)),  # type: ignore[misc]
                    section=2,
                    submenu="&Columns",
                    checked=lambda state, name=name: name in state.session.metric_choice.columns,  # type: ignore[misc]
                )
                for name, text in menu_texts()
            ),
            *(
                Command(
                    f"{plot}_{name}",
                    "&Metrics",
                    text,
                    lambda name=name, place=place: self._store.update(_plot(place, name)),  # type: ignore[misc]
                    section=2,
                    submenu=submenu,
                    group=plot,
                    checked=lambda state, name=name, place=place: (  # type: ignore[misc]
                        state.session.metric_choice.plots[place] == name
                    ),
                )
                for place, (plot, submenu) in enumerate(_PLOTS)
                for name, text in menu_texts()
            ),
        )


def menu_texts() -> list[tuple[str, str]]:
    """The metrics with their texts, each with a letter of its own as far as there are any left."""
    taken: set[str] = set()
    texts = []
    for name in CHOOSABLE:
        label = label_of(name)
        at = next((i for i, letter in enumerate(label) if letter.isalnum() and letter.lower() not in taken), None)
        if at is not None:
            taken.add(label[at].lower())
        text = label.replace("&", "&&")
        texts.append((name, text if at is None or "&" in label else f"{label[:at]}&{label[at:]}"))
    return texts


@update
def _toggle_column(state: AppState, name: str) -> AppState:
    choice = state.session.metric_choice
    return set_metric_choice(choice.toggled(name, CHOOSABLE))(state)


@update
def _plot(state: AppState, place: int, name: str) -> AppState:
    return set_metric_choice(state.session.metric_choice.plotting(place, name))(state)
