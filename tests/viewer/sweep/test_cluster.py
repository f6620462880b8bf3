"""A sweep over a real Dask scheduler with two workers, one of them killed in the middle."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.photographs import sample_crop
from tests.programs import REPOSITORY
from tests.viewer.sweep.engines.clusters import cluster
from viewer.imaging.writer import png_bytes
from viewer.sweep.engines.dask_cluster import DaskEngine
from viewer.sweep.engines.local import LocalEngine
from viewer.sweep.rows import Row, read_rows
from viewer.sweep.run import sweep

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")

PICTURES = 8
CODECS, RATES = ("jpeg", "jpeg2000"), (0.8, 1.5)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    pixels = sample_crop(64, 80 + PICTURES, "spices").pixels
    for left in range(PICTURES):
        (pictures / f"{left}.png").write_bytes(png_bytes(pixels[:, left : left + 80]))
    return pictures


def without_times(rows: Iterable[Row]) -> list[Row]:
    return [replace(row, encode_ms=0.0, decode_ms=0.0, prepare_ms=0.0) for row in rows]


def test_it_has_the_rows_of_one_process(folder: Path, tmp_path: Path) -> None:
    (folder / "cut.png").write_bytes((folder / "0.png").read_bytes()[:900])
    expected = sweep(folder, tmp_path / "local.csv", CODECS, RATES, engine=LocalEngine(1), refuse=lambda _said: None)
    refused: list[str] = []
    out = tmp_path / "dask.csv"
    with cluster(tmp_path) as (address, _scheduler):

        def kill_one(finished: Iterator[list[Row]], count: int) -> Iterator[list[Row]]:
            assert count == PICTURES + 1
            yield next(finished)
            with distributed.Client(address, set_as_default=False) as client:
                os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)
            yield from finished

        engine = DaskEngine(address, patience_s=120)
        rows = sweep(folder, out, CODECS, RATES, kill_one, engine=engine, refuse=refused.append)
    assert without_times(rows) == without_times(expected)
    assert len({row.key for row in rows}) == PICTURES * len(CODECS) * len(RATES)
    assert without_times(sorted(read_rows(out), key=lambda row: row.key)) == without_times(rows)
    assert len(refused) == 1
    assert refused[0].startswith("“cut.png” is a damaged PNG file")


def test_killing_the_client_loses_nothing_that_was_measured(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.csv"
    command = [
        sys.executable,
        "-m",
        "viewer",
        "sweep",
        str(folder),
        "--out",
        str(out),
        "--codec",
        *CODECS,
        "--bpp",
        "1",
    ]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with cluster(tmp_path) as (address, _scheduler):
        arguments = [*command, "--backend", "dask", "--scheduler", address]
        with subprocess.Popen(arguments, stderr=subprocess.PIPE, env=environment) as client:
            assert client.stderr is not None
            shown = b""
            while not (counted := re.search(rb" [1-9]/8 ", shown)) and (byte := client.stderr.read(1)):
                shown += byte
            client.kill()
        assert counted, shown
        first = read_rows(out)
        assert len({row.image for row in first}) >= 1
        again = subprocess.run(arguments, stderr=subprocess.PIPE, env=environment, check=False, timeout=240)
    assert again.returncode == 0, again.stderr
    rows = read_rows(out)
    assert rows[: len(first)] == first  # with their times: they were not measured again
    assert len({row.image for row in rows}) == PICTURES
