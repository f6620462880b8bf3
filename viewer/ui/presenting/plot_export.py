"""Exports a plot as a picture to hand on."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from viewer.session.metric_reading import label_of, plot_title, plotted_curve, plotted_value
from viewer.ui.common.actions import Command
from viewer.ui.engine.file_writer import Writer, folder_of
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.messages import show_error
from viewer.ui.presenters.pane_styles import PaneStyles
from viewer.ui.presenters.target_display import TargetDisplay
from viewer.ui.presenting.film_export import SUBMENU

SUFFIXES = (".svg", ".png")


class PlotExport:
    """Asks where to save the upper or the lower plot; a worker draws it anew."""

    def __init__(self, store: Store, styles: PaneStyles, target: TargetDisplay, writer: Writer) -> None:
        self._store = store
        self._styles = styles
        self._target = target
        self._writer = writer

    def commands(self) -> tuple[Command, ...]:
        """The commands that export plots."""
        return tuple(
            Command(
                f"export_{which}_plot",
                "&File",
                text,
                partial(self.export, number),
                section=2,
                submenu=SUBMENU,
            )
            for number, (which, text) in enumerate((("upper", "&Upper plot…"), ("lower", "&Lower plot…")))
        )

    def export(self, number: int) -> None:
        """Save the upper plot (0) or the lower one (1) as SVG or PNG, with the curves as far as they are measured."""
        from viewer.report.curve_picture import PlottedCurve, plot_bytes

        state = self._store.state
        image, content = state.session.image, self._target.content(state)
        metric, scale = content.metrics[number], content.scale
        curves = []
        for codec in state.compared:
            label, style = self._styles.codecs[codec]
            points = plotted_curve(metric, scale, content.curves.get(codec, ()))
            marker = content.markers.get(codec)
            value = None if marker is None else plotted_value(metric, scale, marker.metrics, marker.scores)
            present = None if marker is None or value is None else (marker.bpp, value)
            if points or present is not None:
                curves.append(PlottedCurve(label, style, points, present))
        if image is None or not curves:
            self._store.update(show_error("There is no curve to export yet: open a picture, or wait for the codecs."))
            return
        draw = partial(
            plot_bytes,
            tuple(curves),
            title=plot_title(metric, scale),
            picture=image.name,
            logarithmic=state.switches.logarithmic,
        )
        proposed, *others = SUFFIXES
        name = f"{Path(image.name).stem}-{label_of(metric)}{proposed}"
        self._writer.ask_file(
            "Save plot", folder_of(image) / name, lambda path: draw(suffix=path.suffix), others=others
        )
