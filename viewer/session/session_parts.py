"""The parts of a session file, and how each is read: what is missing or invalid reads as its default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from models.errors import PinError
from viewer.matching.targets.quality import METRIC_NAMES, RANGE_DB, Channel, QualityTarget
from viewer.matching.targets.rate import usable_bpp
from viewer.matching.targets.score import EqualTarget, ScoreTarget
from viewer.session.metric_choice import MetricChoice
from viewer.session.pane_layout import GAINS, ORIGINAL, Layout, PaneLayout, Show
from viewer.session.pins import Pin, Pins, finite_number
from viewer.session.state import FIT, MAX_ZOOM, MetricScale, Session, View

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


def session_of(values: Mapping[str, Any]) -> Session:
    """What the user had chosen."""
    target, metrics = finite_number(values.get("target_bpp")), as_mapping(values.get("metrics"))
    ms_ssim_db = metrics.get("ms_ssim_db")
    quality = _quality(as_mapping(values.get("equal_quality")))
    # a window has one channel for both
    channel = quality.channel if isinstance(quality, QualityTarget) else _channel(metrics)
    return Session(
        usable_bpp(target) if target is not None else 0.25,
        view=_view(as_mapping(values.get("view"))),
        scale=MetricScale(channel, ms_ssim_db if isinstance(ms_ssim_db, bool) else True),
        metric_choice=_metric_choice(metrics),
        pane_layout=_pane_layout(as_mapping(values.get("looking"))),
        quality=quality,
    )


def _view(values: Mapping[str, Any]) -> View:
    zoom, centre = finite_number(values.get("zoom")), [finite_number(value) for value in as_list(values.get("centre"))]
    if zoom is None or not _SMALLEST_ZOOM <= zoom <= MAX_ZOOM:
        return FIT
    if len(centre) != 2 or centre[0] is None or centre[1] is None:
        return View(zoom)
    return View(zoom, (centre[0], centre[1]))


def _pane_layout(values: Mapping[str, Any]) -> PaneLayout:
    gain, line = values.get("gain"), values.get("line")
    pane, before, left, right = (as_text(values.get(key)) or ORIGINAL for key in ("pane", "before", "left", "right"))
    show, mapped = _member(Show, values.get("show"), Show.PICTURE), as_text(values.get("mapped"))
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
        against=as_text(values.get("against")) or ORIGINAL,
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
    default, columns, plots = MetricChoice(), values.get("columns"), as_list(values.get("plots"))
    names = tuple(name for name in as_list(columns) if isinstance(name, str))
    upper, lower = (
        plots[index] if len(plots) == 2 and isinstance(plots[index], str) else own
        for index, own in enumerate(default.plots)
    )
    return MetricChoice(names if isinstance(columns, list) else default.columns, (upper, lower))


def _channel(values: Mapping[str, Any]) -> Channel:
    return "luma" if values.get("channel") == "luma" else "rgb"


def pins_of(values: Any) -> Pins:
    """The pins, without those that are not usable."""
    kept = []
    for value in as_list(values):
        try:
            kept.append(Pin.from_dict(as_mapping(value)))
        except (PinError, OverflowError):
            continue  # the other pins are still usable
    return Pins(tuple(kept))


def files_of(values: Any) -> tuple[StoredFile, ...]:
    """The pictures decoded elsewhere, without those that have no path."""
    files = []
    for value in map(as_mapping, as_list(values)):
        path, relative, series = (as_text(value.get(key)) for key in ("path", "relative_path", "series"))
        byte_count = finite_number(value.get("bytes"))
        known = byte_count is not None and byte_count >= 1
        if path and "\0" not in path + relative:
            files.append(StoredFile(Path(path), relative, round(byte_count) if known and byte_count else None, series))
    return tuple(files)


def locked_of(values: Mapping[str, Any]) -> dict[str, float]:
    """The rates, bpp, of codecs that do not follow the slider."""
    rates = {codec: finite_number(value) for codec, value in values.items()}
    return {codec: usable_bpp(bpp) for codec, bpp in rates.items() if bpp is not None}


def window_of(values: Mapping[str, Any]) -> WindowState:
    """The part of the window's state that was kept."""
    default = WindowState()
    smooth, logarithmic, loupe = (
        values[key] if isinstance(values.get(key), bool) else getattr(default, key)
        for key in ("smooth", "logarithmic", "loupe")
    )
    return WindowState(smooth, logarithmic, loupe, as_text(values.get("panel")))


def as_mapping(value: Any) -> Mapping[str, Any]:
    """The value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """The value if it is an array, else an empty one."""
    return value if isinstance(value, list) else []


def as_text(value: Any) -> str:
    """The value if it is a text, else an empty one."""
    return value if isinstance(value, str) else ""


def _member(kind: type[_E], value: Any, default: _E) -> _E:
    try:
        return kind(value)
    except ValueError:
        return default
