"""Reading pictures: real files of many kinds, and what is wrong with the others."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image as PillowImage
from PIL import ImageCms, ImageOps

from models.errors import ImageError
from tests.fuzz.seeds import PICTURES, picture_file
from tests.photographs import sample_crop
from viewer.imaging.reader import MAX_PIXELS, image_from_bytes, load_image

PIXELS = sample_crop(40, 60).pixels


def saved(picture: PillowImage.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "WEBP", "PPM", "TGA"])
def test_lossless_files_come_back_exactly(kind: str, tmp_path: Path) -> None:
    options = {"lossless": True} if kind == "WEBP" else {}
    path = tmp_path / f"picture.{kind.lower()}"
    path.write_bytes(saved(PillowImage.fromarray(PIXELS), kind, **options))
    image = load_image(path)
    assert np.array_equal(image.pixels, PIXELS)
    assert (image.name, image.path, image.notes) == (path.name, path, ())
    assert not image.pixels.flags.writeable


def test_grey_is_said() -> None:
    image = image_from_bytes(saved(PillowImage.fromarray(PIXELS[..., 0]), "PNG"), "grey.png")
    assert np.array_equal(image.pixels, np.repeat(PIXELS[..., :1], 3, axis=2))
    assert image.notes == ("Grey, shown as RGB.",)


def test_sixteen_bits_are_reduced_and_said() -> None:
    samples = PIXELS[..., 0].astype(np.uint16) * 257
    image = image_from_bytes(saved(PillowImage.fromarray(samples), "PNG"), "deep.png")
    assert np.array_equal(image.pixels[..., 0], PIXELS[..., 0])
    assert "16 bits reduced to 8." in image.notes


def test_transparency_is_laid_over_white_and_said() -> None:
    rgba = np.dstack([PIXELS, np.zeros(PIXELS.shape[:2], np.uint8)])
    image = image_from_bytes(saved(PillowImage.fromarray(rgba), "PNG"), "clear.png")
    assert (image.pixels == 255).all()
    assert image.notes == ("Transparency placed on white.",)


def test_opaque_alpha_changes_nothing() -> None:
    rgba = np.dstack([PIXELS, np.full(PIXELS.shape[:2], 255, np.uint8)])
    image = image_from_bytes(saved(PillowImage.fromarray(rgba), "PNG"), "opaque.png")
    assert np.array_equal(image.pixels, PIXELS)
    assert image.notes == ()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(orientation: int) -> None:
    exif = PillowImage.Exif()
    exif[0x0112] = orientation
    image = image_from_bytes(saved(PillowImage.fromarray(PIXELS), "PNG", exif=exif), "turned.png")
    turned = {
        1: PIXELS,
        2: PIXELS[:, ::-1],
        3: PIXELS[::-1, ::-1],
        4: PIXELS[::-1],
        5: PIXELS.transpose(1, 0, 2),
        6: PIXELS[::-1].transpose(1, 0, 2),
        7: PIXELS[::-1, ::-1].transpose(1, 0, 2),
        8: PIXELS[:, ::-1].transpose(1, 0, 2),
    }[orientation]
    assert np.array_equal(image.pixels, turned)
    assert bool(image.notes) == (orientation != 1)


def test_a_damaged_exif_tag_beside_the_orientation_changes_nothing() -> None:
    exif = PillowImage.Exif()
    exif[0x0112] = 6
    exif[0x011A] = 72.0  # the resolution, a fraction, which this makes bytes of no kind
    damaged = exif.tobytes().replace(b"\x01\x1a\x00\x05", b"\x01\x1a\x00\x07")
    data = saved(PillowImage.fromarray(PIXELS), "PNG", exif=damaged)
    with pytest.raises(TypeError), PillowImage.open(io.BytesIO(data)) as picture:
        ImageOps.exif_transpose(picture)  # if this passes, the test shows nothing
    image = image_from_bytes(data, "turned.png")
    assert np.array_equal(image.pixels, PIXELS[::-1].transpose(1, 0, 2))


def test_a_foreign_colour_profile_is_converted_and_said() -> None:
    swapped = _profile_with_swapped_primaries()
    image = image_from_bytes(saved(PillowImage.fromarray(PIXELS), "PNG", icc_profile=swapped), "wide.png")
    assert any("to sRGB" in note for note in image.notes)
    assert not np.array_equal(image.pixels, PIXELS)


def _profile_with_swapped_primaries() -> bytes:
    """An sRGB profile whose red and green primaries are exchanged, and which is called so."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = int.from_bytes(data[128:132], "big")
    for i in range(count):
        at = 132 + 12 * i
        signature = bytes(data[at : at + 4])
        if signature in (b"rXYZ", b"gXYZ"):
            data[at : at + 4] = b"gXYZ" if signature == b"rXYZ" else b"rXYZ"
    for name in ("sRGB".encode("utf-16-be"), b"sRGB"):
        data = bytearray(bytes(data).replace(name, name.replace(b"s", b"x", 1)))
    return bytes(data)


def test_the_first_of_several_frames_is_said() -> None:
    frames = [PillowImage.fromarray(PIXELS), PillowImage.fromarray(PIXELS[::-1].copy())]
    image = image_from_bytes(saved(frames[0], "TIFF", save_all=True, append_images=frames[1:]), "pages.tiff")
    assert image.notes == ("First of 2 frames.",)
    assert np.array_equal(image.pixels, PIXELS)


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="is a folder"):
        load_image(tmp_path)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="There is no file"):
        load_image(tmp_path / "nothing.png")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "is empty"), (b"This is text.\n", "is not a readable picture"), (bytes(1000), "is not a readable picture")],
)
def test_what_is_no_picture(content: bytes, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "fake.png"
    path.write_bytes(content)
    with pytest.raises(ImageError, match=sentence):
        load_image(path)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_truncated_pictures_are_refused(kind: str, share: float) -> None:
    data = saved(PillowImage.fromarray(sample_crop(200, 200).pixels), kind)
    with pytest.raises(ImageError, match=r"is a .*damaged|is not a readable picture"):
        image_from_bytes(data[: int(len(data) * share)], f"cut.{kind.lower()}")


def test_a_picture_beyond_the_limit_is_refused_before_it_is_decoded() -> None:
    side = int(MAX_PIXELS**0.5) + 10
    header = saved(PillowImage.new("1", (side, side)), "PNG")
    with pytest.raises(ImageError, match=r"has more than the limit of 134 megapixels: scale it down"):
        image_from_bytes(header, "huge.png")


REFUSED = {
    "BUFR": b"BUFR",
    "EPS": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "GRIB": b"GRIB\0\0\0\1",
    "HDF5": b"\x89HDF\r\n\x1a\n",
    "IPTC": b"\x1c\x03\x3c\0\2\1\0\x1c\x03\x14\0\4\0\0\0\x09\x1c\x03\x1e\0\4\0\0\0\x09\x1c\x03\x78\0\4\0\0\0\1"
    + bytes(5),
    "MPEG": b"\0\0\x01\xb3" + bytes([1]) * 60,
    "WMF": b"\xd7\xcd\xc6\x9a\0\0" + struct.pack("<4hH", 0, 0, 90, 90, 72) + bytes(6) + b"\1\0\x09\0" + bytes(20),
}
"""Formats that Pillow recognises, but does not decode itself."""


def _photo_cd() -> bytes:
    return bytes(2048) + b"PCD_" + bytes(96 * 2048 - 2052) + bytes([128]) * (768 * 512 * 3 // 2)


def test_every_format_that_pillow_knows_is_read_or_refused_in_a_sentence() -> None:
    read = set()
    for data in (*map(picture_file, PICTURES), _photo_cd()):
        with PillowImage.open(io.BytesIO(data)) as picture:
            read.add(str(picture.format).upper())
        assert image_from_bytes(data, "picture").pixels.size
    for kind, data in REFUSED.items():
        with PillowImage.open(io.BytesIO(data)) as picture:
            assert picture.format == kind
        with pytest.raises(ImageError, match=r"is not a readable picture|is an EPS"):
            image_from_bytes(data, "picture")
    PillowImage.init()
    known = set(PillowImage.OPEN) - {"JXL"}  # which a package adds, once JPEG XL has been used
    assert known <= read | REFUSED.keys()


@given(st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_damaged_files_are_pictures_or_sentences(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF", "PPM", "TGA"]))
    content = bytearray(saved(PillowImage.fromarray(PIXELS), kind))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        described = image_from_bytes(bytes(content), "damaged").pixels.dtype.name
    except ImageError as error:
        described = str(error)
    assert described == "uint8" or described.endswith(".")
