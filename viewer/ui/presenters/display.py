"""From the state to the panes: pictures, headers, arrangement; and from the panes to the state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from viewer.codecs.base import Codec, settings_of
from viewer.codecs.registry import known_codecs
from viewer.maps.error_maps import legend_of
from viewer.maps.map_legend import map_name
from viewer.matching.curve import better_with_fewer, point_of, worse_sentence
from viewer.matching.targets.quality import METRIC_NAMES, QualityMeasure
from viewer.session.metric_reading import plotted_curve, value_on
from viewer.session.pane_layout import ORIGINAL, Layout, Show
from viewer.session.state import FIT, Size, View, place
from viewer.ui.common.actions import Command
from viewer.ui.engine.app_state import AppState, PaneContent
from viewer.ui.engine.image_pyramid import Patch, Picture, blank_picture
from viewer.ui.engine.maps import seen_map
from viewer.ui.engine.previews import Part
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.view import hover, move_split, set_area, set_view, zoom_by, zoom_to
from viewer.ui.engine.wanted_scores import scores_of, with_file_scores
from viewer.ui.engine.workers.jobs import DisplayedProvisional, DisplayedResult
from viewer.ui.engine.workers.refining import Stage
from viewer.ui.panes.best_codecs import best_codecs, fewest_bytes
from viewer.ui.panes.canvas import WHEEL_ZOOM, Canvas
from viewer.ui.panes.canvas_overlays import MapKey, SideName
from viewer.ui.panes.header_figures import HeaderText
from viewer.ui.panes.header_text import (
    codec_header,
    draft_header,
    file_header,
    original_header,
    part_header,
    provisional_header,
    refining_header,
    with_times,
)
from viewer.ui.panes.legend import number
from viewer.ui.panes.pane import Pane
from viewer.ui.panes.pane_grid import PaneGrid
from viewer.ui.presenters.pane_styles import PaneStyles

if TYPE_CHECKING:
    from viewer.matching.quality_search import QualityMatch
    from viewer.matching.result import Result
    from viewer.matching.score_search import ScoreMatch

LOCKED = "This codec keeps its rate, whatever the slider says: Ctrl+L lets it follow again."
_EXACT = (
    ("actual", "&Actual pixels, 1:1", 1.0, "Ctrl+0", "Each image pixel as one pixel of the screen"),
    ("doubled", "D&oubled pixels, 2:1", 2.0, "Z", "Each image pixel as 2 × 2 pixels of the screen"),
)
"""Zooms with a command: name, text, device pixels an image pixel, key, tip."""

HINT = "Drop a picture here, or open one with Ctrl+O"


class Display(QObject):
    """Draws the panes from the state."""

    def __init__(self, store: Store, styles: PaneStyles, panes: Mapping[str, Pane], grid: PaneGrid) -> None:
        """panes: those of ORIGINAL, of every codec and of pins."""
        super().__init__(grid)
        self._store = store
        self._styles = styles
        self._panes = panes
        self._grid = grid
        self._settings = {codec.name: settings_of(codec) for codec in known_codecs()}
        self._patched: dict[str, tuple[PaneContent | None, Part, Picture]] = {}
        for canvas in self.canvases:
            self._follow(canvas)
        store.update_on(grid.split.canvas.line_moved, move_split)
        panes[ORIGINAL].canvas.set_hint(HINT)
        store.watch(_pictures, self._draw_pictures)
        store.watch(_header_inputs, self._draw_headers)
        store.watch(_original_header, panes[ORIGINAL].header.set_text)
        store.watch(lambda state: (_split_inputs(state), _header_inputs(state)), self._draw_split_headers)
        store.watch(_arrangement, self._arrange)
        store.watch(lambda state: state.session.view, self._look)
        store.watch(lambda state: state.switches.smooth, self._smooth)
        store.watch(_hints, self._draw_hints)

    def _follow(self, canvas: Canvas) -> None:
        store = self._store
        store.update_on(canvas.view_changed, set_view)
        store.update_on(canvas.hovered, hover)
        canvas.resized.connect(self._on_resized)

    def add_pane(self, codec: Codec, pane: Pane) -> None:
        """Draw one more codec's pane, which is among the panes already."""
        self._settings[codec.name] = settings_of(codec)
        self._follow(pane.canvas)
        pane.canvas.set_view(self._store.state.session.view)
        pane.canvas.set_smooth(self._store.state.switches.smooth)

    @property
    def canvases(self) -> tuple[Canvas, ...]:
        return (*(pane.canvas for pane in self._panes.values()), self._grid.split.canvas)

    @property
    def visible_canvas(self) -> Canvas:
        """A visible canvas; all visible ones have the same size."""
        state = self._store.state
        layout = state.session.pane_layout
        if layout.layout is Layout.SPLIT:
            return self._grid.split.canvas
        return self._panes[layout.pane if layout.layout is Layout.SINGLE else state.grid_panes[0]].canvas

    def canvas_of(self, pane: str) -> Canvas:
        """The canvas of a pane, whether it is visible or not."""
        return self._panes[pane].canvas

    def commands(self) -> tuple[Command, ...]:
        """The commands that zoom."""
        store = self._store
        return (
            Command(
                "fit",
                "&View",
                "&Fit in the panes",
                partial(store.update, set_view(FIT)),
                ("F",),
                short="Fit",
                tip="Show the whole picture",
                words="zoom whole window",
                checked=lambda state: state.session.view.zoom is None,
            ),
            *(
                Command(
                    name,
                    "&View",
                    text,
                    partial(store.update, zoom_to(zoom)),
                    (key,),
                    short=f"{zoom:.0f}:1",
                    tip=tip,
                    words=f"zoom {zoom:.0%} pixels",
                    checked=lambda state, zoom=zoom: state.session.view.zoom == zoom,  # type: ignore[misc]
                )
                for name, text, zoom, key, tip in _EXACT
            ),
            Command(
                "zoom_in",
                "&View",
                "Zoom &in",
                partial(store.update, zoom_by(WHEEL_ZOOM)),
                ("+", "=", "Ctrl++", "Ctrl+="),
            ),
            Command("zoom_out", "&View", "&Zoom out", partial(store.update, zoom_by(1 / WHEEL_ZOOM)), ("-", "Ctrl+-")),
        )

    def _on_resized(self) -> None:
        self._store.update(set_area(self.visible_canvas.area))

    def _look(self, view: View) -> None:
        for canvas in self.canvases:
            canvas.set_view(view)

    def _smooth(self, smooth: bool) -> None:
        for canvas in self.canvases:
            canvas.set_smooth(smooth)

    def _draw_hints(self, hints: Mapping[str, str]) -> None:
        for pane, hint in hints.items():
            self._panes[pane].canvas.set_hint(hint)

    def _draw_pictures(self, _pictures: object) -> None:
        state, split = self._store.state, self._grid.split
        self._patched = {pane: made for pane, made in self._patched.items() if pane in state.parts}
        for pane in (ORIGINAL, *state.sources):
            _show(self._panes[pane].canvas, self._picture(state, pane))
            self._panes[pane].canvas.set_keys(_map_key(state, pane))
        layout = state.session.pane_layout
        if layout.layout is Layout.SPLIT:
            _show(split.canvas, self._picture(state, layout.left))
            split.canvas.show_beside(self._picture(state, layout.right), layout.line)
            split.canvas.set_keys(_map_key(state, layout.left), _map_key(state, layout.right))

    def _picture(self, state: AppState, pane: str) -> Picture | None:
        """What belongs in a pane; of the codecs there is nothing to show beside a draft."""
        if state.draft is not None:
            return state.draft.picture if pane == ORIGINAL else None
        if state.opened is not None and (pane == ORIGINAL or state.session.pane_layout.peeking):
            viewed = seen_map(state, ORIGINAL)
            return state.opened.picture if viewed is None else viewed.picture
        content, part = state.contents.get(pane), _visible_part(state, pane)
        if (hasty := _provisional(state, pane)) is not None:
            return hasty.picture
        if part is not None:
            return self._with_part(pane, content, part, state)
        return None if content is None else content.picture

    def _with_part(self, pane: str, content: PaneContent | None, part: Part, state: AppState) -> Picture:
        """A pane's picture covered by its visible part; made once, because canvases compare pictures by identity."""
        made = self._patched.get(pane)
        if made is None or made[0] != content or made[1] is not part:
            size = state.picture_size or (1, 1)
            under = blank_picture(round(size[0]), round(size[1])) if content is None else content.picture
            patched = replace(under, patch=Patch(part.picture, part.rect.left, part.rect.top))
            made = self._patched[pane] = content, part, patched
        return made[2]

    def _arrange(self, arrangement: tuple[tuple[str, ...], str | None, Size | None]) -> None:
        """Lay the panes out, and store their size."""
        names, alone, size = arrangement
        if size is not None:
            self._grid.set_image_size(size)
        panes = [self._panes[name] for name in names]
        self._grid.arrange(
            panes, self._grid.split if alone == _SPLIT else None if alone is None else self._panes[alone]
        )
        self._on_resized()

    def _draw_headers(self, _inputs: object) -> None:
        state = self._store.state
        for pane, text in self._heads(state).items():
            self._panes[pane].header.set_text(text)

    def _draw_split_headers(self, _inputs: object) -> None:
        state, split = self._store.state, self._grid.split
        layout = state.session.pane_layout
        if layout.layout is Layout.SPLIT:
            texts = {ORIGINAL: _original_header(state), **self._heads(state)}
            split.left.set_text(texts[layout.left])
            split.right.set_text(texts[layout.right])
            sides = (texts[side] for side in (layout.left, layout.right))
            split.canvas.set_names(*(SideName(text.label, text.style) for text in sides))

    def _heads(self, state: AppState) -> dict[str, HeaderText]:
        """The codecs' heads: of what each pane really shows, a picture, a map, or the original while that is held."""
        heads = self._codec_headers(state)
        if state.session.pane_layout.peeking:
            original = _original_header(state)
            return {pane: replace(original, detail=f"in place of {text.label}") for pane, text in heads.items()}
        for pane, text in heads.items():
            made = seen_map(state, pane)
            if made is not None:
                layout = state.session.pane_layout
                against = "" if made.request.against is None else self._styles.label(state, layout.against)
                heads[pane] = replace(text, detail=map_name(made.request.show, against, made.request.mapped))
        return heads

    def _codec_headers(self, state: AppState) -> dict[str, HeaderText]:
        scale, styles, columns = state.session.scale, self._styles, state.session.columns
        labels = {pane: styles.label(state, pane) for pane in state.panes}
        looks = {pane: styles.style(state, pane) for pane in state.panes}
        if state.draft is not None:
            return {
                pane: codec_header(
                    labels[pane],
                    looks[pane],
                    None,
                    scale=scale,
                    best=frozenset(),
                    working=False,
                    failure="",
                    columns=columns,
                )
                for pane in state.panes
            }
        files = {} if state.pinned is not None else state.files
        panes = [pane for pane in state.panes if pane not in files]
        seen = {
            pane: content.result
            for pane in panes
            if (content := state.contents.get(pane)) is not None and isinstance(content.result, DisplayedResult)
        }
        results = {pane: seen[pane].result if pane in seen else None for pane in panes}
        matches = {pane: seen[pane].match if pane in seen else None for pane in panes}
        parts = {pane: part for pane in panes if (part := _visible_part(state, pane)) is not None}
        reference, ratios = _byte_ratios({pane: match for pane, match in matches.items() if pane not in parts})
        if not state.awaited.keys().isdisjoint(parts):  # sizes are compared of whole pictures, once they are all there
            reference, ratios = next(iter(matches)), {}
        scores = {pane: scores_of(state.scores, result) for pane, result in results.items() if result is not None}
        competing = {pane: one for pane, one in results.items() if one is not None or pane not in state.failures}
        if any(matches.values()):
            competing = {}  # at equal quality nobody is the best in a metric, only in bytes
        best = best_codecs(competing, scale, columns, scores) | {"bytes": fewest_bytes(matches)}
        image = state.session.image
        headers = {
            pane: file_header(
                with_file_scores(state.scores, file.result), image, looks[pane], scale=scale, columns=columns
            )
            for pane, file in files.items()
            if image is not None
        }
        for pane in panes:
            working = pane in state.awaited
            failure = state.failures.get(pane, "")
            tried = state.searching[pane].tried if pane in state.searching else 0
            if (hasty := _provisional(state, pane)) is not None:
                curve = state.curves.get(pane, ())
                read = {name: value_on(plotted_curve(name, scale, curve), hasty.provisional.bpp) for name in columns}
                headers[pane] = provisional_header(
                    labels[pane],
                    looks[pane],
                    hasty.provisional,
                    scale=scale,
                    expected={name: value for name, value in read.items() if value is not None},
                    columns=columns,
                    settings=self._settings.get(pane, ""),
                )
            elif pane in parts:
                headers[pane] = part_header(
                    labels[pane],
                    looks[pane],
                    parts[pane].result,
                    scale=scale,
                    working=working,
                    tried=tried,
                    failure=failure,
                    columns=columns,
                    match=parts[pane].match,
                    against=(labels[reference or panes[0]], None),
                )
            else:
                headers[pane] = codec_header(
                    labels[pane],
                    looks[pane],
                    results[pane],
                    scale=scale,
                    best=frozenset(metric for metric, panes in best.items() if pane in panes),
                    working=working or seen.get(pane) is not state.results.get(pane),
                    tried=tried,
                    failure=failure,
                    columns=columns,
                    scores=scores.get(pane, {}),
                    match=matches[pane],
                    against=(labels[reference], ratios.get(pane)),
                    remark=_remark(state, labels[pane], results[pane], matches[pane]),
                    settings=self._settings.get(pane, ""),
                )
                shown = results[pane]
                if state.switches.times and shown is not None:
                    headers[pane] = with_times(headers[pane], shown)
                if pane in state.locked and not headers[pane].status:
                    headers[pane] = replace(headers[pane], status="rate locked", explanation=LOCKED)
                if (refinement := state.refinements.get(pane)) is not None:
                    headers[pane] = refining_header(
                        headers[pane],
                        None if refinement.stage is Stage.ENDED else refinement.share,
                        hidden=refinement.hidden,
                    )
        return headers


_SPLIT = "split"


def _show(canvas: Canvas, picture: Picture | None) -> None:
    if canvas.picture is not picture:
        canvas.show_picture(picture)


def _visible_part(state: AppState, pane: str) -> Part | None:
    """What covers a pane's picture: nothing if it is a map."""
    return state.parts.get(pane) if state.session.pane_layout.show is Show.PICTURE else None


def _provisional(state: AppState, pane: str) -> DisplayedProvisional | None:
    """What stands in for a pane's picture while the slider moves: nothing for a map."""
    return state.provisional.get(pane) if state.session.pane_layout.show is Show.PICTURE else None


def _map_key(state: AppState, pane: str) -> MapKey | None:
    """The scale of the map that a pane shows."""
    made = seen_map(state, pane)
    legend = (
        None
        if made is None or made.picture.note
        else legend_of(made.request.show, made.request.gain, mapped=made.request.mapped)
    )
    if made is None or legend is None:
        return None
    unit = legend.unit.removeprefix("8-bit ")
    return MapKey(number(legend.low), f"{number(legend.high)} {unit}".rstrip(), made.bars)


def _split_inputs(state: AppState) -> tuple[object, ...]:
    layout = state.session.pane_layout
    split = layout.layout is Layout.SPLIT
    return (split, layout.left, layout.right, _original_header(state)) if split else (split,)


def _pictures(state: AppState) -> tuple[object, ...]:
    """Everything that determines the pictures."""
    layout = state.session.pane_layout
    return (
        (state.draft, state.opened, state.contents, state.parts, state.provisional),
        (layout.peeking, layout.show, layout.layout, layout.left, layout.right, layout.line),
        seen_map(state, ORIGINAL),
    )


def _header_inputs(state: AppState) -> tuple[object, ...]:
    """Everything that determines the codecs' headers."""
    session = state.session
    return (
        (state.draft, state.panes, state.pinned, session.pins, session.scale),
        (session.pane_layout.show, session.pane_layout.against),
        (_original_header(state) if session.pane_layout.peeking else None, state.maps),
        (session.columns, state.scores),
        (
            state.contents,
            state.results,
            state.parts,
            state.provisional,
            state.refinements,
            state.locked,
            state.switches.times,
        ),
        (state.awaited, state.searching, state.failures, state.curves),
    )


def _original_header(state: AppState) -> HeaderText:
    size, session, draft = state.picture_size, state.session, state.draft
    columns = session.columns
    if draft is not None:
        return draft_header(draft.name, draft.picture.width, draft.picture.height, columns=columns)
    zoom = 0.0 if size is None else place(session.view, size, state.area).zoom
    header = original_header(session.image, zoom, fitted=session.view.zoom is None, columns=columns)
    viewed = seen_map(state, ORIGINAL)
    return header if viewed is None else replace(header, detail=map_name(viewed.request.show))


def _arrangement(state: AppState) -> tuple[tuple[str, ...], str | None, Size | None]:
    """The panes in order, the single one (or the split view), and the pictures' size."""
    layout = state.session.pane_layout
    alone = {Layout.GRID: None, Layout.SINGLE: layout.pane, Layout.SPLIT: _SPLIT}[layout.layout]
    return state.grid_panes, alone, state.picture_size


def _hints(state: AppState) -> dict[str, str]:
    """The text in the panes while they are empty."""
    return {pane: "" if state.draft is not None else state.failures.get(pane, "") for pane in state.sources}


def _remark(state: AppState, label: str, result: Result | None, match: QualityMatch | ScoreMatch | None) -> str:
    """That fewer bits are better, where that has been seen."""
    if result is None:
        return ""
    if match is not None:
        from viewer.matching.size_ratios import fall_sentence

        return fall_sentence(label, match)
    measures = [QualityMeasure(metric, state.session.scale.channel) for metric in METRIC_NAMES]
    curve = state.curves.get(result.request.codec, ())
    return worse_sentence(label, better_with_fewer(curve, point_of(result), measures))


def _byte_ratios(matches: Mapping[str, QualityMatch | ScoreMatch | None]) -> tuple[str, dict[str, float]]:
    """At equal quality the codec that others' bytes are compared with, and the ratios; of itself 1."""
    made = {codec: match for codec, match in matches.items() if match is not None}
    if not made:
        return next(iter(matches), ""), {}
    from viewer.matching.size_ratios import byte_ratios, reference_codec

    reference = reference_codec(made, tuple(matches))
    ratios = byte_ratios(made, reference)
    return reference, {reference: 1.0, **ratios} if ratios else {}
