"""The codecs, one file each, and the registry."""

from __future__ import annotations

from models.errors import CodecError
from viewer.codecs.base import Codec
from viewer.codecs.jpeg import JpegCodec
from viewer.codecs.jpeg2000 import Jpeg2000Codec
from viewer.codecs.learned import LearnedViewerCodec

CODECS: tuple[Codec, ...] = (LearnedViewerCodec(), JpegCodec(), Jpeg2000Codec())
"""Every codec, in the order in which they are shown."""


def codec_named(name: str) -> Codec:
    """The codec with an identifier. Raises CodecError, naming those that there are."""
    for codec in CODECS:
        if codec.name == name:
            return codec
    raise CodecError(f"There is no codec “{name}”: choose one of {', '.join(codec.name for codec in CODECS)}.")
