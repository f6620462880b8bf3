"""What the heads of the panes say: from values to text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from viewer.imaging.image import Image
from viewer.imaging.image_info import format_bytes
from viewer.matching.limits import quality_limit_note, quality_limit_sentence, rate_limit_note, rate_limit_sentence
from viewer.session.metric_reading import family
from viewer.session.state import MetricScale
from viewer.ui.common.codec_style import CodecStyle
from viewer.ui.common.formatting import format_bpp, format_count, format_deviation, format_duration
from viewer.ui.panes.figure_tips import DEVIATION_KIND, NOTES_KIND, PIXELS_KIND, TIMES_KIND, figure_rank
from viewer.ui.panes.header_figures import (
    COLUMNS,
    COMING,
    Figure,
    HeaderText,
    Level,
    Scores,
    format_value,
    in_places,
    placeholders,
)

if TYPE_CHECKING:
    from viewer.matching.provisional import Provisional
    from viewer.matching.quality_search import QualityMatch
    from viewer.matching.reconstruction import Reconstruction
    from viewer.matching.result import Result
    from viewer.matching.score_search import ScoreMatch

AREA_BYTES = "bytes, area"
FEWEST_BYTES = "fewest bytes"
FULL_MS_SSIM_SCALES = 5


def original_header(image: Image | None, zoom: float, *, fitted: bool, columns: Sequence[str] = COLUMNS) -> HeaderText:
    """The head of the original, which also tells the zoom, device pixels an image pixel. columns: of the codecs' heads,
    with which its own line up.
    """
    if image is None:
        return HeaderText("Original")
    bpp, size, *others = placeholders(MetricScale(), columns)
    percent = f"{100 * zoom:.0f} %" if zoom >= 0.1 else f"{100 * zoom:.1f} %"
    return HeaderText(
        "Original",
        detail=image.name,
        figures=(
            *in_places(
                (bpp, size, *others),
                Figure(bpp.caption, "24", "", kind="bpp"),
                Figure("uncompressed", format_bytes(3 * image.pixel_count), "", kind="uncompressed"),
                Figure("pixels", f"{image.width} × {image.height}", "", kind=PIXELS_KIND),
                Figure("converted", "see tip", "", kind=NOTES_KIND) if image.notes else Figure("", "", ""),
            ),
        ),
        status=f"fit, {percent}" if fitted else percent,
        explanation=" ".join(image.notes),
    )


def draft_header(name: str, width: int, height: int, *, columns: Sequence[str] = COLUMNS) -> HeaderText:
    """The head of the original while only a draft of it is there."""
    bpp, size, *others = placeholders(MetricScale(), columns)
    return HeaderText(
        "Original",
        detail=name,
        figures=(
            *in_places(
                (bpp, size, *others[:1]),
                Figure(bpp.caption, "24", "", kind="bpp"),
                Figure("uncompressed", format_bytes(3 * width * height), "", kind="uncompressed"),
                Figure("pixels", f"{width} × {height}", "", kind=PIXELS_KIND),
            ),
        ),
        status="draft, loading…",
        level="warning",
        explanation="This is a draft at an eighth of the size; the full picture is still loading.",
    )


def codec_header(
    label: str,
    style: CodecStyle,
    result: Result | None,
    *,
    scale: MetricScale,
    best: frozenset[str],
    working: bool,
    failure: str,
    columns: Sequence[str] = COLUMNS,
    scores: Scores = MappingProxyType({}),
    match: QualityMatch | ScoreMatch | None = None,
    against: tuple[str, float | None] = ("", None),
    remark: str = "",
    settings: str = "",
    tried: int = 0,
) -> HeaderText:
    """The head of a codec's pane: the figures of the picture that it shows, and of what was asked for when it was made,
    whatever the slider says meanwhile.

    working: another picture is on its way, so this one's deviation, which is from an older target, is not said.
    columns: the metrics, by the names of a MetricChoice. scores: in slow ones; a score that is missing is on its way.
    match: what came of a quality target, if one was asked for; against: then the label of the codec whose bytes this
    one's are compared with, and the ratio, None if there is none. remark: that fewer bits are better, where they are.
    settings: of the encoder. tried: streams, by the search that is under way; 0 if it says nothing.
    """
    if result is None:
        status = failure or (_under_way(tried) if working else "")
        level: Level = "error" if failure else "quiet"
        figures = tuple(replace(f, value="–") for f in placeholders(scale, columns))
        return HeaderText(label, style, "", figures, status, level, working, failure or status)
    metrics = result.measurement.metrics
    scales = metrics.ms_ssim_scales
    few, fewest = "", ""
    if scales != FULL_MS_SSIM_SCALES:
        few, fewest = f" ({scales} scale{'s' if scales > 1 else ''})", f" ({scales})"
    places = placeholders(scale, columns)
    values = (
        (format_bpp(result.bpp), ""),
        (format_count(len(result.stream)), "bytes"),
        *((format_value(name, scale, metrics, scores), name) for name in columns),
        ("" if working else format_deviation(result.deviation), DEVIATION_KIND)
        if match is None
        else ("" if working else _times(against[1]), TIMES_KIND),
    )
    missed = DEVIATION_KIND if match is None else match.target.metric
    reached = result.reachable if match is None else match.reached
    figures = tuple(
        Figure(
            f"vs {against[0]}" if metric == TIMES_KIND else place.caption + (few if metric == "ms_ssim" else ""),
            value,
            place.widest,
            place.room,
            may_be_best=place.may_be_best,
            best=metric in best,
            off=metric == missed and not reached and not working,
            brief=place.caption + fewest if metric == "ms_ssim" else "",
            kind=metric or place.kind,
            rank=figure_rank(metric or place.kind),
        )
        for place, (value, metric) in zip(places, values, strict=True)
    )
    status, level, explanation = _status(label, result, failure, _under_way(tried) if working else "")
    if match is not None and not working and not failure:
        status, level, explanation = _quality_status(label, match, scale, against)
    lacking = [scores[name].problem for name in columns if name in scores and scores[name].problem]
    if lacking and not working and not failure:
        status, level = status or "no score: see tip", "warning"
        explanation = " ".join(part for part in (explanation, *lacking) if part)
    if remark and not working and not failure:
        status, level = status or "fewer bits are better (see tooltip)", "warning"
        explanation = " ".join(part for part in (explanation, remark) if part)
    award = FEWEST_BYTES if "bytes" in best else ""
    return HeaderText(
        label, style, result.detail, figures, status, level, working, explanation, settings, award, outdated=working
    )


def with_times(text: HeaderText, result: Result) -> HeaderText:
    """A head that says how long the picture's stream took, instead of how it was encoded."""
    took = f"encode {format_duration(result.encode_ms)}, decode {format_duration(result.decode_ms)}"
    prepared = f"Prepared once for all rates of the picture in {format_duration(result.prepare_ms)}."
    tip = "\n".join(part for part in (text.detail, text.settings, prepared if result.prepare_ms else "") if part)
    return replace(text, detail=took, settings=tip)


def file_header(
    decoded: Reconstruction,
    image: Image,
    style: CodecStyle,
    *,
    scale: MetricScale,
    columns: Sequence[str] = COLUMNS,
) -> HeaderText:
    """The head of a picture that was decoded elsewhere, whatever the slider says. image: the original. columns: as in
    codec_header.
    """
    metrics, bpp = decoded.measurement.metrics, decoded.bpp(image)
    values = (
        "–" if bpp is None else format_bpp(bpp),
        "–" if decoded.byte_count is None else format_count(decoded.byte_count),
        *(format_value(name, scale, metrics, decoded.scores) for name in columns),
        "–",
    )
    places = placeholders(scale, columns)
    unknown = ""
    if bpp is None:
        unknown = " The size of its stream is not known: give it in File, Reconstructions… or by --with PICTURE=SIZE."
    lacking = [decoded.scores[name].problem for name in columns if name in decoded.scores]
    return HeaderText(
        decoded.title,
        style,
        detail="file",
        figures=tuple(replace(place, value=value) for place, value in zip(places, values, strict=True)),
        status="" if bpp is not None else "size unknown",
        explanation=" ".join(
            ("Decoded elsewhere: it does not follow the slider." + unknown, *decoded.notes, *filter(None, lacking))
        ),
    )


def provisional_header(
    label: str,
    style: CodecStyle,
    shown: Provisional,
    *,
    scale: MetricScale,
    expected: Mapping[str, float],
    columns: Sequence[str] = COLUMNS,
    settings: str = "",
) -> HeaderText:
    """The head of a codec's pane while the slider moves. expected: by name, metrics as the codec's curve has them at
    this rate; the picture itself is not measured.
    """
    deviation = shown.bpp / shown.target_bpp - 1.0
    values = (
        format_bpp(shown.bpp),
        format_count(shown.byte_count),
        *(_about(name, scale, expected.get(name)) for name in columns),
        format_deviation(deviation),
    )
    places = placeholders(scale, columns)
    return HeaderText(
        label,
        style,
        detail=shown.detail,
        figures=tuple(replace(place, value=value) for place, value in zip(places, values, strict=True)),
        status="provisional",
        working=True,
        explanation="A quick picture at about this rate while the slider moves; figures with ≈ are read off the "
        "curve. The exact picture is measured when the slider rests.",
        settings=settings,
    )


def _about(name: str, scale: MetricScale, value: float | None) -> str:
    """An expected value, with fewer digits than a measured one."""
    if value is None or not family(name):
        return COMING
    return f"≈{value:.1f}" if name == "psnr" or scale.ms_ssim_db else f"≈{value:.3f}"


def part_header(
    label: str,
    style: CodecStyle,
    result: Result,
    *,
    scale: MetricScale,
    working: bool,
    failure: str,
    columns: Sequence[str] = COLUMNS,
    match: QualityMatch | ScoreMatch | None = None,
    against: tuple[str, float | None] = ("", None),
    tried: int = 0,
) -> HeaderText:
    """The head of a codec's pane while it shows the visible part of a large picture: the figures are of that part.

    match: as in codec_header, of the part; tried: as there, of the whole. against: its ratio is None, as a part is not
    compared with whole pictures.
    """
    image = result.request.image
    text = codec_header(
        label,
        style,
        result,
        scale=scale,
        best=frozenset(),
        working=False,
        failure="",
        columns=columns,
        match=match,
        against=against,
    )
    follows = f"full picture: {tried} streams tried…" if tried else "full picture follows"
    status = "full picture failed (see tooltip)" if failure else follows
    explanation = (
        f"The framed area, {image.width} × {image.height} pixels, was compressed on its own: these are its own bytes "
        f"and metrics. {failure or 'The full picture takes longer and follows.'}"
    )
    figures = (replace(one, caption=AREA_BYTES) if one.kind == "bytes" else one for one in text.figures)
    return replace(
        text,
        figures=tuple(figures),
        detail=f"framed area, {image.width} × {image.height}",
        status=status,
        level="error" if failure else "warning",
        working=working,
        explanation=explanation,
    )


def refining_header(text: HeaderText, share: float | None, *, hidden: bool) -> HeaderText:
    """The head of a pane whose picture is being refined. share: how much is done, None when it has ended. hidden: the
    pane shows the unrefined picture.
    """
    if share is not None:
        done = f"refining, {share:.0%}"
        return replace(text, status=done, level="quiet", working=True, explanation="Press O to stop and keep the best.")
    if hidden:
        return replace(text, status="unrefined", level="quiet", explanation="Press Shift+O for the refined picture.")
    return text


def _times(ratio: float | None) -> str:
    return "–" if ratio is None else f"{ratio:.{1 if ratio >= 9.995 else 2}f} ×"


def _under_way(tried: int) -> str:
    return f"searching: {tried} streams tried…" if tried else "encoding…"


def _status(label: str, result: Result, failure: str, under_way: str) -> tuple[str, Level, str]:
    if failure:
        return failure, "error", failure
    if under_way:
        own = format_bpp(result.bpp)
        return under_way, "quiet", f"This picture has {own} bpp; the next one is being encoded."
    if result.reachable:
        return "", "quiet", ""
    return rate_limit_note(result), "warning", rate_limit_sentence(label, result)


def _quality_status(
    label: str, match: QualityMatch | ScoreMatch, scale: MetricScale, against: tuple[str, float | None]
) -> tuple[str, Level, str]:
    from viewer.matching.size_ratios import size_ratio_sentence

    if match.reached:
        reference, ratio = against
        return (
            "",
            "quiet",
            "" if ratio is None or label == reference else size_ratio_sentence(label, ratio, reference) + ".",
        )
    in_db = scale.ms_ssim_db
    return quality_limit_note(match, in_db=in_db), "warning", quality_limit_sentence(label, match, in_db=in_db)
