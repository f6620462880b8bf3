"""What holds for every test: no window on the user's screen, no file in the user's folders, no clock in hypothesis."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from models.cpu import core_count

# Before anything imports Qt. An exported QT_QPA_PLATFORM must not bring windows onto a developer's desktop.
# A test that has a virtual screen of its own says so.
os.environ["QT_QPA_PLATFORM"] = os.environ.get("RATELENS_TEST_PLATFORM", "offscreen")

# Before anything imports torch. Its threads wait for each other, and where other tests run beside, for long.
os.environ["OMP_NUM_THREADS"] = "1"

# Machines are shared and noisy: what is slow belongs into tests/bench, not into a test that fails now and then.
settings.register_profile("ratelens", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ratelens")


_MOST_PROCESSES = 8
"""Each takes up to a gigabyte."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """What “-n auto” means: a process of tests for each core, unless xdist's own variable says otherwise."""
    told = os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS", "")
    return int(told) if told.isdecimal() else min(core_count(), _MOST_PROCESSES)


@pytest.fixture(autouse=True, scope="session")
def _user_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Settings, caches and logs go to a temporary folder, in this process and in those that tests start."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
            patch.setenv(variable, str(folder / variable.lower()))
        yield
