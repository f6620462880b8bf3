"""The session file: which picture, at what rate, in what view. JSON, suffix .ratelens.

    {"ratelens_session": 1, "image": {"path": ..., "relative_path": ..., "pixels_sha256": ..., "width": ...}, ...}

Except for the picture, anything missing or invalid reads as its default, so that a file from an older or newer version,
or one edited by hand, opens as far as possible.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from models.errors import PinError, SessionError
from viewer.imaging.file_guard import SESSION, read_file
from viewer.matching.targets.quality import METRIC_NAMES, RANGE_DB, Channel, QualityTarget
from viewer.matching.targets.rate import usable_bpp
from viewer.matching.targets.score import EqualTarget, ScoreTarget
from viewer.session.metric_choice import MetricChoice
from viewer.session.pane_layout import GAINS, ORIGINAL, Layout, PaneLayout, Show
from viewer.session.pins import KeptStream, Pin, Pins, finite_number
from viewer.session.state import FIT, MAX_ZOOM, MetricScale, Session, View

SUFFIX = ".ratelens"
VERSION = 1
_MARK = "ratelens_session"
_SMALLEST_ZOOM = 1e-3
_E = TypeVar("_E", bound=Enum)


@dataclass(frozen=True)
class WindowState:
    """The part of the window's state that a session includes. panel: the open side panel, empty if there is none."""

    smooth: bool = False
    logarithmic: bool = True
    loupe: bool = False
    panel: str = ""


@dataclass(frozen=True)
class StoredFile:
    """A picture decoded elsewhere. path, relative_path: as of the session's picture. byte_count: of its stream, None if
    unknown. series: what it was made by, may be empty.
    """

    path: Path
    relative_path: str
    byte_count: int | None
    series: str


@dataclass(frozen=True)
class StoredSession:
    """The content of a session file. path: of the picture when the file was written. relative_path: from the file's
    folder, empty if there is none. pixels_sha256: `Image.digest`. codecs: those shown. session: without the picture.
    files: the pictures decoded elsewhere that stand beside the codecs. refined: streams to be shown in the place of
    what the codecs make. locked: the rates, bpp, of codecs that do not follow the slider.
    """

    path: Path
    relative_path: str
    pixels_sha256: str
    session: Session
    codecs: tuple[str, ...] = ()
    pins: Pins = field(default_factory=Pins)
    window: WindowState = field(default_factory=WindowState)
    refined: tuple[KeptStream, ...] = ()
    files: tuple[StoredFile, ...] = ()
    locked: Mapping[str, float] = field(default_factory=dict)


def stored(
    session: Session,
    file: Path,
    codecs: Sequence[str],
    pins: Pins | None = None,
    window: WindowState | None = None,
    *,
    refined: tuple[KeptStream, ...] = (),
    files: Sequence[StoredFile] = (),
    locked: Mapping[str, float] = MappingProxyType({}),
) -> StoredSession:
    """The content for a session file. files: without relative paths, which they get here. Raises SessionError if the
    picture is not a file.
    """
    image = session.image
    if image is None or image.path is None:
        raise SessionError("This picture is not a file, so a session cannot refer to it: save it as PNG, open that.")
    path = image.path.resolve()
    return StoredSession(
        path,
        _relative(path, file),
        image.digest,
        session,
        tuple(codecs),
        pins or Pins(),
        window or WindowState(),
        refined,
        tuple(replace(one, path=one.path.resolve(), relative_path=_relative(one.path, file)) for one in files),
        dict(locked),
    )


def _relative(path: Path, file: Path) -> str:
    """A path from a session file's folder; empty where there is none."""
    try:
        return Path(os.path.relpath(path.resolve(), file.resolve().parent)).as_posix()
    except ValueError:  # another drive
        return ""


def written(kept: StoredSession) -> bytes:
    """The file's bytes."""
    session = kept.session
    view, pane_layout, scale = session.view, session.pane_layout, session.scale
    values: dict[str, Any] = {
        _MARK: VERSION,
        "image": {
            "path": str(kept.path),
            "relative_path": kept.relative_path,
            "pixels_sha256": kept.pixels_sha256,
        },
        "target_bpp": session.target_bpp,
        "view": {"zoom": view.zoom, "centre": None if view.centre is None else list(view.centre)},
        "looking": {
            "layout": pane_layout.layout.value,
            "pane": pane_layout.pane,
            "before": pane_layout.before,
            "show": pane_layout.show.value,
            "gain": pane_layout.gain,
            "left": pane_layout.left,
            "right": pane_layout.right,
            "line": pane_layout.line,
            **({} if pane_layout.against == ORIGINAL else {"against": pane_layout.against}),
            **({"mapped": pane_layout.mapped} if pane_layout.mapped else {}),
        },
        "metrics": {
            "channel": scale.channel,
            "ms_ssim_db": scale.ms_ssim_db,
            "columns": list(session.metric_choice.columns),
            "plots": list(session.metric_choice.plots),
        },
        "codecs": list(kept.codecs),
        "window": {
            "smooth": kept.window.smooth,
            "logarithmic": kept.window.logarithmic,
            "loupe": kept.window.loupe,
            "panel": kept.window.panel,
        },
        "pins": kept.pins.as_dicts(),
        "reconstructions": [
            {"path": str(one.path), "relative_path": one.relative_path, "bytes": one.byte_count, "series": one.series}
            for one in kept.files
        ],
    }
    if kept.refined:
        values["refined"] = [one.as_dict() for one in kept.refined]
    if kept.locked:
        values["locked_bpp"] = dict(kept.locked)
    if session.quality is not None:
        quality = session.quality
        if isinstance(quality, ScoreTarget):
            values["equal_quality"] = {"metric": quality.metric, "value": quality.value}
        else:
            value_db = quality.value_db
            values["equal_quality"] = {"metric": quality.metric, "channel": quality.channel, "value_db": value_db}
    # Bytes of a file name that are not text become \udcXX, which JSON reads back.
    return (json.dumps(values, indent=2, ensure_ascii=False) + "\n").encode(errors="backslashreplace")


def read_session(file: Path) -> StoredSession:
    """Read a session file. Raises SessionError if it is not one, or names no picture."""
    try:
        text = read_file(file, SESSION).decode()
    except UnicodeDecodeError as error:
        raise _foreign(file) from error
    return parsed(text, file)


def parsed(text: str, file: Path) -> StoredSession:
    """Like read_session, from a file's text."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _foreign(file) from error
    version = _mapping(values).get(_MARK)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise _foreign(file)
    if version > VERSION:
        raise SessionError(f"“{file.name}” was saved by a newer version: update RateLens to open it.")
    image = _mapping(values.get("image"))
    path, relative, digest = (_text(image.get(key)) for key in ("path", "relative_path", "pixels_sha256"))
    if not path or "\0" in path + relative:
        raise SessionError(f"“{file.name}” names no picture, so it is damaged: open the picture itself.")
    return StoredSession(
        Path(path),
        relative,
        digest,
        _session(values),
        tuple(codec for codec in _list(values.get("codecs")) if isinstance(codec, str)),
        _pins(values.get("pins")),
        _window(_mapping(values.get("window"))),
        tuple(
            kept
            for value in _list(values.get("refined"))
            if (kept := KeptStream.from_dict(_mapping(value))) is not None
        ),
        _files(values.get("reconstructions")),
        _locked(_mapping(values.get("locked_bpp"))),
    )


@dataclass(frozen=True, eq=False)
class FoundSession:
    """A session file that was read, and where its picture is; None where there is none. files: the pictures decoded
    elsewhere that are there, with the paths where they are; missing: a sentence on each that is not.
    """

    file: Path
    kept: StoredSession
    picture: Path | None
    files: tuple[StoredFile, ...] = ()
    missing: tuple[str, ...] = ()


def find_session(file: Path) -> FoundSession:
    """Read a session file, and look for its pictures. Raises SessionError."""
    kept = read_session(file)
    files, missing = [], []
    for one in kept.files:
        path = _found(one.path, one.relative_path, file)
        if path is None:
            missing.append(f"The reconstruction “{one.path.name}” was not found, so it is left out.")
        else:
            files.append(replace(one, path=path))
    return FoundSession(file, kept, _found(kept.path, kept.relative_path, file), tuple(files), tuple(missing))


def _found(path: Path, relative_path: str, file: Path) -> Path | None:
    """Where a picture is: first relative to the session's file, since both may have been moved together."""
    candidates = (file.parent / relative_path, path) if relative_path else (path,)
    return next(filter(_is_file, candidates), None)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # in a folder that may not be entered, or too long a name
        return False


def _foreign(file: Path) -> SessionError:
    return SessionError(f"“{file.name}” is damaged, or not a RateLens session: open the picture itself.")


def _session(values: Mapping[str, Any]) -> Session:
    target, metrics = finite_number(values.get("target_bpp")), _mapping(values.get("metrics"))
    ms_ssim_db = metrics.get("ms_ssim_db")
    quality = _quality(_mapping(values.get("equal_quality")))
    # a window has one channel for both
    channel = quality.channel if isinstance(quality, QualityTarget) else _channel(metrics)
    return Session(
        usable_bpp(target) if target is not None else 0.25,
        view=_view(_mapping(values.get("view"))),
        scale=MetricScale(channel, ms_ssim_db if isinstance(ms_ssim_db, bool) else True),
        metric_choice=_metric_choice(metrics),
        pane_layout=_pane_layout(_mapping(values.get("looking"))),
        quality=quality,
    )


def _view(values: Mapping[str, Any]) -> View:
    zoom, centre = finite_number(values.get("zoom")), [finite_number(value) for value in _list(values.get("centre"))]
    if zoom is None or not _SMALLEST_ZOOM <= zoom <= MAX_ZOOM:
        return FIT
    if len(centre) != 2 or centre[0] is None or centre[1] is None:
        return View(zoom)
    return View(zoom, (centre[0], centre[1]))


def _pane_layout(values: Mapping[str, Any]) -> PaneLayout:
    gain, line = values.get("gain"), values.get("line")
    pane, before, left, right = (_text(values.get(key)) or ORIGINAL for key in ("pane", "before", "left", "right"))
    show, mapped = _member(Show, values.get("show"), Show.PICTURE), _text(values.get("mapped"))
    if show is Show.METRIC and not mapped:
        show = Show.PICTURE
    return PaneLayout(
        _member(Layout, values.get("layout"), Layout.GRID),
        pane,
        before,
        show=show,
        gain=gain if gain in GAINS else PaneLayout().gain,
        left=left,
        right=right,
        line=line if isinstance(line, int) and not isinstance(line, bool) and line >= 0 else None,
        against=_text(values.get("against")) or ORIGINAL,
        mapped=mapped if show is Show.METRIC else "",
    )


def _quality(values: Mapping[str, Any]) -> EqualTarget | None:
    """Of a metric beside PSNR and MS-SSIM as it is written: whether there is one here is seen on restoring."""
    wanted, value_db, score = (
        values.get("metric"),
        finite_number(values.get("value_db")),
        finite_number(values.get("value")),
    )
    if isinstance(wanted, str) and wanted not in METRIC_NAMES and score is not None:
        return ScoreTarget(wanted, score)
    metric = next((name for name in METRIC_NAMES if name == wanted), None)
    if metric is None or value_db is None:
        return None
    low, high = RANGE_DB[metric]
    return QualityTarget(metric, _channel(values), min(max(value_db, low), high))


def _metric_choice(values: Mapping[str, Any]) -> MetricChoice:
    default, columns, plots = MetricChoice(), values.get("columns"), _list(values.get("plots"))
    names = tuple(name for name in _list(columns) if isinstance(name, str))
    upper, lower = (
        plots[index] if len(plots) == 2 and isinstance(plots[index], str) else own
        for index, own in enumerate(default.plots)
    )
    return MetricChoice(names if isinstance(columns, list) else default.columns, (upper, lower))


def _channel(values: Mapping[str, Any]) -> Channel:
    return "luma" if values.get("channel") == "luma" else "rgb"


def _pins(values: Any) -> Pins:
    kept = []
    for value in _list(values):
        try:
            kept.append(Pin.from_dict(_mapping(value)))
        except (PinError, OverflowError):
            continue  # the other pins are still usable
    return Pins(tuple(kept))


def _files(values: Any) -> tuple[StoredFile, ...]:
    files = []
    for value in map(_mapping, _list(values)):
        path, relative, series = (_text(value.get(key)) for key in ("path", "relative_path", "series"))
        byte_count = finite_number(value.get("bytes"))
        known = byte_count is not None and byte_count >= 1
        if path and "\0" not in path + relative:
            files.append(StoredFile(Path(path), relative, round(byte_count) if known and byte_count else None, series))
    return tuple(files)


def _locked(values: Mapping[str, Any]) -> dict[str, float]:
    rates = {codec: finite_number(value) for codec, value in values.items()}
    return {codec: usable_bpp(bpp) for codec, bpp in rates.items() if bpp is not None}


def _window(values: Mapping[str, Any]) -> WindowState:
    default = WindowState()
    smooth, logarithmic, loupe = (
        values[key] if isinstance(values.get(key), bool) else getattr(default, key)
        for key in ("smooth", "logarithmic", "loupe")
    )
    return WindowState(smooth, logarithmic, loupe, _text(values.get("panel")))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _member(kind: type[_E], value: Any, default: _E) -> _E:
    try:
        return kind(value)
    except ValueError:
        return default
