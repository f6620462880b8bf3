"""A real Dask scheduler and two worker processes: lost tasks, lost workers, a lost scheduler."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.errors import ImageError, WorkerError
from tests.viewer.sweep.engines import jobs
from tests.viewer.sweep.engines.clusters import cluster, program, running_scheduler
from viewer.sweep.engines.dask_cluster import DaskEngine

pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dask")


@pytest.fixture(scope="module")
def engine(folder: Path) -> Iterator[DaskEngine]:
    with cluster(folder) as (address, _scheduler):
        yield DaskEngine(address, patience_s=120)


def test_every_task_has_its_outcome_whatever_happens_to_the_workers(engine: DaskEngine, tmp_path: Path) -> None:
    once = f"once:{tmp_path / 'mark'}"
    tasks = ["a", "die", "raise", "bug", once, *"bcdefgh"]
    found = {one.task: one for one in engine.run(jobs.job(), tasks)}
    assert set(found) == set(tasks)
    assert [found[task].value for task in "abcdefgh"] == list("ABCDEFGH")
    assert found[once].value == once.upper()
    assert isinstance(found["raise"].error, ImageError)
    assert "Its worker was lost on 2 tries" in str(found["die"].error)
    assert "An unexpected error" in str(found["bug"].error)


def test_a_worker_that_hangs_is_ended(engine: DaskEngine) -> None:
    found = {one.task: one for one in engine.run(jobs.job(limit_s=5), ["a", "hang", "b"])}
    assert (found["a"].value, found["b"].value) == ("A", "B")
    assert "Its worker was lost on 2 tries: it hangs" in str(found["hang"].error)


def test_workers_are_asked_what_they_have_before_anything_is_done(engine: DaskEngine) -> None:
    with pytest.raises(WorkerError, match=r"The worker tcp://.* cannot take part: it has another version\."):
        next(engine.run(jobs.job(jobs.unfit), ["a"]))


def test_workers_without_the_program_are_named(
    engine: DaskEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module that only the client has stands for a program that is not installed."""
    (tmp_path / "only_here.py").write_text("def fit():\n    return ''\n", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    from only_here import fit  # type: ignore[import-not-found]

    with pytest.raises(WorkerError, match=r"The worker tcp://.* cannot load RateLens"):
        next(engine.run(jobs.job(fit), ["a"]))


def test_the_schedulers_file_says_where_it_is(engine: DaskEngine, folder: Path) -> None:
    del engine  # it has started the scheduler
    found = list(DaskEngine(str(folder / "scheduler.json")).run(jobs.job(), ["a"]))
    assert [one.value for one in found] == ["A"]
    with pytest.raises(WorkerError, match=r"There is no scheduler file “nothing\.json”"):
        next(DaskEngine("nothing.json").run(jobs.job(), ["a"]))


def test_a_scheduler_that_goes_away_is_said(tmp_path: Path) -> None:
    with cluster(tmp_path) as (address, scheduler):
        outcomes = DaskEngine(address, patience_s=120).run(jobs.job(), ["a", "hang", "hang", "hang"])
        assert next(outcomes).value == "A"
        scheduler.kill()
        with pytest.raises(WorkerError, match=r"The Dask scheduler at .* has gone: start it again"):
            list(outcomes)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense://here"])
def test_a_scheduler_that_is_not_there(address: str) -> None:
    with pytest.raises(WorkerError, match=f"There is no Dask scheduler at “{re.escape(address)}”: start one"):
        next(DaskEngine(address, patience_s=1).run(jobs.job(), ["a"]))


def test_a_scheduler_without_workers_or_with_threads_in_them(tmp_path: Path) -> None:
    with running_scheduler(tmp_path) as (address, _scheduler):
        with pytest.raises(WorkerError, match=r"has no workers: start some with “dask worker .* --nthreads 1”"):
            next(DaskEngine(address, patience_s=5).run(jobs.job(), ["a"]))
        with (
            program("worker", tmp_path / "log", address, "--nthreads", "2"),
            pytest.raises(WorkerError, match=r"does 2 tasks at once in one process.*--nthreads 1"),
        ):
            next(DaskEngine(address, patience_s=120).run(jobs.job(), ["a"]))
