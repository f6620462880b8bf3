"""Updates for opening pictures and sessions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from viewer.matching.targets.quality import QualityTarget
from viewer.metrics.registry import metric_named
from viewer.session.metric_reading import CHOOSABLE, MAPPED
from viewer.session.pane_layout import ORIGINAL, PaneLayout, Show
from viewer.session.pins import Pins
from viewer.session.session_file import FoundSession
from viewer.session.state import Size, View
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.store import Update, update
from viewer.ui.engine.updates.compared import comparing, without_pins
from viewer.ui.engine.updates.messages import show_error, show_info
from viewer.ui.engine.workers.jobs import OpenFile, OpenRequest


@update
def open_picture(state: AppState, request: OpenRequest) -> AppState:
    """Open another picture as soon as it has been read."""
    is_step = isinstance(request, OpenFile) and request.is_step
    return replace(
        state,
        opening=request,
        open_problem="",
        stepped_to=request.path if is_step else None,  # type: ignore[union-attr]
    )


def open_file(path: Path) -> Update:
    """Open a picture file."""
    return open_picture(OpenFile(path))


@update
def refuse_to_open(state: AppState, problem: str) -> AppState:
    """Report that a file cannot be opened."""
    return show_error(problem)(replace(state, open_problem=problem, doubted=None))


@update
def restore_session(state: AppState, found: FoundSession) -> AppState:
    """Restore everything in a session file that is available here, in one step."""
    kept = found.kept
    known = tuple(codec for codec in state.installed if codec in kept.codecs)
    state = without_pins(state)
    if known and known != state.compared:
        state = comparing(state, known)
    session, window = kept.session, kept.window
    quality, scale, lacking = session.quality, session.scale, ""
    if isinstance(quality, QualityTarget):
        scale = replace(scale, channel=quality.channel)
    elif quality is not None and quality.metric not in CHOOSABLE:
        lacking = f" Its codecs were equal in “{quality.metric}”, a metric that is not installed here."
        quality = None
    elif quality is not None:
        low, high = metric_named(quality.metric).range
        quality = replace(quality, value=min(max(quality.value, low), high))
    state = replace(
        state,
        session=replace(
            state.session,
            target_bpp=session.target_bpp,
            quality=quality,
            scale=scale,
            metric_choice=session.metric_choice.among(CHOOSABLE),
            pane_layout=_with_known_panes(session.pane_layout, state),
            view=_inside(session.view, state.picture_size),
            pins=Pins(tuple(pin for pin in kept.pins.pins if pin.codec in state.installed)),
        ),
        locked={codec: bpp for codec, bpp in kept.locked.items() if codec in state.compared},
        entered_quality=None,
        entering="",
        switches=replace(state.switches, smooth=window.smooth, logarithmic=window.logarithmic, loupe=window.loupe),
        panel=window.panel or state.panel,
        region_index=None,
        session_file=found.file,
        kept_streams=kept.refined,
        doubted=None,
    )
    missing = [codec for codec in kept.codecs if codec not in state.compared]
    also = f" Left out, as not installed here: {', '.join(missing)}." if missing else ""
    refused = () if state.opened is None else state.opened.refused
    gone = "".join(f" {sentence}" for sentence in (*found.missing, *refused))
    say = show_error if gone else show_info
    return say(f"Opened the session “{found.file.name}”.{also}{lacking}{gone}")(state)


@update
def forget_doubted(state: AppState) -> AppState:
    """Dismiss a session whose picture has changed."""
    return replace(state, doubted=None)


def _inside(view: View, size: Size | None) -> View:
    if view.centre is None or size is None:
        return view
    x, y = view.centre
    return replace(view, centre=(min(max(x, 0.0), size[0]), min(max(y, 0.0), size[1])))


def _with_known_panes(layout: PaneLayout, state: AppState) -> PaneLayout:
    """Replace panes that are not available here by current ones."""
    present, panes = state.session.pane_layout, (ORIGINAL, *state.panes)
    names = ("pane", "before", "left", "right", "against")
    if layout.show is Show.METRIC and layout.mapped not in MAPPED:
        layout = replace(layout, show=Show.PICTURE, mapped="")
    known = {name: getattr(layout if getattr(layout, name) in panes else present, name) for name in names}
    return replace(layout, **known)
