"""What is said of a set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from viewer.metrics.base import Metric, axis_digits, axis_unit
from viewer.metrics.bd_rate import TOO_LITTLE_OVERLAP, format_range
from viewer.ui.common.formatting import MINUS, format_bpp

if TYPE_CHECKING:
    from viewer.sets.at_target import PictureFigures
    from viewer.sets.bd_interval import SetBdRate
    from viewer.sets.means import MeanCurves
    from viewer.sets.pareto import TimesAtRate
    from viewer.sets.rate_point import SetRatePoint
    from viewer.ui.engine.sets.state import SweepState


def pictures(count: int) -> str:
    """ "1 picture", "24 pictures"."""
    return f"{count:,} picture{'' if count == 1 else 's'}"


def unreadable(name: str) -> str:
    """What is said of a picture before a sweep says more."""
    return f"“{name}” is not a readable picture, so it will not be measured."


def about(all_pictures: int, measured: int, labels: Sequence[str]) -> str:
    """What is there of a set."""
    if not measured:
        return f"{pictures(all_pictures)}, none measured yet"
    of = pictures(all_pictures) if measured == all_pictures else f"{measured:,} of {pictures(all_pictures)} measured"
    return f"{of}: {', '.join(labels)}"


def curves_note(means: MeanCurves, count: int) -> str:
    """What the mean curves are of."""
    if not means.pictures:
        return "No picture has points of every codec at the same rates yet, so there are no mean curves."
    over = f"Means over {pictures(len(means.pictures))}"
    if len(means.pictures) < count:
        over += f" of {count:,} that every codec brings to these rates"
    left_out = ", ".join(target.text for target in means.left_out)
    beyond = f" Left out, because too few pictures reach it: {left_out}." if left_out else ""
    return f"{over}; bands from the lower to the upper quartile.{beyond}"


def times_note(times: TimesAtRate) -> str:
    """What the times are of."""
    return (
        f"Means over {pictures(len(times.pictures))} at {format_bpp(times.bpp)} bpp. Up and left is better; dotted: "
        "codecs that no other one beats in both. Encoding includes what is prepared for the picture."
    )


def verdict(figures: Sequence[PictureFigures], metric: Metric, bpp: float, pair: tuple[str, str]) -> str:
    """Where the first of two codecs, by their labels, wins and loses."""
    codec, anchor = pair
    gains = [one.gain for one in figures if one.gain is not None]
    at = f"At {format_bpp(bpp)} bpp"
    if codec == anchor:
        return f"{at}: choose two codecs to see where one wins."
    if not gains:
        return f"{at}, no picture has been measured with both {codec} and {anchor}: move the slider."
    won, unit = sum(gain > 0 for gain in gains), axis_unit(metric)
    mean = _signed(sum(gains) / len(gains), metric)
    low, high = (_signed(end, metric) for end in (min(gains), max(gains)))
    ends = f", from {low} to {high}" if len(gains) > 1 else ""
    return (
        f"{at}, {codec} is ahead of {anchor} on {won:,} of {pictures(len(gains))} in {metric.label}: "
        f"{mean} {unit} on average{ends}.".replace("  ", " ")
    )


def bd_text(found: SetBdRate | None) -> tuple[str, str]:
    """A BD-rate with its interval, and what it is over."""
    if found is None:
        return "–", "Choose two codecs."
    if found.percent is None:
        return "–", TOO_LITTLE_OVERLAP.capitalize() + "."
    percent = f"{found.percent:+.1f} %".replace("-", MINUS)
    inside = "too few pictures for an interval"
    if found.low is not None and found.high is not None:
        inside = f"95 % interval over pictures {found.low:+.1f} to {found.high:+.1f} %".replace("-", MINUS)
    over = format_range(found.metric, found.low_value, found.high_value)
    return percent, f"For equal {found.metric.label}, over {over} on {pictures(len(found.by_picture))}; {inside}."


def rate_text(point: SetRatePoint) -> str:
    """The rate that a codec needs."""
    if point.bpp is None:
        return "–"
    return f"{'≤ ' if point.at_most else ''}{format_bpp(point.bpp)} bpp"


def columns(metric: Metric, codecs: Sequence[str], labels: Mapping[str, str]) -> tuple[str, ...]:
    """The headings of the table. labels: of the codecs, by name."""
    unit = axis_unit(metric)
    return ("Picture", f"Δ {unit}".rstrip(), "BD-rate", *(labels[codec] for codec in codecs))


def column_tips(metric: Metric, pair: tuple[str, str], codecs: Sequence[str], bpp: float) -> tuple[str, ...]:
    """The headings' tips. pair: labels."""
    at = f"at {format_bpp(bpp)} bpp"
    return (
        "",
        f"{metric.label} of {pair[0]} minus {pair[1]} {at}",
        f"Bits that {pair[0]} needs beside {pair[1]} at equal {metric.label}",
        *(f"{metric.label} {at}" for _ in codecs),
    )


def digits_of(metric: Metric) -> int:
    """Decimals of values and differences."""
    return axis_digits(metric) + 1


def progress_text(sweep: SweepState) -> str:
    """What a sweep is doing; empty if there is none."""
    if sweep.phase == "idle":
        return ""
    if not sweep.total:
        return "Paused" if sweep.phase == "paused" else "Starting…"
    done = f"{sweep.done:,} of {pictures(sweep.total)}"
    if sweep.phase == "paused":
        return f"Paused at {done}"
    return done if sweep.left_s is None else f"{done}, {duration_text(sweep.left_s)} left"


def duration_text(seconds: float) -> str:
    """ "40 s", "about 3 min", "about 2.5 h"."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"about {round(seconds / 60)} min"
    return f"about {seconds / 3600:.1f} h"


def _signed(value: float, metric: Metric) -> str:
    return f"{value:+.{digits_of(metric)}f}".replace("-", MINUS)
