"""How the panes are named and marked: a codec's pane as the codec, a pin's as the pin, a file's as the file."""

from __future__ import annotations

from dataclasses import dataclass, replace

from viewer.session.pane_layout import FILE_PANES
from viewer.ui.common.codec_style import CodecStyle, style_of
from viewer.ui.engine.app_state import AppState


@dataclass(frozen=True)
class PaneStyles:
    """codecs: every codec's label and style, by its name; one that is added joins them."""

    codecs: dict[str, tuple[str, CodecStyle]]

    def label(self, state: AppState, pane: str) -> str:
        """The name of a pane, or of the original's."""
        pin = state.pin_of(pane)
        if pin is not None:
            return pin.name
        if pane in state.files:
            return state.files[pane].result.title
        return self.codecs[pane][0] if pane in self.codecs else "Original"

    def style(self, state: AppState, pane: str) -> CodecStyle:
        """How a codec's, a file's or a pin's pane is marked."""
        if pane in FILE_PANES:
            return style_of(pane, (*self.codecs, *FILE_PANES))
        pin = state.pin_of(pane)
        return self.codecs[pane][1] if pin is None else replace(self.codecs[pin.codec][1], colour=pin.colour)

    @property
    def labels(self) -> dict[str, str]:
        """Of the codecs, by their names."""
        return {codec: label for codec, (label, _style) in self.codecs.items()}
