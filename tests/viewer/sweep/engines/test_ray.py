"""Ray, started on this machine: lost tasks and lost workers. Skipped where Ray is not installed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from models.errors import ImageError, WorkerError
from tests.programs import REPOSITORY
from tests.viewer.sweep.engines import jobs
from viewer.sweep.engines.ray_cluster import RayEngine

pytest.importorskip("ray")


@pytest.fixture(autouse=True)
def _path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ray's processes find the program as it is here."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(REPOSITORY), os.environ.get("PYTHONPATH", "")]))


def test_every_task_has_its_outcome_whatever_happens_to_the_workers(tmp_path: Path) -> None:
    once = f"once:{tmp_path / 'mark'}"
    tasks = ["a", "die", "raise", "bug", once, *"bcd"]
    found = {one.task: one for one in RayEngine(jobs=2).run(jobs.job(), tasks)}
    assert set(found) == set(tasks)
    assert [found[task].value for task in "abcd"] == list("ABCD")
    assert found[once].value == once.upper()
    assert isinstance(found["raise"].error, ImageError)
    assert "Its worker was lost on 2 tries" in str(found["die"].error)
    assert "An unexpected error" in str(found["bug"].error)


def test_a_worker_that_is_not_fit_ends_the_work() -> None:
    with pytest.raises(WorkerError, match="it has another version"):
        list(RayEngine(jobs=1).run(jobs.job(jobs.unfit), ["a"]))


def test_a_cluster_that_is_not_there() -> None:
    with pytest.raises(WorkerError, match=r"There is no Ray cluster at “127\.0\.0\.1:9”"):
        next(RayEngine("127.0.0.1:9").run(jobs.job(), ["a"]))
