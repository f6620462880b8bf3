"""“ratelens codec check”: a sentence for everything that can be wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.photographs import sample_crop
from tests.viewer.codecs.command.programs import codec_of_python
from viewer.codecs.command.check import check

JPEG = "import sys\nfrom PIL import Image\nmode, given, made, quality = sys.argv[1:]\npicture = Image.open(given)\n"
SAVE = "picture.save(made, 'JPEG', quality=int(quality), subsampling=0)\n"


def test_a_codec_that_works_has_no_problem(tmp_path: Path) -> None:
    report = check(codec_of_python(tmp_path), sample_crop(61, 83))
    assert report.problems == ()
    assert report.figures.startswith("9 qualities from 1 to 95: ")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"encode": "import sys\nsys.exit('no licence')"}, "no licence"),
        ({"encode": "pass"}, "wrote nothing"),
        ({"encode": "import time\ntime.sleep(600)", "more": "time_limit_s = 1"}, "was stopped at quality 1 after 1 s"),
        ({"quality": 'better = "lower"'}, 'Sizes fall as the quality gets better: set better = "higher"'),
        ({"encode": JPEG + "quality = 50\n" + SAVE}, "All qualities give the same size"),
        (
            {"encode": JPEG + "quality = abs(int(quality) - 30) + 1\n" + SAVE},
            r"Sizes are not monotone: they fall from 1 \(",
        ),
        (
            {"encode": JPEG + "if int(quality) > 80: sys.exit('too high')\n" + SAVE},
            "It fails at quality 83, 95, but works",
        ),
        (
            {"decode": "import sys\nfrom PIL import Image\nImage.open(sys.argv[2]).resize((8, 8)).save(sys.argv[3])"},
            "decoded a picture of 83 x 61 pixels to 8 x 8",
        ),
        (
            {"decode": "import sys\nfrom PIL import Image\nImage.new('RGB', (83, 61)).save(sys.argv[3])"},
            "is far from the original",
        ),
    ],
)
def test_what_is_wrong_is_one_sentence(tmp_path: Path, changes: dict[str, str], sentence: str) -> None:
    report = check(codec_of_python(tmp_path, **changes), sample_crop(61, 83))
    (problem,) = report.problems
    assert re.search(sentence, problem)


def test_slow_and_unsteady_encoders_are_remarked_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("viewer.codecs.command.check._SLOW_S", 0.0)
    unsteady = (
        JPEG + "import os\npicture.save(made, 'JPEG', quality=int(quality), comment=os.urandom(os.urandom(1)[0] * 9))\n"
    )
    report = check(codec_of_python(tmp_path, encode=unsteady, quality="step = 47"), sample_crop(150, 200))
    slow, *others = report.remarks
    assert "It is slow" in slow
    assert all("Two runs at quality" in other for other in others)
