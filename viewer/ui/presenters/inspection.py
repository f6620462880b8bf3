"""The read-out: the pixel under the pointer, and the metrics of the visible area."""

from __future__ import annotations

from functools import partial

from viewer.session.viewport import Rect
from viewer.ui.common.actions import Command
from viewer.ui.common.formatting import MINUS, format_db
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.part_metrics import wanted_part
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.view import toggle
from viewer.ui.panels.readout import Cell, ReadOut
from viewer.ui.presenters.pane_styles import PaneStyles


class Inspection:
    """Keeps the read-out up to date."""

    def __init__(self, store: Store, styles: PaneStyles, readout: ReadOut) -> None:
        self._store = store
        store.watch(lambda state: (None, *(styles.style(state, pane) for pane in state.panes)), readout.set_styles)
        store.watch(rows, readout.set_rows)

    def commands(self) -> tuple[Command, ...]:
        """The command for the metrics of the visible area."""
        return (
            Command(
                "visible",
                "&Metrics",
                "Metrics of the &visible area",
                partial(self._store.update, toggle("part_metrics")),
                ("V",),
                checked=lambda state: state.switches.part_metrics,
            ),
        )


def rows(state: AppState) -> tuple[tuple[Cell, ...], ...]:
    """The pixel under the pointer in every picture and, if they are on, the metrics of the visible area."""
    return (_pixel_row(state), _part_row(state)) if state.switches.part_metrics else (_pixel_row(state),)


def _pixel_row(state: AppState) -> tuple[Cell, ...]:
    image, pixel = state.session.image, state.hovered
    if state.draft is not None:
        return (Cell("", "The full picture is still loading"),)
    if image is None or pixel is None or pixel[0] >= image.width or pixel[1] >= image.height:
        return (Cell("", "Hover over a picture to compare pixel values"),)
    x, y = pixel
    original = image.pixels[y, x].tolist()
    cells = [Cell(f"x {x}  y {y}"), Cell(_triple(original), "R G B")]
    for pane in state.panes:
        value = _value(state, pane, x, y)
        if value is None:
            cells.append(Cell(""))
            continue
        away = (_signed(a - b) for a, b in zip(value, original, strict=True))
        cells.append(Cell(_triple(value), " ".join(away)))
    return tuple(cells)


def _value(state: AppState, pane: str, x: int, y: int) -> list[int] | None:
    """The pixel that a pane shows, R, G and B; None of a provisional picture, which may be an approximation."""
    if pane in state.provisional:
        return None
    part, image = state.parts.get(pane), state.session.image
    if part is not None and part.rect.contains(Rect(x, y, x + 1, y + 1)):
        return list(part.result.reconstruction[y - part.rect.top, x - part.rect.left].tolist())
    shown = state.displayed(pane)
    if shown is None or image is None or shown.result.reconstruction.shape != image.pixels.shape:
        return None
    return list(shown.result.reconstruction[y, x].tolist())


def _part_row(state: AppState) -> tuple[Cell, ...]:
    wanted = wanted_part(state)
    if wanted is None:
        return (Cell("", "Visible area"),)
    measured = state.part_metrics
    rect = wanted.rect if measured is None else measured.rect  # of the figures shown
    cells = [
        Cell(f"Visible area {rect.right - rect.left} × {rect.bottom - rect.top}"),
        Cell("", "PSNR, SSIM (whole picture)"),
    ]
    for pane in state.panes:
        if measured is None or pane not in measured.metrics:
            cells.append(Cell("", "–"))
            continue
        part, whole = measured.metrics[pane]
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
