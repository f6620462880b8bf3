"""Codecs from other packages, found through entry points of the group “ratelens.codecs”.

An entry point names a `base.Codec`, or a class or function that returns one. An unusable one is reported in a sentence,
and the program goes on without it; a usable one is wrapped, so that whatever it raises later becomes a CodecError, and
what it returns is checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import metadata
from typing import Any

import numpy as np

from models.errors import CodecError
from viewer.codecs.base import Codec, Encoder, Prepares, detail_of, settings_of
from viewer.imaging.image import Image, Pixels
from viewer.system import plugins
from viewer.system.plugins import Found, translating_errors

_SUFFIX = re.compile(r"\.[A-Za-z0-9]+")


@dataclass(frozen=True, eq=False)
class PluginEncoder:
    """An encoder of another package's codec."""

    codec: PluginCodec
    encoder: Encoder
    detail: str
    qualities: range

    def guess(self, target_bytes: int) -> int:
        with self.codec.translating_errors("estimating a quality"):
            guess = int(self.encoder.guess(target_bytes))
        return min(max(guess, self.qualities[0]), self.qualities[-1])

    def encode(self, quality: int) -> bytes:
        with self.codec.translating_errors("encoded"):
            stream = self.encoder.encode(quality)
            if not isinstance(stream, bytes) or not stream:
                raise TypeError(f"a stream must be non-empty bytes, not {type(stream).__name__}")
        return stream

    def prepare(self, quality: int | None = None) -> None:
        if isinstance(self.encoder, Prepares):
            with self.codec.translating_errors("preparing the picture"):
                self.encoder.prepare(quality)

    def detail_of(self, stream: bytes) -> str:
        with self.codec.translating_errors("checking a stream"):
            return str(detail_of(self.encoder, stream))


@dataclass(frozen=True)
class PluginCodec:
    """Another package's codec. package: its name and version, for messages."""

    codec: Codec
    package: str
    name: str
    label: str
    suffix: str
    tries_every_encoder: bool
    settings: str = ""

    @property
    def version(self) -> str:
        return self.package

    def encoders(self, image: Image) -> Sequence[PluginEncoder]:
        with self.translating_errors("preparing the picture"):
            made = tuple(_encoder(self, encoder) for encoder in self.codec.encoders(image))
            if not made:
                raise ValueError("it returned no encoder")
        return made

    def recognises(self, stream: bytes) -> bool:
        with self.translating_errors("checking a stream"):
            return bool(self.codec.recognises(stream))

    def decode(self, stream: bytes) -> Pixels:
        with self.translating_errors("decoded"):
            pixels = self.codec.decode(stream)
            if not isinstance(pixels, np.ndarray) or pixels.dtype != np.uint8 or pixels.ndim != 3:
                raise TypeError("a picture must be a uint8 array of shape (H, W, 3)")
        return pixels

    def translating_errors(self, what: str) -> AbstractContextManager[None]:
        """Turn whatever the codec raises inside the block into a CodecError. what: it is doing ("checking a
        stream").
        """
        who = f"{self.label}, a codec from the package {self.package}"
        return translating_errors(CodecError, who, what, "switch it off")


def load_plugins(taken: Iterable[Codec], declared: Iterable[metadata.EntryPoint]) -> Found[PluginCodec]:
    """Load the codecs of other packages. taken: codecs whose names are in use."""
    return plugins.load_plugins("codec", _plugin_codec, taken, declared)


def _plugin_codec(named: Any, package: str) -> PluginCodec:
    """Raises TypeError or ValueError saying what is missing, and whatever making it raises."""
    codec = plugins.instance_of(named, ("suffix", "tries_every_encoder"), ("encoders", "recognises", "decode"))
    if not isinstance(codec.suffix, str) or not _SUFFIX.fullmatch(codec.suffix):
        raise ValueError(f"its suffix {codec.suffix!r} must be a dot followed by letters or digits")
    return PluginCodec(
        codec, package, codec.name, codec.label, codec.suffix, bool(codec.tries_every_encoder), str(settings_of(codec))
    )


def _encoder(codec: PluginCodec, encoder: Encoder) -> PluginEncoder:
    qualities = encoder.qualities
    if not isinstance(qualities, range) or qualities.step != 1 or not qualities:
        raise TypeError("qualities must be a range with a step of 1")
    return PluginEncoder(codec, encoder, str(encoder.detail), qualities)
