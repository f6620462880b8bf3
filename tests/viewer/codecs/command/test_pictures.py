"""Pictures to programs and back: PNG and PPM without loss, Y4M to what 8-bit Y'CbCr can hold."""

from __future__ import annotations

import io
from typing import get_args

import numpy as np
import pytest
from PIL import Image as PillowImage

from tests.photographs import mean_squared_error, sample_crop
from viewer.codecs.command.description import PictureFormat
from viewer.codecs.command.pictures import PictureFileError, picture_file, pixels_in


@pytest.mark.parametrize("picture_format", ["png", "ppm"])
def test_formats_without_loss_give_the_same_pixels(picture_format: PictureFormat) -> None:
    pixels = sample_crop(33, 47).pixels
    assert np.array_equal(pixels_in(picture_file(pixels, picture_format, "420"), picture_format), pixels)


def test_y4m_444_is_within_rounding() -> None:
    pixels = sample_crop(33, 47).pixels
    back = pixels_in(picture_file(pixels, "y4m", "444"), "y4m")
    assert np.abs(back.astype(int) - pixels).max() <= 2
    assert mean_squared_error(back, pixels) < 0.5


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (33, 47), (32, 48)])
def test_y4m_420_halves_chroma_and_keeps_its_place(shape: tuple[int, int]) -> None:
    """A ramp of colour is the same after it, wherever it stands: chroma that moved by half a pixel would not be."""
    ramp = np.linspace(40, 200, shape[0] * shape[1]).reshape(shape)
    pixels = np.dstack([ramp, np.full(shape, 120), 240 - ramp]).astype(np.uint8)
    data = picture_file(pixels, "y4m", "420")
    rows, columns = -(-shape[0] // 2), -(-shape[1] // 2)
    assert len(data.partition(b"FRAME\n")[2]) == shape[0] * shape[1] + 2 * rows * columns
    assert b" C420jpeg " in data
    back = pixels_in(data, "y4m")
    assert back.shape == pixels.shape
    assert np.abs(back[1:-1, 2:-2].astype(int) - pixels[1:-1, 2:-2]).max(initial=0) <= 4


def test_y4m_holds_the_colours_of_jpeg() -> None:
    """Pillow's own conversion is that of JFIF."""
    pixels = sample_crop(16, 16).pixels
    planes = picture_file(pixels, "y4m", "444").partition(b"FRAME\n")[2]
    expected = np.asarray(PillowImage.fromarray(pixels).convert("YCbCr")).astype(int)
    found = np.frombuffer(planes, np.uint8).reshape(3, 16, 16).transpose(1, 2, 0).astype(int)
    assert np.abs(found - expected).max() <= 1


def test_ten_bits_are_read() -> None:
    eight = picture_file(sample_crop(6, 8).pixels, "y4m", "420")
    header, _, samples = eight.partition(b"FRAME\n")
    deep = (np.frombuffer(samples, np.uint8).astype("<u2") * 4).tobytes()
    data = header.replace(b"C420jpeg", b"C420p10") + b"FRAME\n" + deep
    assert np.array_equal(pixels_in(data, "y4m"), pixels_in(eight, "y4m"))


def png_of(mode: str) -> bytes:
    buffer = io.BytesIO()
    PillowImage.new(mode, (4, 4)).save(buffer, "PNG")
    return buffer.getvalue()


GOOD_Y4M = picture_file(sample_crop(6, 8).pixels, "y4m", "420")


@pytest.mark.parametrize(
    ("data", "picture_format", "sentence"),
    [
        (b"GIF89a", "png", "incomplete or invalid PNG file"),
        (png_of("RGB")[:-30], "png", "incomplete or invalid PNG file"),
        (png_of("I;16"), "png", "more than 8 bits"),
        (b"P6 4 4 255\n123", "ppm", "incomplete or invalid PPM file"),
        (b"P6 9999999 9999999 255\n123", "ppm", "cannot be right|incomplete"),
        (b"YUV4MPEG2", "y4m", "something other than Y4M"),
        (GOOD_Y4M.replace(b"C420jpeg", b"C422"), "y4m", "not 4:2:0 or 4:4:4"),
        (GOOD_Y4M.replace(b"W8 ", b""), "y4m", "without a size"),
        (GOOD_Y4M.replace(b"W8 ", b"W99999999 "), "y4m", "without a readable frame"),
        (GOOD_Y4M.replace(b"FRAME", b"XXXXX"), "y4m", "without a readable frame"),
        (GOOD_Y4M[:-1], "y4m", "cut short"),
    ],
)
def test_what_is_no_picture_is_said(data: bytes, picture_format: PictureFormat, sentence: str) -> None:
    with pytest.raises(PictureFileError, match=sentence):
        pixels_in(data, picture_format)


def test_grey_and_transparent_pngs_are_pictures_too() -> None:
    for mode in ("L", "RGBA", "P", "1"):
        assert pixels_in(png_of(mode), "png").shape == (4, 4, 3)


def test_every_format_is_tested_here() -> None:
    assert set(get_args(PictureFormat)) == {"png", "ppm", "y4m"}
