"""Numbers as people write them: with thousands apart, and a decimal point or comma."""

from __future__ import annotations

import math
import re
from enum import Enum

from models.errors import TargetError

_SPACES = " \N{NO-BREAK SPACE}\N{FIGURE SPACE}\N{THIN SPACE}\N{NARROW NO-BREAK SPACE}"
_APOSTROPHES = "'\N{RIGHT SINGLE QUOTATION MARK}"

NUMBER = rf"(\d[\d.,{_SPACES}{_APOSTROPHES}]*(?<=[\d.,])|[.,]\d+)"
"""A regular expression of one group: what `read_number` may be given."""

_GROUPED = re.compile(r"\d{1,3}(?:(?P<mark>[^\d])\d{3})(?:(?P=mark)\d{3})*")
_AMBIGUOUS = re.compile(r"[1-9]\d{0,2},\d{3}")


class Comma(Enum):
    """What an ambiguous comma means, as in "1,250"."""

    DECIMAL = "decimal"
    THOUSANDS = "thousands"
    EITHER = "either"


def read_number(text: str, comma: Comma) -> float:
    """The number in a text: "0.25", "0,25", "19,231", "19 231", "19'231", "1,843,200", "1.843,2", "1,843.2".

    A single mark before three digits that may be either is read as `comma` says; a point is a decimal point, unless
    `comma` is THOUSANDS, for numbers that are whole. NaN where it is no number. Raises TargetError where it may be
    either.
    """
    plain = re.sub(rf"(?<=\d)[{_SPACES}{_APOSTROPHES}](?=\d{{3}}(?!\d))", "", text)
    marks = [mark for mark in plain if not mark.isdigit()]
    grouped = _GROUPED.fullmatch(plain)
    if len(marks) > 1 and marks[0] != marks[-1] and marks[:-1] == marks[:1] * (len(marks) - 1):
        whole, _, fraction = plain.rpartition(marks[-1])  # the last one is the decimal mark
        if _GROUPED.fullmatch(whole) is None:
            return math.nan
        plain = f"{whole.replace(marks[0], '')}.{fraction}"
    elif grouped is not None and (len(marks) > 1 or (comma is Comma.THOUSANDS and not plain.startswith("0"))):
        plain = plain.replace(marks[0], "")
    elif comma is Comma.EITHER and _AMBIGUOUS.fullmatch(plain):
        one, many = plain.replace(",", "."), plain.replace(",", "")
        raise TargetError(f"“{text}” may mean {one} or {many}: write it without the comma.")
    try:
        return float(plain.replace(",", "."))
    except ValueError:
        return math.nan
