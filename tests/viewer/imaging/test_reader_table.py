"""Kinds of files, how each is made, and the colours or the sentence that it has to give. One row a kind: add yours.

A row is a name, the file's bytes (or what makes them), and either `shows(colour, note, …)` or `says(sentence)`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from models.errors import ImageError
from tests.viewer.imaging import file_kinds as made
from viewer.imaging.reader import image_from_bytes


@dataclass(frozen=True)
class Shows:
    """The colour of the pixel at (x, y), to some levels; every note given here is among the picture's, and no other
    but where any is allowed.
    """

    colour: tuple[int, int, int]
    notes: tuple[str, ...] = ()
    at: tuple[int, int] = (1, 1)
    within: int = 1


@dataclass(frozen=True)
class Says:
    """What the refusal matches."""

    sentence: str


def shows(colour: tuple[int, int, int], *notes: str, at: tuple[int, int] = (1, 1), within: int = 1) -> Shows:
    return Shows(colour, notes, at, within)


def says(sentence: str) -> Says:
    return Says(sentence)


GREY_NOTE = "Grey, shown as RGB."
WHITE_NOTE = "Transparency placed on white."
GAIN_NOTE = "Its HDR gain map was ignored: this is the standard picture."

Row = tuple[str, Callable[[], bytes], Shows | Says]

CODE_POINTS: list[Row] = [
    (
        "AVIF, Display P3 by code points",
        lambda: made.avif_with_codes((200, 60, 40), 12, 13),
        shows((217, 42, 23), "Colours converted from Display P3 to sRGB.", within=2),
    ),
    ("AVIF, sRGB by code points", lambda: made.avif_with_codes((200, 60, 40), 1, 13), shows((200, 60, 40), within=2)),
    (
        "AVIF, PQ at SDR white",  # 0.5807 of PQ is 203 nits: white, which the tone curve holds below its peak
        lambda: made.avif_with_codes((148, 148, 148), 9, 16),
        shows(
            (240, 240, 240),
            "Colours converted from BT.2020, PQ to sRGB, its high dynamic range tone-mapped.",
            within=3,
        ),
    ),
    (
        "AVIF, HLG",  # half of it is 50.7 nits of a screen of 1000 (BT.2100), a quarter of the light of SDR white
        lambda: made.avif_with_codes((128, 128, 128), 9, 18),
        shows(
            (137, 137, 137),
            "Colours converted from BT.2020, HLG to sRGB, its high dynamic range tone-mapped.",
            within=3,
        ),
    ),
    (
        "AVIF, code points of no colour",
        lambda: made.avif_with_codes((200, 60, 40), 200, 13),
        shows(
            (200, 60, 40),
            "Its colour code points are unknown, so its colours are read as sRGB.",
            within=2,
        ),
    ),
    ("AVIF, cropped", made.avif_with_crop, shows((0, 250, 0), "Cropped as the file specifies.", at=(0, 0), within=12)),
    (
        "PNG, gamma 1",
        lambda: made.png_with(made.png(128), b"gAMA", (100_000).to_bytes(4, "big")),
        shows((188, 188, 188), GREY_NOTE, "Colours converted from gamma 1 to sRGB."),
    ),
    (
        "PNG, gamma 1 / 2.2",
        lambda: made.png_with(made.png(128), b"gAMA", (45_455).to_bytes(4, "big")),
        shows((128, 128, 128), GREY_NOTE),
    ),
    (
        "PNG, gamma 1 beside sRGB",
        lambda: made.png_with(made.png_with(made.png(128), b"gAMA", (100_000).to_bytes(4, "big")), b"sRGB", b"\0"),
        shows((128, 128, 128), GREY_NOTE),
    ),
    (
        "PNG, chromaticities of P3",
        lambda: made.png_with(made.png((200, 60, 40)), b"cHRM", made.P3_CHROMATICITIES),
        shows((217, 42, 23), "Colours converted from its own primaries to sRGB."),
    ),
    (
        "PNG, cICP of P3",
        lambda: made.png_with(made.png((200, 60, 40)), b"cICP", bytes([12, 13, 0, 1])),
        shows((217, 42, 23), "Colours converted from Display P3 to sRGB."),
    ),
]

PNG: list[Row] = [
    (
        "PNG, gamma of 2 bytes",
        lambda: made.png_with(made.png((200, 60, 40)), b"gAMA", b"\0\1"),
        shows((200, 60, 40), "Damaged chunks without pixel data were ignored: gAMA."),
    ),
    (
        "PNG, wrong checksum in its profile",
        lambda: made.damaged(made.png((200, 60, 40), icc_profile=made.P3), b"iCCP", 30),
        shows((200, 60, 40), "Damaged chunks without pixel data were ignored: iCCP."),
    ),
    (
        "PNG, wrong checksum in its pixels",
        lambda: made.damaged(made.png((200, 60, 40)), b"IDAT", -1),
        says(r"is a damaged PNG file \(chunk IDAT at byte \d+: its checksum is wrong\): get a complete copy"),
    ),
    (
        "PNG, cut short",
        lambda: made.png((200, 60, 40))[:-20],
        says(r"is a damaged PNG file \(chunk IDAT at byte \d+: it is cut short\)"),
    ),
    (
        "PNG, its end missing",
        lambda: made.png((200, 60, 40))[:-12],
        shows((200, 60, 40), "Its end marker is missing; all pixels are there."),
    ),
    (
        "PNG, 2-bit grey with a clear level",
        lambda: made.png_grey(2, clear=2),
        shows((255, 255, 255), GREY_NOTE, WHITE_NOTE, at=(2, 0)),
    ),
    (
        "PNG, 4-bit grey with a clear level",
        lambda: made.png_grey(4, clear=2),
        shows((255, 255, 255), GREY_NOTE, WHITE_NOTE, at=(2, 0)),
    ),
    (
        "PNG, 4-bit grey beside its clear level",
        lambda: made.png_grey(4, clear=2),
        shows((51, 51, 51), GREY_NOTE, WHITE_NOTE, at=(3, 0)),
    ),
    (
        "PNG, 16-bit RGB with a clear colour",
        lambda: made.png_deep((40_000, 20_000, 1_000), clear=(40_000, 20_000, 1_000)),
        shows((255, 255, 255), "16 bits reduced to 8.", WHITE_NOTE),
    ),
    (
        "PNG, 16-bit RGB beside its clear colour",
        lambda: made.png_deep((40_000, 20_000, 1_000), clear=(40_000, 20_000, 1_001)),
        shows((156, 78, 4), "16 bits reduced to 8.", within=0),
    ),
    (
        "PNG, 16-bit RGB is rounded as grey is",
        lambda: made.png_deep((200, 65_400, 32_767)),
        shows((1, 254, 127), "16 bits reduced to 8.", within=0),
    ),
    (
        "PNG, grey with a clear level and a grey profile",
        lambda: made.png(55, icc_profile=made.LINEAR_GREY, transparency=7),
        shows((128, 128, 128), GREY_NOTE, "Colours converted from Gray Gamma 1.0 to sRGB.", within=2),
    ),
]

JPEG: list[Row] = [
    ("JPEG of 12 bits", made.jpeg_12, says("is a JPEG with 12 bits per sample, which RateLens cannot read")),
    ("JPEG, lossless", lambda: made.jpeg_of_frame(0xC3), says("is a lossless JPEG, which RateLens cannot read")),
    (
        "JPEG, arithmetic coding",
        lambda: made.jpeg_of_frame(0xC9),
        says("is a JPEG with arithmetic coding, which RateLens cannot read"),
    ),
    ("JPEG-LS", lambda: made.jpeg_of_frame(0xF7), says("is a JPEG-LS file, which RateLens cannot read")),
    (
        "JPEG without its end",
        lambda: made.jpeg((200, 60, 40))[:-2],
        shows((200, 60, 40), "Its end marker is missing; all pixels are there.", within=3),
    ),
    ("JPEG, cut short", lambda: made.photograph("JPEG")[:-200], says("is a damaged JPEG file .*ends before its last")),
    (
        "JPEG with a gain map",
        made.ultra_hdr,
        shows((200, 60, 40), GAIN_NOTE, within=3),
    ),
]

DEEP_NOTE = "16 bits reduced to 8."

TIFF: list[Row] = [
    ("TIFF, 16-bit planes", lambda: made.tiff_deep("separate"), shows((156, 78, 4), DEEP_NOTE)),
    ("TIFF, 16-bit planes in tiles", lambda: made.tiff_deep("separate", tile=(16, 16)), shows((156, 78, 4), DEEP_NOTE)),
    (
        "TIFF, 16-bit planes, packed",
        lambda: made.tiff_deep("separate", compression="zlib"),
        shows((156, 78, 4), DEEP_NOTE),
    ),
    (
        "TIFF, 16-bit RGBA planes",
        lambda: made.tiff_deep("separate", (40_000, 20_000, 1_000, 32_768), extrasamples=["unassalpha"]),
        shows((205, 166, 129), DEEP_NOTE, WHITE_NOTE),
    ),
    (
        "TIFF, 16-bit CMYK planes",
        lambda: made.tiff_deep("separate", (0, 0, 65_535, 0), "separated"),
        shows((255, 255, 0), DEEP_NOTE, "CMYK converted to RGB."),
    ),
    (
        "TIFF, 16-bit RGB is rounded",
        lambda: made.tiff_deep("contig", (200, 65_400, 32_767)),
        shows((1, 254, 127), DEEP_NOTE, within=0),
    ),
    (
        "TIFF, 16-bit RGB is rounded, packed, the other byte order",
        lambda: made.tiff_deep("contig", (200, 65_400, 32_767), compression="zlib", byteorder=">"),
        shows((1, 254, 127), DEEP_NOTE, within=0),
    ),
    (
        "TIFF, 16-bit, 0 is white",
        lambda: made.tiff_grey(7710, photometric="miniswhite"),
        shows((225, 225, 225), DEEP_NOTE, GREY_NOTE),
    ),
    (
        "TIFF, float, 0 is white",
        lambda: made.tiff_grey(0.25, "float32", "miniswhite"),
        shows((191, 191, 191), "Floating point reduced to 8 bits: 0 is black, 1 is white.", GREY_NOTE),
    ),
    (
        "TIFF, float slightly over 1",
        lambda: made.tiff_ramp(0, 1.01, "float32"),
        shows((128, 128, 128), "Floating point reduced to 8 bits: 0 is black, 1.01 is white.", GREY_NOTE, at=(128, 0)),
    ),
    (
        "TIFF, float with one inf",
        lambda: made.tiff_ramp(0, 1, "float32", float("inf")),
        shows((128, 128, 128), "Floating point reduced to 8 bits: 0 is black, 1 is white.", GREY_NOTE, at=(128, 0)),
    ),
    (
        "TIFF, int32 up to 256",
        lambda: made.tiff_ramp(0, 256, "int32"),
        shows((127, 127, 127), "32 bits reduced to 8: 0 is black, 256 is white.", GREY_NOTE, at=(128, 0)),
    ),
    (
        "TIFF, float RGB",
        lambda: made.tiff_colours("float32", (1.0, 0.5, 0.0)),
        shows((255, 128, 0), "Floating point reduced to 8 bits: 0 is black, 1 is white."),
    ),
    (
        "TIFF, half RGB",
        lambda: made.tiff_colours("float16", (1.0, 0.5, 0.0)),
        shows((255, 128, 0), "Floating point reduced to 8 bits: 0 is black, 1 is white."),
    ),
    (
        "TIFF, float CMYK",
        lambda: made.tiff_colours("float32", (0.0, 0.0, 1.0, 0.0), "separated"),
        shows((255, 255, 0), "Floating point reduced to 8 bits: 0 is black, 1 is white.", "CMYK converted to RGB."),
    ),
    ("TIFF of 10 bits", lambda: made.tiff_packed(10, 512), shows((128, 128, 128), "10 bits reduced to 8.", GREY_NOTE)),
    ("TIFF of 14 bits", lambda: made.tiff_packed(14, 8192), shows((128, 128, 128), "14 bits reduced to 8.", GREY_NOTE)),
    (
        "TIFF, big-endian BigTIFF",
        lambda: made.tiff_grey(128, "uint8", bigtiff=True, byteorder=">"),
        shows((128, 128, 128), GREY_NOTE),
    ),
    (
        "TIFF, WebP inside",
        lambda: made.tiff_colours("uint8", (200, 60, 40), compression="webp", compressionargs={"level": 100}),
        shows((200, 60, 40), within=3),
    ),
    (
        "TIFF, JPEG XL inside",
        lambda: made.tiff_colours("uint8", (200, 60, 40), compression="jpegxl"),
        shows((200, 60, 40), within=3),
    ),
    ("TIFF, LERC inside", lambda: made.tiff_colours("uint8", (200, 60, 40), compression="lerc"), shows((200, 60, 40))),
    (
        "TIFF, grey with associated alpha",
        lambda: made.tiff_colours("uint8", (50, 128), "minisblack", extrasamples=["assocalpha"], planarconfig="contig"),
        shows((177, 177, 177), GREY_NOTE, WHITE_NOTE, within=2),
    ),
    ("TIFF, DNG", lambda: made.tiff_raw(50706), says("is a camera raw file")),
    ("TIFF, a reduced picture before raw samples", lambda: made.tiff_raw(330), says("is a camera raw file")),
    (
        "TIFF of two channels more than colours",
        lambda: made.tiff_deep("contig", (40_000, 20_000, 1_000, 5, 6), extrasamples=["unspecified"] * 2),
        shows((156, 78, 4), DEEP_NOTE, "2 extra channels were ignored."),
    ),
    (
        "TIFF of 8-bit signed RGB",
        lambda: made.tiff_colours("int8", (100, 60, 0)),
        says("is a TIFF of 8 bits, signed, colour space 2, which RateLens cannot read"),
    ),
    ("TIFF, cut short", lambda: made.tiff_deep("separate")[:-500], says("is a .*TIFF file.*damaged or cut short")),
]

JPEG_2000: list[Row] = [
    (
        "JPEG 2000 with a profile",
        lambda: made.jp2((200, 60, 40), icc_profile=made.P3),
        shows((217, 42, 23), "Colours converted from Display P3 to sRGB.", within=2),
    ),
    ("JPEG 2000, channels in another order", made.jp2_with_channels, shows((40, 60, 200))),
    ("JPEG 2000 of 1 bit", lambda: made.j2k(1, 1), shows((255, 255, 255), GREY_NOTE)),
    ("JPEG 2000 of 4 bits", lambda: made.j2k(4, 12), shows((204, 204, 204), GREY_NOTE)),
    ("JPEG 2000 of 12 bits", lambda: made.j2k(12, 2048), shows((128, 128, 128), "12 bits reduced to 8.", GREY_NOTE)),
    ("JPEG 2000, subsampled, odd: left", made.j2k_subsampled, shows((200, 60, 40), at=(5, 25), within=2)),
    ("JPEG 2000, subsampled, odd: right", made.j2k_subsampled, shows((47, 119, 139), at=(32, 25), within=2)),
    # Red of sRGB under D50 is L* 54.29, a* 80.81, b* 69.89.
    (
        "JPEG 2000 in CIELAB",
        lambda: made.jp2_of_space((138, 249, 185), 14),
        shows((254, 0, 0), "CIELAB converted to sRGB.", within=6),
    ),
    (
        "JPEG 2000 in ROMM RGB",
        lambda: made.jp2_of_space((200, 60, 40), 21),
        shows((200, 60, 40), "Its colour space (JPEG 2000 number 21) is unknown, so its colours are read as sRGB."),
    ),
    ("JPEG 2000, cut short", lambda: made.photograph("JPEG2000")[:-300], says("is a .*JPEG 2000 file.*damaged or cut")),
]

OTHERS: list[Row] = [
    ("HEIC", lambda: made.heif((200, 60, 40)), shows((200, 60, 40), within=4)),
    (
        "HEIC, Display P3 by code points",
        lambda: made.heif((200, 60, 40), primaries=12),
        shows((217, 42, 23), "Colours converted from Display P3 to sRGB.", within=4),
    ),
    ("JPEG XL", lambda: made.jpeg_xl((200, 60, 40)), shows((200, 60, 40))),
    (
        "JPEG XL with transparency",
        lambda: made.jpeg_xl((200, 60, 40, 0)),
        shows((255, 255, 255), WHITE_NOTE),
    ),
    (
        "GIF, first frame smaller than its canvas: outside",
        made.gif_with_small_frame,
        shows((255, 255, 255), "Palette converted to RGB.", WHITE_NOTE, at=(7, 7)),
    ),
    (
        "GIF, first frame smaller than its canvas: inside",
        made.gif_with_small_frame,
        shows((200, 60, 40), "Palette converted to RGB.", WHITE_NOTE, at=(1, 1), within=3),
    ),
    ("XBM", made.xbm, shows((0, 0, 0), GREY_NOTE, at=(0, 0))),
    ("XBM, its paper", made.xbm, shows((255, 255, 255), GREY_NOTE, at=(1, 0))),
    ("PSD with a saved channel", lambda: made.psd(8), shows((200, 60, 40), "An extra channel was ignored.")),
    (
        "PSD of 16 bits",
        lambda: made.psd(16),
        shows((200, 60, 40), "16 bits reduced to 8.", "An extra channel was ignored."),
    ),
    ("OpenEXR", lambda: b"\x76\x2f\x31\x01" + bytes(40), says("is an OpenEXR file, which RateLens cannot read")),
    ("DPX", lambda: b"SDPX" + bytes(40), says("is a DPX file, which RateLens cannot read")),
    ("JNG", lambda: b"\x8bJNG\r\n\x1a\n" + bytes(40), says("is a JNG file, which RateLens cannot read")),
    ("Y4M", lambda: b"YUV4MPEG2 W8 H8\n", says("is a video, which RateLens cannot read")),
    ("Canon raw", lambda: b"II*\0\x10\0\0\0CR\2\0" + bytes(40), says("is a camera raw file")),
    ("Fujifilm raw", lambda: b"FUJIFILMCCD-RAW 0201" + bytes(40), says("is a camera raw file")),
    ("our own stream", lambda: b"GDN\1" + bytes(40), says("is a stream of the learned codec.*ratelens decode")),
    ("text", lambda: b"This is text.\n" * 9, says("is not a readable picture")),
]

ROWS = [*CODE_POINTS, *PNG, *JPEG, *TIFF, *JPEG_2000, *OTHERS]


@pytest.mark.parametrize(("name", "make", "expected"), ROWS, ids=[row[0] for row in ROWS])
def test_every_kind_of_file(name: str, make: Callable[[], bytes], expected: Shows | Says) -> None:
    data = make()
    if isinstance(expected, Says):
        with pytest.raises(ImageError) as refused:
            image_from_bytes(data, "a file")
        assert re.search(expected.sentence, str(refused.value))
        return
    image = image_from_bytes(data, "a file")
    x, y = expected.at
    difference = np.abs(image.pixels[y, x].astype(int) - expected.colour)
    assert difference.max() <= expected.within, f"{name}: {image.pixels[y, x]}"
    assert image.notes == expected.notes


@pytest.mark.parametrize(
    ("reader", "make", "sentence"),
    [
        ("heif", lambda: made.heif((9, 9, 9)), r"is a HEIC or HEIF picture, which needs .*'ratelens\[heif\]'"),
        ("jpegxl", lambda: made.jpeg_xl((9, 9, 9)), r"is a JPEG XL picture, which needs .*'ratelens\[jxl\]'"),
        (
            "tiff",
            lambda: made.tiff_deep("separate"),
            r"is a TIFF of 16 bits, in planes, which needs .*'ratelens\[tiff\]'",
        ),
    ],
)
def test_a_package_that_is_missing_is_named(
    reader: str, make: Callable[[], bytes], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = make()
    monkeypatch.setattr(f"viewer.imaging.formats.{reader}.find_spec", lambda _name: None)
    with pytest.raises(ImageError, match=sentence):
        image_from_bytes(data, "a file")
