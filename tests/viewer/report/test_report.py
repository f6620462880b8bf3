"""The report: complete in itself, and true to the streams."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import shlex
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from tests.photographs import flat, sample_crop
from viewer.cli.main import run_command
from viewer.codecs.palette import Marker, look_of
from viewer.codecs.registry import codec_named
from viewer.imaging.image import Image, Pixels
from viewer.imaging.reader import load_image
from viewer.imaging.writer import png_bytes
from viewer.matching.comparison import Comparison
from viewer.matching.curve import RatePoint
from viewer.matching.quality_search import EqualQuality
from viewer.matching.targets.quality import QualityTarget
from viewer.metrics.registry import metric_named
from viewer.report.crops import find_crops
from viewer.report.data import DEFAULT_POINTS, ReportData, measure
from viewer.report.page import OVERVIEW_SIDE, page
from viewer.report.svg_plot import Series, curve_plot, marker, spread, value_ticks
from viewer.report.text import verdict
from viewer.system.resources import weights_path

NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
VOID = {"meta", "img", "br"}


class Page(HTMLParser):
    """What a browser makes of a page: its elements with their attributes, its pictures, its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def pictures(self) -> dict[str, list[Pixels]]:
        """Decoded pictures by their alternative text, in the order of the page."""
        found: dict[str, list[Pixels]] = {}
        for tag, attributes in self.elements:
            if tag == "img":
                source = attributes["src"] or ""
                assert source.startswith("data:image/png;base64,")
                with PillowImage.open(io.BytesIO(base64.b64decode(source.split(",")[1]))) as picture:
                    found.setdefault(attributes["alt"] or "", []).append(np.asarray(picture.convert("RGB")))
        return found


@pytest.fixture(scope="module")
def photograph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "a <heron> & more.png"
    path.write_bytes(png_bytes(sample_crop(300, 420).pixels))
    return path


@pytest.fixture(scope="module")
def written(photograph: Path) -> str:
    out = photograph.with_name("report.html")
    assert run_command(["report", str(photograph), "--bpp", "0.4", "1:20", "--points", "4", "--out", str(out)]) == 0
    return out.read_text("utf-8")


def test_it_fetches_nothing_and_runs_nothing(written: str) -> None:
    parsed = Page(written)
    assert not {"script", "link", "iframe", "object", "embed", "base"} & {tag for tag, _ in parsed.elements}
    for _tag, attributes in parsed.elements:
        for name in ("src", "href", "xlink:href", "srcset", "data", "action"):
            assert (attributes.get(name) or "data:").startswith("data:")
        assert not any(name.startswith("on") for name in attributes)
    assert "url(" not in written
    assert "@import" not in written
    outside_data = re.sub(r"base64,[A-Za-z0-9+/=]+", "", written)  # the letters of "http" may stand in a picture's data
    assert "http" not in outside_data.replace("http-equiv", "")
    assert "<heron>" not in written
    assert "a <heron> & more.png" in parsed.text


def test_its_crops_are_the_decoded_pixels(written: str, photograph: Path) -> None:
    parsed = Page(written)
    image = load_image(photograph)
    pictures = parsed.pictures()
    for name, label in (("learned", "Learned"), ("jpeg", "JPEG"), ("jpeg2000", "JPEG 2000")):
        decoded = []
        for bpp in (0.4, 1.2):
            stream = Comparison(image, [codec_named(name)]).result(name, bpp).stream
            assert hashlib.sha256(stream).hexdigest() in parsed.text
            assert f"{len(stream):,}" in parsed.text
            decoded.append(codec_named(name).decode(stream))
        for crop in pictures[f"{label} at 1:1"]:
            assert crop.shape == (264, 264, 3)
            assert any(_holds(picture, crop) for picture in decoded)
        for detail in pictures[f"{label}, the marked square magnified"]:
            assert any(_holds(picture, detail) for picture in decoded)
    for crop in pictures["Original at 1:1"]:
        assert _holds(image.pixels, crop)
    assert np.array_equal(pictures["The original as a whole"][0], image.pixels)


def _holds(picture: Pixels, crop: Pixels) -> bool:
    height, width = crop.shape[:2]
    corners = np.argwhere((picture[: -height + 1 or None, : -width + 1 or None] == crop[0, 0]).all(axis=2))
    return any(np.array_equal(picture[y : y + height, x : x + width], crop) for y, x in corners.tolist())


def test_its_hashes_are_those_of_the_files(written: str, photograph: Path) -> None:
    text = Page(written).text
    assert hashlib.sha256(photograph.read_bytes()).hexdigest() in text
    assert load_image(photograph).digest in text
    assert hashlib.sha256(weights_path("gdn.safetensors").read_bytes()).hexdigest() in text


def test_crops_are_shown_pixel_by_pixel(written: str) -> None:
    parsed = Page(written)
    pictures = parsed.pictures()
    shown = [attributes for tag, attributes in parsed.elements if tag == "img" and attributes.get("class")]
    assert len(shown) == 2 * 4 * 2 * 4  # rates, places, at 1:1 and magnified, panes
    for attributes in shown:
        own = pictures[attributes["alt"] or ""][0].shape[1]
        assert int(attributes["width"] or 0) == own * (1 if "1:1" in (attributes["alt"] or "") else 264 // own)
    assert ".pixels { display: block; image-rendering: pixelated; }" in written


def test_a_large_picture_is_scaled_down_and_a_codec_that_misses_is_named() -> None:
    image = sample_crop(600, 900)
    wide = Image(np.tile(image.pixels, (1, 2, 1)), "wide")
    data = measure(wide, [codec_named("jpeg"), codec_named("jpeg2000")], [0.05], points=0)
    parsed = Page(page(data, NOON))
    assert parsed.pictures()["The original as a whole"][0].shape[1] == OVERVIEW_SIDE
    assert "scaled down to 1120 × 373" in parsed.text
    floor = f"cannot go below {data.results[0][0].bpp:.4f} bpp"
    assert f"JPEG {floor} on this picture; the target is 0.0500 bpp." in parsed.text
    assert parsed.text.count(floor) == 2  # in the table, too
    assert "2026-01-02 12:00 UTC" in parsed.text


def test_one_codec_and_a_tiny_lossless_picture_make_a_page_too() -> None:
    tiny = flat(24, 20, (128, 128, 128))
    data = measure(tiny, [codec_named("jpeg2000")], [3.0], points=0)
    parsed = Page(page(data, NOON))
    assert "∞" in parsed.text
    assert "1 scale" in parsed.text or "2 scales" in parsed.text
    assert not find_crops(tiny, data.results[0])


def test_results_of_equal_quality_are_told_by_their_bytes() -> None:
    image = sample_crop(200, 200)
    codecs = (codec_named("jpeg"), codec_named("jpeg2000"))
    target = QualityTarget("psnr", "rgb", 30.0)
    equal = EqualQuality(Comparison(image, codecs))
    matches = tuple(equal.match(codec.name, target) for codec in codecs)
    results = tuple(match.result for match in matches)
    data = ReportData(image, codecs, (results,), {"jpeg": (), "jpeg2000": ()}, matches=matches)
    written = page(data, NOON)
    parsed = Page(written)
    fewest, most = sorted(len(result.stream) for result in results)
    assert re.findall(r'class="best">([^<]*)<', written) == [f"{fewest:,}"]  # and in no metric
    assert f"needs {most / fewest:.2f} times as many" in parsed.text
    assert "PSNR RGB, equal for all" in parsed.text
    assert "off target" not in parsed.text
    assert "--psnr '30.00 dB'" in parsed.text


def test_a_codec_that_misses_the_quality_is_named_and_does_not_compete() -> None:
    image = sample_crop(200, 200)
    codecs = (codec_named("jpeg"), codec_named("jpeg2000"))
    equal = EqualQuality(Comparison(image, codecs))
    floor_db = equal.match("jpeg", QualityTarget("psnr", "rgb", 10.0)).value_db
    target = QualityTarget("psnr", "rgb", round(floor_db) - 1.0)
    matches = tuple(equal.match(codec.name, target) for codec in codecs)
    assert [match.reached for match in matches] == [False, True]
    data = ReportData(
        image, codecs, (tuple(match.result for match in matches),), {"jpeg": (), "jpeg2000": ()}, matches=matches
    )
    written = page(data, NOON)
    text = Page(written).text
    assert f"JPEG cannot go below PSNR {matches[0].value_db:.2f} dB on this picture" in text
    assert text.count(f"cannot go below PSNR {matches[0].value_db:.2f} dB") == 2  # in the table, too
    assert "Fewest bytes: JPEG 2000" in text
    assert "times as many" not in text
    assert 'class="best"' not in written


@pytest.mark.parametrize(("points", "said"), [(DEFAULT_POINTS, ""), (3, " --points 3"), (0, " --points 0")])
def test_the_command_that_does_it_again_names_the_points(points: int, said: str) -> None:
    data = measure(sample_crop(64, 80), [codec_named("jpeg")], [0.8], points)
    assert f"--bpp 0.8 --codec jpeg{said} --out report.html" in Page(page(data, NOON)).text


@pytest.mark.parametrize("name", ["it's $HOME.png", '"a" & `b`.png', "a;b.png", "two words.png", "plain.png"])
def test_a_shell_gives_the_command_the_name_of_the_file(name: str) -> None:
    data = measure(replace(sample_crop(64, 80), name=name), [codec_named("jpeg")], [0.8], 0)
    text = Page(page(data, NOON)).text
    command = text[text.index("ratelens report") : text.index("report.html") + len("report.html")]
    assert shlex.split(command)[:4] == ["ratelens", "report", name, "--bpp"]


def test_a_name_that_begins_like_an_option_is_none_in_the_command() -> None:
    data = measure(replace(sample_crop(64, 80), name="-x.png"), [codec_named("jpeg")], [0.8], 0)
    assert "ratelens report ./-x.png --bpp" in Page(page(data, NOON)).text


def test_curves_hold_every_measured_rate_once() -> None:
    data = measure(sample_crop(96, 128), [codec_named("jpeg")], [0.8, 0.8], points=3)
    assert len(data.results) == 1
    sizes = [point.byte_count for point in data.curves["jpeg"]]
    assert len(sizes) >= 3
    assert sizes == sorted(set(sizes))
    assert len(data.results[0][0].stream) in sizes


def test_bd_rates_stand_with_the_qualities_that_they_are_over() -> None:
    codecs = (codec_named("jpeg"), codec_named("jpeg2000"))
    data = measure(sample_crop(64, 80), codecs, [0.8], points=0)
    (point,) = data.curves["jpeg"]

    def curve(lowest_db: float, bits: float) -> list[RatePoint]:
        steps = [(bits * 0.1 * 2**i, lowest_db + 3 * i) for i in range(6)]
        return [replace(point, bpp=bpp, others=(), metrics=replace(point.metrics, psnr_rgb_db=db)) for bpp, db in steps]

    data = replace(data, curves={"jpeg": curve(25.0, 1.0), "jpeg2000": curve(28.0, 1.0)})
    text = " ".join(Page(page(data, NOON)).text.split())
    assert "100.0 % more bits for equal PSNR RGB, over 28.0 to 40.0 dB" in text
    assert "+100.0 % 28.0 to 40.0 dB" in text
    assert "n/a too little overlap" in text  # MS-SSIM is the same at all of these points


def test_spots_do_not_overlap_and_lie_in_the_picture() -> None:
    image = sample_crop(300, 420)
    data = measure(image, [codec_named("jpeg"), codec_named("jpeg2000")], [0.3], points=0)
    crops = find_crops(image, data.results[0])
    assert [crop.codec for crop in crops] == [None, "jpeg", "jpeg2000"]
    for index, crop in enumerate(crops):
        assert not any(crop.region.overlaps(other.region) for other in crops[:index])
        for part in (crop.area, crop.detail):
            assert 0 <= part.left <= image.width - part.width
            assert 0 <= part.top <= image.height - part.height
            assert part.left <= crop.region.left
            assert crop.region.left + crop.region.side <= part.left + part.width


def test_the_verdict_says_who_is_ahead_or_that_nobody_is() -> None:
    data: ReportData = measure(sample_crop(200, 200), [codec_named("jpeg"), codec_named("jpeg2000")], [0.5], points=0)
    (results,) = data.results
    psnr = {result.request.codec: round(result.measurement.metrics.psnr_rgb_db, 2) for result in results}
    first = max(psnr, key=lambda codec: psnr[codec])
    said = verdict({"jpeg": "A", "jpeg2000": "B"}, results)
    lead = abs(psnr["jpeg"] - psnr["jpeg2000"])
    assert said[0].startswith(
        f"Highest PSNR: {'A' if first == 'jpeg' else 'B'} with {psnr[first]:.2f} dB, {lead:.2f} dB"
    )
    other = replace(results[0], request=replace(results[0].request, codec="jpeg2000"))
    assert verdict({"jpeg": "A", "jpeg2000": "B"}, (results[0], other))[0].startswith("In PSNR, A and B are level")


def test_a_plot_is_well_formed_and_leaves_lossless_points_out() -> None:
    series = [
        Series("A & B", look_of("learned", ()), [(0.1, 20.0), (1.0, 30.0), (3.0, float("inf"))]),
        Series("C", look_of("avif", ()), [(0.2, 21.0)]),
    ]
    root = ET.fromstring(curve_plot(series, "PSNR", "dB", [0.5, 9.0]))
    assert len(root.findall(".//path")) == 3
    assert len(root.findall(".//line[@class='target']")) == 1
    assert curve_plot([Series("A", look_of("jpeg", ()), [])], "PSNR", "dB", []) == ""


def test_every_marker_has_an_outline_of_its_own() -> None:
    outlines = {marker(shape, 6, 6) for shape in Marker}
    assert len(outlines) == len(Marker)
    for outline in outlines:
        ET.fromstring(outline)


def test_axes_and_labels() -> None:
    assert value_ticks(21.3, 44.9) == [20, 25, 30, 35, 40, 45]
    assert value_ticks(5.0, 5.0)[0] <= 5.0 <= value_ticks(5.0, 5.0)[-1]
    apart = spread([10.0, 11.0, 50.0], 15.0)
    assert apart[1] - apart[0] >= 14.9
    assert apart[2] == 50.0


def test_mistakes_are_sentences(photograph: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start = ["report", str(photograph), "--codec", "jpeg", "--points", "0", "--bpp"]
    assert run_command([*start, "0.5", "--out", str(tmp_path / "x.pdf")]) == 2
    assert "ends in .html" in capsys.readouterr().err
    out = tmp_path / "x.html"
    out.write_text("mine")
    assert run_command([*start, "0.5", "--out", str(out)]) == 2
    assert "--force" in capsys.readouterr().err
    assert out.read_text() == "mine"
    assert run_command([*start, "0.5", "--out", str(out), "--force"]) == 0
    assert "x.html" in capsys.readouterr().out
    assert run_command([*start, "0.5", "9", "--out", str(tmp_path / "y.html")]) == 2
    assert "is out of range (0.05 to 3 bpp)" in capsys.readouterr().err


def test_metrics_are_columns_plots_bd_rates_and_sentences() -> None:
    image = sample_crop(160, 200)
    codecs = [codec_named("jpeg"), codec_named("jpeg2000")]
    metrics = [metric_named("ssimulacra2"), metric_named("flip")]
    data = measure(image, codecs, [0.8], 7, metrics=metrics)
    assert not data.problems
    written = page(data, NOON)
    parsed = Page(written)
    text = " ".join(parsed.text.split())
    scores = {result.request.codec: result.scores for result in data.results[0]}
    flip = {codec: one["flip"].value or 0.0 for codec, one in scores.items()}
    first = min(flip, key=lambda codec: flip[codec])
    for one in scores.values():
        assert f"{one['ssimulacra2'].value:.2f}" in text
        assert f"{one['flip'].value:.4f}" in text
    assert f'<td class="best">{flip[first]:.4f}</td>' in written
    assert f"Lowest FLIP: {codec_named(first).label} with {flip[first]:.4f}, " in text
    assert "SSIMULACRA2 higher is better" in text
    assert "FLIP lower is better" in text
    captions = re.findall(r"<caption>(.*?)</caption>", written)
    assert captions == ["PSNR RGB", "PSNR luma", "MS-SSIM RGB", "MS-SSIM luma", "SSIMULACRA2", "FLIP"]
    points = re.search(r'aria-label="FLIP versus rate">(.*?)</svg>', written)
    assert points is not None
    for point in data.curves["jpeg"]:
        assert f"JPEG: {point.bpp:.4f} bpp, {point.scores['flip'].value:.4f}<" in points[1]
    assert "--codec jpeg jpeg2000 --metric ssimulacra2 flip --points 7" in text
    assert re.search(r"(fewer|more) bits for equal FLIP, over 0\.\d{3} to 0\.\d{3}", text)


def test_pictures_decoded_elsewhere_stand_in_table_plots_and_crops(tmp_path: Path) -> None:
    image = sample_crop(300, 420)
    original, other = tmp_path / "photo.png", tmp_path / "mine & theirs.png"
    original.write_bytes(png_bytes(image.pixels))
    result = Comparison(image, [codec_named("webp")]).result("webp", 0.4)
    other.write_bytes(png_bytes(result.reconstruction))
    out = tmp_path / "report.html"
    arguments = ["report", str(original), "--bpp", "0.4", "--points", "0", "--codec", "jpeg", "--out", str(out)]
    given = ["--with", f"{other}={len(result.stream)}", str(other)]
    assert run_command([*arguments, *given, "--metric", "flip"]) == 0
    written = out.read_text("utf-8")
    parsed = Page(written)
    assert "Decoded elsewhere" in parsed.text
    assert f"mine & theirs.png{result.bpp:.4f}{len(result.stream):,}" in parsed.text
    assert "mine & theirs.png––" in parsed.text
    assert hashlib.sha256(other.read_bytes()).hexdigest() in parsed.text
    assert written.count(f"mine &amp; theirs.png: {result.bpp:.4f} bpp, ") == 3  # plots; of unknown size: none
    crops = parsed.pictures()["mine & theirs.png at 1:1"]
    assert crops
    assert all(_holds(result.reconstruction, crop) for crop in crops)


def test_pictures_of_one_name_are_a_curve_with_bd_rates(tmp_path: Path) -> None:
    image = sample_crop(120, 160)
    original = tmp_path / "photo.png"
    original.write_bytes(png_bytes(image.pixels))
    comparison = Comparison(image, [codec_named("webp")])
    given = []
    for bpp in (0.4, 0.7, 1.1, 1.6, 2.2):
        result = comparison.result("webp", bpp)
        path = tmp_path / f"{bpp}.png"
        path.write_bytes(png_bytes(result.reconstruction))
        given.append(f"jpeg:{path}={len(result.stream)}")  # whatever they are called, they are not the codec
    out = tmp_path / "report.html"
    arguments = ["report", str(original), "--bpp", "1", "--points", "7", "--codec", "jpeg", "webp", "--out", str(out)]
    assert run_command([*arguments, "--with", *given, "lone:" + given[0].removeprefix("jpeg:")]) == 0
    table = re.search(r"<caption>PSNR RGB</caption>(.*?)</table>", out.read_text("utf-8"), re.DOTALL)
    assert table is not None
    rows = re.findall(r"<tr>(.*?)</tr>", table[1], re.DOTALL)
    assert re.sub(r"<[^>]+>", " ", rows[0]).split() == ["JPEG", "WebP", "jpeg"]
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in rows[1:]]
    against_jpeg, against_webp = (float(cell.split(" %")[0].replace("−", "-")) for cell in cells[2][:2])
    assert against_jpeg < -5  # it is WebP
    assert abs(against_webp) < 3
