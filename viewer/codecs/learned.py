"""The learned codec behind the interface of codecs. torch is imported on first use, so that the window opens sooner."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.refine.settings import Refined, RefineSettings, Start
from viewer.codecs.base import Encoder
from viewer.imaging.image import Image, Pixels
from viewer.system.disk_array import on_disk, release_pages
from viewer.system.memory import is_large
from viewer.system.resources import weights_path

if TYPE_CHECKING:
    from models.codec import LearnedCodec, PreparedImage

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

    def encode(self, quality: int) -> bytes:
        stream = self.prepared.encode(quality)
        release_pages(*self.prepared.latents.kept)
        return stream


@dataclass(frozen=True, eq=False)
class LearnedViewerCodec:
    """Loads the shipped weights once, in whichever thread asks first. Raises WeightsError if they are unusable."""

    name: str = "learned"
    label: str = "Learned"
    suffix: str = ".gdn"
    tries_every_encoder: bool = False
    settings: str = "RateLens’s own encoder, trained for squared error and MS-SSIM"
    _loaded: list[LearnedCodec] = field(default_factory=list, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def model(self) -> LearnedCodec:
        """The loaded codec."""
        with self._lock:
            if not self._loaded:
                # torch's threads wait for each other after every layer, and by default GNU's OpenMP lets them spin:
                # with one core busy elsewhere, coding then takes thirty times as long. Read when torch is loaded.
                os.environ.setdefault("OMP_WAIT_POLICY", "passive")
                from models.codec import LearnedCodec

                self._loaded.append(LearnedCodec.load(weights_path(WEIGHTS)))
                # torch creates a quarter of a million objects that live for ever. Every now and then the garbage
                # collector would scan them with the GIL held, freezing the window for a tenth of a second.
                gc.freeze()
            return self._loaded[0]

    def load(self) -> None:
        self.model()

    def encoders(self, image: Image) -> Sequence[LearnedEncoder]:
        if is_large(image.pixel_count):  # 5 bytes per pixel that are read only now and then
            return (LearnedEncoder(self.model().prepare(image.pixels, keep=on_disk)),)
        return (LearnedEncoder(self.model().prepare(image.pixels)),)

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
        return stream.startswith(b"GDN")

    def decode(self, stream: bytes) -> Pixels:
        return self.model().decode(stream)

    def bits_map(self, stream: bytes) -> NDArray[np.float32]:
        return self.model().bits_map(stream)
