"""Kinds of files, how each is made, and the colours or the sentence that it has to give. One row a kind: add yours.

A row is a name, the file's bytes (or what makes them), and either `shows(colour, note, …)` or `says(sentence)`.
"""

from __future__ import annotations

import re
import struct
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
LINEAR_NOTE = "Linear light converted to sRGB."
RULES_NOTE = "Its boxes violate the AVIF specification; they were read as intended."
FRAMES_NOTE = "First of 3 frames."
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
    (
        "PNG whose profile says PQ",
        lambda: made.png((148, 148, 148), icc_profile=made.with_code_points(made.P3, 9, 16)),
        shows(
            (240, 240, 240),
            "Colours converted from BT.2020, PQ to sRGB, its high dynamic range tone-mapped.",
            within=3,
        ),
    ),
    (
        "PNG whose profile says P3 by numbers, too",
        lambda: made.png((200, 60, 40), icc_profile=made.with_code_points(made.P3, 12, 13)),
        shows((217, 42, 23), "Colours converted from Display P3 to sRGB."),
    ),
    (
        "AVIF, properties in two boxes",
        lambda: made.avif_that_breaks_rules(split=True),
        shows((227, 158, 147), RULES_NOTE, WHITE_NOTE, within=2),
    ),
    (
        "AVIF, transparency without a size",
        lambda: made.avif_that_breaks_rules(split=False),
        shows((227, 158, 147), RULES_NOTE, WHITE_NOTE, within=2),
    ),
    ("AVIF, cropped", made.avif_with_crop, shows((0, 250, 0), "Cropped as the file specifies.", at=(0, 0), within=12)),
    (
        "PNG, gamma 1",
        lambda: made.png_with(made.png(128), b"gAMA", (100_000).to_bytes(4, "big")),
        shows((188, 188, 188), GREY_NOTE, "Colours converted from gamma 1 to sRGB."),
    ),
    (
        "PNG of 16 bits, gamma 1",  # 380 of 65535 of the light, of which 8 bits would make 257
        lambda: made.png_with(made.png_deep((380, 380, 65_535)), b"gAMA", (100_000).to_bytes(4, "big")),
        shows((17, 17, 255), "16 bits reduced to 8.", "Colours converted from gamma 1 to sRGB.", within=0),
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
    ("JPEG of 12 bits", lambda: made.jpeg_deep(12, (3200, 960, 640)), shows((199, 60, 40), "12 bits reduced to 8.")),
    (
        "JPEG of 12 bits, grey",
        lambda: made.jpeg_deep(12, (2048,)),
        shows((128, 128, 128), "12 bits reduced to 8.", GREY_NOTE),
    ),
    (
        "JPEG, lossless",
        lambda: made.jpeg_deep(8, (200, 60, 40), lossless=True),
        shows((200, 60, 40), within=0),
    ),
    (
        "JPEG, lossless, 16 bits",
        lambda: made.jpeg_deep(16, (40_000,), lossless=True),
        shows((156, 156, 156), "16 bits reduced to 8.", GREY_NOTE, within=0),
    ),
    (
        "JPEG, lossless, sideways",
        made.jpeg_sideways,
        shows((200, 60, 40), "Rotated as its EXIF data specifies.", at=(1, 12)),
    ),
    (
        "JPEG, lossless, cut short",
        lambda: made.jpeg_deep(8, (200, 60, 40), lossless=True)[:-9],
        says("is a damaged JPEG file .it ends before its last pixels"),
    ),
    (
        "JPEG, hierarchical",
        lambda: made.jpeg_of_frame(0xC5),
        says("is a hierarchical JPEG, which RateLens cannot read"),
    ),
    (
        "JPEG, lossless, arithmetic coding",
        lambda: made.jpeg_of_frame(0xCB),
        says("is a lossless JPEG with arithmetic coding, which RateLens cannot read"),
    ),
    ("JPEG, arithmetic coding", made.jpeg_arithmetic, shows((201, 60, 40))),
    ("JPEG-LS", lambda: made.jpeg_ls((200, 60, 40)), shows((200, 60, 40), within=0)),
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
    (
        "TIFF, half RGBA",
        lambda: made.tiff_colours("float16", (1.0, 0.5, 0.0, 1.0), extrasamples=["unassalpha"]),
        shows((255, 128, 0), "Floating point reduced to 8 bits: 0 is black, 1 is white."),
    ),
    (
        "TIFF, float RGB brighter than white in a corner",
        lambda: made.tiff_bright_corner((0.5, 0.25, 0.0), 8.0),
        shows((128, 64, 0), "Floating point reduced to 8 bits, tone-mapped: 0 is black, 8 is white."),
    ),
    (
        "TIFF, big-endian float, packed by differences",
        lambda: made.tiff(
            np.tile(np.linspace(0, 1, 256, dtype=np.float32), (4, 1)), byteorder=">", compression="zlib", predictor=3
        ),
        shows(
            (128, 128, 128),
            "Floating point reduced to 8 bits: 0 is black, 1 is white.",
            GREY_NOTE,
            at=(128, 1),
            within=0,
        ),
    ),
    (
        "TIFF, grey and its transparency in planes",
        lambda: made.tiff_grey_planes(100, 255),
        shows((100, 100, 100), GREY_NOTE),
    ),
    (
        "TIFF, 0 is white, with transparency",
        lambda: made.tiff_colours("uint8", (55, 255), "miniswhite", extrasamples=["unassalpha"], planarconfig="contig"),
        shows((200, 200, 200), GREY_NOTE),
    ),
    (
        "TIFF, packed by LZMA",
        lambda: made.tiff_colours("uint8", (200, 60, 40), compression="lzma"),
        shows((200, 60, 40), within=0),
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
    (
        "TIFF without rows",
        made.tiff_without_rows,
        says("is a damaged TIFF file .it claims to have no pixels"),
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

RAW_NOTE = "Developed by LibRaw: the camera’s white balance, brightened automatically, converted to sRGB."

OTHERS: list[Row] = [
    ("HEIC", lambda: made.heif((200, 60, 40)), shows((200, 60, 40), within=4)),
    (
        "HEIC, Display P3 by code points",
        lambda: made.heif((200, 60, 40), primaries=12),
        shows((217, 42, 23), "Colours converted from Display P3 to sRGB.", within=4),
    ),
    ("HEIC of three pictures", lambda: made.heif((200, 60, 40), others=2), shows((200, 60, 40), FRAMES_NOTE, within=4)),
    (
        "JPEG XL with a gain map",
        made.jpeg_xl_with_gain_map,
        shows(
            (0, 0, 0),
            GAIN_NOTE,
            "16 bits reduced to 8.",
            "Colours converted from RGB_D65_SRG_Rel_Lin to sRGB, after the reduction to 8 bits.",
        ),
    ),
    ("JPEG XL", lambda: made.jpeg_xl((200, 60, 40)), shows((200, 60, 40))),
    (
        "JPEG XL of 16 bits",
        lambda: made.jpeg_xl_deep(
            (51_400, 15_420, 10_280)
        ),  # which imagecodecs says to be linear: 200 / 255 of the light
        shows(
            (229, 133, 110),
            "16 bits reduced to 8.",
            "Colours converted from RGB_D65_SRG_Rel_Lin to sRGB, after the reduction to 8 bits.",
        ),
    ),
    (
        "JPEG XL made of a JPEG that lies on its side",
        made.jpeg_xl_of_jpeg,
        shows((200, 60, 40), "Rotated as its JPEG XL data specifies.", at=(8, 28), within=3),
    ),
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
    (
        "FITS of 16 bits without a sign",
        lambda: made.fits(16, 51_400 - 32_768, BZERO=32_768),
        shows((200, 200, 200), "16 bits reduced to 8.", GREY_NOTE),
    ),
    (
        "FITS of 16 bits with a sign",
        lambda: made.fits(16, 16_384),
        shows((128, 128, 128), "16 bits reduced to 8.", GREY_NOTE),
    ),
    (
        "FITS, the lowest row first",
        lambda: made.fits(16, 16_384),
        shows((0, 0, 0), "16 bits reduced to 8.", GREY_NOTE, at=(0, 7)),
    ),
    (
        "FITS, float and scaled",
        lambda: made.fits(-32, 0.25, BSCALE=2.0),
        shows((128, 128, 128), "Floating point reduced to 8 bits: 0 is black, 1 is white.", GREY_NOTE),
    ),
    (
        "FITS, cut short",
        lambda: made.fits(16, 0)[:2900],
        says("is a damaged FITS file .it ends before its last pixels"),
    ),
    ("XBM", made.xbm, shows((0, 0, 0), GREY_NOTE, at=(0, 0))),
    ("XBM, its paper", made.xbm, shows((255, 255, 255), GREY_NOTE, at=(1, 0))),
    ("PSD with a saved channel", lambda: made.psd(8), shows((200, 60, 40), "An extra channel was ignored.")),
    (
        "PSD of 16 bits",
        lambda: made.psd(16),
        shows((200, 60, 40), "16 bits reduced to 8.", "An extra channel was ignored."),
    ),
    ("DPX, 8 bits", lambda: made.dpx(8, bytes([9, 9, 9, 200, 60, 40, 0, 0])), shows((200, 60, 40), at=(1, 0))),
    (
        "DPX, 10 bits",
        lambda: made.dpx(10, struct.pack(">2I", 0, 802 << 22 | 241 << 12 | 160 << 2)),
        shows((200, 60, 40), "10 bits reduced to 8.", at=(1, 0)),
    ),
    (
        "DPX, 10 bits, gaps above",
        lambda: made.dpx(10, struct.pack(">2I", 0, 802 << 20 | 241 << 10 | 160), gap=2),
        shows((200, 60, 40), "10 bits reduced to 8.", at=(1, 0)),
    ),
    (
        "DPX, 10 bits, grey",  # which begins with the low bits, as ImageMagick and GraphicsMagick write it
        lambda: made.dpx(10, struct.pack(">I", 802 << 12), size=(3, 1), kind=6),
        shows((200, 200, 200), "10 bits reduced to 8.", GREY_NOTE, at=(1, 0)),
    ),
    (
        "DPX, 12 bits",
        lambda: made.dpx(12, struct.pack(">6H", 0, 0, 0, 3212 << 4, 964 << 4, 642 << 4)),
        shows((200, 60, 40), "12 bits reduced to 8.", at=(1, 0)),
    ),
    (
        "DPX, 16 bits, film densities",
        lambda: made.dpx(16, struct.pack(">6H", 0, 0, 0, 51_400, 15_420, 10_280), transfer=1),
        shows(
            (200, 60, 40),
            "16 bits reduced to 8.",
            "Its levels are film densities (logarithmic) and were not converted: the picture looks flat.",
            at=(1, 0),
        ),
    ),
    (
        "DPX, linear",
        lambda: made.dpx(16, struct.pack(">6H", 0, 0, 0, 32_768, 32_768, 8_192), transfer=2),
        shows((188, 188, 99), LINEAR_NOTE, at=(1, 0)),
    ),
    ("DPX, cut short", lambda: made.dpx(16, bytes(11)), says("is a damaged DPX file .it ends before its last pixels")),
    (
        "DPX of YCbCr",
        lambda: made.dpx(10, bytes(8), kind=100),
        says("is a DPX file of an unusual layout .10 bits, kind 100., which RateLens cannot read"),
    ),
    (
        "BMP, 4 bits a colour",
        lambda: made.bmp_fields(16, (0xF00, 0xF0, 0xF), 0xC62),
        shows((204, 102, 34), within=0),
    ),
    (
        "BMP, 10 bits a colour",
        lambda: made.bmp_fields(32, (0x3FF << 20, 0x3FF << 10, 0x3FF), 802 << 20 | 241 << 10 | 160),
        shows((200, 60, 40), "10 bits reduced to 8."),
    ),
    (
        "BMP, 5 bits a colour and 1 of transparency",
        lambda: made.bmp_fields(32, (0x1F << 10, 0x1F << 5, 0x1F, 1 << 15), 31 << 10),
        shows((255, 255, 255), WHITE_NOTE),
    ),
    (
        "BMP, fields that overlap no colour",
        lambda: made.bmp_fields(16, (0xF00, 0xF0, 0), 0xC62),
        says("is a damaged BMP file .its bit fields are invalid"),
    ),
    ("SGI of 16 bits", made.sgi_deep, shows((200, 60, 40), "16 bits cut to 8.")),
    ("JNG", made.jng, shows((200, 60, 40), within=3)),
    (
        "JNG with transparency as PNG has it",
        lambda: made.jng(opacity=51),
        shows((244, 216, 212), WHITE_NOTE, within=3),
    ),
    (
        "JNG with transparency as JPEG has it",
        lambda: made.jng(opacity=51, packed=True),
        shows((244, 216, 212), WHITE_NOTE, within=3),
    ),
    (
        "JNG, damaged",
        lambda: made.damaged(made.jng(), b"JDAT", 400),
        says("is a damaged JNG file .chunk JDAT at byte 36"),
    ),
    ("MNG", lambda: b"\x8aMNG\r\n\x1a\n" + bytes(40), says("is an MNG file, which RateLens cannot read")),
    ("Canon raw", lambda: b"II*\0\x10\0\0\0CR\2\0" + bytes(40), says("is a camera raw file")),
    ("Fujifilm raw", lambda: b"FUJIFILMCCD-RAW 0201" + bytes(40), says("is a camera raw file")),
    (
        "camera raw",  # sRGB of 0.5, 0.25 and 0.12
        made.dng,
        shows((188, 137, 97), RAW_NOTE, at=(20, 20), within=2),
    ),
    ("camera raw, sideways", lambda: made.dng(6), shows((188, 137, 97), RAW_NOTE, at=(30, 20), within=2)),
    ("camera raw, cut short", lambda: made.dng()[:2000], says("is a camera raw file, but damaged or cut short")),
    ("our own stream", lambda: b"GDN\1" + bytes(40), says("is a stream of the learned codec.*ratelens decode")),
    ("text", lambda: b"This is text.\n" * 9, says("is not a readable picture")),
]


def _tone_mapped(brightest: str) -> str:
    return f"{LINEAR_NOTE[:-1]}, its high dynamic range tone-mapped: {brightest} times white is shown as white."


PORTABLE: list[Row] = [
    ("PAM, RGB", lambda: made.pam((200, 60, 40), 255, "RGB"), shows((200, 60, 40), within=0)),
    ("PAM without a kind", lambda: made.pam((200, 60, 40), 255), shows((200, 60, 40), within=0)),
    (
        "PAM, RGB with transparency",
        lambda: made.pam((100, 0, 200, 51), 255, "RGB_ALPHA"),
        shows((224, 204, 244), WHITE_NOTE),
    ),
    ("PAM, bilevel", lambda: made.pam((1,), 1, "BLACKANDWHITE"), shows((255, 255, 255), GREY_NOTE)),
    ("PAM, CMYK", lambda: made.pam((0, 0, 255, 0), 255, "CMYK"), shows((255, 255, 0), "CMYK converted to RGB.")),
    ("PAM, a white of 100", lambda: made.pam((40,), 100, "GRAYSCALE"), shows((102, 102, 102), GREY_NOTE)),
    (
        "PAM of 16 bits",
        lambda: made.pam((40_000, 20_000, 1_000), 65_535, "RGB"),
        shows((156, 78, 4), "16 bits reduced to 8.", within=0),
    ),
    ("PAM of five planes", lambda: made.pam((1, 2, 3, 4, 5), 255), says("is a PAM file of 5 planes, which RateLens")),
    ("PAM, cut short", lambda: made.pam((9,), 255)[:-1], says("is a damaged PAM file .it ends before its last pixels")),
    ("PAM without its end of header", lambda: b"P7\nWIDTH 8\n", says("is a damaged PAM file .its header is incompl")),
    (
        "PFM in colour",
        lambda: made.pfm((1.0, 0.5, 0.0), (0.0, 0.0, 0.0)),
        shows((255, 128, 0), "Floating point reduced to 8 bits: 0 is black, 1 is white.", at=(1, 0)),
    ),
    (
        "PFM in colour, big-endian",
        lambda: made.pfm((0.0, 0.0, 0.0), (1.0, 0.5, 0.0), order=">"),
        shows((255, 128, 0), "Floating point reduced to 8 bits: 0 is black, 1 is white."),
    ),
    (
        "PFM in colour, brighter than white",
        lambda: made.pfm((4.0, 2.0, 0.0), (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
        shows((128, 128, 128), "Floating point reduced to 8 bits, tone-mapped: 0 is black, 4 is white."),
    ),
    (
        "PFM in colour from 0 to 255",
        lambda: made.pfm((255.0, 128.0, 51.0), (9.0, 9.0, 9.0)),
        shows((255, 128, 51), "Floating point reduced to 8 bits: 0 is black, 255 is white.", at=(1, 0)),
    ),
    ("PFM, cut short", lambda: made.pfm((1.0, 0.5, 0.0))[:-1], says("is a damaged PFM file .it ends before its last")),
]

LIGHT: list[Row] = [
    # 128 with an exponent of 128 is half of white's light, 32 an eighth: 188 and 99 of sRGB.
    (
        "Radiance HDR",
        lambda: made.hdr((128, 128, 32, 128), (0, 0, 0, 0)),
        shows((188, 188, 99), LINEAR_NOTE, at=(7, 0)),
    ),
    (
        "Radiance HDR, packed",
        lambda: made.hdr((128, 128, 32, 128), (0, 0, 0, 0), packed=True),
        shows((188, 188, 99), LINEAR_NOTE, at=(7, 0)),
    ),
    (
        "Radiance HDR, from the lowest row up",
        lambda: made.hdr((0, 0, 0, 0), (128, 128, 32, 128), size="+Y 2 +X 8"),
        shows((188, 188, 99), LINEAR_NOTE, at=(7, 0)),
    ),
    (
        "Radiance HDR of levels, as ImageMagick writes",
        lambda: made.hdr((200, 60, 40, 128), (0, 0, 0, 0), header="GAMMA=0.454545\n"),
        shows((200, 57, 34), LINEAR_NOTE, at=(0, 0), within=2),
    ),
    (
        "Radiance HDR, brighter than white",
        lambda: made.hdr((128, 128, 128, 131), *[(128, 128, 32, 128)] * 2, size="-Y 3 +X 8"),
        shows((255, 255, 255), _tone_mapped("4"), at=(0, 0)),
    ),
    (
        "Radiance HDR, as dark as measured light",
        lambda: made.hdr((128, 128, 32, 118), (128, 128, 32, 118)),
        shows((137, 137, 71), "Linear light converted to sRGB, 9 stops brighter.", at=(0, 0)),
    ),
    (
        "Radiance HDR, cut short",
        lambda: made.hdr((9, 9, 9, 128))[:-2],
        says("is a damaged Radiance HDR file .row 1 of 2"),
    ),
    (
        "Radiance HDR in XYZ",
        lambda: made.hdr((9, 9, 9, 128)).replace(b"rgbe", b"xyze"),
        says("is a Radiance HDR file of format 32-bit_rle_xyze, which RateLens cannot read"),
    ),
    ("OpenEXR", lambda: made.exr((0.5, 0.5, 0.125)), shows((188, 188, 99), LINEAR_NOTE)),
    (
        "OpenEXR with transparency",  # whose colours are stored times it
        lambda: made.exr((0.1, 0.1, 0.025, 0.2), "RGBA"),
        shows((242, 242, 224), LINEAR_NOTE, WHITE_NOTE),
    ),
    ("OpenEXR, grey", lambda: made.exr((0.5,), "Y"), shows((188, 188, 188), LINEAR_NOTE, GREY_NOTE)),
    (
        "OpenEXR in Display P3",  # as (217, 42, 23) of sRGB lies there: (200, 60, 40)
        lambda: made.exr((0.578, 0.0452, 0.0212), chromaticities=(0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.3127, 0.329)),
        shows((217, 42, 23), "Colours converted from its own primaries to sRGB.", LINEAR_NOTE, within=2),
    ),
    (
        "OpenEXR of depth",
        lambda: made.exr((0.5,), "Z"),
        says("is an OpenEXR file without RGB or grey channels .it has: Z"),
    ),
    (
        "OpenEXR, cut short",
        lambda: made.exr((0.5, 0.5, 0.1))[:-9],
        says("is an OpenEXR file, but damaged or cut short"),
    ),
]

YUV_NOTE = "YUV converted to RGB by BT.601, limited range."

VIDEO: list[Row] = [
    # 16 to 235 and 16 to 240 are the ranges of BT.601; (145, 54, 34) is its green, (81, 90, 240) its red.
    ("Y4M, 4:4:4", lambda: made.y4m(81, 90, 240), shows((255, 0, 0), YUV_NOTE, within=2)),
    (
        "Y4M, 4:2:0, odd sides",
        lambda: made.y4m(145, 54, 34, "C420jpeg", (2, 2)),
        shows((0, 255, 0), YUV_NOTE, within=2),
    ),
    ("Y4M, 4:2:2", lambda: made.y4m(145, 54, 34, "C422", (2, 1)), shows((0, 255, 0), YUV_NOTE, within=2)),
    (
        "Y4M of full range",
        lambda: made.y4m(76, 85, 255, "C444 XCOLORRANGE=FULL"),
        shows((254, 0, 0), "YUV converted to RGB by BT.601, full range.", within=2),
    ),
    (
        "Y4M of three frames",
        lambda: made.y4m(81, 90, 240, frames=3),
        shows((255, 0, 0), "First of 3 frames.", YUV_NOTE, within=2),
    ),
    ("Y4M, cut short", lambda: made.y4m(81, 90, 240)[:-1], says("is a damaged Y4M file .its first frame is cut short")),
    ("Y4M of another space", lambda: made.y4m(1, 2, 3, "Cxyz"), says("is a Y4M video with colour space xyz, which")),
    ("Y4M without a frame", lambda: b"YUV4MPEG2 W8 H8\n", says("is a damaged Y4M file .it contains no frame")),
    ("a film", lambda: b"\x1a\x45\xdf\xa3" + bytes(40), says("is a video, which RateLens cannot read")),
]

ROWS = [*CODE_POINTS, *PNG, *JPEG, *TIFF, *JPEG_2000, *PORTABLE, *LIGHT, *VIDEO, *OTHERS]


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
        ("boxed.heif", lambda: made.heif((9, 9, 9)), r"is a HEIC or HEIF picture, which needs .*'ratelens\[heif\]'"),
        ("boxed.jpegxl", lambda: made.jpeg_xl((9, 9, 9)), r"is a JPEG XL picture, which needs .*'ratelens\[jxl\]'"),
        (
            "tiff",
            lambda: made.tiff_deep("separate"),
            r"is a TIFF of 16 bits, in planes, which needs .*'ratelens\[tiff\]'",
        ),
        ("exr", lambda: b"\x76\x2f\x31\x01" + bytes(40), r"is an OpenEXR file, which needs .*'ratelens\[exr\]'"),
        ("jpeg_deep", lambda: made.jpeg_of_frame(0xC3), r"is a lossless JPEG, which needs .*'ratelens\[jpeg\]'"),
        (
            "camera_raw",
            lambda: made.tiff_raw(50706),
            r"is a camera raw file, which needs .*'ratelens\[raw\]', or export it as TIFF",
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


@pytest.mark.parametrize(
    ("name", "data", "at_most"),
    [
        ("clip_9x7.yuv", made.yuv(81, 90, 240), ()),
        ("clip-9x7-yuv422.yuv", made.yuv(81, 90, 240, (2, 1)), ()),
        ("clip_9x7_444.i420", made.yuv(81, 90, 240, (1, 1)), ()),
        ("9x7 420p10le.YUV", made.yuv(324, 360, 960, deep=True), ("10 bits reduced to 8.",)),
    ],
)
def test_raw_yuv_is_read_by_its_name(name: str, data: bytes, at_most: tuple[str, ...]) -> None:
    image = image_from_bytes(data, name)
    assert np.abs(image.pixels.astype(int) - (255, 0, 0)).max() <= 2
    assert image.notes == (*at_most, YUV_NOTE)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "clip.yuv",
            r"which does not store its size: put width and height into its name, such as “clip_1920x1080.yuv”",
        ),
        (
            "clip_9x8.yuv",
            r"has 103 bytes, which is not a whole number of frames of 9 x 8 pixels in 4:2:0 and 8 bits, 112",
        ),
    ],
)
def test_raw_yuv_whose_name_does_not_say_its_size(name: str, sentence: str) -> None:
    with pytest.raises(ImageError, match=sentence):
        image_from_bytes(made.yuv(81, 90, 240), name)
