"""Processes of this machine: they share the memory limit, and one that is lost costs only its task."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from models.errors import ImageError, WorkerError
from tests.viewer.sweep.engines import jobs
from viewer.sweep.engines.base import Job
from viewer.sweep.engines.local import LocalEngine
from viewer.system.memory import process_budget, resident_bytes

GB = 1_000_000_000


def test_errors_come_with_their_task_and_the_rest_goes_on() -> None:
    found = {one.task: one for one in LocalEngine(2).run(jobs.job(), ["a", "raise", "bug", "b"])}
    assert (found["a"].value, found["b"].value) == ("A", "B")
    assert isinstance(found["raise"].error, ImageError)
    assert "An unexpected error (ZeroDivisionError: division by zero)" in str(found["bug"].error)


def test_a_process_that_dies_costs_its_task_one_more_try(tmp_path: Path) -> None:
    once = f"once:{tmp_path / 'mark'}"
    found = {one.task: one for one in LocalEngine(2).run(jobs.job(), ["a", "die", "b", once, *"cdefg"])}
    assert [found[task].value for task in "abcdefg"] == list("ABCDEFG")
    assert found[once].value == once.upper()
    assert "Its worker ended on 2 tries" in str(found["die"].error)


def test_a_process_that_hangs_is_ended() -> None:
    found = {one.task: one for one in LocalEngine(2).run(jobs.job(limit_s=5), ["a", "hang", "b"])}
    assert (found["a"].value, found["b"].value) == ("A", "B")
    assert "it hangs, crashes, or takes more memory" in str(found["hang"].error)


def test_the_memory_limit_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_budget(), "limit_bytes", 3 * GB)
    job: Job[str, tuple[int, str, str]] = Job(uuid.uuid4().hex, jobs.share, jobs.fit, 60)
    found = [one.value for one in LocalEngine(2).run(job, ["a", "b", "c"]) if one.value is not None]
    assert len(found) == 3
    for limit_bytes, folder, threads in found:
        assert 2 * limit_bytes + resident_bytes() <= 3.05 * GB
        assert threads == "1"
        assert not Path(folder).exists()


def test_what_needs_more_than_its_share_is_done_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    # Of a limit four times what this process takes, it leaves a worker that is alone more than three quarters.
    monkeypatch.setattr(process_budget(), "limit_bytes", 4 * GB + 4 * resident_bytes())
    job: Job[str, str] = Job(uuid.uuid4().hex, jobs.crowded, jobs.fit, 60)
    assert sorted(str(one.value) for one in LocalEngine(2).run(job, ["a", "b"])) == ["a", "b"]


def test_a_process_that_is_not_fit_ends_the_work() -> None:
    with pytest.raises(WorkerError, match="it has another version"):
        list(LocalEngine(1).run(jobs.job(jobs.unfit), ["a"]))
