"""What the user does with a set of pictures: its commands in the menus File and Set, and their dialogs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QFileDialog, QWidget

from viewer.ui.common.actions import Command
from viewer.ui.common.codec_style import CodecStyle
from viewer.ui.common.settings import Settings
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.file_writer import Writer
from viewer.ui.engine.sets.state import SetPlotKind, SweepRequest
from viewer.ui.engine.sets.updates import (
    cancel_sweep,
    choose,
    open_set,
    pause_sweep,
    resume_sweep,
    start_sweep,
    toggle_set,
)
from viewer.ui.engine.store import Store, Update, update
from viewer.ui.engine.updates.messages import show_error

if TYPE_CHECKING:
    from viewer.sets.source import PictureSet
    from viewer.ui.sets.sweep_setup import SweepSetup

MENU = "Se&t"
DEFAULT_RATES_BPP = (0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5)
"""As those of “ratelens sweep”."""
_CSV_FILTER = "Results of a sweep (*.csv);;All files (*)"
_PLOTS: tuple[tuple[SetPlotKind, str, str], ...] = (
    ("rate", "Quality against r&ate", "Rate"),
    ("encode", "Quality against &encode time", "Encode time"),
    ("decode", "Quality against &decode time", "Decode time"),
)


@dataclass(frozen=True, eq=False)
class SetReportJob:
    """What a worker makes a report of."""

    opened: PictureSet
    bpp: float
    pair: tuple[str, str]
    made: datetime


class SetCommands:
    """Opens sets, and starts, pauses and cancels their sweeps."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        writer: Writer,
        styles: Mapping[str, tuple[str, CodecStyle]],
        window: QWidget,
    ) -> None:
        """styles: label and style of every codec that is known, by name; one that is added joins them."""
        self._store = store
        self._settings = settings
        self._writer = writer
        self._styles = styles
        self._window = window
        self.setup: SweepSetup | None = None
        store.watch(lambda state: state.sets.opened, self._remember, at_once=False)

    def commands(self) -> tuple[Command, ...]:
        """Opening a set, in the menu File, and the menu Set."""
        return (
            Command("open_set", "&File", "Open fol&der as set…", self.ask_folder, ("Ctrl+Shift+T",)),
            Command("open_results", "&File", "Open sweep results (&CSV)…", self.ask_results),
            Command("locate_set", MENU, "&Locate its pictures…", self.locate, enabled=_has_set),
            Command(
                "set_view",
                MENU,
                "&Show set",
                self._does(toggle_set()),
                ("Ctrl+T",),
                section=1,
                short="Picture set",
                checked=lambda state: state.switches.set_view,
                label=lambda state: "&Show set" if _has_set(state) else None,
            ),
            *(
                Command(
                    f"set_{kind}",
                    MENU,
                    text,
                    self._does(choose(plot=kind)),
                    section=2,
                    group="set_plot",
                    short=short,
                    checked=lambda state, kind=kind: state.sets.choice.plot == kind,  # type: ignore[misc]
                    enabled=_has_set,
                )
                for kind, text, short in _PLOTS
            ),
            Command(
                "set_band",
                MENU,
                "&Quartile bands",
                self._does(_toggle("band")),
                section=2,
                short="Bands",
                checked=lambda state: state.sets.choice.band,
                enabled=_has_set,
            ),
            Command(
                "set_points",
                MENU,
                "Points of e&very picture",
                self._does(_toggle("points")),
                section=2,
                short="Pictures",
                checked=lambda state: state.sets.choice.points,
                enabled=_has_set,
            ),
            Command(
                "sweep_start",
                MENU,
                "S&tart sweep…",
                self.ask_sweep,
                section=3,
                short="Start sweep…",
                label=lambda state: "S&tart sweep…" if state.sets.sweep.phase == "idle" else None,
            ),
            Command(
                "sweep_pause",
                MENU,
                "&Pause sweep",
                self.pause_or_resume,
                section=3,
                label=_pause_label,
            ),
            Command("sweep_cancel", MENU, "&Cancel sweep", self._does(cancel_sweep()), section=3, label=_cancel_label),
            Command("set_report", MENU, "Save set report (&HTML)…", self.report, section=4, enabled=_has_set),
        )

    def ask_folder(self) -> None:
        """Let the user choose a folder of pictures."""
        name = QFileDialog.getExistingDirectory(self._window, "Open folder as set", self._place())
        if name:
            self._store.update(open_set(Path(name)))

    def ask_results(self) -> None:
        """Let the user choose a sweep's CSV."""
        name, _ = QFileDialog.getOpenFileName(self._window, "Open results of a sweep", self._place(), _CSV_FILTER)
        if name:
            self._store.update(open_set(Path(name)))

    def locate(self) -> None:
        """Let the user say where the set's pictures are."""
        opened = self._store.state.sets.opened
        if opened is None or not opened.rows:
            self._error("There are no results whose pictures could be located: open the folder itself.")
            return
        name = QFileDialog.getExistingDirectory(self._window, "Folder of the set’s pictures", self._place())
        if name:
            self._store.update(open_set(opened.results, Path(name)))

    def ask_sweep(self) -> None:
        """Let the user choose what to measure, and start."""
        from viewer.ui.sets.sweep_setup import SweepSetup, proposed_codecs

        state = self._store.state
        opened = state.sets.opened
        if opened is None:
            self._error("Open a folder of pictures as a set first.")
            return
        if opened.folder is None:
            self._error("The pictures of this set were not found, so they cannot be measured: locate their folder.")
            return
        measured = tuple({row.codec for row in opened.rows})
        rates = tuple(sorted({row.target_bpp for row in opened.rows if row.target_bpp})) or DEFAULT_RATES_BPP
        codecs = proposed_codecs(state.compared, measured, state.installed)
        proposed = SweepRequest(opened.folder, opened.results, codecs, rates, state.session.metric_choice.slow)
        labels = {codec: self._styles[codec][0] for codec in state.installed}
        self.setup = SweepSetup(proposed, labels, self._start, self._window)
        self.setup.open()

    def pause_or_resume(self) -> None:
        """Pause the sweep that runs, or go on with it."""
        paused = self._store.state.sets.sweep.phase == "paused"
        self._store.update(resume_sweep() if paused else pause_sweep())

    def report(self) -> None:
        """Ask where to save the set's report, and save it."""
        state = self._store.state
        opened, pair = state.sets.opened, state.sets.pair
        if opened is None or state.sets.figures is None or pair[0] == pair[1]:
            self._error("A report needs two codecs that were measured on the set: start a sweep first.")
            return
        job = SetReportJob(opened, state.session.target_bpp, pair, datetime.now().astimezone())
        path = opened.results.with_name(f"{opened.name}-report.html")
        self._writer.ask_file("Save set report", path, lambda _path: report_of(job))

    def _start(self, request: SweepRequest) -> None:
        self._store.update(start_sweep(request))

    def _remember(self, opened: PictureSet | None) -> None:
        if opened is not None:
            of_folder = opened.folder is not None and opened.results.parent == opened.folder
            place = opened.folder if of_folder and opened.folder is not None else opened.results
            self._settings.remember(place.resolve())

    def _place(self) -> str:
        recent = self._settings.recent
        return str(recent[0].parent) if recent else ""

    def _does(self, change: Update) -> Callable[[], object]:
        return partial(self._store.update, change)

    def _error(self, sentence: str) -> None:
        self._store.update(show_error(sentence))


def report_of(job: SetReportJob) -> bytes:
    """The HTML file. Runs in a worker, which loads the libraries it needs. Raises RateLensError."""
    from viewer.report.set_data import measure_set
    from viewer.report.set_page import set_page

    data = measure_set(job.opened, bpp=job.bpp, pair=job.pair)
    return set_page(data, job.made).encode(errors="backslashreplace")  # file names need not be valid text


@update
def _toggle(state: AppState, name: str) -> AppState:
    changes: dict[str, Any] = {name: not getattr(state.sets.choice, name)}
    return choose(**changes)(state)


def _has_set(state: AppState) -> bool:
    return state.sets.opened is not None


def _pause_label(state: AppState) -> str | None:
    phase = state.sets.sweep.phase
    return None if phase == "idle" else "&Resume sweep" if phase == "paused" else "&Pause sweep"


def _cancel_label(state: AppState) -> str | None:
    return None if state.sets.sweep.phase == "idle" else "&Cancel sweep"
