"""Scores from a process of its own: the same as here, and it ends when it should."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from models.errors import MetricError
from tests.photographs import sample_crop
from tests.programs import REPOSITORY, python
from tests.viewer.metrics.test_scoring import jpeg
from viewer.metrics.registry import metric_named
from viewer.metrics.scoring import Scorer
from viewer.metrics.scoring_process import PictureScoring, ScoringProcess


@pytest.fixture
def process() -> Iterator[ScoringProcess]:
    scoring = ScoringProcess()
    yield scoring
    scoring.close()
    assert not scoring_children()


def scoring_children() -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process().children(recursive=True)
        if "spawn_main" in " ".join(child.cmdline()) and child.status() != psutil.STATUS_ZOMBIE
    ]


def test_scores_are_those_of_this_process(process: ScoringProcess) -> None:
    for name in ("heron", "spices"):  # the second picture takes the first one's place
        image = sample_crop(80, 100, name)
        coarse = jpeg(image.pixels, 30)
        for metric in ("flip", "ssimulacra2"):
            expected = Scorer(image.pixels, [metric_named(metric)]).score(metric, coarse)
            assert process.score(metric, image, coarse) == expected
    assert len(scoring_children()) == 1


def test_maps_are_those_of_this_process_and_a_metric_without_says_so(process: ScoringProcess) -> None:
    image = sample_crop(40, 50)
    coarse, scoring = jpeg(image.pixels, 30), PictureScoring(process, image)
    expected = Scorer(image.pixels, [metric_named("flip")]).error_map("flip", coarse)
    found = scoring.error_map("flip", coarse)
    assert found.shape == (40, 50)
    assert np.array_equal(found, expected)
    assert scoring.score("flip", coarse).value == pytest.approx(float(found.mean(dtype="float64")), abs=1e-6)
    with pytest.raises(MetricError, match="SSIMULACRA2 has no map"):
        scoring.error_map("ssimulacra2", coarse)


def test_a_metric_that_is_not_there_is_a_sentence(process: ScoringProcess) -> None:
    image = sample_crop(20, 20)
    assert process.score("nothing", image, image.pixels).problem.startswith("There is no metric “nothing”")
    assert process.score("no:no-such-program", image, image.pixels).problem.startswith("no runs “no-such-program”")


def test_a_process_that_is_killed_is_said_and_the_next_score_is_there(process: ScoringProcess) -> None:
    image = sample_crop(40, 50)
    assert process.score("flip", image, image.pixels).value == 0
    (child,) = scoring_children()
    child.kill()
    child.wait()
    lost = process.score("flip", image, image.pixels)
    assert lost.problem.startswith("FLIP has no score: the system stopped its process")
    assert process.score("flip", image, image.pixels).value == 0


def test_closing_ends_what_is_being_computed(tmp_path: Path) -> None:
    marker = tmp_path / "begun"
    script = tmp_path / "slow.py"
    script.write_text(f"import time; open({str(marker)!r}, 'w').close(); time.sleep(600)", "utf-8")
    image, scoring = sample_crop(20, 20), ScoringProcess()
    problems: list[str] = []
    line = f"slow:'{sys.executable}' '{script}'"
    waiting = threading.Thread(target=lambda: problems.append(scoring.score(line, image, image.pixels).problem))
    waiting.start()
    begun = threading.Event()
    while not marker.exists():
        begun.wait(0.02)
        assert waiting.is_alive()
    scoring.close()
    waiting.join(60)
    assert problems == ["slow has no score: RateLens is exiting."]
    assert not [child for child in psutil.process_iter(["cmdline"]) if str(script) in (child.info["cmdline"] or [])]
    assert scoring.score("flip", image, image.pixels).value is None


def test_it_ends_with_the_program(tmp_path: Path) -> None:
    program = (
        "import os, psutil\n"
        "from tests.photographs import sample_crop\n"
        "from viewer.metrics.scoring_process import PictureScoring, ScoringProcess\n"
        "if __name__ == '__main__':\n"
        "    image = sample_crop(20, 20)\n"
        "    print(ScoringProcess().score('flip', image, image.pixels).value)\n"
        "    print(*[child.pid for child in psutil.Process().children()], flush=True)\n"
        "    os._exit(0)\n"
    )
    script = tmp_path / "program.py"
    script.write_text(program, "utf-8")
    done = python(script, path=(REPOSITORY,))
    assert done.returncode == 0, done.stderr
    value, children = done.stdout.splitlines()
    assert float(value) == 0
    gone, alive = psutil.wait_procs(
        [psutil.Process(int(pid)) for pid in children.split() if psutil.pid_exists(int(pid))], 30
    )
    assert not alive, gone
