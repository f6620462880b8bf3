"""Saves what the panes show: streams, reconstructions and the original."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel

from viewer.imaging.image import Pixels
from viewer.session.pane_layout import ORIGINAL
from viewer.session.viewport import visible_rect
from viewer.system.memory import is_large, process_budget, writing_bytes
from viewer.ui.common.actions import Command
from viewer.ui.common.formatting import format_bpp
from viewer.ui.engine.file_writer import Files, Writer, folder_of
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.messages import show_error, show_info

if TYPE_CHECKING:
    from viewer.matching.result import Result


class Saving:
    """Saves or copies what the current pane shows, or saves what all panes show."""

    def __init__(self, store: Store, suffixes: Mapping[str, str], present: Callable[[], str], writer: Writer) -> None:
        """suffixes: of the codecs' streams. present: returns the current pane, ORIGINAL or a codec's name."""
        self._store = store
        self._suffixes = suffixes
        self._present = present
        self._writer = writer

    def commands(self) -> tuple[Command, ...]:
        """The commands that save and copy."""
        return (
            Command("save_stream", "&File", "&Save compressed file…", self.save_stream, ("Ctrl+S",), section=2),
            Command(
                "save_reconstruction",
                "&File",
                "Save picture as &PNG…",
                self.save_reconstruction,
                ("Ctrl+Shift+S",),
                section=2,
            ),
            Command(
                "save_all",
                "&File",
                "Save &all compressed files and pictures…",
                self.save_all,
                ("Ctrl+Alt+S",),
                section=2,
            ),
            Command("copy", "&Edit", "&Copy pane’s picture", self.copy, ("Ctrl+C",)),
        )

    def copy(self) -> None:
        """Copy the current pane's picture at full resolution; if it is large, its visible part. If text is selected in
        the focused label, copy that instead, because labels do not take precedence over the window's shortcuts.
        """
        focused = QApplication.focusWidget()
        if isinstance(focused, QLabel) and focused.hasSelectedText():
            QGuiApplication.clipboard().setText(focused.selectedText())
            return
        state, name = self._store.state, self._present()
        opened = state.opened
        shown = None if name == ORIGINAL else state.displayed(name)
        source = opened if name == ORIGINAL else shown
        if opened is None or source is None:
            self._error("There is no picture to copy yet: open one, or wait for the codec.")
            return
        whole = source.picture.levels[0]
        if not is_large(opened.image.pixel_count):
            QGuiApplication.clipboard().setImage(whole.copy())
            self._info("Copied the pane’s picture.")
            return
        size = opened.image.width, opened.image.height
        visible = visible_rect(state.session.view, size, state.area)
        width, height = (0, 0) if visible is None else visible.size
        if visible is None or is_large(width * height):
            self._error(
                f"{opened.image.pixel_count / 1e6:.0f} megapixels are too large for the clipboard: zoom in to copy "
                "what you see, or save the whole picture as PNG with Ctrl+Shift+S."
            )
            return
        QGuiApplication.clipboard().setImage(whole.copy(visible.left, visible.top, width, height))
        self._info(
            f"Copied the visible part of the pane’s picture, {width} × {height} pixels: the whole picture is too large "
            "for the clipboard. Save it with Ctrl+Shift+S."
        )

    def save_stream(self) -> None:
        """Ask where to save the current codec's stream, and save it: exactly the bytes that its rate counts."""
        if self._present() == ORIGINAL:
            self._error("The original has no compressed file: select a codec’s pane first, by a click or its digit.")
            return
        if self._present() in self._store.state.files:
            self._error("This picture was decoded elsewhere: there is no stream of it here to save.")
            return
        result = self._result()
        if result is not None:
            path = folder_of(result.request.image) / stream_name(result, self._suffixes[result.request.codec])
            self._writer.ask_file("Save compressed file", path, lambda _path: result.stream)

    def save_reconstruction(self) -> None:
        """Ask where to save the picture decoded from it, or the original, and save it as PNG."""
        opened = self._store.state.opened
        if self._present() == ORIGINAL and opened is not None:
            image = opened.image
            path = folder_of(image) / f"{Path(image.name).stem}-original.png"
            self._writer.ask_file("Save original", path, lambda _path: _png(image.pixels))
            return
        file = self._store.state.files.get(self._present())
        if file is not None:
            decoded = file.result
            name = f"{Path(decoded.name).stem}-decoded.png"
            path = decoded.path.with_name(name)
            self._writer.ask_file("Save the reconstruction", path, lambda _path: _png(decoded.pixels))
            return
        result = self._result()
        if result is not None:
            path = folder_of(result.request.image) / stream_name(result, ".png")
            self._writer.ask_file("Save picture", path, lambda _path: _png(result.reconstruction))

    def save_all(self) -> None:
        """Ask for a folder, and save every codec's stream and reconstruction there."""
        state = self._store.state
        shown = [state.results.get(pane) for pane in state.panes]
        results = [one.result for one in shown if one is not None]
        if not results:
            self._error("Nothing has been encoded yet: open a picture, or wait for a codec.")
            return
        streams, pictures = zip(*names_of(results, self._suffixes), strict=True)

        def files(folder: Path) -> Files:
            return [
                *((folder / name, result.stream) for name, result in zip(streams, results, strict=True)),
                *((folder / name, _png(result.reconstruction)) for name, result in zip(pictures, results, strict=True)),
            ]

        title = "Choose a folder for the compressed files and pictures"
        self._writer.ask_folder(title, folder_of(results[0].request.image), [*streams, *pictures], files)

    def _result(self) -> Result | None:
        codec = self._present()
        shown = None if codec == ORIGINAL else self._store.state.results.get(codec)
        if shown is None:
            self._error("Nothing has been encoded in this pane yet: open a picture, or wait for the codec.")
        return None if shown is None else shown.result

    def _error(self, text: str) -> None:
        self._store.update(show_error(text))

    def _info(self, text: str) -> None:
        self._store.update(show_info(text))


def stream_name(result: Result, suffix: str) -> str:
    """A name that says what is in a file: "kodim07-jpeg-0.250bpp.jpg"."""
    from viewer.imaging.writer import named_after

    return named_after(result.request.image.name, f"-{result.request.codec}-{format_bpp(result.bpp)}bpp{suffix}")


def names_of(results: Sequence[Result], suffixes: Mapping[str, str]) -> list[tuple[str, str]]:
    """Names for each result's stream and reconstruction, all different even if two pins have nearly the same rate or a
    codec's streams are PNG files themselves. suffixes: of the codecs' streams.
    """
    taken: set[str] = set()
    names = []
    for result in results:
        numbers = ("", *(f"-{number}" for number in range(2, 2 * len(results) + 1)))
        for number in numbers:
            stream = stream_name(result, number + suffixes[result.request.codec])
            picture = stream_name(result, f"{number}.png")
            if picture == stream:
                picture = stream_name(result, f"{number}-decoded.png")
            if not {stream, picture} & taken:
                break
        taken |= {stream, picture}
        names.append((stream, picture))
    return names


def _png(pixels: Pixels) -> bytes:
    from viewer.imaging.writer import png_bytes

    with process_budget().granted(writing_bytes(pixels.shape[0] * pixels.shape[1]), "Writing the picture"):
        return png_bytes(pixels)
