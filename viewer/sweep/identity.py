"""What rows are of, besides picture and target: the versions of the program, of codecs, weights and metrics."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from viewer.codecs.base import Codec, version_of
from viewer.codecs.learned import LearnedViewerCodec
from viewer.metrics import base as metrics_base
from viewer.metrics.base import Metric
from viewer.metrics.registry import slow
from viewer.sweep.rows import Row
from viewer.system.versions import version_of as version_of_package


@dataclass(frozen=True)
class Maker:
    """What makes a codec's streams. version: of its library or program. weights: the id of its weights file; empty
    where it has none.
    """

    version: str
    weights: str
    program: str

    def made(self, row: Row) -> bool:
        """Whether a row is of it; rows of files that did not note that are taken to be."""
        return not row.program_version or row.made_by == (self.version, self.weights, self.program)


def maker_of(codec: Codec) -> Maker:
    """What makes a codec's streams here and now."""
    weights = codec.weights.model_id.hex() if isinstance(codec, LearnedViewerCodec) else ""
    return Maker(version_of(codec), weights, program_version())


def program_version() -> str:
    """The program's version, the same of a checkout and of what was installed from it."""
    return version_of_package("ratelens").partition(" ")[0]


def metric_versions(metrics: Sequence[Metric]) -> dict[str, str]:
    """The versions of those metrics that are not the program's own, by name."""
    return {metric.name: metrics_base.version_of(metric) for metric in slow(metrics)}


def lacks_identity(rows: Iterable[Row]) -> int:
    """How many rows do not say which picture they are of: those of older versions."""
    return sum(not row.image_sha256 for row in rows)
