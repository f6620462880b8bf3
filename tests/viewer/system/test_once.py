"""What is made once, however many threads ask for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.programs import python
from viewer.system.once import Once

THREADS = 4


def test_threads_that_ask_at_a_time_get_one_value() -> None:
    calls = 0
    all_there = threading.Barrier(THREADS)

    def make() -> object:
        nonlocal calls
        calls += 1
        all_asked.wait(0.2)  # as long as the others need to come this far, if they may
        return object()

    all_asked = threading.Event()
    value = Once(make)

    def ask(_number: int) -> object:
        all_there.wait()
        return value()

    with ThreadPoolExecutor(THREADS) as pool:
        made = list(pool.map(ask, range(THREADS)))
    assert calls == 1
    assert len(set(map(id, made))) == 1


def test_what_was_raised_is_tried_again() -> None:
    answers: Iterator[int | ValueError] = iter([ValueError("not yet"), 7])

    def make() -> int:
        answer = next(answers)
        if isinstance(answer, ValueError):
            raise answer
        return answer

    value = Once(make)
    with pytest.raises(ValueError, match="not yet"):
        value()
    assert (value(), value()) == (7, 7)


GLYMUR_PROBE = """
import ctypes.util, sys, threading, time
from viewer.imaging import openjpeg

original, loads = ctypes.util.find_library, []
finding = openjpeg.pillows_copy

def slowly(pattern):
    loads.append(threading.current_thread().name)
    found = finding(pattern)
    time.sleep(0.2)  # the others come this far, if they may
    return found

openjpeg.pillows_copy = slowly
gathered = threading.Barrier(4)

def load():
    gathered.wait()
    openjpeg.load_glymur()

threads = [threading.Thread(target=load) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(loads), ctypes.util.find_library is original)
"""


def test_glymur_is_loaded_once_and_leaves_nothing_patched() -> None:
    ran = python("-c", GLYMUR_PROBE)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == ["1", "True"]
