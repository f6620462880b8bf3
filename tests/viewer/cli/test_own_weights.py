"""Weights of one's own and variants on the command line: side by side, in streams, sweeps and reports, installed."""

from __future__ import annotations

import csv
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from PIL import Image as PillowImage

from models.weights import save_weights
from tests.golden.make import FOLDER
from tests.photographs import sample_crop
from tests.programs import python
from viewer.cli.main import run_command
from viewer.codecs import registry
from viewer.codecs.command.installed import folder
from viewer.codecs.learned import WEIGHTS
from viewer.imaging.writer import png_bytes
from viewer.system.resources import weights_path

TINY = FOLDER / "tiny.safetensors"
"""Of an untrained model, without a context model."""


@pytest.fixture(autouse=True)
def _nothing_added() -> Iterator[None]:
    """What one command line brings is not known to the next one."""
    yield
    registry._added().clear()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    Path("photo.png").write_bytes(png_bytes(sample_crop(192, 256).pixels))
    return tmp_path


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second training: the shipped one, whose pictures come out a little darker."""
    tensors = dict(safetensors.numpy.load_file(weights_path(WEIGHTS)))
    tensors["synthesis.conv2.bias"] = tensors["synthesis.conv2.bias"] - np.float32(0.02)
    path = tmp_path_factory.mktemp("training") / "Night 2.safetensors"
    save_weights(path, {key: value for key, value in tensors.items() if not key.startswith("density.")}, {})
    return path


def ratelens(home: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {"XDG_CONFIG_HOME": str(home / "config")}
    return python("-m", "viewer", *map(str, arguments), environment=environment, folder=home)


def test_two_trainings_are_compared_live(home: Path, night: Path, capsys: pytest.CaptureFixture[str]) -> None:
    named = ["--codec", "learned", "--weights", str(night), str(TINY)]
    assert run_command(["compare", "photo.png", "--bpp", "0.5", "--json", *named, "--out", "out"]) == 0
    results = json.loads(capsys.readouterr().out)["results"]
    assert [result["codec"] for result in results] == ["learned", "learned:night-2", "learned:tiny"]
    shipped, darker, tiny = results
    assert abs(shipped["bytes"] / darker["bytes"] - 1) < 0.02
    assert 0.05 < shipped["psnr_rgb"] - darker["psnr_rgb"] < 5
    assert tiny["psnr_rgb"] < 20
    assert "weights Night 2.safetensors" in darker["encoder"]
    assert (home / "out" / "photo.learned-night-2.gdn").is_file()


def test_a_stream_is_decoded_by_the_weights_that_it_names(
    home: Path, night: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["encode", "photo.png", "n.gdn", "--bpp", "0.5", "--weights", str(night)]) == 0
    registry._added().clear()
    capsys.readouterr()
    assert run_command(["decode", "n.gdn", "none.png"]) == 2
    told = capsys.readouterr().err
    model = Path("n.gdn").read_bytes()[4:7].hex()
    assert f"made with the weights {model}, which are none of those that are known here (learned (" in told
    assert "give their file with --weights FILE" in told
    assert run_command(["decode", "n.gdn", "given.png", "--weights", str(TINY), str(night)]) == 0
    registry._added().clear()
    assert run_command(["codec", "add", str(night)]) == 0
    assert ratelens(home, "decode", "n.gdn", "installed.png").returncode == 0
    assert run_command(["encode", "photo.png", "s.gdn", "--bpp", "0.5", "--codec", "learned"]) == 0
    assert ratelens(home, "decode", "s.gdn", "shipped.png").returncode == 0
    given, installed, shipped = (
        np.asarray(PillowImage.open(f"{name}.png")).astype(int) for name in ("given", "installed", "shipped")
    )
    assert np.array_equal(given, installed)
    assert 1 < (shipped - given).mean() < 7


def test_installed_weights_are_there_until_they_are_removed(
    home: Path, night: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["codec", "check", str(night)]) == 0
    assert "Learned Night 2 (weights " in capsys.readouterr().out
    assert run_command(["codec", "add", str(night)]) == 0
    assert "--codec learned:night-2" in capsys.readouterr().out
    assert folder().joinpath("Night 2.safetensors").read_bytes() == night.read_bytes()
    assert run_command(["codec", "add", str(night)]) == 2
    assert "add --force" in capsys.readouterr().err
    assert run_command(["codec", "add", str(night), "--force"]) == 0
    listed = ratelens(home, "codec", "list")
    assert "learned:night-2: weights " in listed.stdout
    assert "avif: speed=6; speed=0, speed=1" in listed.stdout
    compared = ratelens(home, "compare", "photo.png", "--bpp", "0.5", "--codec", "learned:night-2,plain", "jpeg:420")
    assert compared.returncode == 0, compared.stderr
    assert "learned:night-2,plain" in compared.stdout
    assert run_command(["codec", "remove", "learned:night-2"]) == 0
    assert not list(folder().glob("*.safetensors"))
    assert run_command(["codec", "remove", "learned:night-2"]) == 2


def test_a_sweep_takes_them_into_its_processes(home: Path, night: Path) -> None:
    (home / "pictures").mkdir()
    for name, sample in (("a.png", "heron"), ("b.png", "spices")):
        Path("pictures", name).write_bytes(png_bytes(sample_crop(192, 256, sample).pixels))
    names = ["learned:plain", "learned:night-2", "jpeg:progressive", "webp:method=6"]
    arguments = ["sweep", "pictures", "--bpp", "0.5", "1", "--out", "s.csv", "--codec", *names[:1], *names[2:]]
    done = ratelens(home, *arguments, "--weights", night, "--plot", "s.png")
    assert done.returncode == 0, done.stderr
    with Path("s.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    measured = {(row["image"], row["codec"], row["target_bpp"]) for row in rows}
    assert measured == {(image, name, bpp) for image in ("a.png", "b.png") for name in names for bpp in ("0.5", "1.0")}


def test_a_report_says_settings_and_weights(home: Path, night: Path) -> None:
    codecs = ["--codec", "learned", "jpeg:444", "avif:speed=10", "--weights", str(night)]
    assert run_command(["report", "photo.png", "--bpp", "0.5", "--points", "0", "--out", "r.html", *codecs]) == 0
    text = (home / "r.html").read_text("utf-8")
    for told in ("JPEG 4:4:4", "AVIF speed 10", "libaom via libavif, speed 10", "Learned Night 2, weights"):
        assert told in text
    assert "--codec learned jpeg:444 avif:speed=10 learned:night-2 --weights" in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--weights", "photo.png"], "“photo.png” is no weights file of RateLens, or damaged"),
        (["--weights", "missing.safetensors"], "There is no weights file “missing.safetensors”: check the name"),
        (["--weights", "a/w.safetensors", "b/w.safetensors"], "would both be learned:w: rename one"),
        (["--weights", "plain.safetensors"], "cannot lend the codec its name: rename it"),
        (["--weights", "cut.safetensors"], "“cut.safetensors” is no weights file of RateLens, or damaged"),
        (["--weights", "flipped.safetensors"], "sum to 65536): export it again, or remove it"),
        (["--codec", "learned:gone"], "weights of your own are known after --weights FILE"),
    ],
)
@pytest.mark.usefixtures("home")
def test_what_cannot_be_used_is_said_in_a_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    data = bytearray(TINY.read_bytes())
    for name in ("a/w", "b/w", "plain"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(f"{name}.safetensors").write_bytes(data)
    Path("cut.safetensors").write_bytes(data[:-100])
    data[-5000] ^= 4
    Path("flipped.safetensors").write_bytes(data)
    assert run_command(["compare", "photo.png", "--bpp", "0.5", "--codec", "jpeg", *arguments]) == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert told.count("ratelens: ") == 1


@pytest.mark.usefixtures("home")
def test_what_has_no_context_model_is_not_refined(capsys: pytest.CaptureFixture[str]) -> None:
    refine = ["--bpp", "0.5", "--refine", "1"]
    assert run_command(["encode", "photo.png", "x.gdn", "--codec", "learned:plain", *refine]) == 2
    assert "cannot be refined" in capsys.readouterr().err
    named = ["--codec", "learned", "learned:plain", "--weights", str(TINY)]
    assert run_command(["compare", "photo.png", "--json", *named, *refine]) == 0
    details = {result["codec"]: result["detail"] for result in json.loads(capsys.readouterr().out)["results"]}
    assert [name for name, detail in details.items() if "refined" in detail] == ["learned"]
