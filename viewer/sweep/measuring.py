"""One picture of a sweep, measured: the task that a worker does, and the rows that come of it."""

from __future__ import annotations

import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from models.cpu import told_threads
from models.errors import CodecError, ImageError, MetricError, RateLensError
from models.refine.settings import Aim, RefineSettings
from viewer.codecs.base import Codec, Encoder, can_refine
from viewer.codecs.registry import codec_named
from viewer.imaging.image import Image
from viewer.imaging.reader import load_image
from viewer.matching.comparison import Comparison
from viewer.matching.curve import RatePoint, point_of
from viewer.matching.quality_search import EqualQuality
from viewer.matching.refinement import refine
from viewer.matching.result import Result, scored
from viewer.matching.score_search import EqualScore
from viewer.matching.targets.quality import MEASURES, QualityTarget, ms_ssim_db
from viewer.matching.targets.score import ScoreTarget
from viewer.metrics.registry import metric_of, slow
from viewer.metrics.scoring import Scorer, problems
from viewer.sweep.identity import maker_of, metric_versions
from viewer.sweep.pictures import Picture
from viewer.sweep.rows import Row, format_versions
from viewer.sweep.target import Target


@dataclass(frozen=True)
class Task:
    """What still has to be measured on one picture. wanted: pairs of codec and target. added: codecs that another
    process would not know by name. refine: how a codec is refined that `refined_name` names. metrics: those that are
    asked for besides, as the user wrote them: a process of its own finds them again. repeats: how often each stream is
    coded and decoded for its times.
    """

    picture: Picture
    wanted: tuple[tuple[str, Target], ...]
    added: tuple[Codec, ...] = ()
    refine: RefineSettings | None = None
    metrics: tuple[str, ...] = ()
    repeats: int = 1


@dataclass(frozen=True)
class Measured:
    """What came of a task. errors: of codecs that failed; what they made before is among the rows. problems: why scores
    are missing, a sentence each.
    """

    rows: tuple[Row, ...]
    errors: tuple[RateLensError, ...] = ()
    problems: tuple[str, ...] = ()


def refined_name(codec: str, settings: RefineSettings) -> str:
    """What the CSV calls a codec whose streams are refined, by how: “learned-60steps”, “learned-30s-psnr”."""
    amount = f"{settings.steps}steps" if settings.seconds is None else f"{settings.seconds:g}s"
    return f"{codec}-{amount}" + ("" if settings.aim is Aim.BOTH else f"-{settings.aim.value}")


def refinable(codecs: Sequence[str]) -> list[str]:
    """Those of the codecs that can be refined."""
    return [name for name in codecs if can_refine(codec_named(name))]


def plain_name(codec: str, settings: RefineSettings | None) -> str:
    """The codec behind a name of `refined_name`, or the same name."""
    return codec if settings is None else codec.removesuffix(refined_name("", settings))


def measure(task: Task) -> Measured:
    """Do one task. A codec that fails does so alone. Raises ImageError or MemoryLimitError."""
    image = load_image(task.picture.path)
    if image.source is None or image.source.digest != task.picture.sha256:
        raise ImageError(
            f"“{task.picture.image}” has another content here than where the sweep began: give every worker the same "
            "pictures, and run the same command again."
        )
    bench = _Bench(task, image)
    rows: list[Row] = []
    scores = []
    errors: dict[str, RateLensError] = {}
    for codec, target in task.wanted:
        if codec in errors:
            continue
        try:
            point, reached, repeats = bench.point(codec, target)
        except (CodecError, MetricError) as error:
            errors[codec] = error
            continue
        scores.append(point.scores)
        rows.append(bench.row(codec, target, point, reached=reached, repeats=repeats))
        # Of several variants only those that meet the target do not come alone.
        rows += [bench.row(codec, target, other, reached=reached) for other in point.others]
    return Measured(tuple(rows), tuple(errors.values()), tuple(problems(scores)))


class _Bench:
    """A picture with all that its rows have in common."""

    def __init__(self, task: Task, image: Image) -> None:
        self._task = task
        self._plain = {codec: plain_name(codec, task.refine) for codec, _ in task.wanted}
        added = {codec.name: codec for codec in task.added}
        codecs = [added.get(name) or codec_named(name) for name in dict.fromkeys(self._plain.values())]
        self._comparison = Comparison(image, codecs)
        metrics = list(map(metric_of, task.metrics))
        self._scorer = Scorer(image.pixels, slow(metrics))
        self._quality = EqualQuality(self._comparison)
        self._makers = {codec.name: maker_of(codec) for codec in codecs}
        self._versions = metric_versions(metrics)

    def point(self, codec: str, target: Target) -> tuple[RatePoint, bool, int]:
        """What the codec comes to, whether it meets the target, and how many times its times are medians of. Raises
        CodecError, MetricError, MemoryLimitError.
        """
        name, settings = self._plain[codec], self._task.refine
        result, reached = self._result(name, target)
        refined = settings is not None and codec != name
        if refined:
            assert settings is not None
            result = refine(self._comparison, result, settings)
        result = scored(result, self._scorer)
        encode_ms, decode_ms, repeats = self._times(result, refined=refined)
        return replace(point_of(result), encode_ms=encode_ms, decode_ms=decode_ms), reached, repeats

    def _result(self, name: str, target: Target) -> tuple[Result, bool]:
        if target.is_rate:
            result = self._comparison.result(name, target.value)
            return result, result.reachable
        measure = next((one for one in MEASURES if f"{one.metric}_{one.channel}" == target.metric), None)
        if measure is not None:
            value_db = ms_ssim_db(target.value) if measure.metric == "ms_ssim" else target.value
            match = self._quality.match(name, QualityTarget(measure.metric, measure.channel, value_db))
            return match.result, match.reached
        metric = next(metric for metric in map(metric_of, self._task.metrics) if metric.name == target.metric)
        found = EqualScore(self._comparison, metric, self._scorer).match(name, ScoreTarget(metric.name, target.value))
        return found.result, found.reached

    def _times(self, result: Result, *, refined: bool) -> tuple[float, float, int]:
        """The medians of coding this one stream at its known quality, and of decoding it, and of how many times each.

        What was prepared before is part of neither. A refined stream cannot be coded again.
        """
        encode_ms, decode_ms = [result.encode_ms], [result.decode_ms]
        name = result.request.codec
        encoder = None if refined or self._task.repeats < 2 else self._encoder_of(result)
        for _ in range(1, self._task.repeats if encoder is not None or refined else 1):
            if encoder is not None:
                begun = time.perf_counter()
                encoder.encode(result.quality)
                encode_ms.append(1e3 * (time.perf_counter() - begun))
            begun = time.perf_counter()
            self._comparison.decoded(name, result.stream)
            decode_ms.append(1e3 * (time.perf_counter() - begun))
        return median(encode_ms), median(decode_ms), len(decode_ms)

    def _encoder_of(self, result: Result) -> Encoder | None:
        """That of the codec's encoders that makes a result's stream."""
        encoders = self._comparison.encoders(result.request.codec)
        candidates = [one for one in encoders if result.quality in one.qualities]
        return next((one for one in candidates if one.encode(result.quality) == result.stream), None)

    def row(self, codec: str, target: Target, point: RatePoint, *, reached: bool, repeats: int = 1) -> Row:
        """A point as a row. repeats: how many times its times are medians of."""
        metrics, picture, maker = point.metrics, self._task.picture, self._makers[self._plain[codec]]
        scores = {name: score.value for name, score in point.scores.items() if score.value is not None}
        versions = {name: version for name, version in self._versions.items() if name in scores}
        return Row(
            image=picture.image,
            codec=codec,
            target_bpp=target.value if target.is_rate else 0.0,
            bpp=point.bpp,
            bytes=point.byte_count,
            reachable=reached,
            psnr_rgb=metrics.psnr_rgb_db,
            psnr_luma=metrics.psnr_luma_db,
            ms_ssim_rgb=metrics.ms_ssim_rgb,
            ms_ssim_luma=metrics.ms_ssim_luma,
            encode_ms=round(point.encode_ms, 1),
            decode_ms=round(point.decode_ms, 1),
            variant=point.variant,
            prepare_ms=round(point.prepare_ms, 1),
            target_quality="" if target.is_rate else target.text,
            image_sha256=picture.sha256,
            codec_version=maker.version,
            weights=maker.weights,
            metric_versions=format_versions(versions),
            program_version=maker.program,
            repeats=repeats,
            host=platform.node(),
            threads=told_threads(),
            folder=picture.folder,
            scores=scores,
        )
