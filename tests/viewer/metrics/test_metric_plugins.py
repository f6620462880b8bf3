"""Metrics that other packages bring: the documented example, installed and run, and all the ways to get it wrong."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.example_metric.ratelens_edges import EdgesMetric, PreparedEdges
from tests.photographs import sample_crop
from tests.programs import REPOSITORY, python
from viewer.imaging.image import Pixels
from viewer.metrics.base import HasErrorMap
from viewer.metrics.plugins import PluginMetric, load_plugins
from viewer.metrics.registry import BUILT_IN, GROUP
from viewer.metrics.scoring import Scorer
from viewer.system.plugins import Found

HERE = "tests.viewer.metrics.test_metric_plugins"
EXAMPLE = "tests.example_metric.ratelens_edges:EdgesMetric"


def loaded(*values: str) -> Found[PluginMetric]:
    return load_plugins(BUILT_IN, [EntryPoint(f"n{index}", value, GROUP) for index, value in enumerate(values)])


def install_example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example package, installed from a copy into a folder of its own."""
    source, target = tmp_path_factory.mktemp("source") / "package", tmp_path_factory.mktemp("site")
    shutil.copytree(REPOSITORY / "tests" / "example_metric", source, ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-build-isolation", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", target, source], check=True, capture_output=True)
    return target


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install_example(tmp_path_factory)


def test_doctor_tells_of_metrics_and_of_those_that_are_broken(site: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken_metric-2.0.dist-info"
    broken.mkdir()
    (broken / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-metric\nVersion: 2.0\n")
    (broken / "entry_points.txt").write_text(f"[{GROUP}]\nbroken = no_such_module:Metric\n")
    program = "from viewer.cli.doctor import diagnose_metrics as d\nfor f in d(): print(f.name, f.ok, f.found, f.fix)"
    done = python("-c", program, path=(REPOSITORY, site, tmp_path))
    assert done.returncode == 0, done.stderr
    assert re.search(r"Metrics True psnr_rgb.*ssimulacra2, flip, (?:\w+, )*edges \(ratelens-edges 1\.0\)", done.stdout)
    assert re.search(
        r"Plug-in False .*“broken” from the package broken-metric 2\.0.*no_such_module.*update or remove", done.stdout
    )


def test_the_example_scores_and_knows_where() -> None:
    (metric,) = loaded(EXAMPLE).usable
    original = sample_crop(64, 96).pixels
    changed = original.copy()
    changed[30:40, 50:60] = 0
    prepared = metric.prepare(original)
    assert isinstance(prepared, HasErrorMap)
    assert prepared.error_map(changed)[:28].max() == 0
    assert Scorer(original, [metric]).score("edges", original).value == pytest.approx(1.0)
    score = Scorer(original, [metric]).score("edges", changed).value
    assert score is not None
    assert 0.2 < score < 1


class NoRange:
    """Lacks an attribute."""

    name, label, unit, direction = "half", "Half", "", "higher"

    def prepare(self, original: Pixels) -> PreparedEdges:
        return EdgesMetric().prepare(original)


@dataclass(frozen=True)
class TakesPsnr(EdgesMetric):
    name: str = "psnr_rgb"


@dataclass(frozen=True)
class OddDirection(EdgesMetric):
    direction: str = "up"


@dataclass(frozen=True)
class OddRange(EdgesMetric):
    range: tuple[float, float] = (1.0, 0.0)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (f"{HERE}:NoRange", "it has no “range”"),
        (f"{HERE}:TakesPsnr", "there already is a metric called “psnr_rgb”"),
        (f"{HERE}:OddDirection", "its direction 'up' is neither “higher” nor “lower”"),
        (f"{HERE}:OddRange", "is not a lowest and a highest score"),
    ],
)
def test_what_cannot_be_used_is_named_and_the_others_go_on(value: str, sentence: str) -> None:
    found = loaded(value, EXAMPLE)
    assert [metric.name for metric in found.usable] == ["edges"]
    ((what, fix),) = found.findings
    assert "“n0”" in what
    assert sentence in what
    assert fix == "update or remove that package."


@dataclass(frozen=True, eq=False)
class FailingPrepared(PreparedEdges):
    def score(self, pixels: NDArray[np.uint8]) -> float:
        raise ZeroDivisionError(f"of {len(pixels)} rows")

    def error_map(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        return super().error_map(pixels)[1:]


@dataclass(frozen=True)
class FailsToScore(EdgesMetric):
    """Works until it is asked for a score."""

    def prepare(self, original: NDArray[np.uint8]) -> PreparedEdges:
        return FailingPrepared(super().prepare(original).original)


@dataclass(frozen=True)
class FailsToPrepare(EdgesMetric):
    """Means to end the program, which would end a worker without a word."""

    def prepare(self, original: NDArray[np.uint8]) -> PreparedEdges:
        sys.exit(f"no weights for {len(original)} rows")


class TextPrepared:
    def score(self, pixels: NDArray[np.uint8]) -> str:
        return f"good, with {len(pixels)} rows"


@dataclass(frozen=True)
class GivesText(EdgesMetric):
    """Gives what is no number."""

    def prepare(self, original: NDArray[np.uint8]) -> TextPrepared:  # type: ignore[override]
        assert original.size
        return TextPrepared()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("FailsToScore", "failed while comparing (ZeroDivisionError: of 16 rows)"),
        ("FailsToPrepare", "failed while preparing the picture (SystemExit: no weights for 16 rows)"),
        ("GivesText", "failed while comparing (ValueError: could not convert string to float"),
    ],
)
def test_what_it_raises_later_is_a_sentence_that_names_the_package(name: str, sentence: str) -> None:
    (metric,) = loaded(f"{HERE}:{name}").usable
    original = sample_crop(16, 16).pixels
    scorer = Scorer(original, [metric])
    for _ in range(2):  # the second time without preparing again
        score = scorer.score("edges", original)
        assert score.value is None
        assert score.problem.startswith(f"Edges, a metric from the package {HERE}:{name}, {sentence}")


def test_a_map_of_another_size_is_a_sentence() -> None:
    (metric,) = loaded(f"{HERE}:FailsToScore").usable
    original = sample_crop(16, 24).pixels
    prepared = metric.prepare(original)
    assert isinstance(prepared, HasErrorMap)
    with pytest.raises(Exception, match=r"a map has to be of shape \(16, 24\), not \(15, 24\)"):
        prepared.error_map(original)
