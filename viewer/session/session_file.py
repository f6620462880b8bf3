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
from pathlib import Path
from types import MappingProxyType
from typing import Any

from models.errors import SessionError
from viewer.imaging.file_guard import SESSION, read_file
from viewer.matching.targets.score import ScoreTarget
from viewer.session.pane_layout import ORIGINAL
from viewer.session.pins import KeptStream, Pins
from viewer.session.session_parts import (
    StoredFile,
    WindowState,
    as_list,
    as_mapping,
    as_text,
    files_of,
    locked_of,
    pins_of,
    session_of,
    window_of,
)
from viewer.session.state import Session

SUFFIX = ".ratelens"
VERSION = 1
_MARK = "ratelens_session"


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
    version = as_mapping(values).get(_MARK)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise _foreign(file)
    if version > VERSION:
        raise SessionError(f"“{file.name}” was saved by a newer version: update RateLens to open it.")
    image = as_mapping(values.get("image"))
    path, relative, digest = (as_text(image.get(key)) for key in ("path", "relative_path", "pixels_sha256"))
    if not path or "\0" in path + relative:
        raise SessionError(f"“{file.name}” names no picture, so it is damaged: open the picture itself.")
    return StoredSession(
        Path(path),
        relative,
        digest,
        session_of(values),
        tuple(codec for codec in as_list(values.get("codecs")) if isinstance(codec, str)),
        pins_of(values.get("pins")),
        window_of(as_mapping(values.get("window"))),
        tuple(
            kept
            for value in as_list(values.get("refined"))
            if (kept := KeptStream.from_dict(as_mapping(value))) is not None
        ),
        files_of(values.get("reconstructions")),
        locked_of(as_mapping(values.get("locked_bpp"))),
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
