"""Drafts of large pictures."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.viewer.imaging.file_kinds import jp2_with_channels, photograph
from viewer.imaging.draft import load_draft


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.timeout(20)
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.jpg"
    os.mkfifo(pipe)
    assert load_draft(pipe) is None


def test_a_jpeg_2000_of_unusual_colours_has_no_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("viewer.imaging.draft.is_large", lambda _pixel_count: True)
    plain, swapped = tmp_path / "plain.jp2", tmp_path / "swapped.jp2"
    plain.write_bytes(photograph("JPEG2000"))
    swapped.write_bytes(jp2_with_channels())
    assert load_draft(swapped) is None
    draft = load_draft(plain)
    assert draft is not None
    assert draft.pixels.shape == (12, 16, 3)


def test_what_is_no_picture_has_no_draft(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.jpg", Path("a\0b.jpg")):
        assert load_draft(path) is None
