"""Exports the view as one labelled picture, to a file or the clipboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication, QImage

from models.errors import RateLensError
from viewer.imaging.image import Pixels
from viewer.maps.error_maps import LEVELS, legend_of
from viewer.matching.targets.score import ScoreTarget, target_value
from viewer.session.pane_layout import ORIGINAL, Layout, PaneLayout
from viewer.system.memory import composing_bytes, process_budget
from viewer.ui.common.actions import Command
from viewer.ui.common.formatting import MINUS
from viewer.ui.engine.encode_service import EncodeService
from viewer.ui.engine.file_writer import Writer, folder_of
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.deliveries import without_provisional
from viewer.ui.engine.updates.messages import show_error, show_info
from viewer.ui.engine.workers.latest_worker import Outcome
from viewer.ui.panes.canvas import Canvas
from viewer.ui.panes.header_figures import HeaderText
from viewer.ui.panes.pane import Pane
from viewer.ui.panes.pane_grid import PaneGrid

if TYPE_CHECKING:
    from viewer.report.composite import Cell, Scale

_UNITS = ("bpp", "bytes", "pixels")
"""Captions written after their figure."""


@dataclass(frozen=True, eq=False)
class Seen:
    """A canvas as painted, in device pixels, with its headers."""

    picture: QImage
    heads: tuple[HeaderText, ...]


@dataclass(frozen=True, eq=False)
class SeenView:
    """Everything visible in the panes. percent: the zoom. against: what differences are to."""

    panes: tuple[Seen, ...]
    columns: int
    percent: str
    pane_layout: PaneLayout
    against: str = "original"


class ViewExport(QObject):
    """Captures what the panes show, and saves or copies it."""

    def __init__(
        self, store: Store, service: EncodeService, panes: Mapping[str, Pane], grid: PaneGrid, writer: Writer
    ) -> None:
        super().__init__(service)
        self._store = store
        self._panes = panes
        self._grid = grid
        self._writer = writer
        self._worker = service.add_worker("copy view", image_of, self._on_image)

    def commands(self) -> tuple[Command, ...]:
        """The commands that export the view."""
        return (
            Command("export_view", "&File", "&Export view as PNG…", self.export, ("Ctrl+Shift+E",), section=2),
            Command("copy_view", "&Edit", "Copy &view as picture", self.copy, ("Ctrl+Shift+C",)),
        )

    def export(self) -> None:
        """Ask where to save the view, and save it as PNG."""
        seen, image = self._see(), self._store.state.session.image
        if seen is not None and image is not None:
            parts = (
                Path(image.name).stem,
                seen.pane_layout.layout.value,
                seen.pane_layout.mapped or seen.pane_layout.show.value,
                self._equal(),
            )
            name = f"{'-'.join(parts)}.png"
            self._writer.ask_file("Save view", folder_of(image) / name, lambda _path: png_of(seen))

    def _equal(self) -> str:
        """What the panes have in common, for a file's name."""
        session = self._store.state.session
        if self._store.state.pinned is not None:
            return "pins"
        if session.quality is not None:
            unit = "" if isinstance(session.quality, ScoreTarget) else "dB"
            return f"{session.quality.metric}-{target_value(session.quality):.3g}{unit}"
        return f"{session.target_bpp:.3g}bpp"

    def copy(self) -> None:
        """Copy the view to the clipboard; a message says when it is done."""
        seen = self._see()
        if seen is not None:
            self._worker.post(seen)

    def _on_image(self, outcome: Outcome) -> None:
        if isinstance(outcome.error, RateLensError):
            self._store.update(show_error(str(outcome.error)))
            return
        if outcome.error is not None:
            raise outcome.error
        QGuiApplication.clipboard().setImage(outcome.value)
        self._store.update(show_info("Copied the view."))

    def _see(self) -> SeenView | None:
        """The current view, without provisional pictures; None if there is no picture."""
        self._store.update(without_provisional())
        pane_layout, placement = self._store.state.session.pane_layout, self._panes[ORIGINAL].canvas.placement
        if placement is None:
            self._store.update(show_error("There is no picture to copy yet: open one."))
            return None
        if pane_layout.layout is Layout.SPLIT:
            split = self._grid.split
            seen = [Seen(_painted(split.canvas), (split.left.text, split.right.text))]
            columns = 1
        else:
            shown = [pane for pane in self._panes.values() if pane.isVisible()]
            seen = [Seen(_painted(pane.canvas), (pane.header.text,)) for pane in shown]
            columns = sum(pane.y() == shown[0].y() for pane in shown)
        placement = (self._grid.split.canvas if pane_layout.layout is Layout.SPLIT else shown[0].canvas).placement
        percent = "" if placement is None else f"{100 * placement.zoom:.4g} %"
        against = pane_layout.against
        name = "original" if against == ORIGINAL else self._panes[against].header.text.label
        return SeenView(tuple(seen), columns, percent, pane_layout, name)


def image_of(seen: SeenView) -> QImage:
    """The labelled view as a picture that owns its memory. Runs in a worker."""
    with _granted(seen):
        pixels = pixels_of(seen)
        height, width = pixels.shape[:2]
        return QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def png_of(seen: SeenView) -> bytes:
    """The labelled view as a PNG file. Runs in a worker."""
    from viewer.imaging.writer import png_bytes

    with _granted(seen):
        return png_bytes(pixels_of(seen))


def _granted(seen: SeenView) -> AbstractContextManager[object]:
    """Wait for the memory that the picture takes. Raises MemoryLimitError."""
    pixel_count = sum(pane.picture.width() * pane.picture.height() for pane in seen.panes)
    return process_budget().granted(composing_bytes(1, pixel_count), "A picture of the view")


def pixels_of(seen: SeenView) -> Pixels:
    """The labelled view, uint8 (H, W, 3): every canvas exactly as on the screen, pixel by pixel."""
    from viewer.report.composite import labelled

    return labelled([_cell(pane, seen) for pane in seen.panes], seen.columns, _scale(seen.pane_layout, seen.against))


def _painted(canvas: Canvas) -> QImage:
    return canvas.grab().toImage()


def _cell(pane: Seen, seen: SeenView) -> Cell:
    from viewer.report.composite import Cell

    if len(pane.heads) == 1:
        (head,) = pane.heads
        lines = (_title(head), _qualities(head, seen.percent))
        return Cell(lines, _array(pane.picture), head.style)
    left, right = pane.heads
    lines = (
        f"Left: {_title(left)}   {_qualities(left, '')}".rstrip(),
        f"Right: {_title(right)}   {_qualities(right, seen.percent)}",
    )
    return Cell(lines, _array(pane.picture))


def _title(head: HeaderText) -> str:
    if head.style is None:
        return f"{head.label}   {head.detail}"
    amounts = [f"{f.value} {f.caption}" for f in head.figures if f.caption in _UNITS and f.value]
    return "   ".join([head.label, *amounts])


def _qualities(head: HeaderText, percent: str) -> str:
    """The quality figures without rate and size; "PSNR dB 32.4" becomes "PSNR 32.4 dB"."""
    parts = [f"{f.value} {f.caption}" for f in head.figures if head.style is None and f.caption in _UNITS]
    parts += [
        f"{f.caption.removesuffix(' dB')} {f.value}{' dB' if f.caption.endswith(' dB') else ''}"
        for f in head.figures
        if f.value and f.caption and f.caption not in _UNITS and f.caption != "converted"
    ]
    if percent:
        parts.append(f"zoom {percent}")
    return "   ".join(parts)


def _scale(pane_layout: PaneLayout, against: str) -> Scale | None:
    legend = legend_of(pane_layout.show, pane_layout.gain, against, pane_layout.mapped)
    if legend is None:
        return None
    from viewer.maps.map_legend import scale_bars
    from viewer.report.composite import Scale

    bar = _rows(scale_bars(pane_layout.show))
    unit = legend.unit if legend.unit != LEVELS else "levels"
    low = f"{legend.title}   {legend.low:.3g}".replace("-", MINUS)
    return Scale(low, bar, f"{legend.high:.3g} {unit}".rstrip())


def _rows(bars: Sequence[Sequence[str]]) -> Pixels:
    """Bars of colours, one below the other, low values on the left; uint8 (height, width, 3)."""
    rows = [[tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5)) for colour in bar] for bar in bars]
    return np.repeat(np.repeat(np.array(rows, np.uint8), 16 // len(bars), axis=0), 8, axis=1)


def _array(picture: QImage) -> Pixels:
    rgb = picture.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return rows[:, : 3 * rgb.width()].reshape(rgb.height(), rgb.width(), 3).copy()
