"""What a worker must have to take part, and what is said where it has something else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from viewer.sweep.expectation import Expectation, expectation
from viewer.sweep.identity import Maker
from viewer.sweep.pictures import find_pictures


@pytest.fixture
def expected(tmp_path: Path) -> Expectation:
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(b"a picture")
    return expectation(("jpeg", "learned"), (), ("flip",), find_pictures([tmp_path]).pictures)


def test_this_process_is_fit(expected: Expectation) -> None:
    assert expected() == ""


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"program": "0.9"}, "not 0.9: install the same version there."),
        ({"code": "0"}, "is of other source code: install the same version there."),
        ({"makers": (("jpeg", Maker("libjpeg-turbo 1", "", "")),)}, "its jpeg is of libjpeg-turbo"),
        ({"makers": (("learned", Maker("", "00ff", "")),)}, "its weights of learned are "),
        ({"makers": (("nothing", Maker("", "", "")),)}, "There is no codec “nothing”"),
        ({"versions": (("flip", "0.1"),)}, "its flip is of version"),
        ({"metrics": ("nothing",)}, "There is no metric “nothing”"),
        ({"pictures": ((Path("a.png"), 10),)}, "it does not find “a.png” as it is here: give it the same pictures"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_differs_is_said(change: dict[str, Any], sentence: str, expected: Expectation) -> None:
    assert sentence in replace(expected, **change)()


def test_a_picture_that_changed_on_the_way_is_noticed(expected: Expectation, tmp_path: Path) -> None:
    (tmp_path / "b.png").write_bytes(b"another picture")
    assert "it does not find" in expected()
