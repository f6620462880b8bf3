"""All known codecs: built in, from other packages, installed by the user, added for this run, and variants."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import PurePath
from typing import TYPE_CHECKING

from models import bitstream
from models.errors import CodecError, StreamError
from viewer.codecs.avif import AvifCodec
from viewer.codecs.base import Codec
from viewer.codecs.command.installed import load_installed, others, require_unique
from viewer.codecs.jpeg import JpegCodec
from viewer.codecs.jpeg2000 import Jpeg2000Codec
from viewer.codecs.jpegxl import JpegXlCodec
from viewer.codecs.learned import LearnedViewerCodec
from viewer.codecs.own_weights import load_installed_weights
from viewer.codecs.variants import SEPARATOR, family_of, variant_named
from viewer.codecs.webp import WebpCodec
from viewer.system.plugins import Found, entry_points

if TYPE_CHECKING:
    from viewer.codecs.command.codec import CommandCodec
    from viewer.codecs.plugins import PluginCodec

GROUP = "ratelens.codecs"
"""Of the entry points through which other packages bring codecs."""

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


def _plugins() -> Found[PluginCodec]:
    declared = entry_points(GROUP)
    if not declared:
        return Found()
    from viewer.codecs.plugins import load_plugins

    return load_plugins(BUILT_IN, declared)


PLUGINS = _plugins()
"""Codecs from other packages, and what is wrong with the unusable ones."""

INSTALLED = load_installed((*BUILT_IN, *PLUGINS.usable))
"""The codecs by command that the user has installed, and what is wrong with the unusable ones."""

INSTALLED_WEIGHTS = load_installed_weights((*BUILT_IN, *PLUGINS.usable, *INSTALLED.usable))
"""The weights that the user has installed, as learned codecs, and what is wrong with the unusable ones."""

CODECS: tuple[Codec, ...] = (*BUILT_IN, *PLUGINS.usable, *INSTALLED.usable, *INSTALLED_WEIGHTS.usable)
"""Every installed codec, in display order."""

PROBLEMS: tuple[str, ...] = (*PLUGINS.problems, *INSTALLED.problems, *INSTALLED_WEIGHTS.problems)
"""A sentence about every one that cannot be used."""

DEFAULT_CODECS = ("learned", "jpeg", "jpeg2000")
"""The codecs that are compared by default."""


@lru_cache(maxsize=1)
def _added() -> dict[str, Codec]:
    """What this process was given besides, by name: there is one, as there is one command line."""
    return {}


def add_codec(codec: Codec) -> None:
    """Let a codec be known in this process. In the place of one with its name that the user has installed; raises
    CodecError where another has its name or label.
    """
    require_unique(codec, others(codec, known_codecs()))
    _added()[codec.name] = codec


def forget_codec(name: str) -> None:
    """Let a codec that was added not be known any more."""
    _added().pop(name, None)


def added_codecs() -> tuple[Codec, ...]:
    """What was added, for processes that are started."""
    return tuple(_added().values())


def known_codecs() -> tuple[Codec, ...]:
    """Every codec that can be asked for by name, in the order in which they are shown."""
    added = _added()
    return (*(codec for codec in CODECS if codec.name not in added), *added.values())


def codec_named(name: str) -> Codec:
    """The codec with this identifier, or the variant. Raises CodecError, which lists the available ones."""
    for codec in known_codecs():
        if codec.name == name:
            return codec
    for codec, _module, package in _OPTIONAL:
        if codec.name == family_of(name) and codec not in BUILT_IN:
            raise CodecError(f"{codec.label} is not installed: add it with “pip install {package}”.")
    if SEPARATOR in name:
        return variant_named(name, known_codecs())
    raise CodecError(f"There is no codec “{name}”: choose one of {', '.join(codec.name for codec in known_codecs())}.")


def missing_codecs() -> tuple[tuple[str, str], ...]:
    """Labels of codecs that could be installed, and the packages that provide them."""
    return tuple((codec.label, package) for codec, _module, package in _OPTIONAL if codec not in CODECS)


def codec_for_stream(stream: bytes, file: str = "") -> Codec:
    """The codec that a stream belongs to: by its first bytes, else by the file's suffix, which only codecs by command
    need. Raises CodecError.
    """
    for codec in known_codecs():
        if codec.recognises(stream):
            return _by_weights(stream) if isinstance(codec, LearnedViewerCodec) else codec
    by_suffix = _commands_with_suffix(PurePath(file).suffix.lower()) if stream else []
    if len(by_suffix) == 1:
        return by_suffix[0]
    if by_suffix:
        names = ", ".join(codec.name for codec in by_suffix)
        raise CodecError(
            f"Several codecs write {by_suffix[0].suffix.lower()} files ({names}): choose one with --codec."
        )
    problem = "empty" if not stream else "not of any known codec"
    suffixes = list(dict.fromkeys(codec.suffix for codec in known_codecs()))
    raise CodecError(
        f"This stream is {problem}: open a {', '.join(suffixes[:-1])} or {suffixes[-1]} file that RateLens wrote."
    )


def _commands_with_suffix(suffix: str) -> list[CommandCodec]:
    """The codecs by command that write such files. suffix: in lower case."""
    from viewer.codecs.command.codec import CommandCodec

    commands = [codec for codec in known_codecs() if isinstance(codec, CommandCodec)]
    return [codec for codec in commands if codec.suffix.lower() == suffix]


def _by_weights(stream: bytes) -> LearnedViewerCodec:
    """The learned codec with the weights that a stream names. Raises StreamError, also where it is damaged."""
    known = [codec for codec in known_codecs() if isinstance(codec, LearnedViewerCodec)]
    for codec in known:
        if codec.wrote(stream):
            return codec
    wanted = bitstream.unpack(stream)[0].model_id
    there = ", ".join(f"{codec.name} ({codec.weights.model_id.hex()})" for codec in known if not codec.plain)
    raise StreamError(
        f"This stream was made with the weights {wanted.hex()}, which are none of those that are known here ({there}): "
        "give their file with --weights FILE, or install it with “ratelens codec add FILE.safetensors”."
    )
