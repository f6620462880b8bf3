"""The report of what the panes show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from viewer.codecs.registry import codec_named
from viewer.matching.curve import POINT_COUNT, POINT_COUNT_LARGE
from viewer.system.memory import is_large
from viewer.ui.engine.encode_service import Controller
from viewer.ui.engine.file_writer import Writer, folder_of

if TYPE_CHECKING:
    from viewer.matching.comparison import Result
    from viewer.matching.curve import RatePoint
    from viewer.matching.quality_search import QualityMatch
    from viewer.ui.engine.jobs import DisplayedResult


@dataclass(frozen=True)
class Measured:
    """What the window knows, to be made a report of. made: with its time zone."""

    results: tuple[Result, ...]
    curves: tuple[tuple[str, tuple[RatePoint, ...]], ...]
    matches: tuple[QualityMatch, ...]
    made: datetime


class Reporting(QObject):
    """Saves a report of the present rate, with the curves as far as they are measured."""

    refused = Signal(str)

    def __init__(self, controller: Controller, writer: Writer, window: QWidget) -> None:
        super().__init__(window)
        self._controller = controller
        self._writer = writer

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What the commands do, by their names."""
        return {"report": self.report}

    def report(self) -> None:
        """Ask where to, and save it."""
        controller = self._controller
        able = [codec for codec in controller.compared if not controller.failure(codec)]
        shown = [one for codec in able if (one := controller.shown(codec)) is not None]
        image = controller.session.image
        if image is None or not shown:
            self.refused.emit("There is nothing to report yet: open a picture, or wait until the codecs are done.")
            return
        # A pane may be behind without work in hand: while pins are compared, codecs wait.
        if any(map(controller.is_working, able)) or not all(map(self._is_at_target, shown)):
            what = "rate" if controller.session.quality is None else "quality"
            self.refused.emit(f"Not every codec is at the {what} yet: make the report when they are.")
            return
        curves = tuple((one.result.request.codec, controller.curve(one.result.request.codec)) for one in shown)
        matches = tuple(one.match for one in shown if one.match is not None)
        measured = Measured(tuple(one.result for one in shown), curves, matches, datetime.now().astimezone())
        path = folder_of(image) / f"{Path(image.name).stem}-report.html"
        self._writer.ask_file("Save the report", path, lambda _path: report_of(measured))

    def _is_at_target(self, shown: DisplayedResult) -> bool:
        session = self._controller.session
        if session.quality is not None:
            return shown.match is not None and shown.match.target == session.quality
        return shown.match is None and shown.result.request.target_bpp == session.target_bpp


def report_of(measured: Measured) -> bytes:
    """The HTML file. Run in a worker: what it needs is loaded here."""
    from viewer.report.data import ReportData
    from viewer.report.page import page

    results = measured.results
    codecs = tuple(codec_named(result.request.codec) for result in results)
    image = results[0].request.image
    points = POINT_COUNT_LARGE if is_large(image.pixel_count) else POINT_COUNT
    data = ReportData(image, codecs, (results,), dict(measured.curves), points, measured.matches)
    return page(data, measured.made).encode(errors="backslashreplace")  # names of files need not be text
