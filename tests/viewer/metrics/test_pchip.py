"""The interpolation is scipy's, and BD-rates made of it are those of the bjontegaard package."""

from __future__ import annotations

import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import PchipInterpolator

from viewer.metrics.bd_rate import bd_rate
from viewer.metrics.pchip import pchip_integral

STEPS = st.lists(
    st.tuples(st.floats(0.05, 3.0), st.one_of(st.just(0.0), st.floats(-4.0, 4.0))), min_size=3, max_size=12
)


@given(steps=STEPS, ends=st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0)))
def test_the_integral_is_scipys(steps: list[tuple[float, float]], ends: tuple[float, float]) -> None:
    x, y = [0.0], [1.0]
    for width, rise in steps:
        x.append(x[-1] + width)
        y.append(y[-1] + rise)
    low, high = (x[-1] * end for end in sorted(ends))
    expected = float(PchipInterpolator(x, y).integrate(low, high))
    assert pchip_integral(x, y, low, high) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("factor", [0.4, 0.9, 1.3])
def test_bd_rates_are_those_of_the_bjontegaard_package(factor: float) -> None:
    bjontegaard = pytest.importorskip("bjontegaard")
    anchor = [(0.05 * 1.5**i, 25 + 1.7 * i - 0.04 * i * i) for i in range(11)]
    test = [(factor * bpp * (1 + 0.1 * math.sin(i)), db + 0.3 * math.cos(i)) for i, (bpp, db) in enumerate(anchor)][1:]
    found = bd_rate(anchor, test)
    assert found is not None
    expected = bjontegaard.bd_rate(
        *zip(*anchor, strict=True),
        *zip(*test, strict=True),
        method="pchip",
        require_matching_points=False,
        min_overlap=0,
    )
    assert found.percent == pytest.approx(float(expected), rel=1e-9)


def test_neither_scipy_nor_matplotlib_is_loaded_for_a_bd_rate() -> None:
    code = (
        "import sys; from viewer.metrics.bd_rate import bd_rate;"
        "curve = [(0.1 * 2**i, 30.0 + i) for i in range(6)]; assert abs(bd_rate(curve, curve).percent) < 1e-9;"
        "print(*(name for name in ('scipy', 'matplotlib', 'bjontegaard') if name in sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert shown.stdout.strip() == ""
