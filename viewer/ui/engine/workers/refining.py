"""Refining what a pane shows: the frozen request, how far it is, and the job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from models.refine.settings import RefineSettings
from viewer.session.pins import KeptStream
from viewer.ui.engine.image_pyramid import picture_of
from viewer.ui.engine.workers.jobs import DisplayedResult, EncodeRequest, Opened
from viewer.ui.engine.workers.scheduling import Overtaken

if TYPE_CHECKING:
    from viewer.matching.result import Result

_SHARE_STEP = 0.01
"""Progress is reported in steps of this share."""


class Stage(Enum):
    """Of a refinement. STOPPING: the best so far is being brought to the target size. ENDED: nothing more will come."""

    RUNNING = "running"
    STOPPING = "stopping"
    ENDED = "ended"


@dataclass(frozen=True)
class RefineRequest:
    """What to refine: what a pane shows as the answer to `encode`. kept: a stream that is only to be decoded."""

    opened: Opened
    pane: str
    encode: EncodeRequest
    start: DisplayedResult
    settings: RefineSettings = field(default_factory=RefineSettings)
    kept: KeptStream | None = None


@dataclass(frozen=True)
class Refinement:
    """The state of a refinement. share: how much is done. best: the latest result, better than those before.

    hidden: the pane shows the unrefined picture, for comparison.
    """

    request: RefineRequest
    stage: Stage = Stage.RUNNING
    share: float = 0.0
    best: DisplayedResult | None = None
    hidden: bool = False

    @property
    def shown(self) -> DisplayedResult:
        """What the pane shows."""
        return self.request.start if self.hidden or self.best is None else self.best


@dataclass(frozen=True, eq=False)
class RefineStep:
    """News of a refinement. result: a better one. ended: the result is the final one, None if nothing is better."""

    share: float
    result: DisplayedResult | None = None
    ended: bool = False


def refine(request: RefineRequest, stage: Callable[[], Stage], report: Callable[[RefineStep], None]) -> RefineStep:
    """Refine, and report on the way. Returns the final step.

    Results on the way may be off the target size, the final one is not. stage: asked before every step. Raises
    Overtaken when nobody waits for it any more; CodecError, MemoryLimitError.
    """
    from viewer.matching.refinement import is_on_target, kept_result, refinements

    comparison, start = request.opened.comparison, request.start.result
    if request.kept is not None:
        kept = kept_result(comparison, start, request.kept.stream, request.kept.seconds)
        return RefineStep(1.0, _displayed(kept), ended=True)
    reported = 0.0

    def progress(share: float) -> None:
        nonlocal reported
        if stage() is Stage.ENDED:
            raise Overtaken
        if share >= reported + _SHARE_STEP:
            reported = share
            report(RefineStep(share))

    final: DisplayedResult | None = None
    for result in refinements(
        comparison, start, request.settings, progress=progress, stop=lambda: stage() is not Stage.RUNNING
    ):
        shown = _displayed(result)
        report(RefineStep(reported, shown))
        if is_on_target(result, start):
            final = shown
    return RefineStep(1.0, final, ended=True)


def _displayed(result: Result) -> DisplayedResult:
    return DisplayedResult(result, picture_of(result.reconstruction))
