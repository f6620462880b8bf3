"""Session files: what is written comes back, and nothing that a file holds makes a crash."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import SessionError
from tests.photographs import sample_crop
from viewer.imaging.image import Image
from viewer.matching.targets.quality import RANGE_DB, QualityTarget
from viewer.matching.targets.rate import LEAST_BPP, MOST_BPP
from viewer.matching.targets.score import ScoreTarget, target_value
from viewer.session.pane_layout import Layout, PaneLayout, Show
from viewer.session.pins import Pin, Pins
from viewer.session.session_file import StoredSession, find_session, parsed, read_session, stored, written
from viewer.session.session_parts import StoredFile, WindowState
from viewer.session.state import FIT, MetricScale, Session, View

FILE = Path("/somewhere/a.ratelens")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KEYS = (*("target_bpp", "view", "looking", "metrics", "codecs", "window", "pins", "equal_quality", "reconstructions"),)


def example(folder: Path) -> StoredSession:
    image = Image(sample_crop(30, 40).pixels, "p.png", folder / "pictures" / "p.png")
    pane_layout = PaneLayout(Layout.SPLIT, "jpeg", "learned", False, Show.SSIM, 8, "learned", "jpeg", 17)
    quality = QualityTarget("ms_ssim", "luma", 15.5)
    session = Session(0.33, image, View(4.0, (3.5, 7.25)), MetricScale("luma", False), pane_layout, quality)
    pins = Pins((Pin("jpeg", 0.5, "Äpfel", note="„so“"),))
    return stored(session, folder / "a.ratelens", ("learned", "jpeg"), pins, WindowState(True, False, True, "regions"))


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    kept = example(tmp_path)
    file = tmp_path / "a.ratelens"
    file.write_bytes(written(kept))
    again = read_session(file)
    assert (again.path, again.relative_path, again.pixels_sha256) == (kept.path, "pictures/p.png", kept.pixels_sha256)
    assert (again.codecs, again.pins, again.window) == (kept.codecs, kept.pins, kept.window)
    for name in ("target_bpp", "view", "scale", "pane_layout", "quality"):
        assert getattr(again.session, name) == getattr(kept.session, name)
    assert again.session.image is None
    assert "Äpfel" in file.read_text("utf-8")  # readable


def test_pictures_are_found_again_after_a_move_and_what_is_gone_is_said(tmp_path: Path) -> None:
    kept = example(tmp_path)
    (tmp_path / "pictures").mkdir()
    for name in ("p.png", "theirs.png"):
        (tmp_path / "pictures" / name).write_bytes(b"")
    theirs = StoredFile(tmp_path / "pictures" / "theirs.png", "", 1234, "VVC")
    gone = StoredFile(tmp_path / "gone.png", "", None, "")
    session = replace(kept.session, image=Image(sample_crop(8, 8).pixels, "p.png", tmp_path / "pictures" / "p.png"))
    (tmp_path / "a.ratelens").write_bytes(
        written(stored(session, tmp_path / "a.ratelens", ("jpeg",), files=(theirs, gone)))
    )
    moved = tmp_path.rename(tmp_path.with_name(f"{tmp_path.name} moved"))
    found = find_session(moved / "a.ratelens")
    assert found.picture == moved / "pictures" / "p.png"
    assert [(one.path, one.byte_count, one.series) for one in found.files] == [
        (moved / "pictures" / "theirs.png", 1234, "VVC")
    ]
    assert found.missing == ("The reconstruction “gone.png” was not found, so it is left out.",)


def test_a_rate_beyond_the_slider_comes_back(tmp_path: Path) -> None:
    """Where a pin led to, of a codec that needed so many bits at equal quality."""
    session = Session(4.2, Image(sample_crop(30, 40).pixels, "p.png", tmp_path / "p.png"))
    assert parsed(written(stored(session, FILE, ())).decode(), FILE).session.target_bpp == 4.2


def test_locked_rates_come_back_and_what_is_no_rate_is_left_out(tmp_path: Path) -> None:
    kept = replace(example(tmp_path), locked={"jpeg": 0.3, "learned": 0.1})
    values = json.loads(written(kept))
    assert parsed(json.dumps(values), FILE).locked == {"jpeg": 0.3, "learned": 0.1}
    values["locked_bpp"] = {"jpeg": "much", "webp": None, "learned": 1e9}
    assert set(parsed(json.dumps(values), FILE).locked) == {"learned"}
    assert parsed(json.dumps(values), FILE).locked["learned"] < 1e9
    del values["locked_bpp"]  # a file from an older version
    assert parsed(json.dumps(values), FILE).locked == {}


def test_at_equal_quality_metrics_are_read_in_its_channel() -> None:
    quality = {"metric": "psnr", "channel": "rgb", "value_db": 33.0}
    values = {"ratelens_session": 1, "image": {"path": "/p.png"}, "metrics": {"channel": "luma"}}
    session = parsed(json.dumps(values | {"equal_quality": quality}), FILE).session
    assert session.quality == QualityTarget("psnr", "rgb", 33.0)
    assert session.scale.channel == "rgb"


def test_names_that_are_no_text_come_back(tmp_path: Path) -> None:
    picture = tmp_path / "odd\udcff.png"
    kept = stored(Session(0.5, Image(sample_crop(30, 40).pixels, picture.name, picture)), FILE, ())
    assert parsed(written(kept).decode(), FILE).path == picture


def test_a_picture_that_is_no_file_cannot_be_kept() -> None:
    with pytest.raises(SessionError, match="save it as PNG"):
        stored(Session(0.5, sample_crop(30, 40)), FILE, ())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "not a RateLens session"),
        ("{", "not a RateLens session"),
        ("[]", "not a RateLens session"),
        ('{"ratelens_session": true}', "not a RateLens session"),
        ('{"ratelens_session": 2}', "newer version"),
        ('{"ratelens_session": 1}', "names no picture"),
        ('{"ratelens_session": 1, "image": {"path": "a\\u0000b"}}', "names no picture"),
        ("[" * 100_000, "not a RateLens session"),
    ],
)
def test_what_is_no_session_is_said(text: str, sentence: str) -> None:
    with pytest.raises(SessionError, match=sentence):
        parsed(text, FILE)


def test_files_that_cannot_be_read_are_said(tmp_path: Path) -> None:
    (tmp_path / "folder.ratelens").mkdir()
    (tmp_path / "binary.ratelens").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "huge.ratelens").write_bytes(b" " * (2**20 + 1))
    foreign = "not a RateLens session"
    sentences = {"missing": "no file", "folder": "is a folder", "binary": foreign, "huge": foreign}
    for name, sentence in sentences.items():
        with pytest.raises(SessionError, match=sentence):
            read_session(tmp_path / f"{name}.ratelens")


@pytest.mark.parametrize(
    ("quality", "value_db"),
    [
        ({"metric": [], "value_db": 30}, None),
        ({"metric": {}, "value_db": 30}, None),
        ({"metric": "ssim", "value_db": 30}, None),
        ({"metric": "psnr", "value_db": 1e300}, 50.0),
        ({"metric": "psnr", "value_db": -3}, 20.0),
        ({"metric": "ms_ssim", "value_db": 30}, 26.0),
    ],
)
def test_a_quality_is_one_of_the_slider_or_none(quality: dict[str, Any], value_db: float | None) -> None:
    values = json.loads(written(example(Path("/x")))) | {"equal_quality": quality}
    read = parsed(json.dumps(values), FILE).session.quality
    assert (None if read is None else target_value(read)) == value_db


def test_a_metrics_map_is_kept_with_its_metric() -> None:
    kept = example(Path("/x"))
    layout = PaneLayout(show=Show.METRIC, mapped="flip")
    values = json.loads(written(replace(kept, session=replace(kept.session, pane_layout=layout))))
    assert parsed(json.dumps(values), FILE).session.pane_layout == layout
    values["looking"]["mapped"] = 7
    assert parsed(json.dumps(values), FILE).session.pane_layout == PaneLayout()


def test_a_score_that_is_equal_is_kept() -> None:
    kept = example(Path("/x"))
    target = ScoreTarget("ssimulacra2", 71.5)
    kept = replace(kept, session=replace(kept.session, quality=target))
    assert parsed(written(kept).decode(), FILE).session.quality == target


@given(key=st.sampled_from(KEYS))
def test_what_is_missing_takes_its_default(key: str) -> None:
    values = json.loads(written(example(Path("/x"))))
    del values[key]
    again = parsed(json.dumps(values), FILE)
    assert again.path == Path("/x/pictures/p.png")


@given(
    key=st.sampled_from(KEYS),
    inner=st.sampled_from(
        ["", "zoom", "centre", "layout", "pane", "gain", "line", "channel", "smooth", "metric", "value_db"]
    ),
    value=JSON,
)
def test_anything_in_the_place_of_a_value_is_taken_or_left(key: str, inner: str, value: Any) -> None:
    values = json.loads(written(example(Path("/x"))))
    if inner and isinstance(values[key], dict):
        values[key][inner] = value
    else:
        values[key] = value
    session = parsed(json.dumps(values), FILE).session
    assert LEAST_BPP <= session.target_bpp <= MOST_BPP
    assert session.view == FIT or 0 < (session.view.zoom or 1.0) <= 64
    assert session.view.centre is None or all(math.isfinite(x) for x in session.view.centre)
    assert isinstance(session.pane_layout.layout, Layout)
    if isinstance(session.quality, QualityTarget):
        low, high = RANGE_DB[session.quality.metric]
        assert low <= session.quality.value_db <= high
