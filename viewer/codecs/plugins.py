"""Codecs that other packages bring, through entry points of the group “ratelens.codecs”.

A package names an object that is a `base.Codec`, or a class or function that makes one. What is wrong with one of them
is said in a sentence, and the program goes on without it; one that works is wrapped, so that whatever it raises later
becomes a CodecError, and what it returns is checked.
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
    """codecs: those that can be used. findings: what is wrong with the others, and what to do about it."""

    codecs: tuple[PluginCodec, ...] = ()
    findings: tuple[tuple[str, str], ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """The findings, a sentence each."""
        return tuple(f"{what}: {fix}" for what, fix in self.findings)


@dataclass(frozen=True, eq=False)
class PluginEncoder:
    """An encoder of another package's codec."""

    codec: PluginCodec
    encoder: Encoder
    detail: str
    qualities: range

    def guess(self, target_bytes: int) -> int:
        with self.codec.translating_errors("guessed a quality"):
            guess = int(self.encoder.guess(target_bytes))
        return min(max(guess, self.qualities[0]), self.qualities[-1])

    def encode(self, quality: int) -> bytes:
        with self.codec.translating_errors("encoded"):
            stream = self.encoder.encode(quality)
            if not isinstance(stream, bytes) or not stream:
                raise TypeError(f"a stream has to be bytes, and not empty, not {type(stream).__name__}")
        return stream

    def prepare(self, quality: int | None = None) -> None:
        if isinstance(self.encoder, Prepares):
            with self.codec.translating_errors("prepared the picture"):
                self.encoder.prepare(quality)

    def detail_of(self, stream: bytes) -> str:
        with self.codec.translating_errors("looked at a stream"):
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

    def encoders(self, image: Image) -> Sequence[PluginEncoder]:
        with self.translating_errors("prepared the picture"):
            made = tuple(_encoder(self, encoder) for encoder in self.codec.encoders(image))
            if not made:
                raise ValueError("it made no encoder")
        return made

    def recognises(self, stream: bytes) -> bool:
        with self.translating_errors("looked at a stream"):
            return bool(self.codec.recognises(stream))

    def decode(self, stream: bytes) -> Pixels:
        with self.translating_errors("decoded"):
            pixels = self.codec.decode(stream)
            if not isinstance(pixels, np.ndarray) or pixels.dtype != np.uint8 or pixels.ndim != 3:
                raise TypeError("a picture has to be a uint8 array of shape (H, W, 3)")
        return pixels

    @contextmanager
    def translating_errors(self, what: str) -> Iterator[None]:
        """Turn whatever it raises, while it does something, into a CodecError."""
        try:
            yield
        except RateLensError:
            raise
        except (Exception, SystemExit) as error:  # another package's code may raise anything
            raise CodecError(
                f"{self.label}, a codec of the package {self.package}, failed while it {what} "
                f"({type(error).__name__}: {error}): tell its makers, or switch it off."
            ) from error


def load_plugins(taken: Iterable[Codec], entry_points: Iterable[metadata.EntryPoint] | None = None) -> Plugins:
    """Load the installed plug-ins. taken: codecs whose names are not to be had any more."""
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
                raise ValueError(f"there is a codec called “{clash}” already")
        except (Exception, SystemExit) as error:  # as above, on import too
            reason = str(error) or "no reason given"
            kind = "" if isinstance(error, (TypeError, ValueError)) else f"{type(error).__name__}: "
            what = f"The codec “{entry_point.name}” of the package {package} cannot be used ({kind}{reason})"
            findings.append((what, "update or remove that package."))
            continue
        names |= {codec.name, codec.label}
        codecs.append(codec)
    return Plugins(tuple(codecs), tuple(findings))


def _package(entry_point: metadata.EntryPoint) -> str:
    distribution = entry_point.dist
    return f"{distribution.name} {distribution.version}" if distribution is not None else entry_point.value


def _load(entry_point: metadata.EntryPoint, package: str) -> PluginCodec:
    """Raises TypeError or ValueError saying what it lacks, and whatever its import raises."""
    found: Any = entry_point.load()
    codec = found() if isinstance(found, type) or not hasattr(found, "encoders") else found
    for attribute in ("name", "label", "suffix", "tries_every_encoder", *_METHODS):
        if not hasattr(codec, attribute):
            raise TypeError(f"it has no “{attribute}”")
    for method in _METHODS:
        if not callable(getattr(codec, method)):
            raise TypeError(f"its “{method}” cannot be called")
    if not isinstance(codec.name, str) or not _NAME.fullmatch(codec.name):
        raise ValueError(f"its name {codec.name!r} is not of small letters, digits, - and _")
    if not isinstance(codec.label, str) or not codec.label.strip():
        raise ValueError("its label is empty")
    if not isinstance(codec.suffix, str) or not _SUFFIX.fullmatch(codec.suffix):
        raise ValueError(f"its suffix {codec.suffix!r} is not a dot, then letters or digits")
    return PluginCodec(
        codec, package, codec.name, codec.label, codec.suffix, bool(codec.tries_every_encoder), str(settings_of(codec))
    )


def _encoder(codec: PluginCodec, encoder: Encoder) -> PluginEncoder:
    qualities = encoder.qualities
    if not isinstance(qualities, range) or qualities.step != 1 or not qualities:
        raise TypeError("qualities have to be a range that rises by 1")
    return PluginEncoder(codec, encoder, str(encoder.detail), qualities)
