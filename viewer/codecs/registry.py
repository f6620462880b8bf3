"""All installed codecs."""

from __future__ import annotations

from importlib.util import find_spec

from models.errors import CodecError
from viewer.codecs.avif import AvifCodec
from viewer.codecs.base import Codec
from viewer.codecs.jpeg import JpegCodec
from viewer.codecs.jpeg2000 import Jpeg2000Codec
from viewer.codecs.jpegxl import JpegXlCodec
from viewer.codecs.learned import LearnedViewerCodec
from viewer.codecs.plugins import load_plugins
from viewer.codecs.webp import WebpCodec

_OPTIONAL: tuple[tuple[Codec, str, str], ...] = (
    (WebpCodec(), "PIL._webp", "pillow"),
    (AvifCodec(), "PIL._avif", "pillow"),
    (JpegXlCodec(), "pillow_jxl", "pillow-jxl-plugin"),
)
"""Codecs that depend on an optional module, and the package that provides it. (A Linux distribution's Pillow may lack
modules that Pillow's wheels have.)"""

BUILT_IN: tuple[Codec, ...] = (
    LearnedViewerCodec(),
    JpegCodec(),
    Jpeg2000Codec(),
    *(codec for codec, module, _package in _OPTIONAL if find_spec(module) is not None),
)

PLUGINS = load_plugins(BUILT_IN)
"""Codecs from other packages, and what is wrong with the unusable ones."""

CODECS: tuple[Codec, ...] = (*BUILT_IN, *PLUGINS.codecs)
"""Every installed codec, in display order."""

DEFAULT_CODECS = ("learned", "jpeg", "jpeg2000")
"""The codecs that are compared by default."""


def codec_named(name: str) -> Codec:
    """The codec with this identifier. Raises CodecError, which lists the available ones."""
    for codec in CODECS:
        if codec.name == name:
            return codec
    for codec, _module, package in _OPTIONAL:
        if codec.name == name:
            raise CodecError(f"{codec.label} is not installed: add it with “pip install {package}”.")
    raise CodecError(f"There is no codec “{name}”: choose one of {', '.join(codec.name for codec in CODECS)}.")


def missing_codecs() -> tuple[tuple[str, str], ...]:
    """Labels of codecs that could be installed, and the packages that provide them."""
    return tuple((codec.label, package) for codec, _module, package in _OPTIONAL if codec not in CODECS)


def codec_for_stream(stream: bytes) -> Codec:
    """The codec that a stream belongs to, by its first bytes, not by the file's name. Raises CodecError."""
    for codec in CODECS:
        if codec.recognises(stream):
            return codec
    problem = "empty" if not stream else "not of any known codec"
    suffixes = [codec.suffix for codec in CODECS]
    raise CodecError(
        f"This stream is {problem}: open a {', '.join(suffixes[:-1])} or {suffixes[-1]} file that RateLens wrote."
    )
