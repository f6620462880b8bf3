"""Saves what the window shows as a session file."""

from __future__ import annotations

from pathlib import Path

from viewer.session.pins import KeptStream
from viewer.session.session_file import SUFFIX, stored, written
from viewer.session.session_parts import StoredFile, WindowState
from viewer.ui.common.actions import Command
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.file_writer import Writer, folder_of
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.messages import show_error
from viewer.ui.engine.updates.refinement import shown_stream


class SessionSaving:
    """Saves the state as a session file; `updates.files.restore_session` is the inverse."""

    def __init__(self, store: Store, writer: Writer) -> None:
        self._store = store
        self._writer = writer

    def commands(self) -> tuple[Command, ...]:
        """The command that saves a session."""
        return (Command("save_session", "&File", "Save sess&ion…", self.save, ("Ctrl+K",), section=2),)

    def save(self) -> None:
        """Ask where to save the session, and save it."""
        state = self._store.state
        session, image, switches = state.session, state.session.image, state.switches
        if image is None or image.path is None:
            text = (
                "A session needs a picture: open one first."
                if image is None
                else "This picture is not a file, so a session cannot refer to it: save it as PNG, open that."
            )
            self._store.update(show_error(text))
            return
        window = WindowState(switches.smooth, switches.logarithmic, switches.loupe, state.panel)
        shown = [file.result for file in state.files.values()]
        files = [StoredFile(one.path, "", one.byte_count, one.series) for one in shown]
        refined = refined_streams(state)
        self._writer.ask_file(
            "Save session",
            folder_of(image) / f"{Path(image.name).stem}{SUFFIX}",
            lambda path: written(
                stored(
                    session,
                    path,
                    state.compared,
                    session.pins,
                    window,
                    refined=refined,
                    files=files,
                    locked=state.locked,
                )
            ),
        )


def refined_streams(state: AppState) -> tuple[KeptStream, ...]:
    """The refined streams that the panes show."""
    return tuple(kept for pane in state.refinements if (kept := shown_stream(state, pane)) is not None)
