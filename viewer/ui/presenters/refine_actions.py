"""The commands that refine the learned codec's picture, and the region that gets more of its bits."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QRect

from models.refine.settings import Aim
from viewer.ui.common.actions import Command
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.refinement import (
    refine_pane,
    set_refine_aim,
    set_refine_region,
    toggle_unrefined,
)
from viewer.ui.engine.workers.refining import Stage
from viewer.ui.panes.canvas import Canvas
from viewer.ui.presenters.display import Display

_AIMS = (
    (Aim.BOTH, "&Both metrics"),
    (Aim.PSNR, "&PSNR"),
    (Aim.MS_SSIM, "&MS-SSIM"),
)


class RefineActions:
    """Starts and stops refinement. A region drawn with Ctrl + drag gets more bits, at the same size."""

    def __init__(self, store: Store, display: Display, present: Callable[[], str]) -> None:
        """present: returns the current pane."""
        self._store = store
        self._present = present
        for canvas in display.canvases:
            self.follow(canvas)
        store.watch(lambda state: state.refine_region, lambda region: _frame(display, region))

    def follow(self, canvas: Canvas) -> None:
        """Let the user draw a region on it."""
        canvas.region_drawn.connect(self._draw_region)

    def commands(self) -> tuple[Command, ...]:
        """The commands, in the menu Codecs."""
        store = self._store
        return (
            Command(
                "refine",
                "&Codecs",
                "&Refine the learned picture",
                lambda: store.update(refine_pane(self._present())),
                ("O",),
                section=2,
                checked=lambda state: any(one.stage is not Stage.ENDED for one in state.refinements.values()),
                label=_label,
            ),
            Command(
                "unrefined",
                "&Codecs",
                "Show it &unrefined",
                partial(store.update, toggle_unrefined()),
                ("Shift+O",),
                section=2,
                checked=lambda state: any(one.hidden for one in state.refinements.values()),
            ),
            *(
                Command(
                    f"refine_for_{aim.value}",
                    "&Codecs",
                    text,
                    partial(store.update, set_refine_aim(aim)),
                    section=2,
                    submenu="Refine &for",
                    group="refine_for",
                    checked=lambda state, aim=aim: state.refine_aim is aim,  # type: ignore[misc]
                )
                for aim, text in _AIMS
            ),
            Command(
                "no_refine_region",
                "&Codecs",
                "Remove re&gion for refinement",
                partial(store.update, set_refine_region(None)),
                section=2,
                enabled=lambda state: state.refine_region is not None,
            ),
        )

    def _draw_region(self, region: QRect | None) -> None:
        self._store.update(
            set_refine_region(
                None if region is None else (region.left(), region.top(), region.width(), region.height())
            )
        )


def _label(state: AppState) -> str:
    running = any(one.stage is not Stage.ENDED for one in state.refinements.values())
    return "Stop &refining" if running else "&Refine the learned picture"


def _frame(display: Display, region: tuple[int, int, int, int] | None) -> None:
    for canvas in display.canvases:
        canvas.set_drawn_region(None if region is None else QRect(*region))
