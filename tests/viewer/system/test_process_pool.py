"""How many processes there is room for."""

from __future__ import annotations

import pytest

from viewer.system.memory import process_budget
from viewer.system.process_pool import worker_count

GB = 1_000_000_000


def test_no_more_work_than_there_is_memory_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("viewer.system.process_pool.core_count", lambda: 16)
    for limit_gb, count in ((0.1, 1), (1, 1), (100, 16)):
        monkeypatch.setattr(process_budget(), "limit_bytes", round(limit_gb * GB))
        assert worker_count(100) == count
    assert worker_count(3) == 3
