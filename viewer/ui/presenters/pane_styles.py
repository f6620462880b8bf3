"""How the panes are named and marked: a codec's pane as the codec, a pin's as the pin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from viewer.ui.common.codec_style import CodecStyle
from viewer.ui.engine.encode_service import Controller

Look = tuple[str, CodecStyle]


class PaneLooks(Mapping[str, Look]):
    """Label and style by a pane's name. It goes through the codecs only; pins change, and are looked up."""

    def __init__(self, controller: Controller, codecs: Mapping[str, Look]) -> None:
        self._controller = controller
        self._codecs = dict(codecs)

    def __getitem__(self, pane: str) -> Look:
        pin = self._controller.pinned(pane)
        if pin is None:
            return self._codecs[pane]
        known = self._controller.session.pins.pins  # it may have been renamed since
        named = next((one for one in known if (one.codec, one.target_bpp) == (pin.codec, pin.target_bpp)), pin)
        return named.name, replace(self._codecs[pin.codec][1], colour=named.colour)

    def __iter__(self) -> Iterator[str]:
        return iter(self._codecs)

    def __len__(self) -> int:
        return len(self._codecs)


class PaneLabels(Mapping[str, str]):
    """The labels alone."""

    def __init__(self, looks: PaneLooks) -> None:
        self._looks = looks

    def __getitem__(self, pane: str) -> str:
        return self._looks[pane][0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._looks)

    def __len__(self) -> int:
        return len(self._looks)
