"""Codecs by command at work: real programs, and programs that do all that they should not."""

from __future__ import annotations

import os
import pickle
import shutil
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from models.errors import CodecError, StreamError
from tests.photographs import flat, sample_crop
from tests.viewer.codecs.command.programs import codec_of_python
from viewer.codecs.command.check import check
from viewer.codecs.command.codec import CommandCodec
from viewer.codecs.command.description import load_description
from viewer.codecs.command.installed import recipes
from viewer.codecs.command.jobs import version_of
from viewer.matching.comparison import Comparison
from viewer.matching.quality_search import EqualQuality
from viewer.matching.targets.quality import QualityTarget
from viewer.system.memory import process_budget
from viewer.system.program import Programs

RECIPES = recipes()
DEBIAN = {"avifenc": "libavif-bin", "cjxl": "libjxl-tools", "cwebp": "webp", "opj_compress": "libopenjp2-tools"}


def recipe(name: str) -> CommandCodec:
    codec = CommandCodec(load_description(RECIPES[name]))
    for program in (codec.description.encode[0], codec.description.decode[0]):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed (apt-get install {DEBIAN[name]})")
    return codec


def test_the_recipes_are_those_that_are_tested() -> None:
    assert set(RECIPES) == set(DEBIAN)
    for name, path in RECIPES.items():
        description = load_description(path)
        assert description.name == name
        assert DEBIAN[name] in description.install


@pytest.mark.parametrize("name", sorted(DEBIAN))
def test_a_recipe_works_with_the_real_programs(name: str) -> None:
    codec = recipe(name)
    report = check(codec, sample_crop(97, 131))
    assert report.problems == ()
    assert report.figures
    assert version_of(codec.description)


@pytest.mark.parametrize("name", sorted(DEBIAN))
def test_a_recipe_meets_rates_and_is_measured(name: str) -> None:
    codec = recipe(name)
    comparison = Comparison(sample_crop(192, 256), [codec])
    small, large = (comparison.result(codec.name, bpp) for bpp in (0.6, 1.5))
    for result in (small, large):
        assert result.bpp == 8 * len(result.stream) / (192 * 256)
        assert abs(result.deviation) < 0.05
        assert np.array_equal(result.reconstruction, codec.decode(result.stream))
    assert small.measurement.metrics.psnr_rgb_db < large.measurement.metrics.psnr_rgb_db


def test_it_meets_a_quality(tmp_path: Path) -> None:
    codec = codec_of_python(tmp_path)
    match = EqualQuality(Comparison(sample_crop(120, 160), [codec])).match("mine", QualityTarget("psnr", "rgb", 34.0))
    assert abs(match.value_db - 34.0) < 0.5


def test_one_picture_has_one_answer_whatever_was_asked_before(tmp_path: Path) -> None:
    codec, image = codec_of_python(tmp_path), sample_crop(120, 160)
    fresh, used = Comparison(image, [codec]), Comparison(image, [codec])
    for bpp in (0.9, 3.0):
        used.result("mine", bpp)
    assert used.result("mine", 1.5).stream == fresh.result("mine", 1.5).stream


def test_a_codec_can_be_sent_to_another_process(tmp_path: Path) -> None:
    codec = codec_of_python(tmp_path)
    assert pickle.loads(pickle.dumps(codec)) == codec


@pytest.mark.parametrize("better", ["higher", "lower"])
def test_guesses_come_near_in_both_directions(tmp_path: Path, better: str) -> None:
    """A program whose sizes follow the quality exactly: a guess then needs no search."""
    law = "2000 / float(quality)" if better == "lower" else "10 * 1.05 ** float(quality)"
    write = (
        f"import sys\nmode, given, made, quality = sys.argv[1:]\nopen(made, 'wb').write(bytes(round(100 * ({law}))))\n"
    )
    codec = codec_of_python(tmp_path, encode=write, quality=f'better = "{better}"')
    (encoder,) = codec.encoders(flat(16, 16))
    for target in (6_000, 20_000):
        size = len(encoder.encode(encoder.guess(target)))
        assert abs(size / target - 1) < 0.08


def test_the_command_runs_in_a_folder_of_its_own_without_a_shell(tmp_path: Path) -> None:
    tell = (
        "import os, sys\nmode, given, made, quality = sys.argv[1:]\n"
        "open(made, 'w').write(os.getcwd() + '\\n' + os.environ['TMPDIR'] + '\\n' + sys.stdin.read())\n"
    )
    codec = codec_of_python(tmp_path, encode=tell)
    encoder = codec.encoders(flat(8, 8))[0]
    folders = []
    for _ in range(2):
        working, temporary, *rest = encoder.encode(3).decode().splitlines()
        assert working == temporary
        assert rest == []
        assert not Path(working).exists()
        folders.append(working)
    assert len(set(folders)) == 2


WRITE = "import sys\nmode, given, made, quality = sys.argv[1:]\n"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"encode": "import sys\nsys.exit('no licence found')"}, "failed at quality .*exit code 1: “no licence found”"),
        ({"encode": "pass"}, r"wrote nothing to \{output\}"),
        ({"encode": "import os, sys, signal\nos.kill(os.getpid(), signal.SIGSEGV)"}, "signal 11"),
        ({"encode": "import sys\nopen(sys.argv[3], 'wb').truncate(10**9)"}, "far more than the picture"),
        ({"encode": "import os, sys\nos.mkdir(sys.argv[3])"}, "wrote nothing"),
        ({"decode": "import sys\nsys.exit(3)"}, "“python.*” failed .*exit code 3"),
        (
            {"decode": "import sys\nopen(sys.argv[3], 'w').write('no picture')"},
            "its decoder wrote an incomplete or invalid PNG",
        ),
        (
            {"decode": "import sys\nfrom PIL import Image\nImage.new('RGB', (7, 5)).save(sys.argv[3])"},
            "decoded its own stream to 7 x 5 pixels, not 64 x 48",
        ),
    ],
)
def test_a_program_that_fails_is_a_sentence(tmp_path: Path, changes: dict[str, str], sentence: str) -> None:
    codec = codec_of_python(tmp_path, **changes)
    with pytest.raises(CodecError, match=sentence) as raised:
        Comparison(sample_crop(48, 64), [codec]).result("mine", 2.0)
    assert str(raised.value).startswith("Mine")
    assert str(raised.value).endswith((".", "compare."))


def test_a_decoder_that_writes_nonsense_is_a_stream_error(tmp_path: Path) -> None:
    codec = codec_of_python(tmp_path, decode="import sys\nopen(sys.argv[3], 'w').write('no picture')")
    with pytest.raises(StreamError, match=r"check “decode” and “decoded” in “mine\.toml”"):
        codec.decode(b"stream")


def test_a_missing_program_says_what_brings_it(tmp_path: Path) -> None:
    codec = codec_of_python(tmp_path, more='install = "the package webp"')
    encode = ("no-such-program", *codec.description.encode[1:])
    missing = CommandCodec(replace(codec.description, encode=encode))
    with pytest.raises(CodecError, match="“no-such-program”, which was not found: install the package webp, or"):
        missing.encoders(flat(8, 8))


@pytest.mark.skipif(os.name == "nt", reason="processes are looked at as on POSIX")
def test_a_program_that_hangs_is_killed_with_its_children(tmp_path: Path) -> None:
    hang = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen(['sleep', '600'])\n"
        f"open({str(tmp_path / 'children')!r}, 'a').write(f'{{child.pid}}\\n')\n"
        "time.sleep(600)\n"
    )
    codec = codec_of_python(tmp_path, encode=hang, more="time_limit_s = 1")
    begun = time.monotonic()
    with pytest.raises(CodecError, match=r"was stopped at quality .* after 1 s: raise time_limit_s in “mine\.toml”"):
        Comparison(sample_crop(48, 64), [codec]).result("mine", 2.0)
    assert time.monotonic() - begun < 30
    (child,) = map(int, (tmp_path / "children").read_text().split())
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE


@pytest.mark.skipif(os.name == "nt", reason="there is no sleep")
def test_a_child_that_keeps_the_output_open_does_not_keep_the_program(tmp_path: Path) -> None:
    leave = WRITE + (
        "import subprocess\nchild = subprocess.Popen(['sleep', '600'])\n"
        f"open({str(tmp_path / 'children')!r}, 'a').write(f'{{child.pid}}\\n')\nopen(made, 'wb').write(b'stream')\n"
    )
    codec = codec_of_python(tmp_path, encode=leave)
    begun = time.monotonic()
    assert codec.encoders(flat(8, 8))[0].encode(1) == b"stream"
    assert time.monotonic() - begun < 60
    for child in map(int, (tmp_path / "children").read_text().split()):
        assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE


def test_a_program_that_prints_megabytes_takes_no_memory_for_it(tmp_path: Path) -> None:
    talk = WRITE + ("for _ in range(200): print('x' * 2**20)\nprint('the end', file=sys.stderr)\nsys.exit(1)\n")
    codec = codec_of_python(tmp_path, encode=talk)
    encoder = codec.encoders(flat(8, 8))[0]
    before = psutil.Process().memory_info().rss
    with pytest.raises(CodecError, match="the end"):
        encoder.encode(5)
    assert psutil.Process().memory_info().rss - before < 50e6


def test_a_program_that_fails_at_some_qualities_is_used_at_the_others(tmp_path: Path) -> None:
    """Also where those are among the first that are tried."""
    some = (
        "import sys\nfrom PIL import Image\nmode, given, made, quality = sys.argv[1:]\n"
        "if int(quality) < 40: sys.exit('quality too low')\n"
        "Image.open(given).save(made, 'JPEG', quality=int(quality), subsampling=0)\n"
    )
    codec = codec_of_python(tmp_path, encode=some)
    comparison = Comparison(sample_crop(96, 128), [codec])
    assert abs(comparison.result("mine", 3.0).deviation) < 0.05
    lowest = comparison.result("mine", 0.2)
    assert not lowest.reachable
    assert lowest.floor_bpp == lowest.bpp < 3.0
    assert lowest.stream == codec.encoders(lowest.request.image)[0].encode(39), "of quality 40, the lowest that works"


def test_stopping_ends_what_runs_and_starts_nothing_more(tmp_path: Path) -> None:
    running = Programs()
    ends = []
    wait = [sys.executable, "-c", "import time; print('begun', flush=True); time.sleep(600)"]
    thread = threading.Thread(target=lambda: ends.append(running.run(wait, tmp_path, 600)))
    thread.start()
    while not running.count:
        time.sleep(0.01)
    running.stop()
    thread.join(60)
    (ended,) = ends
    assert ended.stopped
    assert running.run(wait, tmp_path, 600).stopped
    assert not running.count


def test_the_memory_that_is_asked_for_is_the_descriptions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    codec = codec_of_python(tmp_path, more="memory_bytes_per_pixel = 10000")
    budget = process_budget()
    monkeypatch.setattr(budget, "limit_bytes", psutil.Process().memory_info().rss + 1_000_000_000)
    with pytest.raises(Exception, match=r"Mine needs about 1\.2 GB of memory"):
        Comparison(sample_crop(300, 400), [codec]).result("mine", 1.0)
