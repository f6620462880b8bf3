"""What the read-out says: the pixel under the pointer at once, the metrics of the visible part from a worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from viewer.session.viewport import PartMetrics, Rect, part_metrics, visible_rect
from viewer.ui.common.formatting import MINUS, format_db
from viewer.ui.engine.encode_service import Controller
from viewer.ui.engine.latest_worker import Outcome
from viewer.ui.panels.readout import Cell, ReadOut
from viewer.ui.presenters.display import Display

if TYPE_CHECKING:
    from viewer.matching.comparison import Result

Measured = dict[str, tuple[PartMetrics, PartMetrics]]
"""A codec's metrics of the visible part and of the whole picture."""


@dataclass(frozen=True)
class PartJob:
    """Results to be measured in a part of the picture; those that are not there yet are missing."""

    results: tuple[tuple[str, Result], ...]
    rect: Rect
    whole: Rect


def measure_part(job: PartJob) -> Measured:
    """Measure the visible part. Run in a worker: of a large picture it takes milliseconds."""
    return {
        codec: (part_metrics(result.measurement, job.rect), part_metrics(result.measurement, job.whole))
        for codec, result in job.results
    }


class Inspection(QObject):
    """Keeps the read-out up to date."""

    def __init__(self, controller: Controller, display: Display, readout: ReadOut) -> None:
        super().__init__(readout)
        self._controller = controller
        self._display = display
        self._readout = readout
        self._pixel: tuple[int, int] | None = None
        self._measuring = False
        self._job: PartJob | None = None
        self._measured: tuple[PartJob, Measured] | None = None
        self._worker = controller.add_worker("visible part", measure_part)
        self._worker.delivered.connect(self._take)
        for canvas in display.canvases:
            canvas.hovered.connect(self._hover)
            canvas.resized.connect(self.refresh)
        changes = (controller.view_changed, controller.codec_changed, controller.codecs_changed)
        for signal in (*changes, controller.pane_layout_changed):
            signal.connect(self.refresh)
        controller.opened.connect(self._forget)
        self.refresh()

    def set_measuring(self, on: bool) -> None:
        """Whether the metrics of the visible part are shown."""
        self._measuring = on
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Something that is shown has changed."""
        job = self._part_job() if self._measuring else None
        if job is not None and job != self._job:
            self._worker.post(job)
        self._job = job
        self._show()

    def _forget(self) -> None:
        self._measured = None
        self.refresh()

    def _hover(self, pixel: tuple[int, int] | None) -> None:
        if pixel != self._pixel:
            self._pixel = pixel
            self._show()

    def _part_job(self) -> PartJob | None:
        session = self._controller.session
        if session.image is None:
            return None
        size = (session.image.width, session.image.height)
        rect = visible_rect(session.view, size, self._display.visible_canvas.area)
        shown = [(codec, self._controller.shown(codec)) for codec in self._controller.codecs]
        results = tuple((codec, one.result) for codec, one in shown if one is not None)
        return None if rect is None or not results else PartJob(results, rect, Rect(0, 0, *size))

    def _take(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            raise outcome.error
        if self._job is not None:
            self._measured = outcome.job, outcome.value
            self._show()

    def _show(self) -> None:
        self._readout.set_rows((self._pixel_row(), self._part_row()) if self._measuring else (self._pixel_row(),))

    def _pixel_row(self) -> tuple[Cell, ...]:
        image, pixel = self._controller.session.image, self._pixel
        if self._display.drafts.current is not None:
            return (Cell("", "the whole picture is being read"),)
        if image is None or pixel is None or pixel[0] >= image.width or pixel[1] >= image.height:
            return (Cell("", "point at a pixel to read it"),)
        x, y = pixel
        original = image.pixels[y, x].tolist()
        cells = [Cell(f"x {x}  y {y}"), Cell(_triple(original), "R G B")]
        for codec in self._controller.codecs:
            value = self._value(codec, x, y)
            if value is None:
                cells.append(Cell(""))
                continue
            away = (_signed(a - b) for a, b in zip(value, original, strict=True))
            cells.append(Cell(_triple(value), " ".join(away)))
        return tuple(cells)

    def _value(self, codec: str, x: int, y: int) -> list[int] | None:
        """The pixel that a codec's pane shows, R, G and B."""
        part, image = self._display.previews.part(codec), self._controller.session.image
        if part is not None and part.rect.contains(Rect(x, y, x + 1, y + 1)):
            return list(part.result.reconstruction[y - part.rect.top, x - part.rect.left].tolist())
        shown = self._controller.shown(codec)
        if shown is None or image is None or shown.result.reconstruction.shape != image.pixels.shape:
            return None
        return list(shown.result.reconstruction[y, x].tolist())

    def _part_row(self) -> tuple[Cell, ...]:
        if self._job is None:
            return (Cell("", "visible part"),)
        job, measured = self._measured or (self._job, {})
        rect = job.rect  # of what the figures are of, while those of what is visible now are being made
        cells = [
            Cell(f"visible {rect.right - rect.left} × {rect.bottom - rect.top}"),
            Cell("", "PSNR dB, SSIM (whole)"),
        ]
        for codec in self._controller.codecs:
            if codec not in measured:
                cells.append(Cell("", "–"))
                continue
            part, whole = measured[codec]
            cells.append(
                Cell(
                    f"{format_db(part.psnr_rgb_db)}  {part.ssim:.4f}",
                    f"({format_db(whole.psnr_rgb_db)}  {whole.ssim:.4f})",
                )
            )
        return tuple(cells)


def _triple(value: list[int]) -> str:
    return " ".join(map(str, value))


def _signed(difference: int) -> str:
    return f"{difference:+d}".replace("-", MINUS) if difference else "0"
