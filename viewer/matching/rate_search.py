"""Rate matching: finds the quality whose stream is closest to a target size."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from models.errors import CodecError
from viewer.codecs.base import Encoder, Prepares

log = logging.getLogger("ratelens.search")

TOLERANCE = 0.01
"""A target counts as reached if the stream's size is within this share of it."""

CLOSE = 0.005
"""Within this share of the target, no other encoder is tried."""

MAX_PROBES = 24
"""The largest number of qualities that a search tries."""

_ROUNDS = (2, 6, MAX_PROBES)
"""If one encoder that meets the target is enough, each gets this many probes before the next one is tried. A target
that it has not met by then lies in a gap between its sizes, and searching on would take long."""


def _good_enough(probes: int) -> float:
    """The deviation at which the search stops: small at first, then larger, since probes can be costly."""
    if probes <= 2:
        return 0.003
    return CLOSE if probes <= 4 else TOLERANCE


@dataclass(frozen=True, eq=False)
class Match:
    """The best stream found. floor_bytes or ceiling_bytes: size of the codec's smallest or largest stream of this
    picture, set if the target lies beyond it.
    """

    stream: bytes
    quality: int
    reachable: bool
    floor_bytes: int | None
    ceiling_bytes: int | None
    probes: int
    encode_s: float = 0.0
    """What coding this stream took, without the search for it."""


def match(encoder: Encoder, target_bytes: float) -> Match:
    """Search the encoder's qualities for the stream whose size is nearest to the target. Raises CodecError where none
    of them can be coded.
    """
    search = Search(encoder, target_bytes)
    search.run()
    return search.result()


class Search:
    """Finds the quality whose stream is nearest to a target, in log size. Each quality is encoded at most once.

    Sizes grow with quality, but not strictly. The encoder's own guess comes first, corrected by its error until the
    target is bracketed; then the bracket is narrowed by interpolation. A quality that cannot be coded counts as tried:
    it bounds the bracket, and the search continues next to it.

    prepared_s: the part of the time so far that was spent on what serves every rate of the picture.
    """

    def __init__(self, encoder: Encoder, target_bytes: float, guess: Callable[[int], int] | None = None) -> None:
        """guess: a better one than the encoder's own."""
        self.target_bytes = max(1.0, target_bytes)
        self._guess = guess or encoder.guess
        self.sizes: dict[int, int] = {}
        self.failures: dict[int, CodecError] = {}
        self.prepared_s = 0.0
        self.encoder = encoder
        self._first, self._last = encoder.qualities[0], encoder.qualities[-1]
        self._low, self._high = self._first - 1, self._last + 1
        self._reach = max(1, (self._last - self._first) // 64)
        self._halve = False
        self._exhausted = False
        self._best_quality = self._first
        self._best_stream = b""
        self._best_encode_s = 0.0
        self._elsewhere = _spread(encoder.qualities)

    def run(self, max_probes: int = MAX_PROBES, pause: Callable[[], None] | None = None) -> None:
        """Search until max_probes qualities have been tried in all. pause: called before each one."""
        while len(self.sizes) + len(self.failures) < max_probes and not self._exhausted:
            quality = self._next_quality() if self.sizes else self._first_quality()
            if quality is None:
                self._exhausted = True
                return
            if pause is not None:
                pause()
            if self._probe(quality) and self.deviation <= _good_enough(len(self.sizes)):
                return

    @property
    def found(self) -> bool:
        """Whether any quality could be coded."""
        return bool(self.sizes)

    @property
    def is_close(self) -> bool:
        """Whether the result is so close that no other encoder needs to be tried."""
        return bool(self.sizes) and self.deviation <= CLOSE

    @property
    def reachable(self) -> bool:
        """Whether the nearest stream so far is within the tolerance."""
        return bool(self.sizes) and self.deviation <= TOLERANCE

    @property
    def deviation(self) -> float:
        """Deviation of the nearest stream so far, as a share of the target."""
        return abs(len(self._best_stream) / self.target_bytes - 1.0)

    def _probe(self, quality: int) -> bool:
        """Encode at a quality not tried before; whether it could be."""
        begun = time.perf_counter()
        try:
            if isinstance(self.encoder, Prepares):
                self.encoder.prepare(quality)
            prepared = time.perf_counter()
            self.prepared_s += prepared - begun
            stream = self.encoder.encode(quality)
        except CodecError as error:
            log.info("quality %d failed: %s", quality, error)
            self._fail(quality, error)
            return False
        self.sizes[quality] = len(stream)
        if len(self.sizes) == 1:
            self._high = min((failed for failed in self.failures if failed > quality), default=self._high)
            self._low = max((failed for failed in self.failures if failed < quality), default=self._low)
        if len(self.sizes) == 1 or self._distance(stream) < self._distance(self._best_stream):
            self._best_quality, self._best_stream = quality, stream
            self._best_encode_s = time.perf_counter() - prepared
        if len(stream) < self.target_bytes:
            self._low = max(self._low, quality)
        else:
            self._high = min(self._high, quality)
        return True

    def _fail(self, quality: int, error: CodecError) -> None:
        """Bound the bracket by a quality that cannot be coded: on the side where it is, seen from those that can."""
        self.failures[quality] = error
        if not self.sizes:
            return
        below, above = self._low >= self._first, self._high <= self._last
        # In the middle the larger part is searched on.
        upper = quality - self._low >= self._high - quality if below and above else below
        if upper:
            self._high = min(self._high, quality)
        else:
            self._low = max(self._low, quality)

    def _first_quality(self) -> int | None:
        """The encoder's guess; where that fails, qualities spread over all that there are."""
        if not self.failures:
            return self._guess(round(self.target_bytes))
        return next((quality for quality in self._elsewhere if quality not in self.failures), None)

    def _distance(self, stream: bytes) -> float:
        return abs(math.log(len(stream) / self.target_bytes))

    def _next_quality(self) -> int | None:
        """The quality to try next; None if no other can come nearer."""
        if self._high - self._low <= 1:
            return None
        if self._low < self._first or self._high > self._last:
            return self._outwards()
        middle = (self._low + self._high) // 2
        small, large = self.sizes.get(self._low), self.sizes.get(self._high)
        if self._halve or small is None or large is None or large <= small:
            self._halve = False
            return middle
        share = math.log(self.target_bytes / small) / math.log(large / small)
        quality = min(max(self._low + round(share * (self._high - self._low)), self._low + 1), self._high - 1)
        # Interpolation that stays near one end of a wide bracket converges slowly: bisect once instead.
        self._halve = min(quality - self._low, self._high - quality) < 0.1 * (self._high - self._low)
        return quality

    def _outwards(self) -> int:
        """One side of the bracket is still open: try the corrected guess, then go on in that direction, ever faster."""
        latest = next(reversed(self.sizes))
        corrected = self._guess(round(self.target_bytes * self.target_bytes / self.sizes[latest]))
        upwards = self._high > self._last
        edge = self._low if upwards else self._high
        step = abs(corrected - edge) * 9 // 8 if (corrected > edge) == upwards else 0
        if len(self.sizes) > 1:
            step = max(step, self._reach)
            self._reach *= 3
        step = max(step, 1)
        return min(edge + step, self._last) if upwards else max(edge - step, self._first)

    def result(self) -> Match:
        """The best so far. A floor or ceiling is reported only if nothing is left to try.

        Raises CodecError if none of the qualities tried can be coded.
        """
        if not self.sizes:
            raise next(reversed(self.failures.values()))
        size = len(self._best_stream)
        missed = self._exhausted and not self.reachable
        return Match(
            self._best_stream,
            self._best_quality,
            self.reachable,
            size if missed and all(tried > self.target_bytes for tried in self.sizes.values()) else None,
            size if missed and all(tried < self.target_bytes for tried in self.sizes.values()) else None,
            len(self.sizes) + len(self.failures),
            self._best_encode_s,
        )


def _spread(qualities: range) -> Iterator[int]:
    """Some qualities of a range: its middle, the quarters, then its ends."""
    for parts in (2, 4):
        yield from (qualities[len(qualities) * i // parts] for i in range(1, parts, 2))
    yield from (qualities[0], qualities[-1])


class Pause:
    """Calls the caller's function between steps, if there is one, and adds up the time that it takes."""

    def __init__(self, wait: Callable[[], None] | None) -> None:
        self.spent_s = 0.0
        self._wait = wait

    def __call__(self) -> None:
        if self._wait is not None:
            begun = time.perf_counter()
            self._wait()
            self.spent_s += time.perf_counter() - begun


def all_searched(searches: Sequence[Search], promising: Sequence[bool], pause: Pause) -> list[Search]:
    """Those that met the target, or the nearest; the ones that do not promise to win only where no other met it."""
    run: list[Search] = []
    for group in (True, False):
        for search, promises in zip(searches, promising, strict=True):
            if promises is group:
                search.run(MAX_PROBES, pause)
                run.append(search)
        if reachable := [search for search in run if search.reachable]:
            return reachable
    return [min(run, key=_deviation)]


def first_searched(searches: Sequence[Search], pause: Pause) -> list[Search]:
    """The first that comes close to the target, or the nearest."""
    if len(searches) == 1:
        searches[0].run(MAX_PROBES, pause)
        return [searches[0]]
    for max_probes in _ROUNDS:
        for search in searches:
            search.run(max_probes, pause)
            if search.is_close:
                return [search]
        if any(search.reachable for search in searches):
            break
    return [min(searches, key=_deviation)]


def _deviation(search: Search) -> tuple[bool, float]:
    return not search.found, search.deviation
