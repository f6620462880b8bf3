"""Files made to do harm: a sentence, soon, and hardly any memory."""

from __future__ import annotations

import os
import struct
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from models.errors import ImageError, StreamError
from tests.memory import Memory
from tests.photographs import flat
from tests.viewer.imaging.test_reader import saved
from viewer.codecs.files.sniff import check_plausible_size
from viewer.codecs.registry import BUILT_IN, codec_named
from viewer.imaging.file_guard import MAX_FILE_BYTES
from viewer.imaging.jpegxl_header import claimed_size
from viewer.imaging.reader import image_from_bytes, load_image

MIB = 2**20

needs_jpeg_xl = pytest.mark.skipif(
    all(codec.name != "jpegxl" for codec in BUILT_IN), reason="JPEG XL is not installed (pip install 'ratelens[jxl]')"
)


def growth_of(data: bytes, sentence: str) -> int:
    """Memory that a refused file took at most."""
    memory = Memory()
    memory.mark()
    with pytest.raises(ImageError, match=sentence):
        image_from_bytes(data, "bomb")
    return memory.growth()


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_file(width: int, height: int, packed: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def test_a_header_that_lies_about_the_size_takes_no_memory() -> None:
    assert growth_of(png_file(11_000, 12_000, zlib.compress(b"\0" * 100)), "claims 11000 x 12000 pixels in") < 8 * MIB


def test_a_webp_that_lies_about_its_canvas_takes_no_memory() -> None:
    frames = [PillowImage.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    data = bytearray(saved(frames[0], "WEBP", save_all=True, append_images=frames[1:]))
    data[24:30] = (11_000).to_bytes(3, "little") + (12_000).to_bytes(3, "little")
    assert growth_of(bytes(data), "claims 11001 x 12001 pixels in") < 8 * MIB


def _jpeg_xl(width: int, height: int) -> bytes:
    """A codestream whose header claims a size, with 30 bits per side."""
    bits, at = 0, 0
    for value, count in ((0, 1), (3, 2), (height - 1, 30), (0, 3), (3, 2), (width - 1, 30)):
        bits |= value << at
        at += count
    return b"\xff\x0a" + bits.to_bytes(40, "little")


@needs_jpeg_xl
@pytest.mark.parametrize(("side", "sentence"), [(60_000, "its size is impossible"), (10_000, "damaged or cut short")])
def test_a_jpeg_xl_that_lies_about_its_size_takes_no_memory(side: int, sentence: str) -> None:
    codec, stream = codec_named("jpegxl"), _jpeg_xl(side, side)
    assert claimed_size(stream) == (side, side)
    with pytest.raises(StreamError, match=f"claims {side} x {side} pixels in 42 bytes"):
        check_plausible_size(stream)
    memory = Memory()
    memory.mark()
    with pytest.raises(StreamError, match=sentence):
        codec.decode(stream)
    assert memory.growth() < 8 * MIB


@needs_jpeg_xl
@pytest.mark.parametrize("shape", [(1, 1), (16, 24), (64, 128), (600, 3), (480, 640), (1000, 1250), (100, 8200)])
def test_the_size_of_a_jpeg_xl_is_known_before_it_is_decoded(shape: tuple[int, int]) -> None:
    stream = codec_named("jpegxl").encoders(flat(*shape))[0].encode(900)
    assert claimed_size(stream) == shape[::-1]


@needs_jpeg_xl
def test_a_jpeg_xl_file_that_lies_about_its_size_is_not_decoded() -> None:
    assert growth_of(_jpeg_xl(10_000, 10_000), "claims 10000 x 10000 pixels in") < 8 * MIB


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    packed = zlib.compress(bytes(30_001 * 3_000), 9)
    assert len(packed) < 100_000
    assert growth_of(png_file(60_000, 60_000, packed), "more than the limit of .* megapixels") < 8 * MIB


def _icon(png: bytes) -> bytes:
    return struct.pack("<3H4B2H2I", 0, 1, 1, 16, 16, 0, 0, 1, 32, len(png), 22) + png


def _apple_icon(png: bytes) -> bytes:
    return b"icns" + struct.pack(">I", 16 + len(png)) + b"ic07" + struct.pack(">I", 8 + len(png)) + png


def _news_photograph(png: bytes) -> bytes:
    """16 x 16 as its header says (IPTC-NAA digital newsphoto parameter record)."""
    side = struct.pack(">I", 16)
    fields = ((3, 60, b"\1\0"), (3, 20, side), (3, 30, side), (3, 120, struct.pack(">I", 5)))
    head = b"".join(bytes([0x1C, *tag]) + struct.pack(">H", len(data)) + data for *tag, data in fields)
    return head + b"\x1c\x08\x0a\x84" + struct.pack(">I", len(png)) + png + bytes(5)


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [(_icon, "megapixels|damaged"), (_apple_icon, "megapixels|damaged"), (_news_photograph, "not a readable picture")],
)
def test_a_bomb_inside_a_small_frame_is_not_unpacked(frame: Callable[[bytes], bytes], sentence: str) -> None:
    png = png_file(30_000, 30_000, zlib.compress(bytes(90_001 * 1_000), 9))
    assert growth_of(frame(png), sentence) < 8 * MIB


def test_pixels_that_do_not_end_are_not_unpacked_beyond_the_picture() -> None:
    packed = zlib.compress(bytes(100 * MIB), 9)
    memory = Memory()
    memory.mark()
    assert image_from_bytes(png_file(10, 10, packed), "endless.png").pixels.shape == (10, 10, 3)
    assert memory.growth() < 32 * MIB


def test_text_that_unpacks_to_much_takes_little() -> None:
    text = b"Comment\0\0" + zlib.compress(bytes(100 * MIB), 9)
    whole = saved(PillowImage.new("RGB", (10, 10)), "PNG")
    at = whole.index(b"IDAT") - 4
    memory = Memory()
    memory.mark()
    image = image_from_bytes(whole[:at] + chunk(b"zTXt", text) + whole[at:], "text.png")
    assert image.pixels.shape == (10, 10, 3)
    assert memory.growth() < 8 * MIB


def test_a_hundred_thousand_frames_are_not_counted_to_the_end() -> None:
    whole = saved(PillowImage.new("P", (2, 2)), "GIF")
    frame = whole[whole.rindex(b",") : -1]
    begun = time.perf_counter()
    image = image_from_bytes(whole[:-1] + frame * 100_000 + b";", "long.gif")
    assert time.perf_counter() - begun < 5
    assert "First of more than 1000 frames." in image.notes


def test_a_frame_that_claims_more_than_its_picture_is_not_drawn() -> None:
    frames = [PillowImage.new("RGB", (48, 32), colour) for colour in ("red", "green", "blue")]
    whole = bytearray(saved(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    last = whole.rindex(b"," + struct.pack("<4H", 0, 0, 48, 32))
    struct.pack_into("<4H", whole, last + 1, 0, 0, 60_000, 60_000)
    memory, begun = Memory(), time.process_time()
    memory.mark()
    image = image_from_bytes(bytes(whole), "growing.gif")
    assert memory.growth() < 8 * MIB
    assert time.process_time() - begun < 1
    assert image.pixels.shape == (32, 48, 3)
    assert "First of 3 frames." in image.notes


def test_a_tiff_whose_pages_go_in_a_circle_ends() -> None:
    data = bytearray(saved(PillowImage.new("RGB", (8, 8)), "TIFF"))
    start = struct.unpack_from("<I", data, 4)[0]
    count = struct.unpack_from("<H", data, start)[0]
    struct.pack_into("<I", data, start + 2 + 12 * count, start)
    assert image_from_bytes(bytes(data), "circle.tiff").width == 8


@pytest.mark.parametrize(
    "content", [b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n{ } loop\n", b"\x00\x00\x01\xb3" + bytes(60)]
)
def test_programs_and_films_are_no_pictures(content: bytes) -> None:
    with pytest.raises(ImageError, match=r"is not a readable picture|is an EPS or PostScript file"):
        image_from_bytes(content, "drawing.eps")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no pipes with names")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(ImageError, match="is a device or a pipe"):
        load_image(tmp_path / "pipe.png")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="has no /dev/zero")
def test_a_device_is_not_read() -> None:
    with pytest.raises(ImageError, match="is a device or a pipe"):
        load_image(Path("/dev/zero"))


@pytest.mark.skipif(sys.platform == "win32", reason="files there have no holes")
def test_a_file_beyond_the_limit_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "film.png"
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    memory = Memory()
    memory.mark()
    with pytest.raises(ImageError, match="over the limit"):
        load_image(path)
    assert memory.growth() < 8 * MIB


def test_a_name_that_cannot_be_one_is_said() -> None:
    with pytest.raises(ImageError, match="is not a file name"):
        load_image(Path("a\0b.png"))


def test_broken_metadata_does_not_hide_the_pixels() -> None:
    pixels = np.full((8, 8, 3), 77, np.uint8)
    whole = saved(PillowImage.fromarray(pixels), "PNG")
    at = whole.index(b"IDAT") - 4
    image = image_from_bytes(whole[:at] + chunk(b"eXIf", b"II*\0\xff\xff\xff\xff") + whole[at:], "meta.png")
    assert np.array_equal(image.pixels, pixels)


def test_a_blank_page_is_not_taken_for_a_bomb() -> None:
    page = saved(PillowImage.new("1", (6_000, 4_000), 1), "PNG", compress_level=9)
    assert image_from_bytes(page, "page.png").pixels.shape == (4_000, 6_000, 3)


def test_damaged_pixels_of_a_png_are_refused() -> None:
    whole = saved(PillowImage.fromarray(np.arange(3 * 64 * 64, dtype=np.uint8).reshape(64, 64, 3)), "PNG")
    damaged = bytearray(whole)
    damaged[whole.index(b"IDAT") + 60] ^= 4
    with pytest.raises(ImageError, match="damaged"):
        image_from_bytes(bytes(damaged), "damaged.png")
