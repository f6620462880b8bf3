"""“ratelens compare”: every codec at one rate, or at one quality, on one picture."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from models.errors import CodecError, MetricError, TargetError
from viewer.cli.compare_output import Compared, as_json, as_text
from viewer.cli.options import (
    add_codecs,
    add_memory_limit,
    add_metrics,
    add_reconstructions,
    add_target,
    chosen_codecs,
    chosen_metrics,
    exit_code,
    given_reconstructions,
    quality_of,
    score_target_of,
    target_of,
)
from viewer.cli.printing import print_output
from viewer.cli.refining import add_refine, refine_settings, refined
from viewer.codecs.registry import codec_named
from viewer.imaging.reader import load_image
from viewer.imaging.writer import check_overwrite, named_after, png_bytes, write_file
from viewer.matching.comparison import Comparison
from viewer.matching.curve import better_with_fewer, every_point, point_of, worse_sentence
from viewer.matching.quality_search import EqualQuality, QualityMatch
from viewer.matching.reconstruction import load_reconstruction
from viewer.matching.refinement import can_refine
from viewer.matching.result import Result, scored
from viewer.matching.score_search import EqualScore, ScoreMatch
from viewer.matching.size_ratios import fall_sentence
from viewer.matching.targets.quality import MEASURES
from viewer.metrics.registry import slow
from viewer.metrics.scoring import Scorer, problems
from viewer.report.composite import composite
from viewer.system.memory import composing_bytes, process_budget, writing_bytes

_CHECKED_PIXELS = 4_000_000
"""Larger pictures are not checked for being better at half the bits."""

Match = Callable[[str], QualityMatch | ScoreMatch]


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("image", type=Path)
    add_target(parser)
    add_codecs(parser)
    add_metrics(parser)
    add_reconstructions(parser)
    add_refine(parser)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write streams, reconstructions and a labelled picture")
    parser.add_argument("--force", action="store_true", help="overwrite files in DIR")
    add_memory_limit(parser)


def run(parsed: argparse.Namespace) -> int:
    """Compare; returns the exit code. Raises RateLensError."""
    codecs = chosen_codecs(parsed)
    names = [codec.name for codec in codecs]
    metrics = chosen_metrics(parsed)
    wanted = score_target_of(parsed)
    if wanted is not None and wanted[0].name not in {metric.name for metric in metrics}:
        metrics = (wanted[0], *metrics)
    given = given_reconstructions(parsed)
    image = load_image(parsed.image)
    quality = quality_of(parsed)
    bpp = target_of(parsed.bpp, image) if parsed.bpp is not None else None
    settings = refine_settings(parsed, image)
    if settings is not None and bpp is None:
        raise TargetError("--refine keeps to a size: use it with --bpp instead of an equal quality.")
    picture, out = parsed.image.name, parsed.out
    files = {name: out / named_after(picture, f".{name}{codec_named(name).suffix}") for name in names} if out else {}
    endings = {name: ".decoded.png" if codec_named(name).suffix == ".png" else ".png" for name in files}
    pictures = {name: out / named_after(picture, f".{name}{ending}") for name, ending in endings.items()}
    overview = [out / named_after(picture, ".comparison.png")] if out else []
    check_overwrite([*files.values(), *pictures.values(), *overview], force=parsed.force)
    comparison = Comparison(image, codecs)
    if settings is not None and not any(can_refine(comparison, name) for name in names):
        raise TargetError("None of these codecs can be refined: use --refine with --codec learned.")
    scorer = Scorer(image.pixels, slow(metrics))
    others = [load_reconstruction(one, image, comparison.reference(), scorer) for one in given]
    match: Match | None = None
    if quality is not None:
        match = partial(EqualQuality(comparison).match, target=quality)
    elif wanted is not None:
        match = partial(EqualScore(comparison, wanted[0], scorer).match, target=wanted[1])
    results, matches, refused = _compared(comparison, names, bpp, match)
    remarks = _remarks(comparison, results, matches)
    if settings is not None:
        results = [refined(comparison, result, settings) for result in results]
    budget = process_budget()
    for result in results:
        if files:
            write_file(files[result.request.codec], result.stream, force=parsed.force)
            with budget.granted(writing_bytes(image.pixel_count), "Writing the reconstruction"):
                png = png_bytes(result.reconstruction)
            write_file(pictures[result.request.codec], png, force=parsed.force)
    results = [scored(result, scorer) for result in results]
    compared = Compared(parsed.image, image, bpp, results, matches, metrics, others, remarks)
    print_output(json.dumps(as_json(compared), indent=2) if parsed.json else as_text(compared))
    refused += problems([*(result.scores for result in results), *(one.scores for one in others)])
    for path in overview:
        labelled = [(codec_named(result.request.codec).label, result) for result in results]
        required_bytes = composing_bytes(1 + len(results) + len(others), image.pixel_count)
        with budget.granted(required_bytes, "The streams are written; the labelled picture"):
            png = png_bytes(composite(image, labelled, others, metrics))
        write_file(path, png, force=parsed.force)
    return exit_code(refused)


def _compared(
    comparison: Comparison, names: Sequence[str], bpp: float | None, match: Match | None
) -> tuple[list[Result], dict[str, QualityMatch | ScoreMatch], list[str]]:
    """Each codec's result and, at equal quality, what came of it; and a sentence about each that has none. Raises
    CodecError or MetricError if none has.

    match: brings a codec to the quality that all are to have; None at equal rate.
    """
    results: list[Result] = []
    matches: dict[str, QualityMatch | ScoreMatch] = {}
    refused: list[CodecError | MetricError] = []
    for name in names:
        try:
            if match is not None:
                matches[name] = match(name)
                results.append(matches[name].result)
            elif bpp is not None:
                results.append(comparison.result(name, bpp))
        except (CodecError, MetricError) as error:
            refused.append(error)
    if not results and refused:
        raise refused[0]
    return results, matches, [str(error) for error in refused]


def _remarks(
    comparison: Comparison, results: Sequence[Result], matches: Mapping[str, QualityMatch | ScoreMatch]
) -> dict[str, str]:
    """Where codecs are better with fewer bits, by their names: at equal quality the search has seen it, and at equal
    rate half the bits are tried, but not on large pictures, on which that would take as long as all the rest.
    """
    if matches:
        found = {name: fall_sentence(name, match) for name, match in matches.items()}
        return {name: sentence for name, sentence in found.items() if sentence}
    remarks = {}
    for result in results:
        name = result.request.codec
        if result.request.image.pixel_count <= _CHECKED_PIXELS:
            try:
                half = every_point([point_of(comparison.result(name, result.bpp / 2))])
            except CodecError:  # nothing can be said about it then
                continue
            sentence = worse_sentence(name, better_with_fewer(half, point_of(result), MEASURES))
            if sentence:
                remarks[name] = sentence
    return remarks
