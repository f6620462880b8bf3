"""Refines results: a better stream of the same size, from codecs that support it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace

from models.errors import CodecError
from models.refine.settings import SIZE_TOLERANCE, Refined, RefineSettings, Start
from viewer.codecs import base
from viewer.codecs.base import Refines
from viewer.matching.comparison import Comparison
from viewer.matching.result import Result
from viewer.matching.targets.rate import target_bytes
from viewer.system.log import log
from viewer.system.memory import process_budget, refining_bytes

_REFINED = "refined, "


def _silent(_share: float) -> None:
    pass


def _never() -> bool:
    return False


def can_refine(comparison: Comparison, codec: str) -> bool:
    """Whether a codec of the comparison supports refinement."""
    return base.can_refine(comparison.codecs[codec])


def is_refined(result: Result) -> bool:
    """Whether a result was refined."""
    return result.detail.startswith(_REFINED)


def is_on_target(refined: Result, start: Result) -> bool:
    """Whether a result on the way has the size that was asked for, or that `start` has if it missed that."""
    size = _target_size(start)
    return abs(len(refined.stream) / size - 1.0) <= SIZE_TOLERANCE


def refine(
    comparison: Comparison,
    result: Result,
    settings: RefineSettings,
    *,
    progress: Callable[[float], None] = _silent,
    stop: Callable[[], bool] = _never,
) -> Result:
    """The best stream that refinement finds at the result's target, decoded and measured; else the result itself.

    Like `refinements`, but returns only the final result.
    """
    best: Refined | None = None
    with _granted(result):
        for refined in _streams(comparison, result, settings, progress, stop):
            best = refined if refined.on_target else best
        return result if best is None else refined_result(comparison, result, best)


def refinements(
    comparison: Comparison,
    result: Result,
    settings: RefineSettings,
    *,
    progress: Callable[[float], None] = _silent,
    stop: Callable[[], bool] = _never,
) -> Iterator[Result]:
    """Yield ever better results, to be shown as they come. The last one within 1 % of the size is the final result.

    If the codec did not reach the target, its actual size is kept. progress: called with the share that is done. stop:
    called before every step; if it returns true, the best so far is brought to the target size. Close the iterator to
    end immediately. It holds the memory as long as it is open. Raises CodecError, MemoryLimitError.
    """
    with _granted(result):
        for refined in _streams(comparison, result, settings, progress, stop):
            yield refined_result(comparison, result, refined)


def _granted(result: Result) -> AbstractContextManager[object]:
    return process_budget().granted(refining_bytes(result.request.image.pixel_count), "Refining")


def _streams(
    comparison: Comparison,
    result: Result,
    settings: RefineSettings,
    progress: Callable[[float], None],
    stop: Callable[[], bool],
) -> Iterator[Refined]:
    codec = comparison.codecs[result.request.codec]
    if not isinstance(codec, Refines) or not codec.is_refinable:
        raise CodecError(f"{codec.label} cannot be refined: use the learned codec with its context model.")
    image = result.request.image
    size = _target_size(result)
    encoders = comparison.encoders(codec.name)
    encoder = next((e for e in encoders if e.detail == result.variant), encoders[0])
    log.info("refining %s at %d bytes, %s", codec.name, size, settings)
    start = Start(result.stream, result.quality, size)
    return codec.refine(image, encoder, start, settings, progress=progress, stop=stop)


def _target_size(result: Result) -> int:
    """In bytes."""
    if not result.reachable:
        return len(result.stream)
    return round(target_bytes(result.request.target_bpp, result.request.image))


def kept_result(comparison: Comparison, result: Result, stream: bytes, seconds: float) -> Result:
    """Decode and measure a stream that was refined before, in `seconds`, from this result. Raises CodecError."""
    return refined_result(comparison, result, Refined(stream, result.quality, 0, seconds, on_target=True))


def refined_result(comparison: Comparison, result: Result, refined: Refined) -> Result:
    """Decode and measure a refined stream, as the new result.

    Its encoding time is all the time spent on it.
    """
    begun = time.perf_counter()
    reconstruction = comparison.decoded(result.request.codec, refined.stream)
    decoded = time.perf_counter()
    measurement = comparison.reference().measure(reconstruction)
    measured = time.perf_counter()
    reconstruction, measurement = comparison.offloaded(reconstruction, measurement)
    return replace(
        result,
        stream=refined.stream,
        quality=refined.quality,
        detail=f"{_REFINED}{refined.seconds:.0f} s",
        reconstruction=reconstruction,
        measurement=measurement,
        encode_ms=result.encode_ms + 1e3 * refined.seconds,
        decode_ms=(decoded - begun) * 1e3,
        measure_ms=(measured - decoded) * 1e3,
    )
