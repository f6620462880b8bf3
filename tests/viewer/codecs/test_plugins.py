"""Codecs that other packages bring: the documented example, installed and run, and all the ways to get it wrong."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from models.errors import CodecError, StreamError
from tests.example_codec.ratelens_smaller import SmallerCodec, SmallerEncoder
from tests.photographs import sample_crop
from tests.programs import REPOSITORY, python
from viewer.codecs.plugins import load_plugins
from viewer.codecs.registry import BUILT_IN, GROUP
from viewer.imaging.image import Image, Pixels
from viewer.imaging.writer import png_bytes
from viewer.matching.comparison import Comparison

HERE = "tests.viewer.codecs.test_plugins"


def entry_point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, GROUP)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example package, installed from a copy into a folder of its own."""
    source, target = tmp_path_factory.mktemp("source") / "package", tmp_path_factory.mktemp("site")
    shutil.copytree(REPOSITORY / "tests" / "example_codec", source, ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-build-isolation", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", target, source], check=True, capture_output=True)
    return target


def test_the_example_is_installed_and_compared(site: Path, tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(png_bytes(sample_crop(192, 256).pixels))
    arguments = ("-m", "viewer", "compare", "photo.png", "--bpp", "0.5", "--codec", "smaller", "jpeg")
    done = python(*arguments, "--json", "--out", "out", path=(REPOSITORY, site), folder=tmp_path)
    assert done.returncode == 0, done.stderr
    smaller, jpeg = json.loads(done.stdout)["results"]
    assert (smaller["codec"], jpeg["codec"]) == ("smaller", "jpeg")
    assert smaller["reachable"]
    assert abs(smaller["bpp"] / 0.5 - 1) <= 0.01
    assert smaller["bytes"] == (tmp_path / "out" / "photo.smaller.smaller").stat().st_size
    decoded = python(
        "-m", "viewer", "decode", "out/photo.smaller.smaller", "b.png", path=(REPOSITORY, site), folder=tmp_path
    )
    assert decoded.returncode == 0, decoded.stderr
    with PillowImage.open(tmp_path / "b.png") as back, PillowImage.open(tmp_path / "out/photo.smaller.png") as shown:
        assert np.array_equal(np.asarray(back), np.asarray(shown))


def test_doctor_tells_of_plugins_and_of_those_that_are_broken(site: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken_codec-2.0.dist-info"
    broken.mkdir()
    (broken / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-codec\nVersion: 2.0\n")
    (broken / "entry_points.txt").write_text(f"[{GROUP}]\nbroken = no_such_module:Codec\n")
    program = "from viewer.cli.doctor import diagnose_codecs as d\nfor f in d(): print(f.name, f.ok, f.found, f.fix)"
    done = python("-c", program, path=(REPOSITORY, site, tmp_path))
    assert done.returncode == 0, done.stderr
    assert re.search(r"Codecs True learned.*smaller \(ratelens-smaller 1\.0\)", done.stdout)
    assert re.search(
        r"Plug-in False .*“broken” from the package broken-codec 2\.0.*no_such_module.*update or remove", done.stdout
    )


def test_the_guide_shows_the_entry_point_of_the_example() -> None:
    guide = REPOSITORY.joinpath("assets", "guide", "codecs.md").read_text("utf-8")
    project = REPOSITORY.joinpath("tests", "example_codec", "pyproject.toml").read_text("utf-8")
    (declared,) = re.findall(r'^\[project\.entry-points\."ratelens\.codecs"\]\n.*$', project, re.MULTILINE)
    assert declared in guide


class NoDecode:
    """Lacks a method."""

    name, label, suffix, tries_every_encoder = "half", "Half", ".half", False

    def encoders(self, image: Image) -> Sequence[SmallerEncoder]:
        return SmallerCodec().encoders(image)

    def recognises(self, stream: bytes) -> bool:
        return stream.startswith(b"half")


@dataclass(frozen=True)
class TakesJpeg(SmallerCodec):
    name: str = "jpeg"


@dataclass(frozen=True)
class OddSuffix(SmallerCodec):
    suffix: str = "smaller"


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (f"{HERE}:NoDecode", "it has no “decode”"),
        (f"{HERE}:TakesJpeg", "there already is a codec called “jpeg”"),
        (f"{HERE}:OddSuffix", "suffix 'smaller'"),
    ],
)
def test_what_cannot_be_used_is_named_and_the_others_go_on(value: str, sentence: str) -> None:
    good = entry_point("smaller", "tests.example_codec.ratelens_smaller:SmallerCodec")
    found = load_plugins(BUILT_IN, [entry_point("bad", value), good])
    assert [codec.name for codec in found.usable] == ["smaller"]
    (problem,) = found.problems
    assert "“bad”" in problem
    assert sentence in problem
    assert problem.endswith("update or remove that package.")


@dataclass(frozen=True, eq=False)
class FailingEncoder(SmallerEncoder):
    def encode(self, quality: int) -> bytes:
        raise ZeroDivisionError(f"at {quality}")


@dataclass(frozen=True)
class Fails(SmallerCodec):
    """Works until it is asked to encode."""

    def encoders(self, image: Image) -> Sequence[SmallerEncoder]:
        return (FailingEncoder(image.pixels),)


@dataclass(frozen=True, eq=False)
class LeavingEncoder(SmallerEncoder):
    def encode(self, quality: int) -> bytes:
        sys.exit(f"at {quality}")


@dataclass(frozen=True)
class LeavesLater(SmallerCodec):
    """Means to end the program, which would end a worker without a word."""

    def encoders(self, image: Image) -> Sequence[SmallerEncoder]:
        return (LeavingEncoder(image.pixels),)


@dataclass(frozen=True)
class WrongSize(SmallerCodec):
    """Decodes to a picture of another size."""

    def decode(self, stream: bytes) -> Pixels:
        return super().decode(stream)[:-1]


@dataclass(frozen=True)
class WrongType(SmallerCodec):
    """Decodes to floats."""

    def decode(self, stream: bytes) -> Pixels:
        return super().decode(stream).astype(float)


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("Fails", "ZeroDivisionError: at"),
        ("LeavesLater", "SystemExit: at"),
        ("WrongSize", "47 x 64|64 x 47"),
        ("WrongType", "uint8"),
    ],
)
def test_what_goes_wrong_later_is_a_codec_error(kind: str, sentence: str) -> None:
    (codec,) = load_plugins(BUILT_IN, [entry_point("bad", f"{HERE}:{kind}")]).usable
    with pytest.raises(CodecError, match=sentence):
        Comparison(sample_crop(48, 64), [codec]).result("smaller", 1.0)


def test_its_own_refusals_pass_unchanged() -> None:
    (codec,) = load_plugins((), [entry_point("a", f"{HERE}:SmallerCodec")]).usable
    with pytest.raises(StreamError, match=r"not a complete \.smaller file"):
        codec.decode(b"SMALR1")
