"""Reference curves: every format that is read, what is refused, and what a sweep makes of them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image as PillowImage

from models.errors import CurveError
from tests.photographs import sample_crop
from viewer.cli.main import run_command
from viewer.imaging.writer import png_bytes
from viewer.metrics.fast import FAST
from viewer.metrics.registry import metric_named
from viewer.sweep.reference import ReferenceCurve, load_references, read_references
from viewer.sweep.reference_bd import reference_bd_rates
from viewer.sweep.rows import Row, read_rows
from viewer.sweep.summary import averages

RATES = (0.1, 0.2, 0.4, 0.8, 1.6)


def curves_in(folder: Path, name: str, text: str) -> list[ReferenceCurve]:
    path = folder / name
    path.write_text(text, "utf-8")
    return read_references(path, [metric_named("ssimulacra2"), metric_named("flip")])


def test_compressais_json(tmp_path: Path) -> None:
    results = {"bpp": [0.4, 0.2], "psnr-rgb": [32.0, 30.0], "ms-ssim-rgb": [0.99, 0.9], "encoding_time": [1, 2]}
    text = json.dumps({"name": "hyper", "description": "Inference (ans)", "results": results})
    (curve,) = curves_in(tmp_path, "hyper.json", text)
    assert (curve.label, curve.source) == ("hyper", "hyper.json: Inference (ans)")
    assert curve.points["psnr_rgb"] == ((0.2, 30.0), (0.4, 32.0))
    assert [value for _, value in curve.points["ms_ssim_rgb"]] == pytest.approx([10.0, 20.0])
    older = json.dumps({"name": "JPEG", "results": {"bpp": [1.0], "psnr": [35.0], "ms-ssim": [0.99]}})
    (curve,) = curves_in(tmp_path, "older.json", older)
    assert set(curve.points) == {"psnr_rgb", "ms_ssim_rgb"}


def test_texts_of_tensorflow_compression(tmp_path: Path) -> None:
    text = (
        '# Aggregate rate-distortion data for "Made up (2020)" on kodak.\n'
        "# The first column contains bits per pixel (bpp) values.\n"
        "# The second column contains {} values.\n#\n\n0.2, {}\n0.1, {}\n"
    )
    (curve,) = curves_in(tmp_path, "a.txt", text.format("MS-SSIM/sRGB/R'G'B'", 0.99, 0.9))
    assert (curve.label, curve.source) == ("Made up (2020)", "a.txt: “Made up (2020)” on kodak")
    assert [value for _, value in curve.points["ms_ssim_rgb"]] == pytest.approx([10.0, 20.0])
    (curve,) = curves_in(tmp_path, "b.txt", text.format("PSNR/sRGB/Y'", 31, 30))
    assert curve.points == {"psnr_luma": ((0.1, 30.0), (0.2, 31.0))}


@pytest.mark.parametrize(
    "text",
    [
        "method,metric,bpp,value\nmine,psnr_rgb,0.2,31\nmine,psnr_rgb,0.1,30\nmine,ssimulacra2,0.1,40\nmine,lpips,0.1,9\n",
        "codec,bpp,PSNR (dB),SSIMULACRA2\nmine,0.1,30,40\nmine,0.2,31,\n",
        "label;Bits per pixel;PSNR RGB;ssimulacra2\nmine;0,1;30,0;40\nmine;0,2;31;\n",
        "name\trate\tpsnr-rgb\tSSIMULACRA 2\nmine\t0.1\t30\t40\nmine\t0.2\t31\t\n",
    ],
)
def test_any_csv_with_columns_for_rate_and_metric(text: str, tmp_path: Path) -> None:
    (curve,) = curves_in(tmp_path, "mine.csv", text)
    assert (curve.label, curve.source) == ("mine", "mine.csv")
    assert curve.points == {"psnr_rgb": ((0.1, 30.0), (0.2, 31.0)), "ssimulacra2": ((0.1, 40.0),)}


def test_a_csv_without_names_is_one_curve_called_after_its_file(tmp_path: Path) -> None:
    (curve,) = curves_in(tmp_path, "paper.csv", "bpp,ms_ssim\n0.1,13\n0.2,0.99\n")
    assert curve.label == "paper"
    assert [value for _, value in curve.points["ms_ssim_rgb"]] == pytest.approx([13.0, 20.0])  # over 1: in dB already


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("a.json", '{"results": ', "“a.json” is no valid JSON: give a CSV with columns"),
        ("a.json", '{"name": "x"}', "has no “results”"),
        ("a.json", '{"results": {"psnr": [1]}}', "has no rates"),
        ("a.json", '{"results": {"bpp": [1, 2], "psnr": [30]}}', "has lists of unequal length"),
        ("a.json", '{"results": {"bpp": [1], "lpips": [0.3]}}', "has no points with a rate and a metric"),
        ("a.txt", "# nothing\n0.1, 30\n", "does not say, in its comments, which metric"),
        ("a.csv", "psnr,size\n30,100\n", "has no column of rates"),
        ("a.csv", "bpp,psnr\n0.1\n", "has lines of unequal length"),
        ("a.csv", "bpp,psnr\n0.1,high\n", "what is no number"),
        ("a.csv", "image,bpp,psnr\na.png,0.1,30\n", "has a row for each picture, and a reference curve is of averages"),
        ("a.csv", "\n\n", "has no column of rates"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(name: str, text: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(CurveError) as caught:
        curves_in(tmp_path, name, text)
    assert sentence in str(caught.value)


def test_one_of_several_curves_is_chosen_by_name(tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    path.write_text("method,bpp,psnr\na,0.1,30\nb,0.1,31\n")
    assert [curve.label for curve in load_references([str(path)], [])] == ["a", "b"]
    assert [curve.label for curve in load_references([f"{path}:b"], [])] == ["b"]
    with pytest.raises(CurveError, match=r"There is no curve “c” in “two\.csv”: it has a, b"):
        load_references([f"{path}:c"], [])
    with pytest.raises(CurveError, match=r"nothing\.csv"):
        load_references([str(tmp_path / "nothing.csv")], [])


def _rows(factor: float) -> list[Row]:
    return [
        Row(
            f"{i}.png",
            "jpeg",
            bpp,
            factor * bpp,
            1,
            True,
            25 + 3 * step + i,
            0,
            1 - 10 ** (-1 - step / 4 - i / 9),
            0,
            1,
            1,
        )
        for i in range(2)
        for step, bpp in enumerate(RATES)
    ]


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_bd_rate_against_a_reference_of_the_same_averages(factor: float, tmp_path: Path) -> None:
    """The same means at other rates: MS-SSIM, too, since both sides are averaged before they are put into dB."""
    means = averages(_rows(1.0))
    lines = [f"{mean.bpp},{mean.psnr_db},{mean.ms_ssim}" for mean in means]
    path = tmp_path / "published.csv"
    path.write_text("\n".join(["bpp,psnr_rgb,ms_ssim_rgb", *lines]))
    found = reference_bd_rates(_rows(factor), read_references(path))
    assert [(one.codec, one.metric.name) for one in found] == [("jpeg", "psnr_rgb"), ("jpeg", "ms_ssim_rgb")]
    for one in found:
        assert one.found is not None
        assert one.found.percent == pytest.approx(100 * (factor - 1), abs=0.01)


def test_a_sweep_draws_references_dashed_and_compares_with_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pictures").mkdir()
    Path("pictures", "heron.png").write_bytes(png_bytes(sample_crop(128, 160).pixels))
    arguments = ["sweep", "pictures", "--bpp", *["0.4", "0.55", "0.75", "1", "1.4", "1.9", "2.5"], "--metric", "flip"]
    assert run_command([*arguments, "--codec", "jpeg2000", "--out", "first.csv"]) == 0
    Path("paper.csv").write_text("bpp,psnr_rgb\n0.3,24\n0.6,28\n0.9,31\n1.2,33\n1.5,36\n4.0,60\n")
    capsys.readouterr()
    more = ["--codec", "jpeg", "--out", "second.csv", "--reference", "first.csv", "paper.csv", "--plot", "r.svg"]
    assert run_command([*arguments, *more]) == 0
    printed = capsys.readouterr().out
    pattern = r"^jpeg against jpeg2000 in first +{} +[+-]\d+\.\d % "
    for label in (*(metric.label for metric in FAST), "FLIP"):
        assert re.search(pattern.format(label), printed, re.MULTILINE), label
    assert re.search(r"^jpeg against paper +PSNR RGB ", printed, re.MULTILINE)
    assert "jpeg2000 in first: from first.csv, mean of 1 picture\n" in printed
    assert "paper: from paper.csv\n" in printed
    assert "averages over the same 1 picture as the sweep's." in printed
    drawn = Path("r.svg").read_text("utf-8")
    assert "<!-- jpeg2000 in first -->" in drawn
    assert "<!-- paper -->" in drawn
    assert "paper from paper.csv" in drawn
    assert drawn.count("stroke-dasharray") >= 4  # three plots of one reference, one of the other
    assert run_command([*arguments, *more[:-1], "r.png"]) == 0
    with PillowImage.open("r.png") as picture:
        assert picture.height > 1000
    assert len({row.key for row in read_rows(Path("second.csv"))}) == 7


def test_a_reference_that_cannot_be_read_is_said_before_anything_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.png").write_bytes(png_bytes(sample_crop(40, 60).pixels))
    out = tmp_path / "r.csv"
    assert run_command(["sweep", str(tmp_path), "--out", str(out), "--reference", str(tmp_path / "no.csv")]) == 2
    assert "no.csv" in capsys.readouterr().err
    assert not out.exists()


def test_targets_that_only_the_easy_pictures_reach_do_not_make_the_curve_one_of_those(tmp_path: Path) -> None:
    """One picture of five reaches every rate: the curve is of the five at the others, and so level with their means."""
    rows = [
        replace(row, image=f"{copy}-{row.image}", psnr_rgb=row.psnr_rgb - 3.0 * copy)
        for copy in range(3)
        for row in _rows(1.0)
    ]
    lowest = min(row.target for row in rows)
    rows = [replace(row, reachable=row.image.startswith("0-0") or row.target != lowest) for row in rows]
    means = averages([row for row in rows if row.target != lowest])
    path = tmp_path / "published.csv"
    path.write_text("\n".join(["bpp,psnr_rgb", *(f"{mean.bpp},{mean.psnr_db}" for mean in means)]))
    (found,) = reference_bd_rates(rows, read_references(path))
    assert found.found is not None
    assert found.found.percent == pytest.approx(0.0, abs=0.01)
