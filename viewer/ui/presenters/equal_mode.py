"""What is equal for every codec: the rate, PSNR or MS-SSIM; and what follows from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from viewer.matching.limits import quality_limit_sentence
from viewer.matching.quality_target import RANGE_DB, QualityMetric, QualityTarget, format_quality
from viewer.session.state import MetricScale
from viewer.ui.common.actions import Actions
from viewer.ui.common.slider_scale import rounded_bpp
from viewer.ui.engine.encode_service import Controller

DEFAULT_DB: dict[QualityMetric, float] = {"psnr": 35.0, "ms_ssim": 15.0}
"""What is asked for where no picture says anything better."""


class EqualMode(QObject):
    """Goes from equal rate to equal quality and back without a jump: the reference codec stays where it is."""

    needs_changed = Signal(tuple)
    """Sentences, the first a heading: what every codec needs for the same quality; empty at equal rate."""

    def __init__(self, controller: Controller, labels: Mapping[str, str]) -> None:
        """labels: of the codecs, by their names. The first one that is compared is the reference."""
        super().__init__(controller)
        self._controller = controller
        self._labels = dict(labels)
        self._entered: QualityTarget | None = None
        controller.scale_changed.connect(self._follow_scale)
        controller.quality_changed.connect(self._tell)
        controller.codec_changed.connect(self._tell)
        controller.codecs_changed.connect(self._tell)
        controller.opened.connect(self._tell)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What the commands do, by their names."""
        return {
            "equal_rate": self.equal_rate,
            "equal_psnr": lambda: self._toggle("psnr"),
            "equal_ms_ssim": lambda: self._toggle("ms_ssim"),
        }

    def follow(self, actions: Actions) -> None:
        """Let the menus tell what is equal."""

        def check(quality: QualityTarget | None) -> None:
            actions["equal_rate" if quality is None else f"equal_{quality.metric}"].setChecked(True)

        self._controller.quality_changed.connect(check)
        check(self._controller.session.quality)

    def equal_rate(self) -> None:
        """Every codec at the same rate: the one before, or if the quality was moved, what the reference has now."""
        session, shown = self._controller.session, self._controller.shown(self._reference)
        if session.quality is None:
            return
        moved = session.quality != self._entered and shown is not None and shown.match is not None
        self._controller.set_target(
            rounded_bpp(shown.result.bpp) if moved and shown is not None else session.target_bpp
        )

    def choose(self, value_db: float) -> None:
        """Another quality."""
        quality = self._controller.session.quality
        if quality is not None:
            self._controller.set_quality(replace(quality, value_db=value_db))

    @property
    def _reference(self) -> str:
        return self._controller.compared[0]

    def _toggle(self, metric: QualityMetric) -> None:
        quality = self._controller.session.quality
        if quality is not None and quality.metric == metric:
            self.equal_rate()
        else:
            self._enter(metric)

    def _enter(self, metric: QualityMetric) -> None:
        """At about what the reference codec shows now."""
        target = QualityTarget(metric, self._controller.session.scale.channel, DEFAULT_DB[metric])
        shown = self._controller.shown(self._reference)
        if shown is not None:
            low, high = RANGE_DB[metric]
            present = target.of(shown.result.measurement.metrics)
            target = replace(target, value_db=round(min(max(present, low), high), 1))
        unmoved = self._controller.session.quality in (None, self._entered)
        self._entered = target if unmoved else None
        self._controller.set_quality(target)

    def _follow_scale(self, scale: MetricScale) -> None:
        quality = self._controller.session.quality
        if quality is not None and quality.channel != scale.channel:
            self._enter(quality.metric)
        else:
            self._tell()

    def _tell(self, _changed: object = None) -> None:
        self.needs_changed.emit(self._sentences())

    def _sentences(self) -> tuple[str, ...]:
        quality = self._controller.session.quality
        codecs = self._controller.compared
        shown = {codec: self._controller.shown(codec) for codec in codecs}
        matches = {codec: one.match for codec, one in shown.items() if one is not None and one.match is not None}
        if quality is None:
            return ()
        from viewer.matching.quality_search import (
            TOLERANCE_DB,
            byte_ratios,
            reference_codec,
            size_ratio_sentence,
        )

        in_db = self._controller.session.scale.ms_ssim_db
        value = format_quality(quality.metric, quality.value_db, in_db=in_db)
        heading = f"At {quality.title()} {value}, within {TOLERANCE_DB} dB"
        present = {codec: match for codec, match in matches.items() if match.target == quality}
        if any(codec not in present and not self._controller.failure(codec) for codec in codecs):
            return heading, "being searched for …"
        reference = reference_codec(present, codecs)
        sentences = [
            size_ratio_sentence(self._labels[codec], ratio, self._labels[reference]) + "."
            for codec, ratio in byte_ratios(present, reference).items()
        ]
        misses = [
            quality_limit_sentence(self._labels[codec], match, in_db=in_db)
            for codec, match in present.items()
            if not match.reached
        ]
        return heading, *sentences, *misses
