"""Drafts of large pictures."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from viewer.imaging.draft import load_draft


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.timeout(20)
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.jpg"
    os.mkfifo(pipe)
    assert load_draft(pipe) is None


def test_what_is_no_picture_has_no_draft(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.jpg", Path("a\0b.jpg")):
        assert load_draft(path) is None
