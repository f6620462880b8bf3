"""“ratelens compare” with metrics, with equal scores, and with pictures that were decoded elsewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from tests.photographs import sample_crop
from tests.programs import REPOSITORY, python
from tests.viewer.metrics.test_metric_plugins import install_example
from viewer.cli.main import run_command
from viewer.codecs.registry import codec_named
from viewer.imaging.writer import png_bytes
from viewer.matching.comparison import Comparison
from viewer.metrics.measurement import Reference
from viewer.metrics.registry import metric_named
from viewer.metrics.scoring import Scorer

pytestmark = pytest.mark.usefixtures("folder")

CODECS = ["--codec", "jpeg", "jpeg2000"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A photograph, and two reconstructions of it with their streams' sizes."""
    monkeypatch.chdir(tmp_path)
    image = sample_crop(160, 200)
    Path("photo.png").write_bytes(png_bytes(image.pixels))
    for name in ("jpeg", "webp"):
        result = Comparison(image, [codec_named(name)]).result(name, 0.6)
        Path(f"{name}.png").write_bytes(png_bytes(result.reconstruction))
        Path(f"{name}.bin").write_bytes(result.stream)
    return tmp_path


def test_metrics_are_columns_of_the_table_and_scores_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["compare", "photo.png", "--bpp", "0.6", *CODECS, "--metric", "ssimulacra2", "flip", "ssimulacra2"]
    assert run_command(arguments) == 0
    head, *rows = capsys.readouterr().out.splitlines()[1:]
    assert re.search(r"MS-SSIM luma  SSIMULACRA2 +FLIP +prepare", head)
    assert len(rows) == 2
    assert run_command([*arguments, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [(metric["name"], metric["direction"]) for metric in report["metrics"]] == [
        ("ssimulacra2", "higher"),
        ("flip", "lower"),
    ]
    image = sample_crop(160, 200)
    scorer = Scorer(image.pixels, [metric_named("ssimulacra2"), metric_named("flip")])
    for row, result in zip(rows, report["results"], strict=True):
        codec = result["codec"]
        reconstruction = Comparison(image, [codec_named(codec)]).result(codec, 0.6).reconstruction
        scores = {name: score.value for name, score in scorer.scores(reconstruction).items()}
        assert result["scores"] == scores
        assert f"{scores['ssimulacra2']:.2f}  {scores['flip']:.4f}" in row


def test_without_metrics_json_says_what_it_said_before(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["compare", "photo.png", "--bpp", "0.6", "--codec", "jpeg", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["metrics"], report["reconstructions"], report["metric_target"]) == ([], [], None)
    assert report["results"][0]["scores"] == {}


@pytest.mark.parametrize(("metric", "value", "tolerance"), [("ssimulacra2", 60.0, 0.12), ("flip", 0.08, 0.0005)])
def test_codecs_are_brought_to_equal_scores(
    metric: str, value: float, tolerance: float, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["compare", "photo.png", "--metric-target", f"{metric}={value}", *CODECS]
    assert run_command([*arguments, "--json", "--out", "out"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["metric_target"] == {"metric": metric, "value": value, "tolerance": pytest.approx(tolerance)}
    assert report["quality_target"] is None
    first = report["results"][0]["bytes"]
    for result in report["results"]:
        name = result["codec"]
        stream = Path("out", f"photo.{name}{codec_named(name).suffix}").read_bytes()
        decoded = codec_named(name).decode(stream)
        score = Scorer(sample_crop(160, 200).pixels, [metric_named(metric)]).score(metric, decoded).value
        assert score == pytest.approx(result["scores"][metric])
        assert result["reached_quality"]
        assert abs(result["scores"][metric] - value) <= tolerance
        assert result["bytes_against_first"] in (None, result["bytes"] / first)
    assert run_command(arguments) == 0
    printed = capsys.readouterr().out
    assert f"equal {metric_named(metric).label} " in printed
    assert re.search(r"jpeg2000 needs \d\.\d+ times the bytes of jpeg\.", printed)


def test_a_score_that_a_codec_does_not_have_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["compare", "photo.png", "--metric-target", "ssimulacra2=100", "--codec", "jpeg"]) == 0
    assert re.search(
        r"jpeg cannot do better than SSIMULACRA2 \d+\.\d+ on this picture; the target is 100.00",
        capsys.readouterr().out,
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--metric-target", "vmaf=90"], "The metric “vmaf” is not installed: add it with “ratelens metric add vmaf”."),
        (["--metric-target", "ssimulacra2"], "“ssimulacra2” is no target: write the metric and its score, such as"),
        (["--metric-target", "ssimulacra2=high"], "“high” is not a SSIMULACRA2 score: give a number up to 100."),
        (["--metric-target", "flip=2"], "“2” is not a FLIP score: give a number from 0 to 1."),
        (["--metric-target", "psnr_luma=35"], "an option of its own: write --psnr 35 --luma."),
        (["--bpp", "0.5", "--metric", "nothing"], "There is no metric “nothing”"),
        (["--bpp", "0.5", "--with", "no.png"], "no.png"),
        (["--bpp", "0.5", "--with", "small.png"], "“small.png” is 100 x 50 pixels, and “photo.png” 200 x 160: give a"),
        (
            ["--bpp", "0.5", "--with", "jpeg.png=no.bin"],
            "“no.bin”, the size of “jpeg.png”, is neither an existing file",
        ),
        (
            ["--bpp", "0.5", "--with", "jpeg.png=-3"],
            "“-3”, the size of “jpeg.png”, is neither an existing file nor a size",
        ),
        (
            ["--bpp", "0.5", "--with", "jpeg.png=0"],
            "“0”, the size of “jpeg.png”, is neither an existing file nor a size",
        ),
    ],
)
def test_mistakes_are_sentences(arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("small.png").write_bytes(png_bytes(sample_crop(50, 100).pixels))
    assert run_command(["compare", "photo.png", "--codec", "jpeg", *arguments]) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1


def test_a_metric_that_has_no_score_says_so_and_the_rest_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "tiny.png"
    path.write_bytes(png_bytes(sample_crop(7, 40).pixels))
    arguments = ["compare", str(path), "--bpp", "3", *CODECS, "--metric", "ssimulacra2", "flip"]
    assert run_command([*arguments, "--json"]) == 2
    captured = capsys.readouterr()
    assert captured.err == "ratelens: SSIMULACRA2 needs sides of 8 pixels or more.\n"
    for result in json.loads(captured.out)["results"]:
        assert result["scores"]["ssimulacra2"] is None
        assert 0 <= result["scores"]["flip"] < 1


def test_reconstructions_stand_beside_the_codecs(capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--with", "jpeg.png=jpeg.bin", "webp.png=12.3kB", "--with", "webp.png"]
    arguments = ["compare", "photo.png", "--bpp", "0.6", "--codec", "jpeg", *given, "--metric", "flip"]
    assert run_command([*arguments, "--json", "--out", "out"]) == 0
    report = json.loads(capsys.readouterr().out)
    (result,) = report["results"]
    own, sized, unknown = report["reconstructions"]
    assert [own["path"], sized["path"], unknown["path"]] == ["jpeg.png", "webp.png", "webp.png"]
    same = ("bytes", "bpp", "psnr_rgb", "psnr_luma", "ms_ssim_rgb", "ms_ssim_luma", "ms_ssim_scales", "scores")
    assert {name: own[name] for name in same} == {name: result[name] for name in same}
    assert (sized["bytes"], sized["bpp"]) == (12300, 8 * 12300 / (160 * 200))
    assert (unknown["bytes"], unknown["bpp"]) == (None, None)
    with PillowImage.open("webp.png") as picture:
        metrics = Reference(sample_crop(160, 200).pixels).measure(np.asarray(picture)).metrics
    assert sized["psnr_luma"] == unknown["psnr_luma"] == metrics.psnr_luma_db
    with PillowImage.open(Path("out", "photo.comparison.png")) as overview:
        assert overview.width * overview.height > 5 * 160 * 200
    assert run_command(arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    assert re.match(r"jpeg\.png +\d\.\d{4} +– +\d+ +\d+\.\d\d dB", lines[3])
    assert re.match(r"webp\.png +– +– +– +\d+\.\d\d dB.* +– +–$", lines[5])


def test_a_name_with_the_sign_of_sizes_is_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    Path("q=50.png").write_bytes(Path("jpeg.png").read_bytes())
    given = ["--with", "q=50.png", "q=50.png=0.5bpp"]
    assert run_command(["compare", "photo.png", "--bpp", "0.6", "--codec", "jpeg", "--json", *given]) == 0
    assert [one["bytes"] for one in json.loads(capsys.readouterr().out)["reconstructions"]] == [None, 2000]


def test_a_metric_of_another_package_is_a_column_like_any(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    site = install_example(tmp_path_factory)
    arguments = ("-m", "viewer", "compare", "photo.png", "--bpp", "0.6", "--codec", "jpeg", "--metric", "edges")
    done = python(*arguments, "--json", path=(REPOSITORY, site), folder=folder)
    assert done.returncode == 0, done.stderr
    (result,) = json.loads(done.stdout)["results"]
    assert 0.5 < result["scores"]["edges"] < 1
    target = ("--metric-target", f"edges={result['scores']['edges']}")
    done = python(*arguments[:4], *target, *arguments[6:8], "--json", path=(REPOSITORY, site), folder=folder)
    assert done.returncode == 0, done.stderr
    (again,) = json.loads(done.stdout)["results"]
    assert abs(again["bytes"] / result["bytes"] - 1) < 0.05
