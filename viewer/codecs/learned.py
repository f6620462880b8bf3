"""The learned codec behind the interface of codecs, with the shipped weights or others. torch is imported on first use,
so that the window opens sooner.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.bitstream import MAGIC, MODEL_ID_BYTES
from models.errors import WeightsError
from viewer.codecs.base import Encoder
from viewer.imaging.image import Image, Pixels
from viewer.system.disk_array import on_disk, release_pages
from viewer.system.garbage import collecting
from viewer.system.memory import MemoryEstimate, is_large
from viewer.system.resources import weights_path

if TYPE_CHECKING:
    from models.codec import LearnedCodec, PreparedImage
    from models.refine.settings import Refined, RefineSettings, Start

WEIGHTS = "gdn.safetensors"
"""The shipped weights' file name in assets/weights."""


@dataclass(frozen=True, eq=False)
class LearnedEncoder:
    """One picture, analysed."""

    prepared: PreparedImage
    detail: str = ""

    @property
    def qualities(self) -> range:
        return self.prepared.qualities

    def guess(self, target_bytes: int) -> int:
        return self.prepared.guess(target_bytes)

    def prepare(self, quality: int | None = None) -> None:
        self.prepared.prepare(quality)

    def approximated(self, quality: int) -> Pixels:
        return self.prepared.approximated(quality)

    def encode(self, quality: int) -> bytes:
        stream = self.prepared.encode(quality)
        release_pages(*self.prepared.latents.kept)
        return stream


@dataclass(frozen=True, eq=False)
class WeightsFile:
    """A weights file, loaded once, in whichever thread asks first. path: None for the shipped one."""

    path: Path | None = None
    _loaded: list[LearnedCodec] = field(default_factory=list, init=False, repr=False)
    _ids: list[bytes] = field(default_factory=list, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def __reduce__(self) -> tuple[type[WeightsFile], tuple[Path | None]]:
        return WeightsFile, (self.path,)  # another process loads it itself

    @property
    def place(self) -> Path:
        """Where it is."""
        return weights_path(WEIGHTS) if self.path is None else self.path

    @property
    def model_id(self) -> bytes:
        """What its streams call it; empty where it cannot be read. torch is not needed."""
        with self._lock:
            if not self._ids:
                from models.weights_header import model_id_of

                try:
                    self._ids.append(model_id_of(self.place))
                except OSError:
                    return b""
            return self._ids[0]

    @property
    def has_context(self) -> bool:
        """Whether there is a context model in it; not where it cannot be read. torch is not needed."""
        from models.weights_header import read_header

        try:
            return read_header(self.place).has_context
        except WeightsError:
            return False

    def model(self) -> LearnedCodec:
        """The codec in it. Raises WeightsError."""
        with self._lock:
            if not self._loaded:
                # torch's threads wait for each other after every layer, and by default GNU's OpenMP lets them spin:
                # with one core busy elsewhere, coding then takes thirty times as long. Read when torch is loaded.
                os.environ.setdefault("OMP_WAIT_POLICY", "passive")
                with collecting.held():
                    self._loaded.append(self._load())
            return self._loaded[0]

    def _load(self) -> LearnedCodec:
        from models.codec import LearnedCodec

        try:
            return LearnedCodec.load(self.place)
        except WeightsError as error:
            if self.path is None:
                raise
            # What it says to do next is meant for the shipped file.
            raise WeightsError(f"{str(error).rpartition(':')[0]}: export it again, or remove it.") from error


@dataclass(frozen=True, eq=False)
class LearnedViewerCodec:
    """The learned codec with one weights file. Raises WeightsError when that is unusable.

    plain: coded with the paper's own density instead of the context model. memory: what wider networks than the shipped
    ones take; None for those.
    """

    name: str = "learned"
    label: str = "Learned"
    suffix: str = ".gdn"
    tries_every_encoder: bool = False
    weights: WeightsFile = field(default_factory=WeightsFile)
    plain: bool = False
    memory: MemoryEstimate | None = None

    @property
    def settings(self) -> str:
        name, own = self.weights.place.name, self.weights.path is not None
        weights = f"weights {name}" if own else "trained for squared error and MS-SSIM"
        density = ", plain density without a context model" if self.plain else ""
        return f"RateLens’s own encoder, {weights}{density}"

    @property
    def version(self) -> str:
        return f"torch {metadata.version('torch').partition('+')[0]}"  # what follows is of the build, such as “+cpu”

    def model(self) -> LearnedCodec:
        """The loaded codec."""
        return self.weights.model()

    def load(self) -> None:
        self.model()

    def encoders(self, image: Image) -> Sequence[LearnedEncoder]:
        from models.codec import EntropyMode

        mode = EntropyMode.PLAIN if self.plain else None
        if is_large(image.pixel_count):  # 5 bytes per pixel that are read only now and then
            return (LearnedEncoder(self.model().prepare(image.pixels, mode, keep=on_disk)),)
        return (LearnedEncoder(self.model().prepare(image.pixels, mode)),)

    @property
    def is_refinable(self) -> bool:
        return not self.plain and self.weights.has_context

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
        assert isinstance(encoder, LearnedEncoder)
        refiner = self.model().refiner(encoder.prepared, image.pixels)
        return refiner.run(start, settings, progress=progress, stop=stop)

    def recognises(self, stream: bytes) -> bool:
        return stream.startswith(MAGIC)

    def wrote(self, stream: bytes) -> bool:
        """Whether a stream names this codec's weights."""
        start = len(MAGIC) + 1
        return stream[start : start + MODEL_ID_BYTES] == self.weights.model_id

    def decode(self, stream: bytes) -> Pixels:
        return self.model().decode(stream)

    def bits_map(self, stream: bytes) -> NDArray[np.float32]:
        return self.model().bits_map(stream)
