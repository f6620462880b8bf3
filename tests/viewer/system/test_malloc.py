"""The C library's heap."""

from __future__ import annotations

import platform

import pytest

from tests.programs import python

PROGRAM = """
import ctypes, sys, tempfile, threading
from viewer.system.memory import limit_malloc_arenas
if sys.argv[1] == "one":
    limit_malloc_arenas()
libc = ctypes.CDLL(None)
libc.malloc.restype = libc.fopen.restype = ctypes.c_void_p
together = threading.Barrier(4)
def work():
    for _ in range(100):
        libc.malloc(5000)
    together.wait()
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
with tempfile.NamedTemporaryFile() as file:
    stream = ctypes.c_void_p(libc.fopen(file.name.encode(), b"w"))
    libc.malloc_info(0, stream)
    libc.fclose(stream)
    print(file.read().count(b"<heap nr="))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has a heap a thread")
def test_threads_share_one_heap() -> None:
    assert int(python("-c", PROGRAM, "many").stdout) > 1
    assert int(python("-c", PROGRAM, "one").stdout) == 1
