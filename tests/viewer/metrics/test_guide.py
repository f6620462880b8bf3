"""The page on metrics: its example runs as it stands, its recipes can be read, its commands are understood."""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path

import pytest

from tests.photographs import sample_crop
from tests.programs import REPOSITORY, python
from viewer.cli import main as cli
from viewer.imaging.writer import png_bytes
from viewer.metrics.command.description import KEYS
from viewer.metrics.command.installed import recipes
from viewer.metrics.plugins import load_plugins
from viewer.metrics.registry import BUILT_IN
from viewer.sweep.reference import read_references
from viewer.sweep.rows import read_rows

GUIDE = (REPOSITORY / "assets" / "guide" / "metrics.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)(?: (\S+))?\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
FILES = {mark.partition("=")[2]: text for _, mark, text in BLOCKS if mark.startswith("file=")}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no python3")
def test_the_complete_example_runs(tmp_path: Path) -> None:
    for name in ("edges.py", "edges.toml"):
        (tmp_path / name).write_text(FILES[name], "utf-8")
    photo = png_bytes(sample_crop(160, 200).pixels)
    (tmp_path / "pictures").mkdir()
    for path in (tmp_path / "photo.png", tmp_path / "pictures" / "photo.png"):
        path.write_bytes(photo)
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
    }
    (commands,) = (text for _, _, text in BLOCKS if text.startswith("ratelens metric check edges.toml"))
    printed = ""
    for command in commands.splitlines():
        done = python("-m", "viewer", *shlex.split(command)[1:], environment=environment, folder=tmp_path)
        assert done.returncode == 0, done.stderr
        printed += done.stdout
    assert "“edges.toml” works." in printed
    assert "equal Edges left 0.9500, within 0.0019" in printed
    assert re.search(r"MS-SSIM luma  Edges left +FLIP", printed)
    scores = [row.scores["edges"] for row in read_rows(tmp_path / "results.csv") if row.scores]
    assert len(scores) == 2
    assert all(0 < score < 1 for score in scores)


def test_the_reference_of_the_page_is_read(tmp_path: Path) -> None:
    path = tmp_path / "paper.csv"
    path.write_text(FILES["paper.csv"], "utf-8")
    (curve,) = read_references(path)
    assert curve.label == "Their codec"
    assert {name: len(points) for name, points in curve.points.items()} == {"psnr_rgb": 4, "ms_ssim_rgb": 4}


def test_lpips_and_dists_are_metrics(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import EntryPoint

    (code,) = (text for language, mark, text in BLOCKS if (language, mark) == ("python", "recipe"))
    (tmp_path / "ratelens_lpips.py").write_text(code, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    entries = re.findall(r'^(\w+) = "(ratelens_lpips:\w+)"', GUIDE, re.MULTILINE)
    found = load_plugins(BUILT_IN, [EntryPoint(name, value, "ratelens.metrics") for name, value in entries])
    assert not found.findings
    assert [(metric.name, metric.direction) for metric in found.usable] == [("dists", "lower"), ("lpips", "lower")]


def test_it_shows_the_entry_point_of_the_example() -> None:
    project = REPOSITORY.joinpath("tests", "example_metric", "pyproject.toml").read_text("utf-8")
    (declared,) = re.findall(r'^\[project\.entry-points\."ratelens\.metrics"\]\n.*$', project, re.MULTILINE)
    assert declared in GUIDE


@pytest.mark.parametrize("command", re.findall(r"^ratelens (.*?)(?: +#.*)?$", GUIDE, re.MULTILINE))
def test_a_command_of_the_page_is_understood(command: str) -> None:
    words = shlex.split(command)
    cli.command_parser(words[0]).parse_args(words)  # exits where it does not understand


def test_every_key_and_every_metric_is_told_of() -> None:
    for name in (*KEYS, *recipes(), "ssimulacra2", "flip"):
        assert f"`{name}`" in GUIDE, name
