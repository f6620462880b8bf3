"""Improves a picture's stream without changing its size; `models.codec` uses only this module.

    latents at a somewhat higher quality --annealing, lagrangian held to the size--> symbols --> stream
                                                                                  `--> picture --> distortion

Real bytes decide: a stream is only returned if its own bytes and decoded picture are better than those before.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from models.context.model import ContextModel
from models.greyscale import make_grey
from models.latents import PictureLatents
from models.nn.transforms import Transforms
from models.quality import lagrangian
from models.refine.annealing import SETTLED, Annealing
from models.refine.distortion import Distortion
from models.refine.parts import Part, parts_of
from models.refine.settings import SIZE_TOLERANCE, Aim, Refined, RefineSettings, Start

Pixels = NDArray[np.uint8]
Symbols = NDArray[np.int32]

_SETTLED_WITHIN: Final = 0.003
_MAX_SETTLING_STEPS: Final = 32
_CONTROLLED_FROM: Final = 0.5
"""Before this share of a run, the size says little about the final size."""

_CONTROL: Final = 12.0
_RISE: Final = 0.08
"""Approximate growth of the log size from the middle to the end of a run; half of it comes after 3/4."""

_SETTLING_CONTROL: Final = 60.0
_FORESIGHT: Final = 2.0
"""A moving size keeps moving: its last change is extrapolated by this factor."""

_MOST_PULL: Final = 10.0
"""The lagrangian is at most this many times larger or smaller than the quality's own."""

_BEGUN_LARGER: Final = {Aim.PSNR: (0.035, 0.010), Aim.MS_SSIM: (0.08, 0.006), Aim.BOTH: (0.03, 0.009)}
"""Two shares of the size: one at every rate, and one divided by the bits per pixel."""

_SLOPE_STEP: Final = 32
"""Distance of the qualities on either side that show how distortion changes with rate: a quarter of a level."""

_MOST_WORTH: Final = 50.0

_SHOWN_EVERY: Final = 10
"""Steps between checks of the size."""

_LEAST_STEPS: Final = 30
"""Minimum for a part of a large picture; if there is no time for it, the part stays as it was."""

_PACKED_RARELY: Final = 10.0
"""For a large picture, writing streams takes at most this fraction (one over it) of the time."""

_SETTLING_SHARE: Final = 0.2
"""Of the time that is given."""


class Subject(Protocol):
    """The picture to refine, prepared, as models.codec.PreparedImage has it."""

    @property
    def latents(self) -> PictureLatents: ...

    @property
    def qualities(self) -> range: ...

    @property
    def grey(self) -> bool:
        """Whether it is decoded as grey."""

    @property
    def one_colour(self) -> bytes | None:
        """The colour of a picture of one colour, which cannot be refined; None for others."""

    def guess(self, target_bytes: int) -> int:
        """A quality whose stream is likely to have this many bytes."""

    def symbols(self, quality: int) -> Symbols:
        """The unrefined symbols of a quality, (C, h, w)."""

    def pack(self, quality: int, symbols: Symbols) -> bytes:
        """The complete stream of any symbols."""


def _never() -> bool:
    return False


def _silent(_share: float) -> None:
    pass


@dataclass(frozen=True, eq=False)
class Refiner:
    """Refines one picture. pixels: uint8 (H, W, 3), the original. clock: in seconds, from any moment."""

    transforms: Transforms
    context: ContextModel
    subject: Subject
    pixels: Pixels
    clock: Callable[[], float] = time.monotonic

    def run(
        self,
        start: Start,
        settings: RefineSettings,
        *,
        progress: Callable[[float], None] = _silent,
        stop: Callable[[], bool] = _never,
    ) -> Iterator[Refined]:
        """Yield ever better streams; the last one on target is the result, or `start` if there is none.

        Streams off target only show progress. progress: called with the share of the work done. stop: called before
        every step; if it returns true, the run is brought to the target size in a few steps, and ends. Close the
        iterator to end immediately.
        """
        return _Run(self, start, settings, progress, stop).streams()


@dataclass(eq=False)
class _Run:
    """One call of Refiner.run."""

    refiner: Refiner
    start: Start
    settings: RefineSettings
    progress: Callable[[float], None]
    stop: Callable[[], bool]
    _steps: int = field(default=0, init=False)
    _worth: float = field(default=1.0, init=False)

    def streams(self) -> Iterator[Refined]:
        self._begun = self.refiner.clock()
        if self.refiner.subject.one_colour is not None:
            return
        height, width = self.refiner.pixels.shape[:2]
        parts = parts_of(height, width)
        weights = None if self.settings.region is None else self.settings.region.weights(height, width)
        self._distortions = _Distortions(self.refiner.pixels, self.settings.aim, weights, self.refiner.subject.grey)
        found = self._whole(parts[0]) if len(parts) == 1 else self._by_parts(parts)
        yield from found
        self.progress(1.0)

    def _whole(self, part: Part) -> Iterator[Refined]:
        """Refine a picture of one part. Starts at a higher quality: bits are better spent on finer steps."""
        subject = self.refiner.subject
        bpp = 8.0 * self.start.target_bytes / (self.refiner.pixels.shape[0] * self.refiner.pixels.shape[1])
        quality = subject.guess(round(self.start.target_bytes * _begun_larger(bpp, self.settings.aim)))
        distortion = self._distortions.of(part)
        self._worth = self._worth_of(part)
        annealing = self._annealing(part, distortion, quality, None)
        before = annealing.symbols()
        around = 8.0 * len(subject.pack(quality, before)) - annealing.bits()
        start_symbols = subject.symbols(self.start.quality)
        best = best_on_target = self._score(part, distortion, self.start.quality, start_symbols, self.start.stream)
        for _ in self._steps_of(annealing, quality, 8.0 * self.start.target_bytes - around, self.settings.seconds):
            symbols = annealing.symbols()
            stream = subject.pack(quality, symbols)
            score = self._score(part, distortion, quality, symbols, stream)
            refined = self._refined(stream, quality)
            if score < (best_on_target if refined.on_target else best):
                yield refined
            best = min(best, score)
            if refined.on_target:
                best_on_target = min(best_on_target, score)

    def _by_parts(self, parts: list[Part]) -> Iterator[Refined]:
        """Refine a large picture: each part at its own size, so that the whole is on target after each part."""
        subject, quality = self.refiner.subject, self.start.quality
        symbols = subject.symbols(quality)
        packing_s, pending = 0.0, False
        for number, part in enumerate(parts):
            left_s = self._seconds_left()
            if self.stop() or (left_s is not None and left_s <= 0.0):
                break
            distortion = self._distortions.of(part)
            self._worth = self._worth_of(part)
            cut = symbols[:, part.rows, part.columns]
            annealing = self._annealing(part, distortion, quality, cut)
            goal_bits = annealing.bits()
            before = self._part_score(part, distortion, quality, cut, goal_bits)
            seconds = None if left_s is None else left_s / (len(parts) - number)
            for _ in self._steps_of(annealing, quality, goal_bits, seconds, (number, len(parts))):
                pass
            after = annealing.symbols()
            bits = annealing.bits(latest=True)
            if self._part_score(part, distortion, quality, after, bits) >= before:
                continue
            symbols[:, part.rows, part.columns] = after
            pending = True
            if self.refiner.clock() - self._begun > _PACKED_RARELY * packing_s:
                began = self.refiner.clock()
                refined = self._refined(subject.pack(quality, symbols), quality)
                packing_s += self.refiner.clock() - began
                pending = False
                yield refined
        if pending:
            yield self._refined(subject.pack(quality, symbols), quality)

    def _annealing(self, part: Part, distortion: Distortion, quality: int, symbols: Symbols | None) -> Annealing:
        """The annealing of a part at a quality. symbols: of its surroundings, if those have been refined."""
        refiner = self.refiner
        gain = refiner.transforms.gain(quality).astype(np.float32)[:, None, None]
        scaled = refiner.subject.latents.at(quality, part.rows, part.columns) * gain
        if symbols is not None:
            framed = symbols.astype(np.float32)
            inside = (slice(None), *part.window.moving)
            framed[inside] = scaled[inside]
            scaled = framed
        return Annealing(
            refiner.transforms,
            refiner.context,
            scaled.astype(np.float32, copy=False),
            quality,
            distortion=distortion,
            window=part.window,
            lagrangian=self._exchange(quality),
            seed=self.settings.seed,
        )

    def _steps_of(
        self,
        annealing: Annealing,
        quality: int,
        goal_bits: float,
        seconds: float | None,
        place: tuple[int, int] = (0, 1),
    ) -> Iterator[None]:
        """Anneal, then settle at the goal; yields after every few steps and at the end.

        place: the number of the part, and of all parts.
        """
        begun = self.refiner.clock()
        own, steps = self._exchange(quality), self.settings.steps
        number, count = place

        def off() -> float:
            return math.log(max(annealing.bits(latest=True), 1.0) / max(goal_bits, 1.0))

        while True:
            share = annealing.steps / steps
            if seconds is not None:
                share = (self.refiner.clock() - begun) / max(seconds * (1.0 - _SETTLING_SHARE), 1e-3)
                if count > 1:
                    share = min(share, annealing.steps / _LEAST_STEPS)
            if share >= 1.0 or self.stop():
                break
            if share >= _CONTROLLED_FROM:
                pull = -_CONTROL * (math.log(max(annealing.bits(), 1.0) / max(goal_bits, 1.0)) + _RISE * (1.0 - share))
                annealing.lagrangian = own * _bounded(pull)
            annealing.step(share)
            self._steps += 1
            self.progress((number + share * (1.0 - _SETTLING_SHARE)) / count)
            if annealing.steps % _SHOWN_EVERY == 0:
                yield
        if not annealing.steps:
            return
        before: float | None = None
        for settling in range(_MAX_SETTLING_STEPS):
            if settling % 2 == 0:
                ahead = off()
                if abs(ahead) <= _SETTLED_WITHIN:
                    break
                moving = 0.0 if before is None else ahead - before
                before = ahead
                annealing.lagrangian = own * _bounded(-_SETTLING_CONTROL * (ahead + _FORESIGHT * moving))
            annealing.step(SETTLED)
            self._steps += 1
            done = 1.0 - _SETTLING_SHARE * (1.0 - settling / _MAX_SETTLING_STEPS)
            self.progress((number + done) / count)
        yield

    def _exchange(self, quality: int) -> float:
        """Bits per pixel that one unit of distortion is worth at a quality."""
        return self._worth * lagrangian(quality)

    def _worth_of(self, part: Part) -> float:
        """How much more a unit of the chosen distortion is worth than a unit of the one that weighs both errors evenly.

        This keeps the exchange rate of bits for errors the same for any goal or region: that of a step of quality.
        """
        if self.settings.aim is Aim.BOTH and self.settings.region is None:
            return 1.0
        aimed = self._distortions.of(part)
        both = replace(self._distortions, aim=Aim.BOTH, weights=None).of(part)
        qualities = self.refiner.subject.qualities
        low, high = (
            min(max(self.start.quality + step, qualities[0]), qualities[-1]) for step in (-_SLOPE_STEP, _SLOPE_STEP)
        )
        worse, better = self._shown_at(part, low), self._shown_at(part, high)
        by_both, by_aimed = both(worse) - both(better), aimed(worse) - aimed(better)
        if min(by_both, by_aimed) <= 0.0:  # as for flat colours
            return 1.0
        return min(max(by_both / by_aimed, 1.0 / _MOST_WORTH), _MOST_WORTH)

    def _shown_at(self, part: Part, quality: int) -> Pixels:
        """The compared pixels of a part at a quality, unrefined."""
        gain = self.refiner.transforms.gain(quality).astype(np.float32)[:, None, None]
        symbols = np.rint(self.refiner.subject.latents.at(quality, part.rows, part.columns) * gain).astype(np.int32)
        rows, columns = part.window.compared
        return self._as_decoded(symbols, quality, rows, columns)

    def _as_decoded(self, symbols: Symbols, quality: int, rows: slice, columns: slice) -> Pixels:
        """Some rows and columns of the picture decoded from symbols."""
        shown = self.refiner.transforms.synthesise(symbols, quality, rows.stop, columns.stop)[rows, columns]
        if self.refiner.subject.grey:
            make_grey(shown)
        return shown

    def _seconds_left(self) -> float | None:
        if self.settings.seconds is None:
            return None
        return self.settings.seconds - (self.refiner.clock() - self._begun)

    def _score(self, part: Part, distortion: Distortion, quality: int, symbols: Symbols, stream: bytes) -> float:
        """The cost of a stream in bits: its own, and its distortion at the exchange rate of the start."""
        return self._part_score(part, distortion, quality, symbols, 8.0 * len(stream))

    def _part_score(self, part: Part, distortion: Distortion, quality: int, symbols: Symbols, bits: float) -> float:
        rows, columns = part.window.compared
        shown = self._as_decoded(symbols, quality, rows, columns)
        exchanged: float = self._exchange(self.start.quality) * shown.shape[0] * shown.shape[1] * distortion(shown)
        return bits + exchanged

    def _refined(self, stream: bytes, quality: int) -> Refined:
        off = len(stream) / self.start.target_bytes - 1.0
        return Refined(stream, quality, self._steps, self.refiner.clock() - self._begun, abs(off) <= SIZE_TOLERANCE)


@dataclass(frozen=True, eq=False)
class _Distortions:
    """Of the parts of one picture."""

    pixels: Pixels
    aim: Aim
    weights: NDArray[np.float32] | None
    grey: bool

    def of(self, part: Part) -> Distortion:
        """Against what a part compares."""
        weights = None if self.weights is None else np.ascontiguousarray(self.weights[part.pixels])
        return Distortion(np.ascontiguousarray(self.pixels[part.pixels]), self.aim, weights, grey=self.grey)


def _bounded(pull: float) -> float:
    most = math.log(_MOST_PULL)
    return math.exp(min(max(pull, -most), most))


def _begun_larger(bpp: float, aim: Aim) -> float:
    """The size before refinement relative to the target, at the quality to refine at; measured.

    The size after it varies by 5 % around the target; the lagrangian corrects that.
    """
    always, at_low_rates = _BEGUN_LARGER[aim]
    return 1.0 + always + at_low_rates / max(bpp, 0.03)
