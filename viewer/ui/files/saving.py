"""What is saved of what the panes show: streams, reconstructions and the original."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from viewer.imaging.image import Pixels
from viewer.session.pane_layout import ORIGINAL
from viewer.session.state import Size
from viewer.session.viewport import visible_rect
from viewer.system.memory import is_large, process_budget, writing_bytes
from viewer.ui.common.formatting import format_bpp
from viewer.ui.engine.encode_service import Controller
from viewer.ui.engine.file_writer import Files, Writer, folder_of

if TYPE_CHECKING:
    from viewer.matching.comparison import Result


class Saving(QObject):
    """Saves and copies what the present pane shows, or saves what all of them do."""

    refused = Signal(str)
    """A sentence that says why nothing was saved or copied."""
    told = Signal(str)
    """A sentence that says what was copied."""

    def __init__(
        self,
        controller: Controller,
        suffixes: Mapping[str, str],
        present: Callable[[], str],
        writer: Writer,
        window: QWidget,
        *,
        area: Callable[[], Size],
    ) -> None:
        """suffixes: of the codecs' streams. present: the pane that is meant, ORIGINAL or a codec's name. area: of a
        canvas that is seen, in device pixels.
        """
        super().__init__(window)
        self._controller = controller
        self._suffixes = dict(suffixes)
        self._present = present
        self._area = area
        self._writer = writer

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What the commands do, by their names."""
        return {
            "save_stream": self.save_stream,
            "save_reconstruction": self.save_reconstruction,
            "save_all": self.save_all,
            "copy": self.copy,
        }

    def copy(self) -> None:
        """Put the present pane's picture on the clipboard, in full resolution; of a large one what is visible of it. Or
        the text that is selected where the keys go: a label does not come before the window's shortcuts.
        """
        focused = QApplication.focusWidget()
        if isinstance(focused, QLabel) and focused.hasSelectedText():
            QGuiApplication.clipboard().setText(focused.selectedText())
            return
        opened, name = self._controller.opened_picture, self._present()
        shown = None if name == ORIGINAL else self._controller.shown(name)
        source = opened if name == ORIGINAL else shown
        if opened is None or source is None:
            self.refused.emit("There is no picture to copy yet: open one, or wait until the codec is done.")
            return
        whole = source.picture.levels[0]
        if not is_large(opened.image.pixel_count):
            QGuiApplication.clipboard().setImage(whole.copy())
            self.told.emit("Copied the pane’s picture.")
            return
        size = opened.image.width, opened.image.height
        visible = visible_rect(self._controller.session.view, size, self._area())
        width, height = (0, 0) if visible is None else visible.size
        if visible is None or is_large(width * height):
            self.refused.emit(
                f"{opened.image.pixel_count / 1e6:.0f} megapixels are too much for the clipboard: zoom in to copy what "
                "you see, or save the whole as PNG with Ctrl+Shift+S."
            )
            return
        QGuiApplication.clipboard().setImage(whole.copy(visible.left, visible.top, width, height))
        self.told.emit(
            f"Copied the visible part of the pane’s picture, {width} × {height} pixels: the whole is too large for the "
            "clipboard. Ctrl+Shift+S saves it."
        )

    def save_stream(self) -> None:
        """Ask where to, and save the present codec's stream: the very bytes that its rate counts."""
        if self._present() == ORIGINAL:
            self.refused.emit("The original has no stream: choose a codec’s pane by a click or its digit, then save.")
            return
        result = self._result()
        if result is not None:
            path = folder_of(result.request.image) / stream_name(result, self._suffixes[result.request.codec])
            self._writer.ask_file("Save the stream", path, lambda _path: result.stream)

    def save_reconstruction(self) -> None:
        """Ask where to, and save what was decoded from it, as PNG; or the original."""
        opened = self._controller.opened_picture
        if self._present() == ORIGINAL and opened is not None:
            image = opened.image
            path = folder_of(image) / f"{Path(image.name).stem}-original.png"
            self._writer.ask_file("Save the original", path, lambda _path: _png(image.pixels))
            return
        result = self._result()
        if result is not None:
            path = folder_of(result.request.image) / stream_name(result, ".png")
            self._writer.ask_file("Save the reconstruction", path, lambda _path: _png(result.reconstruction))

    def save_all(self) -> None:
        """Ask for a folder, and save every codec's stream and reconstruction there."""
        shown = [self._controller.shown(codec) for codec in self._controller.codecs]
        results = [one.result for one in shown if one is not None]
        if not results:
            self.refused.emit("Nothing has been coded yet: open a picture, or wait until a codec is done.")
            return
        streams, pictures = zip(*names_of(results, self._suffixes), strict=True)

        def files(folder: Path) -> Files:
            return [
                *((folder / name, result.stream) for name, result in zip(streams, results, strict=True)),
                *((folder / name, _png(result.reconstruction)) for name, result in zip(pictures, results, strict=True)),
            ]

        title = "Choose a folder for the streams and reconstructions"
        self._writer.ask_folder(title, folder_of(results[0].request.image), [*streams, *pictures], files)

    def _result(self) -> Result | None:
        codec = self._present()
        shown = None if codec == ORIGINAL else self._controller.shown(codec)
        if shown is None:
            self.refused.emit("Nothing has been coded here yet: open a picture, or wait until the codec is done.")
        return None if shown is None else shown.result


def stream_name(result: Result, suffix: str) -> str:
    """A name that says what is in a file: "kodim07-jpeg-0.250bpp.jpg"."""
    from viewer.imaging.writer import named_after

    return named_after(result.request.image.name, f"-{result.request.codec}-{format_bpp(result.bpp)}bpp{suffix}")


def names_of(results: Sequence[Result], suffixes: Mapping[str, str]) -> list[tuple[str, str]]:
    """Names of each result's stream and reconstruction, all different: those of two pins may be as good as equal in
    rate, and a codec's streams may be PNG files themselves. suffixes: of the codecs' streams.
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
