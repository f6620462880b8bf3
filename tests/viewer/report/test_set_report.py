"""The report of a set: true to the rows, complete in itself, and sortable without a network."""

from __future__ import annotations

import base64
import hashlib
import math
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from models.errors import SetError
from tests.photographs import sample_crop
from tests.viewer.report.test_report import NOON, Page
from tests.viewer.sets.made import line, two_codecs
from viewer.cli.main import run_command
from viewer.codecs.palette import look_of
from viewer.imaging.writer import png_bytes
from viewer.report.codec_look import look_named
from viewer.report.set_data import measure_set
from viewer.report.set_page import set_page
from viewer.report.set_tables import reference_rows
from viewer.report.svg_plot import Series, TimeMark, curve_plot, time_plot
from viewer.sets.source import open_results
from viewer.sweep.reference import ReferenceCurve
from viewer.sweep.rows import Row, write_rows

GAINS_DB = {f"{n}.png": float(n - 1) for n in range(6)}
"""From a loss of 1 dB to a win of 4 dB."""


def renamed(rows: list[Row]) -> list[Row]:
    """The made codecs under the names of two that can be run."""
    names = {"new": "jpeg2000", "old": "jpeg"}
    return [replace(row, codec=names.get(row.codec, row.codec)) for row in rows]


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A sweep of small pictures with known figures."""
    for number in range(6):
        name = ("heron", "spices", "shrike")[number % 3]
        (tmp_path / f"{number}.png").write_bytes(png_bytes(sample_crop(176 + 8 * number, 184, name).pixels))
    path = tmp_path / "results.csv"
    write_rows(path, renamed(two_codecs(GAINS_DB)), ())
    return path


def plain(text: str) -> str:
    return " ".join(text.split())


def test_a_report_says_what_was_made(results: Path) -> None:
    text = set_page(measure_set(open_results(results), pair=("jpeg2000", "jpeg"), bpp=0.5), NOON)
    page = Page(text)
    said = plain(page.text)
    assert "JPEG 2000 is ahead of JPEG on 4 of 6 pictures, by +1.50 dB on average (−1.00 to +4.00 dB)" in said
    assert "In PSNR RGB, JPEG 2000 is ahead" in said
    # gains of -1 to 4 dB at 5 dB an octave: 2^(-gain / 5) - 1, on average -17.3 %
    expected = sum(100 * (2 ** (-gain / 5) - 1) for gain in GAINS_DB.values()) / 6
    assert f"{expected:+.1f} %".replace("-", "−") in said
    assert hashlib.sha256(results.read_bytes()).hexdigest() in said
    assert "ratelens report --set results.csv --bpp 0.5 --pair jpeg2000 jpeg --out report.html" in said
    names = [dict(attributes).get("data-value") for tag, attributes in page.elements if tag == "th"]
    assert [name for name in names if name] == [f"{n}.png" for n in range(5, -1, -1)]


def test_a_report_loads_nothing_and_only_its_own_script_may_run(results: Path) -> None:
    text = set_page(measure_set(open_results(results)), NOON)
    page = Page(text)
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    assert len(scripts) == 1
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    (policy,) = [
        attributes["content"] or ""
        for tag, attributes in page.elements
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert "default-src 'none'" in policy
    assert f"script-src 'sha256-{digest}'" in policy
    assert "://" not in re.sub(r"data:image/[a-z]+;base64,[A-Za-z0-9+/=]+", "", text)
    for tag, attributes in page.elements:
        assert "src" not in attributes or (tag == "img" and (attributes["src"] or "").startswith("data:image/"))


def test_the_telling_pictures_are_coded_again_and_cut_where_they_differ(results: Path) -> None:
    data = measure_set(open_results(results), pair=("jpeg2000", "jpeg"), bpp=0.5)
    assert [one.figures.picture for one in data.telling] == [f"{n}.png" for n in range(5, -1, -1)]
    for one in data.telling:
        assert [result.request.codec for result in one.results] == ["jpeg2000", "jpeg"]
        assert all(abs(result.bpp / 0.5 - 1) <= 0.01 for result in one.results)
    page = Page(set_page(data, NOON))
    crops = [
        attributes for tag, attributes in page.elements if tag == "img" and "pixels" in (attributes["class"] or "")
    ]
    assert len(crops) == 3 * 6


def test_a_report_without_its_pictures_says_so_and_has_the_figures(tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    write_rows(path, renamed(two_codecs(GAINS_DB)), ())
    data = measure_set(open_results(path))
    assert data.telling == ()
    said = plain(Page(set_page(data, NOON)).text)
    assert "No crops: the pictures were not found. Give their folder with --pictures." in said
    assert "is ahead of" in said


def test_codecs_that_are_not_installed_here_are_shown_under_their_names(tmp_path: Path) -> None:
    (tmp_path / "0.png").write_bytes(png_bytes(sample_crop(24, 24).pixels))
    path = tmp_path / "results.csv"
    write_rows(path, two_codecs({"0.png": 1.0}), ())
    data = measure_set(open_results(path), pair=("new", "old"))
    (problem,) = data.problems
    assert problem.startswith("No crops: There is no codec “new”")
    assert "new is ahead of old on 1 of 1 picture" in plain(Page(set_page(data, NOON)).text)


def test_a_report_needs_two_codecs_and_scores(results: Path, tmp_path: Path) -> None:
    with pytest.raises(SetError, match="has no rows of “webp”: choose from jpeg, jpeg2000"):
        measure_set(open_results(results), pair=("webp", "jpeg"))
    alone = tmp_path / "alone.csv"
    write_rows(alone, line("0.png", "jpeg", 35.0), ())
    with pytest.raises(SetError, match="has one codec only: sweep a second one"):
        measure_set(open_results(alone))


def test_the_command_writes_a_report_with_published_curves(results: Path, tmp_path: Path) -> None:
    reference = tmp_path / "published.csv"
    reference.write_text("name,bpp,psnr_rgb\n" + "".join(f"bpg,{bpp},{30 + 9 * bpp}\n" for bpp in (0.2, 0.5, 0.8, 1.2)))
    out = tmp_path / "report.html"
    code = run_command(
        [
            "report",
            "--set",
            str(results),
            "--out",
            str(out),
            "--pair",
            "jpeg2000",
            "jpeg",
            "--reference",
            str(reference),
        ]
    )
    assert code == 0
    said = plain(Page(out.read_text("utf-8")).text)
    assert "Against published curves" in said
    assert "Published averages, dashed in the plots, from published.csv" in said


def test_published_curves_are_compared_over_the_pictures_that_are_plotted(tmp_path: Path) -> None:
    """Only one picture is brought to 0.125 bpp, and it is far better; a published curve equal to the others' means is
    level with them all the same.
    """
    rows = two_codecs({f"{n}.png": 0.0 for n in range(4)})
    rows = [one for one in rows if one.bpp > 0.125] + two_codecs({"easy.png": 40.0})
    path = tmp_path / "results.csv"
    write_rows(path, renamed([one for one in rows if one.image != "easy.png" or one.codec == "new"]), ())
    means = [(bpp, 35.0 + 5.0 * math.log2(bpp)) for bpp in (0.25, 0.5, 1.0, 2.0)]
    curve = ReferenceCurve("published", "paper.csv", {"psnr_rgb": tuple(means)})
    data = measure_set(open_results(path), pair=("jpeg2000", "jpeg"), bpp=0.5, references=[curve])
    (jpeg, *_others) = reference_rows(data, dict.fromkeys(("jpeg", "jpeg2000"), look_named("jpeg", "JPEG", ())))
    assert (jpeg["percent"], jpeg["over"]) == ("0.0 %", "25.0 to 40.0 dB")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["report", "--out", "x.html"], "IMAGE is missing: write “ratelens report IMAGE"),
        (["report", "a.png", "--out", "x.html"], "--bpp RATE is missing"),
        (["report", "a.png", "--bpp", "1", "--pair", "a", "b", "--out", "x.html"], "--pair only applies to --set"),
        (["report", "a.png", "--set", "a.csv", "--out", "x.html"], "IMAGE does not apply to --set"),
        (["report", "--set", "gone.csv", "--out", "x.html"], "“gone.csv” was not found"),
        (["report", "--set", "a.csv", "--bpp", "1", "2", "--out", "x.html"], "The report of a set is about one rate"),
        (["report", "--set", "a.csv", "--codec", "jpeg", "--out", "x.html"], "--codec does not apply to --set"),
    ],
)
def test_options_that_do_not_fit_are_sentences(
    arguments: list[str],
    sentence: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_command(arguments) == 2
    assert sentence in capsys.readouterr().err


def test_a_band_is_drawn_behind_its_curve() -> None:
    band = [(0.1, 18.0, 22.0), (1.0, 28.0, 32.0)]
    svg = curve_plot([Series("A", look_of("jpeg", ()), [(0.1, 20.0), (1.0, 30.0)], band)], "PSNR", "dB", [])
    kinds = [element.get("class") for element in ET.fromstring(svg).iter() if element.get("class")]
    assert kinds.index("band") < kinds.index("curve")


def test_times_are_drawn_with_the_front_through_the_codecs_that_none_beats() -> None:
    marks = [
        TimeMark("A", look_of("jpeg", ()), 5.0, 30.0, front=True),
        TimeMark("B & C", look_of("webp", ()), 50.0, 29.0, front=False),
        TimeMark("D", look_of("avif", ()), 500.0, 35.0, front=True),
    ]
    root = ET.fromstring(time_plot(marks, "PSNR", "dB", "ms"))
    (front,) = root.findall(".//polyline[@class='front']")
    assert len((front.get("points") or "").split()) == 2
    assert len(root.findall(".//path")) == 3
    assert time_plot([], "PSNR", "dB", "ms") == ""
