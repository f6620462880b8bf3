"""A plot as a picture: the curves that were measured, as SVG or PNG."""

from __future__ import annotations

import io
import math
from xml.etree import ElementTree

import pytest
from PIL import Image as PillowImage

from models.errors import OutputError
from viewer.codecs.palette import look_of
from viewer.report.curve_picture import PlottedCurve, plot_bytes

CURVES = (
    PlottedCurve("Learned", look_of("learned", ("learned", "jpeg")), ((0.1, 30.0), (0.5, 36.0)), (0.2, 32.5)),
    PlottedCurve("JPEG", look_of("jpeg", ("learned", "jpeg")), ((0.1, 26.0), (0.5, math.inf))),
)


def drawn(suffix: str, *, logarithmic: bool = True) -> bytes:
    return plot_bytes(CURVES, title="PSNR RGB, dB", picture="shrike.webp", suffix=suffix, logarithmic=logarithmic)


@pytest.mark.parametrize("logarithmic", [True, False])
def test_svg_keeps_its_words_as_words(logarithmic: bool) -> None:
    root = ElementTree.fromstring(drawn(".svg", logarithmic=logarithmic))
    texts = {"".join(element.itertext()).strip() for element in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"Learned", "JPEG", "PSNR RGB, dB", "bits per pixel", "shrike.webp"} <= texts


def test_png_is_large_enough_to_print() -> None:
    picture = PillowImage.open(io.BytesIO(drawn(".PNG")))
    assert picture.format == "PNG"
    assert picture.width >= 1200


def test_another_suffix_is_refused() -> None:
    with pytest.raises(OutputError, match=r"give it the suffix \.svg or \.png"):
        drawn(".pdf")
