"""The table of points as text and as CSV."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import replace

import pytest

from tests.photographs import sample_crop
from viewer.matching.comparison import Comparison
from viewer.matching.curve import RatePoint, point_of
from viewer.session.point_table import COLUMNS, as_csv, as_text


@pytest.fixture(scope="module")
def point() -> RatePoint:
    return point_of(Comparison(sample_crop(64, 96)).result("jpeg", 0.7))


def test_csv_holds_every_value_in_full(point: RatePoint) -> None:
    other = replace(point, codec="jpeg2000", metrics=replace(point.metrics, psnr_rgb_db=math.inf))
    rows = list(csv.DictReader(io.StringIO(as_csv([point, other]).decode())))
    assert list(rows[0]) == [column.name for column in COLUMNS]
    assert float(rows[0]["target_bpp"]) == 0.7
    assert float(rows[0]["bpp"]) == point.bpp
    assert int(rows[0]["bytes"]) == point.byte_count
    assert float(rows[0]["psnr_luma_db"]) == point.metrics.psnr_luma_db
    assert float(rows[0]["ms_ssim_rgb"]) == point.metrics.ms_ssim_rgb
    variant, scans = rows[0]["detail"].split(", ")
    assert variant in {"4:2:0", "4:2:2", "4:4:4"}
    assert scans in {"baseline", "progressive"}
    assert float(rows[1]["psnr_rgb_db"]) == math.inf


def test_text_has_a_line_a_point_and_a_tab_a_column(point: RatePoint) -> None:
    lines = as_text([point, point]).splitlines()
    assert [len(line.split("\t")) for line in lines] == [len(COLUMNS)] * 3
