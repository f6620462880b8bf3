"""A refined result: its figures are those of its own bytes, and its memory was asked for."""

from __future__ import annotations

import sys

import pytest

from models.errors import CodecError
from models.refine.settings import RefineSettings
from tests.photographs import sample_crop
from tests.programs import python
from viewer.codecs.registry import codec_named
from viewer.matching.comparison import Comparison
from viewer.matching.refinement import can_refine, is_refined, refine, refinements

# In a process of its own: the peak above what is taken before, by the kernel's count.
PROBE = """
import sys
from pathlib import Path
import numpy as np
import models.refine.parts
from models.refine.settings import RefineSettings
from tests.photographs import sample_crop
from viewer.codecs.registry import codec_named
from viewer.imaging.image import Image
from viewer.matching.comparison import Comparison
from viewer.matching.refinement import refine

def status(field):
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(dict(line.split(":", 1) for line in lines)[field].split()[0]) * 1024

tile = sample_crop(256, 256).pixels
pixels = np.ascontiguousarray(np.tile(tile, (4, 4, 1)))
if sys.argv[1] == "parts":
    models.refine.parts.WHOLE_UP_TO = 1
comparison = Comparison(Image(pixels, "tiled"), [codec_named("learned")])
result = comparison.result("learned", 0.5)
Path("/proc/self/clear_refs").write_text("5")
before = status("VmRSS")
refine(comparison, result, RefineSettings(steps=2))
print(status("VmHWM") - before)
"""


def test_a_refined_result_is_what_its_bytes_hold() -> None:
    image = sample_crop(96, 112)
    comparison = Comparison(image, [codec_named("learned")])
    plain = comparison.result("learned", 0.5)
    refined = refine(comparison, plain, RefineSettings(steps=20))
    assert is_refined(refined)
    assert not is_refined(plain)
    assert refined.reachable
    assert abs(refined.deviation) <= 0.01
    assert (codec_named("learned").decode(refined.stream) == refined.reconstruction).all()
    assert refined.measurement.metrics.psnr_rgb_db > plain.measurement.metrics.psnr_rgb_db
    assert comparison.cached("learned", 0.5) is plain


def test_refinements_are_results_to_show_as_they_come() -> None:
    comparison = Comparison(sample_crop(96, 112), [codec_named("learned")])
    plain = comparison.result("learned", 0.5)
    shares: list[float] = []
    results = list(refinements(comparison, plain, RefineSettings(steps=20), progress=shares.append))
    assert shares[-1] == 1.0
    final = [one for one in results if abs(one.deviation) <= 0.01][-1]
    assert final.stream == refine(comparison, plain, RefineSettings(steps=20)).stream
    assert all(one.request == plain.request for one in results)


def test_where_the_target_cannot_be_reached_the_size_that_can_is_kept() -> None:
    comparison = Comparison(sample_crop(96, 112), [codec_named("learned")])
    ceiling = comparison.result("learned", 8.0)
    assert not ceiling.reachable
    refined = refine(comparison, ceiling, RefineSettings(steps=20))
    assert len(refined.stream) == pytest.approx(len(ceiling.stream), rel=0.011)


def test_only_the_learned_codec_is_refined() -> None:
    comparison = Comparison(sample_crop(48, 64), [codec_named("jpeg"), codec_named("learned")])
    assert [can_refine(comparison, name) for name in ("jpeg", "learned")] == [False, True]
    with pytest.raises(CodecError, match="cannot be refined"):
        refine(comparison, comparison.result("jpeg", 1.0), RefineSettings(steps=1))


@pytest.mark.skipif(sys.platform != "linux", reason="peaks are read from /proc")
@pytest.mark.parametrize("how", ["whole", "parts"])
def test_the_estimate_of_memory_is_not_below_what_is_taken(how: str) -> None:
    from viewer.system.memory import _REFINING, _REFINING_IN_PARTS

    ran = python("-c", PROBE, how, environment={"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"})
    assert ran.returncode == 0, ran.stderr
    estimate = (_REFINING if how == "whole" else _REFINING_IN_PARTS).of(1024 * 1024)
    assert 0.2 * estimate < int(ran.stdout) < estimate
