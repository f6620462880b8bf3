"""Codecs from other packages, found through entry points of the group “ratelens.codecs”.

An entry point names a `base.Codec`, or a class or function that returns one. An unusable one is reported in a sentence,
and the program goes on without it; a usable one is wrapped, so that whatever it raises later becomes a CodecError, and
what it returns is checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from typing import Any

import numpy as np

from models.errors import CodecError, RateLensError
from viewer.codecs.base import Codec, Encoder, Prepares, detail_of, settings_of
from viewer.imaging.image import Image, Pixels

GROUP = "ratelens.codecs"

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_SUFFIX = re.compile(r"\.[A-Za-z0-9]+")
_METHODS = ("encoders", "recognises", "decode")


@dataclass(frozen=True)
class Plugins:
    """codecs: the usable ones. findings: what is wrong with the others, and what to do about it."""

    codecs: tuple[PluginCodec, ...] = ()
    findings: tuple[tuple[str, str], ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """The findings, one sentence each."""
        return tuple(f"{what}: {fix}" for what, fix in self.findings)


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

    @contextmanager
    def translating_errors(self, what: str) -> Iterator[None]:
        """Turn whatever the codec raises inside the block into a CodecError. what: it is doing ("checking a
        stream").
        """
        try:
            yield
        except RateLensError:
            raise
        except (Exception, SystemExit) as error:  # another package's code may raise anything
            raise CodecError(
                f"{self.label}, a codec from the package {self.package}, failed while {what} "
                f"({type(error).__name__}: {error}): report this to its authors, or switch it off."
            ) from error


def load_plugins(taken: Iterable[Codec], entry_points: Iterable[metadata.EntryPoint] | None = None) -> Plugins:
    """Load the installed plug-ins. taken: codecs whose names are in use."""
    if entry_points is None:
        entry_points = metadata.entry_points(group=GROUP)
    names = {codec.name for codec in taken} | {codec.label for codec in taken}
    codecs: list[PluginCodec] = []
    findings: list[tuple[str, str]] = []
    for entry_point in sorted(entry_points, key=lambda entry_point: (entry_point.name, entry_point.value)):
        package = _package(entry_point)
        try:
            codec = _load(entry_point, package)
            clash = next((name for name in (codec.name, codec.label) if name in names), None)
            if clash is not None:
                raise ValueError(f"there already is a codec called “{clash}”")
        except (Exception, SystemExit) as error:  # as above, on import too
            reason = str(error) or "no reason given"
            kind = "" if isinstance(error, (TypeError, ValueError)) else f"{type(error).__name__}: "
            what = f"The codec “{entry_point.name}” from the package {package} cannot be used ({kind}{reason})"
            findings.append((what, "Update or remove that package."))
            continue
        names |= {codec.name, codec.label}
        codecs.append(codec)
    return Plugins(tuple(codecs), tuple(findings))


def _package(entry_point: metadata.EntryPoint) -> str:
    distribution = entry_point.dist
    return f"{distribution.name} {distribution.version}" if distribution is not None else entry_point.value


def _load(entry_point: metadata.EntryPoint, package: str) -> PluginCodec:
    """Raises TypeError or ValueError saying what is missing, and whatever its import raises."""
    found: Any = entry_point.load()
    codec = found() if isinstance(found, type) or not hasattr(found, "encoders") else found
    for attribute in ("name", "label", "suffix", "tries_every_encoder", *_METHODS):
        if not hasattr(codec, attribute):
            raise TypeError(f"it has no “{attribute}”")
    for method in _METHODS:
        if not callable(getattr(codec, method)):
            raise TypeError(f"its “{method}” cannot be called")
    if not isinstance(codec.name, str) or not _NAME.fullmatch(codec.name):
        raise ValueError(f"its name {codec.name!r} must consist of lower-case letters, digits, - and _")
    if not isinstance(codec.label, str) or not codec.label.strip():
        raise ValueError("its label is empty")
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
