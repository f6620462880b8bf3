"""How things are shown, as the user prefers it: what the menus say of it, and what is kept between runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject

from viewer.ui.common.actions import Actions
from viewer.ui.common.settings import Settings
from viewer.ui.common.theme import Colours, ThemeChoice, ThemeSwitch
from viewer.ui.engine.encode_service import Controller
from viewer.ui.plots.panel import PlotPanel
from viewer.ui.presenters.display import Display


class Preferences(QObject):
    """Theme, metric scale, rate axis and magnification."""

    def __init__(
        self, controller: Controller, display: Display, plots: PlotPanel, settings: Settings, themes: ThemeSwitch
    ) -> None:
        super().__init__(controller)
        self._controller = controller
        self._display = display
        self._plots = plots
        self._settings = settings
        self._themes = themes
        themes.changed.connect(self._follow_theme)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What the commands do, by their names."""
        return {
            "smooth": self._set_smooth,
            "decibels": self._set_decibels,
            "luma": self._set_luma,
            "logarithmic": self._set_logarithmic,
            "theme_system": lambda: self._choose_theme(ThemeChoice.SYSTEM),
            "theme_light": lambda: self._choose_theme(ThemeChoice.LIGHT),
            "theme_dark": lambda: self._choose_theme(ThemeChoice.DARK),
        }

    def restore(self, actions: Actions) -> None:
        """As it was left."""
        settings, scale = self._settings, self._settings.scale
        self._controller.set_scale(scale)
        actions["decibels"].setChecked(scale.ms_ssim_db)
        actions["luma"].setChecked(scale.channel == "luma")
        actions["logarithmic"].setChecked(settings.logarithmic)
        self._plots.set_logarithmic(settings.logarithmic)
        actions["smooth"].setChecked(settings.smooth)
        self._set_smooth(settings.smooth)
        actions[f"theme_{settings.theme.value}"].setChecked(True)
        self._themes.choose(settings.theme)
        self._follow_theme(self._themes.colours)

    def _set_smooth(self, smooth: bool) -> None:
        self._settings.smooth = smooth
        for canvas in self._display.canvases:
            canvas.set_smooth(smooth)

    def _set_decibels(self, on: bool) -> None:
        self._controller.set_scale(replace(self._controller.session.scale, ms_ssim_db=on))
        self._settings.scale = self._controller.session.scale

    def _set_luma(self, on: bool) -> None:
        self._controller.set_scale(replace(self._controller.session.scale, channel="luma" if on else "rgb"))
        self._settings.scale = self._controller.session.scale

    def _set_logarithmic(self, on: bool) -> None:
        self._settings.logarithmic = on
        self._plots.set_logarithmic(on)

    def _choose_theme(self, choice: ThemeChoice) -> None:
        self._settings.theme = choice
        self._themes.choose(choice)

    def _follow_theme(self, colours: Colours) -> None:
        self._plots.set_colours(colours)
