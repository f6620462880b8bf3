"""Work is estimated before it begins, never below what it takes, and let in only where it fits."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image as PillowImage

import viewer.system.memory
from models.errors import MemoryLimitError
from tests.photographs import flat, sample_crop
from tests.programs import python
from viewer.codecs.base import EstimatesMemory
from viewer.codecs.registry import BUILT_IN, DEFAULT_CODECS, codec_named
from viewer.imaging.reader import load_image
from viewer.matching.comparison import Comparison
from viewer.system.memory import (
    Budget,
    composing_bytes,
    decoding_bytes,
    map_bytes,
    process_budget,
    reading_bytes,
    result_bytes,
    writing_bytes,
)

MB = 1_000_000

# Run in a process of its own: the peak of its memory above what it takes before, by the kernel's own count.
PROBE = """
import json, sys, time
from pathlib import Path
import cv2, torch
import viewer.system.memory, models.codec
import viewer.codecs.jpeg2000 as jpeg2000
from viewer.codecs.registry import codec_named
from viewer.matching.comparison import Comparison
from viewer.imaging.openjpeg import load_glymur
from viewer.imaging.reader import load_image

def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines)
    return int(fields["VmHWM"].split()[0]) * 1024, int(fields["VmRSS"].split()[0]) * 1024

def taken(work):
    Path("/proc/self/clear_refs").write_text("5")
    before = peak()[1]
    value = work()
    return peak()[0] - before, value

names, large = sys.argv[3:], sys.argv[2] == "large"
load_glymur()
reading, image = taken(lambda: load_image(Path(sys.argv[1])))
if large:
    viewer.system.memory.LARGE_PIXELS = models.codec.TILED_ABOVE = jpeg2000._TILED_ABOVE = 1
    jpeg2000._TILE_SIDE = 1024
codecs, rates = {}, (0.02, 1.0, 0.3)  # of the learned codec the first needs no correction of the latents
for name in names:  # each with an original of its own to measure against
    comparison = Comparison(image, [codec_named(name)])
    codecs[name] = [taken(lambda: comparison.result(name, bpp))[0] for bpp in rates]
print(json.dumps({"reading": reading, "codecs": codecs}))
"""

PROBED_PIXELS = 2048 * 1024


@pytest.mark.skipif(sys.platform != "linux", reason="peaks are read from /proc")
@pytest.mark.parametrize("size", ["usual", "large"])
def test_estimates_are_not_below_what_is_taken(tmp_path: Path, size: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "photo.png"  # two of the learned codec's tiles, which are worked on at once, of the greatest size
    crop = PillowImage.fromarray(sample_crop(240, 320).pixels)
    crop.resize((2048, 1024), PillowImage.Resampling.BICUBIC).save(path, compress_level=1)
    ran = python("-c", PROBE, path, size, *reversed(DEFAULT_CODECS), environment={"OMP_NUM_THREADS": "2"})
    assert ran.returncode == 0, ran.stderr
    taken = json.loads(ran.stdout)
    if size == "large":
        monkeypatch.setattr(viewer.system.memory, "LARGE_PIXELS", 1)
    assert taken["reading"] <= reading_bytes(PROBED_PIXELS, converted=False)
    for codec, (first, *others) in taken["codecs"].items():
        assert first <= result_bytes(codec, PROBED_PIXELS, prepared=False, measured=False), codec
        assert max(others) <= result_bytes(codec, PROBED_PIXELS, prepared=True, measured=True), codec


VARIANTS = (
    "jpegxl:effort=9",
    "avif:speed=10,420",
    "webp:sharp_yuv",
    "jpeg2000:5/3",
    "jpeg:progressive",
    "learned:plain",
)

CODING_PROBE = """
import json, sys
from pathlib import Path
import cv2, torch
from tests.photographs import sample_crop
from viewer.codecs.registry import codec_named
from viewer.imaging.image import Image
from viewer.imaging.writer import png_bytes

def peak():
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(fields["VmHWM"].split()[0]) * 1024, int(fields["VmRSS"].split()[0]) * 1024

def taken(work):
    Path("/proc/self/clear_refs").write_text("5")
    before = peak()[1]
    value = work()
    return peak()[0] - before, value

def encoded():
    encoder = codec.encoders(Image(pixels, "picture"))[0]
    return encoder.encode(encoder.guess(100_000))

codec, pixels = codec_named(sys.argv[1]), cv2.resize(sample_crop(240, 360).pixels, (1500, 1000))
encoding, stream = taken(encoded)
decoding, _ = taken(lambda: png_bytes(codec.decode(stream)))
print(encoding, decoding)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="peaks are read from /proc")
@pytest.mark.parametrize("codec", [*(codec.name for codec in BUILT_IN), *VARIANTS])
def test_estimates_of_every_codec_are_not_below_what_is_taken(codec: str) -> None:
    ran = python("-c", CODING_PROBE, codec, environment={"OMP_NUM_THREADS": "2"})
    assert ran.returncode == 0, ran.stderr
    encoding, decoding = map(int, ran.stdout.split())
    known = codec_named(codec)
    estimate = known.memory if isinstance(known, EstimatesMemory) else None
    assert encoding <= result_bytes(codec, 1_500_000, prepared=False, measured=True, estimate=estimate)
    assert decoding <= decoding_bytes(codec, 1_500_000, estimate=estimate)


WRITING_PROBE = """
import sys
from pathlib import Path
import numpy as np
from viewer.report.composite import Cell, labelled
from viewer.imaging.writer import png_bytes

def peak():
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(fields["VmHWM"].split()[0]) * 1024, int(fields["VmRSS"].split()[0]) * 1024

noise = np.random.default_rng(0).integers(0, 256, (1500, 2000, 3), np.uint8)
for work in (lambda: noise, lambda: labelled([Cell(("a cell",), noise)] * 4)):
    Path("/proc/self/clear_refs").write_text("5")
    before = peak()[1]
    png_bytes(work())
    print(peak()[0] - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="peaks are read from /proc")
def test_estimates_of_writing_are_not_below_what_is_taken() -> None:
    ran = python("-c", WRITING_PROBE)
    assert ran.returncode == 0, ran.stderr
    alone, together = map(int, ran.stdout.split())
    assert alone <= writing_bytes(3_000_000)
    assert together <= composing_bytes(4, 3_000_000)


MAP_PROBE = """
import json, sys
from pathlib import Path
import numpy as np
import viewer.system.memory
from viewer.session.pane_layout import VIEWS, Show
from viewer.maps.error_maps import shown_pixels
from viewer.codecs.registry import codec_named
from viewer.matching.comparison import Comparison
from viewer.imaging.image import Image

def peak():
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(fields["VmHWM"].split()[0]) * 1024, int(fields["VmRSS"].split()[0]) * 1024

if sys.argv[1] == "large":
    viewer.system.memory.LARGE_PIXELS = 1
pixels = np.random.default_rng(0).integers(0, 255, (1500, 2000, 3), np.uint8)
result = Comparison(Image(pixels, "noise"), [codec_named("jpeg")]).result("jpeg", 2.0)
shown_pixels(Show.ERROR, 1, pixels, result)
most = 0
for show in (Show.SIGNED, Show.ABSOLUTE, Show.ERROR, Show.SSIM, Show.BLOCKING, Show.RINGING, Show.BLUR, *VIEWS):
    Path("/proc/self/clear_refs").write_text("5")
    before = peak()[1]
    shown_pixels(show, 4, pixels, result)
    most = max(most, peak()[0] - before)
print(most)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="peaks are read from /proc")
@pytest.mark.parametrize("size", ["usual", "large"])
def test_estimates_of_maps_are_not_below_what_is_taken(size: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = python("-c", MAP_PROBE, size)
    assert ran.returncode == 0, ran.stderr
    if size == "large":
        monkeypatch.setattr(viewer.system.memory, "LARGE_PIXELS", 1)
    assert int(ran.stdout) <= map_bytes(3_000_000)


def test_jobs_that_do_not_fit_side_by_side_run_one_after_the_other() -> None:
    budget = Budget(1000 * MB, lambda: 200 * MB)
    inside, most = 0, 0
    lock = threading.Lock()
    gathered = threading.Barrier(4)

    def job() -> None:
        nonlocal inside, most
        gathered.wait()
        for _ in range(50):
            with budget.granted(300 * MB, "A test"):
                with lock:
                    inside += 1
                    most = max(most, inside)
                with lock:
                    inside -= 1

    threads = [threading.Thread(target=job) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most <= 2
    with budget.granted(800 * MB, "A test"):
        pass


def test_what_can_never_fit_is_refused_in_a_sentence() -> None:
    budget = Budget(1000 * MB, lambda: 600 * MB)
    with pytest.raises(MemoryLimitError, match=r"^JPEG needs about 0\.5 GB .* 0\.4 GB of the 1\.0 GB limit are left"):
        budget.acquire(500 * MB, "JPEG")
    with budget.granted(90 * MB, "A small picture"):
        pass
    budget.limit_bytes = 2000 * MB
    with budget.granted(500 * MB, "JPEG"):
        pass


def test_a_job_that_waits_lends_its_memory() -> None:
    budget = Budget(1000 * MB, lambda: 200 * MB)
    done = threading.Event()

    def other() -> None:
        with budget.granted(700 * MB, "Another"):
            done.set()

    with budget.granted(700 * MB, "A test") as grant:
        thread = threading.Thread(target=other)
        thread.start()
        grant.yield_while(lambda: None if done.wait(30) else pytest.fail("nobody else was let in"))
        thread.join()


def test_a_job_waits_for_what_one_that_lends_its_memory_holds() -> None:
    """It would fit alone: when the other is done, which must not wait for it, then."""
    held, told, outcome = 0, threading.Event(), []
    budget = Budget(1000 * MB, lambda: 200 * MB + held)
    budget.add_shortage_listener(told.set)

    def other() -> None:
        try:
            with budget.granted(700 * MB, "Another"):
                outcome.append("let in")
        except MemoryLimitError as error:
            outcome.append(str(error))

    with budget.granted(600 * MB, "A test") as grant:
        held = 400 * MB
        thread = threading.Thread(target=other)
        thread.start()
        grant.yield_while(lambda: None if told.wait(30) else pytest.fail("a lender was not told that it is waited for"))
        assert not outcome
        held = 0
    thread.join(30)
    assert outcome == ["let in"]
    assert not budget.is_short
    budget.remove_shortage_listener(told.set)


def test_a_job_that_does_not_fit_alone_is_refused_when_the_lender_is_done() -> None:
    budget = Budget(1000 * MB, lambda: 600 * MB)
    told, refused = threading.Event(), threading.Event()
    budget.add_shortage_listener(told.set)

    def other() -> None:
        with pytest.raises(MemoryLimitError):
            budget.acquire(500 * MB, "Another")
        refused.set()

    with budget.granted(300 * MB, "A test") as grant:
        thread = threading.Thread(target=other)
        thread.start()
        grant.yield_while(lambda: None if told.wait(30) else pytest.fail("it was refused too early"))
        assert not refused.is_set()
    thread.join(30)
    assert refused.is_set()


def leave(monkeypatch: pytest.MonkeyPatch, left_bytes: int) -> None:
    """Let the process take so much more, whatever tests before this one took and the system may get back of it now."""
    taken = psutil.Process().memory_info()
    monkeypatch.setattr(psutil.Process, "memory_info", lambda _process: taken)
    monkeypatch.setattr(process_budget(), "limit_bytes", taken.rss + left_bytes)


def test_a_picture_that_does_not_fit_is_not_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "large.png"
    PillowImage.fromarray(flat(4000, 6000).pixels).save(path)
    monkeypatch.setattr(process_budget(), "limit_bytes", 50 * MB)
    with pytest.raises(MemoryLimitError, match=r"^Opening “large.png” needs about 0\.3 GB"):
        load_image(path)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_picture_that_has_to_be_turned_is_granted_room_for_that(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upright, turned = tmp_path / f"upright.{kind}", tmp_path / f"turned.{kind}"
    picture, exif = PillowImage.fromarray(flat(3000, 4000).pixels), PillowImage.Exif()
    exif[0x0112] = 6
    picture.save(upright, kind)
    picture.save(turned, kind, exif=exif)
    plain, converted = (reading_bytes(12_000_000, converted=converted) for converted in (False, True))
    leave(monkeypatch, (plain + converted) // 2)
    assert load_image(upright).width == 4000
    with pytest.raises(MemoryLimitError, match="Opening “turned"):
        load_image(turned)


def test_a_codec_that_does_not_fit_says_so_and_others_work(monkeypatch: pytest.MonkeyPatch) -> None:
    comparison = Comparison(sample_crop(64, 96))
    leave(monkeypatch, 250 * MB)
    with pytest.raises(MemoryLimitError, match=r"^Learned needs about"):
        comparison.result("learned", 0.5)
    assert comparison.result("jpeg", 1.0).reachable


def test_the_limit_is_less_on_a_small_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    class Memory:
        available = 1000 * MB

    process_budget.forget()
    monkeypatch.setattr("psutil.virtual_memory", Memory)
    taken = psutil.Process().memory_info()._replace(rss=300 * MB)
    monkeypatch.setattr(psutil.Process, "memory_info", lambda _process: taken)
    assert process_budget().limit_bytes == 1100 * MB
    process_budget.forget()
    monkeypatch.undo()
    assert process_budget().limit_bytes <= viewer.system.memory.DEFAULT_LIMIT_BYTES


def test_freed_memory_goes_back_to_the_system() -> None:
    arrays = [np.zeros(20_000) for _ in range(500)]
    before = viewer.system.memory.resident_bytes()
    del arrays
    viewer.system.memory.return_freed_memory()
    assert viewer.system.memory.resident_bytes() < before
