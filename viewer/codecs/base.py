"""The interface of a codec."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from viewer.imaging.image import Image, Pixels
from viewer.system.memory import MemoryEstimate

if TYPE_CHECKING:
    from models.refine.settings import Refined, RefineSettings, Start


class Encoder(Protocol):
    """A prepared picture: all work that does not depend on the rate is done. Safe to call from several threads."""

    @property
    def detail(self) -> str:
        """What distinguishes this encoder from the codec's others ("4:2:0"), or an empty string."""

    @property
    def qualities(self) -> range:
        """The integer qualities, in ascending order of rate (roughly: rates need not be monotone)."""

    def guess(self, target_bytes: int) -> int:
        """The quality to try first for a stream of this size."""

    def encode(self, quality: int) -> bytes:
        """The complete stream (the whole file) at one of `qualities`."""


class Codec(Protocol):
    """A codec. Stateless except for weights that are loaded once; safe to call from several threads.

    One that another package brings says what is needed in the same terms: README.md, "Adding a codec".
    """

    @property
    def name(self) -> str:
        """Identifier: "learned", "jpeg", "jpeg2000". Lower-case letters, digits, - and _."""

    @property
    def label(self) -> str:
        """Name for people: "Learned", "JPEG", "JPEG 2000"."""

    @property
    def suffix(self) -> str:
        """File suffix of its streams, with the dot."""

    @property
    def tries_every_encoder(self) -> bool:
        """True: all encoders are tried at the same rate, and the result closest to the original wins, in the metric
        asked for (JPEG's chroma subsamplings). False: the next one is tried only if the previous ones miss the rate
        (JPEG 2000's code blocks).
        """

    def encoders(self, image: Image) -> Sequence[Encoder]:
        """Alternative encoders of a picture, the preferred one first."""

    def recognises(self, stream: bytes) -> bool:
        """Whether the first bytes are those of its streams; the rest may still be damaged."""

    def decode(self, stream: bytes) -> Pixels:
        """Decode a stream, from its bytes alone: uint8 (H, W, 3). Raises StreamError if it is foreign or damaged."""


BITS_BLOCK = 16
"""Side of the blocks of a bit map, in pixels."""


@runtime_checkable
class Preloadable(Protocol):
    """A codec that has something large to load once, which does not count as encoding time."""

    def load(self) -> None:
        """Load it, unless it is loaded already."""


@runtime_checkable
class Prepares(Protocol):
    """What an encoder is, besides, if it puts off work that is done once a picture: no part of any rate's time."""

    def prepare(self, quality: int | None = None) -> None:
        """Do it now, as far as `encode` needs it at a quality or, without one, as far as every rate needs it."""


@runtime_checkable
class Approximates(Protocol):
    """What an encoder is, besides, if it can show about what a stream decodes to sooner than by decoding it."""

    def approximated(self, quality: int) -> Pixels:
        """About what the stream of a quality decodes to: uint8 (H, W, 3). To be looked at, never measured or kept."""


class PartEncoder(Encoder, Protocol):
    """An encoder of a part of a picture."""

    @property
    def pixels(self) -> Pixels:
        """The part."""


@runtime_checkable
class JudgedByPart(Protocol):
    """What an encoder is, besides, if of a large picture it codes a part first, to see what to expect of the whole."""

    @property
    def part(self) -> PartEncoder | None:
        """The same encoder of a part that is like the whole; None where the whole is small."""


def part_of(encoder: Encoder) -> PartEncoder | None:
    """The encoder that shows what to expect of one; None where that is for itself to show."""
    return encoder.part if isinstance(encoder, JudgedByPart) else None


@runtime_checkable
class DetailsStreams(Protocol):
    """What an encoder is, besides, if its streams are of several kinds."""

    def detail_of(self, stream: bytes) -> str:
        """Its `detail` with the kind of one of its streams: "4:2:0, progressive"."""


@runtime_checkable
class StatesSettings(Protocol):
    """What a codec is, besides, if it says which encoder it drives, and how: for whoever reads its curve."""

    @property
    def settings(self) -> str:
        """In a few words: "libjpeg-turbo, standard tables, scaled"."""


@runtime_checkable
class StatesVersion(Protocol):
    """What a codec is, besides, if it says of which version its encoder is: another one may make other streams."""

    @property
    def version(self) -> str:
        """Of the library or program, with its name: "libjpeg-turbo 3.1.0"."""


def version_of(codec: Codec) -> str:
    """Of which version a codec's encoder is; empty where it does not say."""
    return codec.version if isinstance(codec, StatesVersion) else ""


def settings_of(codec: Codec) -> str:
    """Which encoder a codec drives, and how; empty where it does not say."""
    return codec.settings if isinstance(codec, StatesSettings) else ""


def detail_of(encoder: Encoder, stream: bytes) -> str:
    """What distinguishes a stream from the others that its codec makes."""
    return encoder.detail_of(stream) if isinstance(encoder, DetailsStreams) else encoder.detail


@runtime_checkable
class EstimatesMemory(Protocol):
    """What a codec is, besides, if it says itself what memory it takes."""

    @property
    def memory(self) -> MemoryEstimate | None:
        """What encoding, and decoding, takes at most; None where it is known of a codec of its name."""


@runtime_checkable
class SupportsBitMap(Protocol):
    """A codec that can say where in the picture the bits of a stream go."""

    def bits_map(self, stream: bytes) -> NDArray[np.float32]:
        """Bits of each block of BITS_BLOCK x BITS_BLOCK pixels, (rows, columns); the last ones may be partial. Raises
        StreamError.
        """


@runtime_checkable
class Refines(Protocol):
    """What a codec is, besides, if it can work on one picture's stream until it is better at the same size."""

    @property
    def is_refinable(self) -> bool:
        """Whether it can with its settings and weights: the learned codec needs its context model for it."""

    def refine(
        self,
        image: Image,
        encoder: Encoder,
        start: Start,
        settings: RefineSettings,
        *,
        progress: Callable[[float], None],
        stop: Callable[[], bool],
    ) -> Iterator[Refined]:
        """Ever better streams. encoder: one of the codec's, of this picture, that made the stream to start from.

        As models.refine.refiner.Refiner.run. Raises CodecError.
        """


def can_refine(codec: Codec) -> bool:
    """Whether a codec can work on a stream."""
    return isinstance(codec, Refines) and codec.is_refinable
