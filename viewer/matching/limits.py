"""Why a codec is not at its target, in words: floor, ceiling and gap each have one wording, used everywhere."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from viewer.matching.targets.quality import METRIC_NAMES, format_quality
from viewer.matching.targets.score import score_text
from viewer.metrics.scoring import format_score

if TYPE_CHECKING:  # they import the codecs
    from viewer.matching.quality_search import QualityMatch
    from viewer.matching.result import Result
    from viewer.matching.score_search import ScoreMatch


def rate_limit_note(result: Result) -> str:
    """For a table cell or a pane: "cannot go below 0.0787 bpp"; empty if the target is met."""
    if result.reachable:
        return ""
    return _note(f"{result.bpp:.4f} bpp", floor=result.floor_bpp is not None, ceiling=result.ceiling_bpp is not None)


def rate_limit_sentence(label: str, result: Result) -> str:
    """For a tip or a text: "JPEG cannot go below 0.0787 bpp on this picture; the target is 0.0500 bpp." Empty if the
    target is met.
    """
    return _sentence(label, rate_limit_note(result), f"{result.request.target_bpp:.4f} bpp")


def quality_limit_note(match: QualityMatch | ScoreMatch, *, in_db: bool) -> str:
    """Like rate_limit_note: "cannot go above PSNR 46.12 dB". in_db: see format_quality.

    If more bits were seen to be worse, a higher value may have been missed: "reached PSNR 46.12 dB at most". Of other
    metrics lower scores may be better, so theirs is "cannot do better than SSIMULACRA2 89.10".
    """
    from viewer.matching.score_search import ScoreMatch  # a worker has loaded it: there is a match

    if match.reached:
        return ""
    if isinstance(match, ScoreMatch):
        return _score_note(match)
    if math.isinf(match.value_db) and match.floor_db is not None:
        return "is always lossless"
    value = format_quality(match.target.metric, match.value_db, in_db=in_db)
    value = f"{METRIC_NAMES[match.target.metric]} {value}"
    if _is_peak(match):
        return f"reached {value} at most"
    return _note(value, floor=match.floor_db is not None, ceiling=match.ceiling_db is not None)


def quality_limit_sentence(label: str, match: QualityMatch | ScoreMatch, *, in_db: bool) -> str:
    """Like rate_limit_sentence, for a quality."""
    from viewer.matching.score_search import ScoreMatch  # as above

    if isinstance(match, ScoreMatch):
        return _sentence(label, quality_limit_note(match, in_db=in_db), format_score(match.metric, match.target.value))
    target = format_quality(match.target.metric, match.target.value_db, in_db=in_db)
    where = ", where more bits can make it worse" if _is_peak(match) else ""
    return _sentence(label, quality_limit_note(match, in_db=in_db), target, where)


def _score_note(match: ScoreMatch) -> str:
    value = score_text(match.metric, match.value)
    if match.floor is not None:
        return f"cannot do worse than {value}"
    if match.ceiling is not None:
        return f"cannot do better than {value}"
    return f"cannot come closer than {value}"


def _is_peak(match: QualityMatch) -> bool:
    return match.floor_db is None and match.ceiling_db is not None and match.falls_from_bpp is not None


def _note(value: str, *, floor: bool, ceiling: bool) -> str:
    if floor:
        return f"cannot go below {value}"
    if ceiling:
        return f"cannot go above {value}"
    return f"cannot come closer than {value}"


def _sentence(label: str, note: str, target: str, where: str = "") -> str:
    return f"{label} {note} on this picture{where}; the target is {target}." if note else ""
