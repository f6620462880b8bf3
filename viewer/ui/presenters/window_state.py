"""How the window was left: arrangement of the panes, side panel and switches, kept between runs."""

from __future__ import annotations

from PySide6.QtCore import QObject

from viewer.session.pane_layout import ORIGINAL
from viewer.ui.common.actions import Actions
from viewer.ui.common.settings import Settings
from viewer.ui.engine.encode_service import Controller
from viewer.ui.panels.side import SidePanel

SWITCHES = ("visible", "blink_1", "blink_2", "blink_4")
"""Commands whose check marks are kept; those of the preferences keep themselves."""
DEFAULT_ON = ("blink_2",)


class Arrangement(QObject):
    """Brings it back as far as it is still possible, and keeps it when the window is closed."""

    def __init__(self, controller: Controller, settings: Settings, actions: Actions, side: SidePanel) -> None:
        super().__init__(controller)
        self._controller = controller
        self._settings = settings
        self._actions = actions
        self._side = side

    def restore(self) -> None:
        """As it was left; what is unknown or gone stays as it is at first."""
        settings, controller = self._settings, self._controller
        for name in SWITCHES:
            if settings.is_on(name, default=name in DEFAULT_ON):
                self._actions[name].trigger()
        controller.set_pane_layout(
            settings.arranged(controller.session.pane_layout).among((ORIGINAL, *controller.codecs))
        )
        if settings.panel in self._side.names:
            self._side.set_shown(settings.panel, True)

    def keep(self) -> None:
        """Put it into the settings."""
        settings, pane_layout = self._settings, self._controller.session.pane_layout
        for name in SWITCHES:
            settings.set_on(name, self._actions[name].isChecked())
        settings.arrange(pane_layout)
        settings.panel = self._side.present
