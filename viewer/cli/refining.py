"""--refine and what goes with it: work on the learned codec's stream until it is better at the same size."""

from __future__ import annotations

import argparse
import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from models.errors import TargetError
from models.refine.settings import DEFAULT_STEPS, Aim, RefineSettings, Region
from viewer.imaging.image import Image
from viewer.matching.comparison import Comparison
from viewer.matching.refinement import can_refine, refine
from viewer.matching.result import Result

_UNITS_S = {"s": 1.0, "min": 60.0}


def add_refine(parser: argparse.ArgumentParser, *, region: bool = True) -> None:
    """--refine, --refine-for, and --region with its weight."""
    group = parser.add_argument_group("refining the learned codec's streams")
    group.add_argument(
        "--refine",
        nargs="?",
        const=str(DEFAULT_STEPS),
        metavar="AMOUNT",
        help=f"reduce errors at the same size, for a time (30s, 2min) or a number of steps (default {DEFAULT_STEPS}); "
        "only steps are reproducible; Ctrl+C keeps the best so far",
    )
    group.add_argument(
        "--refine-for",
        choices=[aim.value for aim in Aim],
        metavar="psnr|ms-ssim|both",
        help="what to improve (default both)",
    )
    if region:
        group.add_argument(
            "--region", metavar="X,Y,W,H", help="rectangle, in pixels, that gets a larger share of the bits"
        )
        group.add_argument("--region-weight", metavar="N", help="weight of its errors (default 4)")


def refine_settings(parsed: argparse.Namespace, image: Image | None = None) -> RefineSettings | None:
    """What the options ask for; None without --refine. image: that --region lies in. Raises TargetError."""
    region, weight = getattr(parsed, "region", None), getattr(parsed, "region_weight", None)
    if parsed.refine is None:
        for name, given in (("--refine-for", parsed.refine_for), ("--region", region), ("--region-weight", weight)):
            if given is not None:
                raise TargetError(f"{name} only applies to --refine: add that, such as --refine 30s.")
        return None
    if weight is not None and region is None:
        raise TargetError("--region-weight only applies to --region: add --region X,Y,W,H.")
    steps, seconds = _amount(parsed.refine)
    chosen = _region(region, weight, image) if region is not None and image is not None else None
    return RefineSettings(steps, seconds, Aim(parsed.refine_for or Aim.BOTH.value), chosen)


def _amount(text: str) -> tuple[int, float | None]:
    """Steps, and seconds where it is a time."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(s|min|steps)?", text.strip())
    number = float(found[1]) if found else 0.0
    unit = found[2] if found else None
    if unit in _UNITS_S and 1.0 <= number * _UNITS_S[unit] <= 86_400.0:
        return DEFAULT_STEPS, number * _UNITS_S[unit]
    if found and unit in (None, "steps") and number.is_integer() and 1 <= number <= 100_000:
        return int(number), None
    raise TargetError(f"“{text}” is not an amount of refinement: give a time (30s, 2min) or a number of steps (60).")


def _region(text: str, weight: str | None, image: Image) -> Region:
    found = re.fullmatch(r"(\d+),(\d+),(\d+),(\d+)", text.replace(" ", ""))
    if not found:
        raise TargetError(f"“{text}” is not a region: give X,Y,W,H in pixels, such as 100,80,256,256.")
    left, top, width, height = map(int, found.groups())
    inside = width > 0 and height > 0 and left + width <= image.width and top + height <= image.height
    if not inside:
        raise TargetError(
            f"The region {text} is not inside this picture of {image.width} x {image.height} pixels: give X,Y,W,H "
            "inside it."
        )
    try:
        times = float(weight) if weight is not None else Region.weight
    except ValueError:
        times = 0.0
    if not 0.01 <= times <= 100.0:
        raise TargetError(f"“{weight}” is not a region weight: give a number from 0.01 to 100, such as 4.")
    return Region(left, top, width, height, times)


def refined(comparison: Comparison, result: Result, settings: RefineSettings) -> Result:
    """The result, refined where its codec can, with a bar on a terminal; Ctrl+C ends it with the best so far.

    Raises RateLensError.
    """
    if not can_refine(comparison, result.request.codec):
        return result
    from tqdm import tqdm

    label = comparison.codecs[result.request.codec].label
    bar = tqdm(
        total=1.0,
        desc=f"Refining {label}",
        bar_format="{desc}: {percentage:3.0f}%|{bar}| {elapsed}",
        disable=not sys.stderr.isatty(),
        leave=False,
    )

    def show(share: float) -> None:
        bar.update(share - bar.n)

    with bar, _interruptible() as stop:
        return refine(comparison, result, settings, progress=show, stop=stop)


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Takes the first Ctrl+C as a wish to stop, which is what it yields; the second ends the program as ever."""
    asked = False
    before = signal.getsignal(signal.SIGINT)

    def ask(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        asked = True
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, ask)
    try:
        yield lambda: asked
    finally:
        signal.signal(signal.SIGINT, before)
