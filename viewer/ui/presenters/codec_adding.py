"""Adding codecs to the window while it runs, and removing them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QInputDialog, QWidget

from models.errors import CodecError, RateLensError
from viewer.codecs.base import Codec
from viewer.codecs.registry import add_codec, known_codecs
from viewer.codecs.variants import SEPARATOR, settings_of_family
from viewer.ui.common.actions import Command
from viewer.ui.common.settings import Settings
from viewer.ui.engine.codec_adding import (
    AddedCodec,
    installable_recipes,
    make_codec,
    recall_variants,
    removable_codecs,
    take_away,
)
from viewer.ui.engine.encode_service import EncodeService
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.compared import install_codec, know_codecs, uninstall_codec
from viewer.ui.engine.updates.messages import show_error, show_info
from viewer.ui.engine.workers.latest_worker import Outcome

if TYPE_CHECKING:
    from viewer.ui.panels.codec_dialog import AddCodecDialog


class CodecAdding(QObject):
    """Takes a codec from what the user chose to the registry, the widgets and the state."""

    def __init__(
        self,
        store: Store,
        service: EncodeService,
        settings: Settings,
        make_room: Callable[[Codec], None],
        window: QWidget,
    ) -> None:
        """make_room: has the widgets know a codec that they do not know yet."""
        super().__init__(window)
        self._store = store
        self._settings = settings
        self._make_room = make_room
        self._window = window
        self._worker = service.add_worker("codec", make_codec, self._on_made, finishes=True)
        self._removed: set[str] = set()
        """What this window has removed."""
        self.dialog: AddCodecDialog | None = None
        self.removing: QInputDialog | None = None

    def commands(self) -> tuple[Command, ...]:
        """Add and remove."""
        return (
            Command("add_codec", "&Codecs", "&Add codec…", self.ask, section=2),
            Command("remove_codec", "&Codecs", "Re&move codec…", self.ask_which, section=2),
        )

    def ask(self) -> None:
        """Ask what to add."""
        from viewer.ui.panels.codec_dialog import AddCodecDialog, Family

        families = tuple(
            Family(codec.label, codec.name + SEPARATOR, settings)
            for codec in known_codecs()
            if SEPARATOR not in codec.name and (settings := settings_of_family(codec))
        )
        self.dialog = AddCodecDialog(installable_recipes(), families, self._window)
        self.dialog.wanted.connect(self._worker.post)
        self.dialog.finished.connect(self._forget_dialog)
        self.dialog.open()

    def ask_which(self) -> None:
        """Ask what to remove."""
        names = {f"{codec.label} ({codec.name})": codec.name for codec in removable_codecs()}
        if not names:
            self._store.update(show_error("No codec was added: the others can only be switched off."))
            return
        self.removing = box = QInputDialog(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle("Remove codec")
        box.setLabelText("Codec to remove:")
        box.setComboBoxItems(list(names))
        box.setOkButtonText("Remove")
        box.textValueSelected.connect(lambda text: self._remove(names[text], text))
        box.open()

    def _on_made(self, outcome: Outcome) -> None:
        if isinstance(outcome.error, RateLensError):
            self._refuse(str(outcome.error))
            return
        if outcome.error is not None:
            self._refuse("This should not have happened: see the log.")
            raise outcome.error
        made: AddedCodec = outcome.value
        codec = made.codec
        is_variant = not outcome.job.file
        if not made.is_new or (codec.name in self._removed and not is_variant):
            # What was computed with the codec that had the name before would be taken for this one's.
            self._close_dialog()
            text = (
                f"Installed {codec.label}. There was a codec “{codec.name}” before: restart RateLens to use this one."
            )
            self._store.update(show_info(text))
            return
        try:
            add_codec(codec)
        except CodecError as error:
            self._refuse(str(error))
            return
        self._close_dialog()
        self._make_room(codec)
        opened = self._store.state.opened
        if opened is not None:
            opened.comparison.add_codec(codec)
        self._store.update(install_codec(codec.name))
        if is_variant:
            self._settings.variants = (*self._settings.variants, codec.name)
        self._store.update(show_error(made.remark) if made.remark else show_info(f"Added {codec.label}."))

    def recall(self, names: Sequence[str]) -> None:
        """Have those codecs of a session known that are variants of known ones, for as long as the window is open.

        Only what the user has installed is ever run: a name cannot say more than a codec and its settings.
        """
        installed = self._store.state.installed
        codecs = recall_variants(name for name in names if name not in installed)
        for codec in codecs:
            self._make_room(codec)
        self._store.update(know_codecs(tuple(codec.name for codec in codecs)))

    def _close_dialog(self) -> None:
        if self.dialog is not None:
            self.dialog.accept()

    def _forget_dialog(self, _result: int) -> None:
        self.dialog = None

    def _refuse(self, text: str) -> None:
        if self.dialog is not None:
            self.dialog.show_error(text)
        else:
            self._store.update(show_error(text))

    def _remove(self, name: str, text: str) -> None:
        try:
            take_away(name)
        except RateLensError as error:
            self._store.update(show_error(str(error)))
            return
        self._removed.add(name)
        self._store.update(uninstall_codec(name))
        self._settings.variants = tuple(variant for variant in self._settings.variants if variant != name)
        self._store.update(show_info(f"Removed {text}."))
