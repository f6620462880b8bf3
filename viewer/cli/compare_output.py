"""What “ratelens compare” prints: a table, or JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from viewer.codecs.base import settings_of
from viewer.codecs.registry import codec_named
from viewer.imaging.image import Image
from viewer.imaging.image_info import format_bytes
from viewer.matching.curve import RatePoint
from viewer.matching.limits import quality_limit_sentence, rate_limit_note
from viewer.matching.quality_search import QualityMatch
from viewer.matching.reconstruction import Reconstruction
from viewer.matching.refinement import is_refined
from viewer.matching.result import Result
from viewer.matching.score_search import ScoreMatch
from viewer.matching.size_ratios import byte_ratios, reference_codec, size_ratio_sentence
from viewer.matching.targets.quality import TOLERANCE_DB, format_quality
from viewer.matching.targets.score import ScoreTarget, format_tolerance, tolerance
from viewer.metrics.base import Metric
from viewer.metrics.measurement import Metrics
from viewer.metrics.scoring import Score, format_score, score_in


@dataclass(frozen=True, eq=False)
class Compared:
    """What came of it. target_bpp: None at equal quality; then matches has what came of it, by codec. metrics: those
    that were asked for besides PSNR and MS-SSIM. remarks: where codecs are better with fewer bits, by their names.
    """

    path: Path
    image: Image
    target_bpp: float | None
    results: Sequence[Result]
    matches: Mapping[str, QualityMatch | ScoreMatch]
    metrics: Sequence[Metric] = ()
    reconstructions: Sequence[Reconstruction] = ()
    remarks: Mapping[str, str] = field(default_factory=dict)

    @property
    def reference(self) -> str:
        """The codec whose bytes the others' are compared with, at equal quality."""
        return reference_codec(self.matches, tuple(self.matches))

    @property
    def ratios(self) -> dict[str, float]:
        """Bytes against those of the reference codec, at equal quality."""
        return byte_ratios(self.matches, self.reference) if self.matches and self.results else {}


def as_json(compared: Compared) -> dict[str, Any]:
    """What “compare --json” prints. PSNR is null where the reconstruction is lossless, and so is a floor there.

    prepare_ms is what was done once for all rates of the picture, encode_ms coding one stream, search_ms finding it.
    other_variants are what a codec tried besides at the same rate, of which the best in PSNR RGB is shown; remark says
    where it is better with fewer bits.

    At equal quality target_bpp is null; quality_target or metric_target and, of each codec, reached_quality and its
    floor or ceiling say what was asked for and met, and bytes_against_first how many times the bytes it takes of the
    first codec that meets the target. A score is null where the metric has none.
    """
    image, ratios = compared.image, compared.ratios
    return {
        "image": {"path": str(compared.path), "width": image.width, "height": image.height},
        "target_bpp": compared.target_bpp,
        **_target_json(compared),
        "metrics": [_metric_json(metric) for metric in compared.metrics],
        "results": [
            {
                "codec": result.request.codec,
                "bpp": result.bpp,
                "bytes": len(result.stream),
                "reachable": result.reachable,
                "floor_bpp": result.floor_bpp,
                "ceiling_bpp": result.ceiling_bpp,
                **_match_json(compared.matches.get(result.request.codec), ratios),
                **_figures_json(result.measurement.metrics, result.scores, compared.metrics),
                "detail": result.detail,
                "encoder": settings_of(codec_named(result.request.codec)),
                "prepare_ms": result.prepare_ms,
                "encode_ms": result.encode_ms,
                "search_ms": result.search_ms,
                "decode_ms": result.decode_ms,
                "remark": compared.remarks.get(result.request.codec, ""),
                "other_variants": [_variant_json(point) for point in result.others],
            }
            for result in compared.results
        ],
        "reconstructions": [
            {
                "path": str(given.path),
                "series": given.series,
                "bpp": given.bpp(image),
                "bytes": given.byte_count,
                **_figures_json(given.measurement.metrics, given.scores, compared.metrics),
            }
            for given in compared.reconstructions
        ],
    }


def _variant_json(point: RatePoint) -> dict[str, Any]:
    return {
        "detail": point.detail,
        "bpp": point.bpp,
        "bytes": point.byte_count,
        "psnr_rgb": _finite(point.metrics.psnr_rgb_db),
        "psnr_luma": _finite(point.metrics.psnr_luma_db),
        "ms_ssim_rgb": point.metrics.ms_ssim_rgb,
        "ms_ssim_luma": point.metrics.ms_ssim_luma,
    }


def _target_json(compared: Compared) -> dict[str, Any]:
    match = next(iter(compared.matches.values()), None)
    quality = score = None
    if isinstance(match, QualityMatch):
        quality = {**asdict(match.target), "tolerance_db": TOLERANCE_DB}
    elif match is not None:
        score = {**asdict(match.target), "tolerance": tolerance(match.metric, match.target.value)}
    return {"quality_target": quality, "metric_target": score}


def _metric_json(metric: Metric) -> dict[str, Any]:
    return {"name": metric.name, "label": metric.label, "unit": metric.unit, "direction": metric.direction}


def _figures_json(measured: Metrics, scores: Mapping[str, Score], metrics: Sequence[Metric]) -> dict[str, Any]:
    return {
        "psnr_rgb": _finite(measured.psnr_rgb_db),
        "psnr_luma": _finite(measured.psnr_luma_db),
        "ms_ssim_rgb": measured.ms_ssim_rgb,
        "ms_ssim_luma": measured.ms_ssim_luma,
        "ms_ssim_scales": measured.ms_ssim_scales,
        "scores": {metric.name: _finite(score_in(metric, measured, scores)) for metric in metrics},
    }


def _match_json(match: QualityMatch | ScoreMatch | None, ratios: Mapping[str, float]) -> dict[str, Any]:
    if match is None:
        return {}
    if isinstance(match, QualityMatch):
        ends = {"floor_db": _finite(match.floor_db), "ceiling_db": _finite(match.ceiling_db)}
    else:
        ends = {"floor_score": _finite(match.floor), "ceiling_score": _finite(match.ceiling)}
    return {
        "reached_quality": match.reached,
        **ends,
        "bytes_against_first": ratios.get(match.result.request.codec),
    }


def _finite(value: float | None) -> float | None:
    """JSON has no infinity."""
    return value if value is not None and math.isfinite(value) else None


def as_text(compared: Compared) -> str:
    """The table, with what was asked for above it and what it means below."""
    image = compared.image
    measured = [result.measurement for result in compared.results]
    measured += [given.measurement for given in compared.reconstructions]
    scales = measured[0].metrics.ms_ssim_scales if measured else 5
    few = "" if scales == 5 else f", MS-SSIM of {scales} scales (a side is under 161 px)"
    lines = [f"{compared.path}: {image.width} x {image.height}, {_asked(compared)}{few}", *image.notes]
    lines += [f"{given.name}: {note}" for given in compared.reconstructions for note in given.notes]
    lines += _table(compared)
    needs = [size_ratio_sentence(codec, ratio, compared.reference) for codec, ratio in compared.ratios.items()]
    return "\n".join([*lines, *(f"{sentence}." for sentence in needs), *compared.remarks.values()])


def _asked(compared: Compared) -> str:
    if compared.target_bpp is not None:
        bpp = compared.target_bpp
        return f"target {bpp:.4f} bpp = {format_bytes(bpp * compared.image.pixel_count / 8)}"
    match = next(iter(compared.matches.values()))
    if isinstance(match, ScoreMatch):
        asked, within = _asked_score(match.metric, match.target)
        return f"equal {match.metric.label} {asked}, within {within}"
    target = match.target
    value = format_quality(target.metric, target.value_db, in_db=True)
    raw = "" if target.metric == "psnr" else f" = {format_quality(target.metric, target.value_db, in_db=False)}"
    return f"equal {target.title()} {value}{raw}, within {TOLERANCE_DB} dB"


def _asked_score(metric: Metric, target: ScoreTarget) -> tuple[str, str]:
    return format_score(metric, target.value), format_tolerance(metric, target.value)


def _miss(result: Result, match: QualityMatch | ScoreMatch | None) -> str:
    if match is None:
        refined = result.detail if is_refined(result) else ""
        return "; ".join(note for note in (rate_limit_note(result), refined) if note)
    if match.reached:
        return ""
    return quality_limit_sentence(result.request.codec, match, in_db=True)


def _off(result: Result, match: QualityMatch | ScoreMatch | None) -> str:
    if match is None:
        return f"{100 * result.deviation:+.2f} %"
    if isinstance(match, QualityMatch):
        return f"{match.value_db - match.target.value_db:+.2f} dB"
    return _signed(match.metric, match.value - match.target.value)


def _signed(metric: Metric, difference: float) -> str:
    size = format_score(metric, abs(difference))
    return f"{'-' if difference < 0 and float(size.split()[0]) else '+'}{size}"


def _table(compared: Compared) -> list[str]:
    metrics = compared.metrics
    head = (
        "codec",
        "bpp",
        "off target",
        "bytes",
        "PSNR RGB",
        "PSNR luma",
        "MS-SSIM RGB",
        "MS-SSIM luma",
        *(metric.label for metric in metrics),
        "prepare",
        "encode",
        "decode",
        "",
    )
    rows = [
        (
            result.request.codec,
            f"{result.bpp:.4f}",
            _off(result, compared.matches.get(result.request.codec)),
            f"{len(result.stream)}",
            *_figures(result.measurement.metrics, result.scores, metrics),
            f"{result.prepare_ms:.0f} ms",
            f"{result.encode_ms:.0f} ms",
            f"{result.decode_ms:.0f} ms",
            result.detail,
        )
        for result in compared.results
    ]
    rows += [
        (
            given.title,
            "–" if given.byte_count is None else f"{given.bpp(compared.image):.4f}",
            "–",
            "–" if given.byte_count is None else f"{given.byte_count}",
            *_figures(given.measurement.metrics, given.scores, metrics),
            *("–", "–", "–"),
            "",
        )
        for given in compared.reconstructions
    ]
    notes = [_miss(result, compared.matches.get(result.request.codec)) for result in compared.results]
    notes += ["" for _ in compared.reconstructions]
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    lines = []
    for row, note in zip([head, *rows], ["", *notes], strict=True):
        cells = [
            cell.ljust(width) if i in (0, len(row) - 1) else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join([*cells, note]).rstrip())
    return lines


def _figures(measured: Metrics, scores: Mapping[str, Score], metrics: Sequence[Metric]) -> list[str]:
    return [
        f"{measured.psnr_rgb_db:.2f} dB",
        f"{measured.psnr_luma_db:.2f} dB",
        f"{measured.ms_ssim_rgb:.4f}",
        f"{measured.ms_ssim_luma:.4f}",
        *(format_score(metric, score_in(metric, measured, scores)) for metric in metrics),
    ]
