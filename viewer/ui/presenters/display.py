"""From the controller's signals to the widgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from viewer.codecs.base import settings_of
from viewer.codecs.registry import known_codecs
from viewer.matching.curve import better_with_fewer, point_of, worse_sentence
from viewer.matching.quality_target import METRIC_NAMES, QualityMeasure
from viewer.session.pane_layout import ORIGINAL, Layout, Looking, Show
from viewer.session.state import MetricScale, View
from viewer.ui.common.codec_style import CodecStyle
from viewer.ui.common.slider_scale import RATE_SCALE, QualityScale
from viewer.ui.engine.drafts import DraftFlow
from viewer.ui.engine.encode_service import Controller
from viewer.ui.engine.image_pyramid import Patch, Picture, blank_picture
from viewer.ui.engine.jobs import Opened, Shown
from viewer.ui.engine.maps import MapFlow
from viewer.ui.engine.previews import Part, PreviewFlow
from viewer.ui.panes.canvas import Canvas
from viewer.ui.panes.header_text import (
    best_codecs,
    codec_header,
    draft_header,
    fewest_bytes,
    original_header,
    part_header,
)
from viewer.ui.panes.pane import Pane
from viewer.ui.panes.pane_grid import PaneGrid
from viewer.ui.plots.panel import PlotPanel
from viewer.ui.rate.bar import RateBar
from viewer.ui.rate.slider import RateMark

if TYPE_CHECKING:
    from viewer.matching.comparison import Result
    from viewer.matching.quality_search import QualityMatch


class Display(QObject):
    """Shows what the controller has, in panes, plots and rate bar, and sends the user's wishes back to it."""

    def __init__(
        self,
        controller: Controller,
        *,
        styles: Mapping[str, tuple[str, CodecStyle]],
        panes: Mapping[str, Pane],
        grid: PaneGrid,
        plots: PlotPanel,
        rate_bar: RateBar,
    ) -> None:
        """styles: a codec's label and style by its name. panes: those of ORIGINAL and of every codec."""
        super().__init__(grid)
        self._controller = controller
        self._styles = styles
        self._settings = {codec.name: settings_of(codec) for codec in known_codecs()}
        self._panes = panes
        self._grid = grid
        self._plots = plots
        self._rate_bar = rate_bar
        self.maps = MapFlow(controller)
        self.maps.changed.connect(self._show_part)
        self.drafts = DraftFlow(controller)
        self.drafts.changed.connect(self._show_draft)
        self.previews = PreviewFlow(controller, lambda: self.visible_canvas.area)
        self.previews.changed.connect(self._show_part)
        self._patched: dict[str, tuple[Picture | None, Part, Picture]] = {}
        self._settled: dict[str, Picture | None] = dict.fromkeys(controller.sources)
        self._seen: dict[str, Shown | None] = dict.fromkeys(controller.sources)
        for canvas in self.canvases:
            canvas.view_changed.connect(controller.set_view)
            canvas.resized.connect(self._show_zoom)
        grid.split.canvas.line_moved.connect(self._move_line)
        plots.rate_chosen.connect(controller.set_target)
        rate_bar.rate_chosen.connect(controller.set_target)
        controller.quality_changed.connect(self._show_target)
        controller.opened.connect(self._show_opened)
        controller.target_changed.connect(self._show_target)
        controller.view_changed.connect(self._show_view)
        controller.scale_changed.connect(self._show_scale)
        controller.looking_changed.connect(self._show_looking)
        controller.codec_changed.connect(self._show_codec)
        controller.codecs_changed.connect(self._show_codecs)
        controller.pins_changed.connect(lambda _pins: self._show_headers())
        controller.curve_changed.connect(self._show_curve)
        controller.curve_progressed.connect(plots.set_progress)
        self._show_target(controller.session.target_bpp)
        self._show_scale(controller.session.scale)

    @property
    def canvases(self) -> tuple[Canvas, ...]:
        return (*(pane.canvas for pane in self._panes.values()), self._grid.split.canvas)

    @property
    def visible_canvas(self) -> Canvas:
        """A canvas that is seen; all that are have the same size."""
        looking = self._controller.session.looking
        if looking.layout is Layout.SPLIT:
            return self._grid.split.canvas
        return self._panes[looking.pane if looking.layout is Layout.SINGLE else ORIGINAL].canvas

    def _show_opened(self, opened: Opened) -> None:
        size = (opened.image.width, opened.image.height)
        self._grid.set_image_size(size)
        self._panes[ORIGINAL].canvas.show_picture(opened.picture)
        self._rate_bar.set_image(opened.image)
        self._show_view(self._controller.session.view)
        for codec in set(self._controller.sources) - set(self._controller.codecs):  # switched off: nothing replaces it
            self._settled[codec] = self._seen[codec] = None
            self._panes[codec].canvas.show_picture(None)
        self._patched.clear()
        for codec in self._controller.codecs:
            self._show_codec(codec)

    def _show_draft(self) -> None:
        """In the original's place; of the codecs there is nothing to show yet."""
        draft, opened = self.drafts.current, self._controller.opened_picture
        if draft is None and opened is not None:
            self._show_opened(opened)
            return
        self._panes[ORIGINAL].canvas.show_picture(None if draft is None else draft.picture)
        if draft is not None:
            self._grid.set_image_size((draft.picture.width, draft.picture.height))
        self._show_view(self._controller.session.view)
        for codec in self._controller.codecs:
            self._show_codec(codec)

    def _show_target(self, _changed: object) -> None:
        session = self._controller.session
        if session.quality is None:
            self._rate_bar.set_target(session.target_bpp, RATE_SCALE)
        else:
            scale = QualityScale(session.quality.metric, session.quality.channel, session.scale.ms_ssim_db)
            self._rate_bar.set_target(session.quality.value_db, scale)
        self._rate_bar.slider.set_marks(self._marks())
        self._plots.set_target(session.target_bpp, session.quality)
        self._show_headers()

    def _show_view(self, view: View) -> None:
        for canvas in self.canvases:
            canvas.set_view(view)
        self._show_zoom()

    def _show_zoom(self) -> None:
        session = self._controller.session
        placement = self.visible_canvas.placement
        zoom, draft = 0.0 if placement is None else placement.zoom, self.drafts.current
        text = original_header(session.image, zoom, fitted=session.view.zoom is None)
        if draft is not None:
            text = draft_header(draft.name, draft.picture.width, draft.picture.height)
        self._panes[ORIGINAL].header.set_text(text)
        self._show_split()

    def _show_scale(self, scale: MetricScale) -> None:
        self._plots.set_scale(scale)
        self._show_target(None)

    def _show_codecs(self, codecs: Sequence[str]) -> None:
        for codec in codecs:
            self._show_codec(codec)

    def _show_codec(self, codec: str) -> None:
        shown = self._controller.shown(codec)
        self._show_picture(codec)
        if self._controller.pinned(codec) is None:  # a pin has a ring there
            marker = None if shown is None else (shown.result.bpp, shown.result.measurement.metrics)
            self._plots.set_marker(codec, marker)
        self._rate_bar.slider.set_marks(self._marks())
        reading = self.drafts.current is not None
        self._panes[codec].canvas.set_hint("" if reading else self._controller.failure(codec))
        self._show_headers()

    def _show_picture(self, codec: str) -> None:
        canvas = self._panes[codec].canvas
        picture = self._picture_of(codec)
        if canvas.picture is not picture:
            canvas.show_picture(picture)
        self._show_split()

    def _show_split(self) -> None:
        looking, split = self._controller.session.looking, self._grid.split
        left, right = self._panes[looking.left], self._panes[looking.right]
        if looking.layout is Layout.SPLIT:
            if split.canvas.picture is not left.canvas.picture:
                split.canvas.show_picture(left.canvas.picture)
            split.canvas.show_beside(right.canvas.picture, looking.line)
            split.left.set_text(left.header.text)
            split.right.set_text(right.header.text)

    def _move_line(self, column: int) -> None:
        self._controller.set_looking(replace(self._controller.session.looking, line=column))

    def _picture_of(self, codec: str) -> Picture | None:
        """What belongs in a codec's pane."""
        if self.drafts.current is not None:
            return None
        opened, shown = self._controller.opened_picture, self._controller.shown(codec)
        looking = self._controller.session.looking
        if shown is None or looking.show is Show.PICTURE:
            self._settled[codec], self._seen[codec] = None if shown is None else shown.picture, shown
        elif (made := self.maps.made(codec)) is not None:
            self._settled[codec], self._seen[codec] = made.picture, shown  # until then the one before stays
        if opened is None or looking.peeking:
            return self._settled[codec] if opened is None else opened.picture
        part = self._visible_part(codec)
        return self._settled[codec] if part is None else self._with_part(codec, self._settled[codec], part, opened)

    def _with_part(self, codec: str, picture: Picture | None, part: Part, opened: Opened) -> Picture:
        """A codec's picture with what is visible over it; made once, as canvases tell pictures apart by identity."""
        made = self._patched.get(codec)
        if made is None or made[0] is not picture or made[1] is not part:
            under = picture or blank_picture(opened.image.width, opened.image.height)
            patched = replace(under, patch=Patch(part.picture, part.rect.left, part.rect.top))
            made = self._patched[codec] = picture, part, patched
        return made[2]

    def _visible_part(self, codec: str) -> Part | None:
        """What lies over a codec's picture: nothing over a map."""
        return self.previews.part(codec) if self._controller.session.looking.show is Show.PICTURE else None

    def _show_part(self, codec: str) -> None:
        self._show_picture(codec)
        self._show_headers()

    def _show_looking(self, looking: Looking) -> None:
        for codec in self._controller.codecs:
            self._show_picture(codec)
        self._show_headers()
        self._show_split()
        alone = {Layout.GRID: None, Layout.SINGLE: self._panes[looking.pane], Layout.SPLIT: self._grid.split}
        self._grid.show_alone(alone[looking.layout])
        self._show_zoom()

    def _show_curve(self, codec: str) -> None:
        self._plots.set_curve(codec, self._controller.curve(codec))
        self._show_headers()  # of what is measured at fewer bits

    def _show_headers(self) -> None:
        controller = self._controller
        scale = controller.session.scale
        if self.drafts.current is not None:
            for codec in controller.codecs:
                label, style = self._styles[codec]
                empty = codec_header(label, style, None, scale=scale, best=frozenset(), working=False, failure="")
                self._panes[codec].header.set_text(empty)
            self._show_split()
            return
        seen = {codec: self._seen[codec] for codec in controller.codecs}
        behind = {codec for codec, one in seen.items() if one is not controller.shown(codec)}
        results = {codec: None if one is None else one.result for codec, one in seen.items()}
        matches = {codec: None if one is None else one.match for codec, one in seen.items()}
        reference, ratios = self._byte_ratios(matches)
        parts = {codec: part for codec in controller.codecs if (part := self._visible_part(codec)) is not None}
        part_reference, part_ratios = self._byte_ratios({codec: part.match for codec, part in parts.items()})
        best = best_codecs(results, scale) | {"bytes": fewest_bytes(matches)}
        for codec in controller.codecs:
            label, style = self._styles[codec]
            text = codec_header(
                label,
                style,
                results[codec],
                scale=scale,
                best=frozenset(metric for metric, codecs in best.items() if codec in codecs),
                working=controller.is_working(codec) or codec in behind,
                failure=controller.failure(codec),
                match=matches[codec],
                against=(self._styles[reference][0], ratios.get(codec)),
                remark=self._remark(codec, results[codec], matches[codec]),
                settings=self._settings.get(codec, ""),
            )
            if codec in parts:
                text = part_header(
                    label,
                    style,
                    parts[codec].result,
                    scale=scale,
                    working=controller.is_working(codec),
                    failure=controller.failure(codec),
                    match=parts[codec].match,
                    against=(self._styles[part_reference][0], part_ratios.get(codec)),
                )
            self._panes[codec].header.set_text(text)
        self._show_split()

    def _remark(self, pane: str, result: Result | None, match: QualityMatch | None) -> str:
        """That fewer bits are better, where that has been seen."""
        label = self._styles[pane][0]
        if result is None:
            return ""
        if match is not None:
            from viewer.matching.quality_search import fall_sentence  # by now a worker has loaded it

            return fall_sentence(label, match)
        channel = self._controller.session.scale.channel
        measures = [QualityMeasure(metric, channel) for metric in METRIC_NAMES]
        curve = self._controller.curve(result.request.codec)
        return worse_sentence(label, better_with_fewer(curve, point_of(result), measures))

    @staticmethod
    def _byte_ratios(matches: Mapping[str, QualityMatch | None]) -> tuple[str, dict[str, float]]:
        """At equal quality the codec that others' bytes are compared with, and the ratios; of itself 1."""
        made = {codec: match for codec, match in matches.items() if match is not None}
        if not made:
            return next(iter(matches), ""), {}
        from viewer.matching.quality_search import byte_ratios, reference_codec  # by now a worker has loaded it

        reference = reference_codec(made, tuple(matches))
        ratios = byte_ratios(made, reference)
        return reference, {reference: 1.0, **ratios} if ratios else {}

    def _marks(self) -> tuple[RateMark, ...]:
        """Where codecs are that are not at their target; at the handle they would only cover each other."""
        marks, quality = [], self._controller.session.quality
        for codec in self._controller.codecs:
            style, shown = self._styles[codec][1], self._controller.shown(codec)
            if shown is None:
                continue
            if quality is None and shown.match is None and not shown.result.reachable:
                marks.append(RateMark(style, shown.result.bpp))
            elif quality is not None and shown.match is not None and not shown.match.reached:
                marks.append(RateMark(style, quality.of(shown.result.measurement.metrics)))
        return tuple(marks)
