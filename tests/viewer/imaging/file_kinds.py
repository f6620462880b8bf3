"""Files of many kinds, made in code for the reader's table: by Pillow and tifffile, or byte by byte."""

from __future__ import annotations

import io
import struct
import tempfile
import zlib
from pathlib import Path

import imagecodecs
import numpy as np
import pillow_heif
import pillow_jxl  # noqa: F401 (its import makes the format known to Pillow)
import pytest
import tifffile
from PIL import Image as PillowImage

from tests.photographs import sample_crop
from tests.profiles import DISPLAY_P3, grey_profile, power_curve, rgb_profile, srgb_curve

Colour = tuple[int, int, int]

P3 = rgb_profile("Display P3", DISPLAY_P3, srgb_curve())
LINEAR_GREY = grey_profile("Gray Gamma 1.0", power_curve(1.0))
P3_CHROMATICITIES = struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
"""White, red, green, blue."""
SIDE = 8


def _saved(picture: PillowImage.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def _plain(colour: Colour | int, side: int = SIDE) -> PillowImage.Image:
    return PillowImage.new("L" if isinstance(colour, int) else "RGB", (side, side), colour)


def png(colour: Colour | int, **options: object) -> bytes:
    return _saved(_plain(colour), "PNG", **options)


def jpeg(colour: Colour, **options: object) -> bytes:
    return _saved(_plain(colour, 32), "JPEG", quality=95, subsampling=0, **options)


def photograph(kind: str, **options: object) -> bytes:
    return _saved(PillowImage.fromarray(sample_crop(96, 128).pixels), kind, **options)


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_with(data: bytes, kind: bytes, content: bytes) -> bytes:
    """A PNG with a chunk more, after its header."""
    return data[:33] + chunk(kind, content) + data[33:]


def damaged(data: bytes, kind: bytes, by: int) -> bytes:
    """A PNG with one bit wrong in a chunk, so many bytes after its content's start, or before its checksum's end."""
    at = data.index(kind)
    length = int.from_bytes(data[at - 4 : at], "big")
    place = at + 4 + by if by >= 0 else at + 4 + length + 4 + by
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def _png_file(width: int, height: int, bits: int, colours: int, rows: bytes, *more: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, bits, colours, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(more) + pixels + chunk(b"IEND", b"")


def png_grey(bits: int, clear: int) -> bytes:
    """4 x 1: the levels 0 to 3."""
    row = sum(level << bits * (3 - level) for level in range(4)).to_bytes(bits // 2, "big")
    return _png_file(4, 1, bits, 0, b"\0" + row, chunk(b"tRNS", struct.pack(">H", clear)))


def png_deep(colour: Colour, clear: Colour | None = None) -> bytes:
    row = b"\0" + struct.pack(">3H", *colour) * SIDE
    more = () if clear is None else (chunk(b"tRNS", struct.pack(">3H", *clear)),)
    return _png_file(SIDE, SIDE, 16, 2, row * SIDE, *more)


def avif(picture: PillowImage.Image) -> bytes:
    return _saved(picture, "AVIF", quality=100, subsampling="4:4:4")


def avif_with_codes(colour: Colour, primaries: int, transfer: int) -> bytes:
    """An AVIF whose box of code points is patched."""
    data = bytearray(avif(_plain(colour, 16)))
    at = data.index(b"colrnclx") + 8
    data[at : at + 4] = struct.pack(">2H", primaries, transfer)
    return bytes(data)


def avif_deep_ramp() -> bytes:
    """1 x 256 grey levels of 10 bits in PQ, from 300 to 555."""
    samples = np.repeat(np.arange(300, 556, dtype=np.uint16)[None, :, None], 3, axis=-1)
    options = {"bitspersample": 10, "level": 100, "primaries": 9, "transfer": 16, "matrix": 0}
    return bytes(imagecodecs.avif_encode(samples, **options))  # type: ignore[arg-type]


def avif_with_crop() -> bytes:
    """16 x 16, red with a green lower right quarter, of which a clean aperture takes the 8 x 8 of that quarter."""
    picture = _plain((250, 0, 0), 16)
    picture.paste((0, 250, 0), (8, 8, 16, 16))
    aperture = struct.pack(">I4s8I", 40, b"clap", 8, 1, 8, 1, 4, 1, 4, 1)
    return with_avif_property(avif(picture), aperture)


def with_avif_property(data: bytes, box: bytes) -> bytes:
    """A file with a property more, which belongs to its first item: boxes grow, and so do the places of pixels."""
    out = bytearray(data)
    container = out.index(b"ipco")
    count, at, size = 0, container + 4, int.from_bytes(out[container - 4 : container], "big")
    while at < container - 4 + size:
        count, at = count + 1, at + int.from_bytes(out[at : at + 4], "big")
    out[at:at] = box
    mapping = out.index(b"ipma")
    numbers = mapping + 4 + 4 + 4 + 2  # version and flags, count of items, the first item
    out[numbers] += 1
    out[numbers + 1 : numbers + 1] = bytes([0x80 | count + 1])
    for kind, by in ((b"ipco", len(box)), (b"ipma", 1), (b"iprp", len(box) + 1), (b"meta", len(box) + 1)):
        place = out.index(kind) - 4
        out[place : place + 4] = (int.from_bytes(out[place : place + 4], "big") + by).to_bytes(4, "big")
    place = out.index(b"iloc") + 4 + 4 + 2 + 2 + 2 + 2 + 2  # to the first extent's offset, of version 0
    out[place : place + 4] = (int.from_bytes(out[place : place + 4], "big") + len(box) + 1).to_bytes(4, "big")
    return bytes(out)


def avif_that_breaks_rules(*, split: bool) -> bytes:
    """(200, 60, 40), half transparent: properties in a box for each item, or no size of the transparency."""
    data = bytearray(_saved(PillowImage.new("RGBA", (16, 16), (200, 60, 40, 128)), "AVIF", quality=100))
    at = data.index(b"ipma") - 4
    box = bytes(data[at : at + int.from_bytes(data[at : at + 4], "big")])
    items = box[16:]  # each of a number of two bytes, a count, and as many properties
    end = 3 + items[2]
    first, second = items[:end], items[end:]
    if split:
        made = b"".join(struct.pack(">I4s2I", 16 + len(item), b"ipma", 0, 1) + item for item in (first, second))
    else:
        assert second[3] == 1  # the size, of which there is one
        second = second[:2] + bytes([second[2] - 1]) + second[4:]
        made = struct.pack(">I4s2I", 16 + len(first + second), b"ipma", 0, 2) + first + second
    by = len(made) - len(box)
    offsets = [int.from_bytes(data[i : i + 4], "big") for i in _offsets_of_two(data)]
    for place, offset in zip(_offsets_of_two(data), offsets, strict=True):
        data[place : place + 4] = (offset + by).to_bytes(4, "big")
    for kind in (b"iprp", b"meta"):
        place = data.index(kind) - 4
        data[place : place + 4] = (int.from_bytes(data[place : place + 4], "big") + by).to_bytes(4, "big")
    data[at : at + len(box)] = made
    return bytes(data)


def _offsets_of_two(data: bytearray) -> tuple[int, int]:
    """Where the places of two items' data stand, of version 0 and four bytes each."""
    start = data.index(b"iloc") + 4 + 4 + 2 + 2
    return start + 6, start + 14 + 6


def jpeg_of_frame(marker: int) -> bytes:
    """A JPEG whose frame header says another process."""
    data = bytearray(jpeg((200, 60, 40)))
    data[data.index(b"\xff\xc0") + 1] = marker
    return bytes(data)


def jpeg_deep(bits: int, colour: tuple[int, ...], *, lossless: bool = False) -> bytes:
    samples = np.broadcast_to(np.array(colour, np.uint8 if bits == 8 else np.uint16), (16, 16, len(colour)))
    stored = np.ascontiguousarray(samples[..., 0] if len(colour) == 1 else samples)
    if lossless:
        return bytes(imagecodecs.jpeg8_encode(stored, bitspersample=bits, lossless=True, predictor=1))
    return bytes(imagecodecs.jpeg8_encode(stored, bitspersample=bits, level=98))


def jpeg_sideways() -> bytes:
    """A lossless JPEG of 16 x 8, (200, 60, 40), to be turned to the right; its left half is black."""
    samples = np.zeros((8, 16, 3), np.uint8)
    samples[:, 8:] = (200, 60, 40)
    exif = PillowImage.Exif()
    exif[0x0112] = 6
    content = b"Exif\0\0" + exif.tobytes()[6:]
    data = bytes(imagecodecs.jpeg8_encode(samples, lossless=True, predictor=1))
    return data[:2] + b"\xff\xe1" + struct.pack(">H", 2 + len(content)) + content + data[2:]


def jpeg_ls(colour: Colour) -> bytes:
    return bytes(imagecodecs.jpegls_encode(np.broadcast_to(np.array(colour, np.uint8), (16, 16, 3)).copy()))


def jpeg_arithmetic() -> bytes:
    """32 x 32 of (200, 60, 40)."""
    return bytes.fromhex(_ARITHMETIC)


_ARITHMETIC = (
    "ffd8ffe000104a46494600010100000100010000ffdb0043000201010101010201010102020202020403020202020504040304060506"
    "060605060606070908060709070606080b08090a0a0a0a0a06080b0c0b0a0c090a0a0affdb004301020202020202050303050a070607"
    "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0affc90011"
    "080020002003012200021101031101ffcc000a0010100501101105ffda000c03010002110311003f00ff00d044b23df2ff008fbaa4ff"
    "d9"
)
"""By libjpeg-turbo 2.1 with `arith_code`, quality 95."""


def ultra_hdr() -> bytes:
    """Two pictures, of which the second brightens the first."""
    first, second = _plain((200, 60, 40), 32), _plain((128, 128, 128), 16)
    xmp = b'<x:xmpmeta xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"/>'
    options = {"quality": 95, "subsampling": 0}
    return _saved(first, "MPO", save_all=True, append_images=[second], xmp=xmp, **options)


def gif_with_small_frame() -> bytes:
    """A canvas of 8 x 8 and a frame of 4 x 4 at its upper left."""
    data = bytearray(_saved(_plain((200, 60, 40), 4).convert("P", palette=PillowImage.Palette.ADAPTIVE), "GIF"))
    struct.pack_into("<2H", data, 6, SIDE, SIDE)
    return bytes(data)


def sgi_deep() -> bytes:
    return _saved(_plain((200, 60, 40)), "SGI", bpc=2)


def bmp_fields(bits: int, masks: tuple[int, ...], pixel: int) -> bytes:
    """Of SIDE pixels each way; four masks make a header that has transparency."""
    rows = (pixel.to_bytes(bits // 8, "little") * SIDE) * SIDE
    size = 108 if len(masks) == 4 else 40
    after = struct.pack(f"<{len(masks)}I", *masks)
    head = struct.pack("<IiiHHIIiiII", size, SIDE, SIDE, 1, bits, 3, len(rows), 2835, 2835, 0, 0) + after
    head = head.ljust(max(size, len(head)), b"\0")
    return b"BM" + struct.pack("<IHHI", 14 + len(head) + len(rows), 0, 0, 14 + len(head)) + head + rows


def dpx(
    bits: int, rows: bytes, *, size: tuple[int, int] = (2, 1), kind: int = 50, gap: int = 1, transfer: int = 0
) -> bytes:
    """Big-endian, of so many pixels each way, whose rows are given."""
    head = bytearray(2048)
    struct.pack_into(">4sI8s", head, 0, b"SDPX", 2048, b"V1.0")
    struct.pack_into(">2H2I", head, 768, 0, 1, *size)
    struct.pack_into(">4B2H2I", head, 800, kind, transfer, 0, bits, gap, 0, 2048, 0)
    return bytes(head) + rows


def fits(bits: int, value: float, **cards: float) -> bytes:
    """8 x 8 of one stored value, and a lowest row of 0."""
    numbers = {"BITPIX": bits, "NAXIS": 2, "NAXIS1": SIDE, "NAXIS2": SIDE, **cards}
    lines = ["SIMPLE  =                    T", *(f"{key:8}= {number:20}" for key, number in numbers.items()), "END"]
    samples = np.full((SIDE, SIDE), value, {16: ">i2", 32: ">i4", -32: ">f4"}[bits])
    samples[0] = 0
    pixels = samples.tobytes()
    return "".join(line.ljust(80) for line in lines).ljust(2880).encode() + pixels.ljust(2880, b"\0")


def jng(opacity: int | None = None, *, packed: bool = False) -> bytes:
    """(200, 60, 40); its transparency is packed as a JPEG's."""
    kind = 10 if opacity is None else 14
    head = struct.pack(">2I8B", 32, 32, kind, 8, 8, 0, 0 if opacity is None else 8, 8 if packed else 0, 0, 0)
    parts = [chunk(b"JHDR", head), chunk(b"JDAT", jpeg((200, 60, 40)))]
    if opacity is not None and packed:
        parts.append(chunk(b"JDAA", _saved(_plain(opacity, 32), "JPEG", quality=95)))
    elif opacity is not None:
        parts.append(chunk(b"IDAT", zlib.compress((b"\0" + bytes([opacity]) * 32) * 32)))
    return b"\x8bJNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IEND", b"")


def xbm() -> bytes:
    """8 x 1, its first pixel is ink."""
    return b"#define p_width 8\n#define p_height 1\nstatic char p_bits[] = {\n0x01 };\n"


def psd(bits: int) -> bytes:
    """(200, 60, 40), and a saved channel that is 0; no layers."""
    head = b"8BPS" + struct.pack(">H6xHIIHH", 1, 4, SIDE, SIDE, bits, 3)
    scale = 257 if bits == 16 else 1
    samples = np.array([200, 60, 40, 0], ">u2" if bits == 16 else np.uint8) * scale
    planes = np.repeat(samples, SIDE * SIDE).astype(">u2" if bits == 16 else np.uint8).tobytes()
    return head + struct.pack(">IIIH", 0, 0, 0, 0) + planes


def tiff(samples: object, photometric: str | int = "minisblack", **options: object) -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, samples, photometric=photometric, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


def tiff_deep(
    layout: str, samples: tuple[int, ...] = (40_000, 20_000, 1_000), photometric: str = "rgb", **options: object
) -> bytes:
    """16-bit colours of 64 x 64, in planes ("separate") or pixel by pixel ("contig")."""
    shape = (len(samples), 64, 64) if layout == "separate" else (64, 64, len(samples))
    axes = (-1, 1, 1) if layout == "separate" else (1, 1, -1)
    values = np.broadcast_to(np.array(samples, np.uint16).reshape(axes), shape)
    return tiff(values, photometric, planarconfig=layout, **options)


def tiff_grey(value: float, dtype: str = "uint16", photometric: str = "minisblack", **options: object) -> bytes:
    return tiff(np.full((16, 16), value, dtype), photometric, **options)


def tiff_ramp(first: float, last: float, dtype: str, outlier: float | None = None) -> bytes:
    """1 x 256 from one value to another; the pixel at (0, 0) may be an outlier."""
    samples = np.linspace(first, last, 256).astype(dtype)[None]
    if outlier is not None:
        samples[0, 0] = outlier
    return tiff(samples)


def tiff_colours(dtype: str, colour: tuple[float, ...], photometric: str = "rgb", **options: object) -> bytes:
    return tiff(np.broadcast_to(np.array(colour, dtype), (16, 16, len(colour))), photometric, **options)


def tiff_bright_corner(colour: tuple[float, ...], corner: float) -> bytes:
    samples = np.broadcast_to(np.array(colour, np.float32), (16, 16, 3)).copy()
    samples[0, 0] = corner
    return tiff(samples, "rgb")


def tiff_grey_planes(grey: int, opacity: int) -> bytes:
    planes = np.stack([np.full((16, 16), value, np.uint8) for value in (grey, opacity)])
    return tiff(planes, planarconfig="separate", extrasamples=["unassalpha"], compression="lzw")


def tiff_without_rows() -> bytes:
    data = bytearray(tiff_colours("float16", (1.0, 0.5, 0.0)))
    at = next(
        data.index(struct.pack("<HHI", 257, kind, 1)) for kind in (3, 4) if struct.pack("<HHI", 257, kind, 1) in data
    )
    data[at + 8 : at + 12] = bytes(4)
    return bytes(data)


def tiff_raw(tag: int) -> bytes:
    """A reduced picture first, then DNG's version (50706), or a directory of a colour filter's samples (330)."""
    sub = struct.pack("<H", 1) + struct.pack("<HHII", 262, 3, 1, 32803) + struct.pack("<I", 0)
    entries = [(254, 4, 1, 1), (256, 3, 1, 8), (257, 3, 1, 8), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    head = 8 + 2 + 12 * (len(entries) + 5) + 4
    entries += [(273, 4, 1, head), (277, 3, 1, 1), (278, 3, 1, 8), (279, 4, 1, 64)]
    entries += [(tag, 1, 4, 0x0401) if tag == 50706 else (tag, 4, 1, head + 64)]
    body = b"".join(struct.pack("<HHII", *entry) for entry in sorted(entries))
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + body + bytes(4) + bytes(64) + sub


def tiff_packed(bits: int, value: int) -> bytes:
    """8 x 8 grey in samples of so many bits, one after the other."""
    row = sum(value << bits * i for i in range(8)).to_bytes(bits, "big")
    pixels = row * 8
    entries = [(256, 3, 1, 8), (257, 3, 1, 8), (258, 3, 1, bits), (259, 3, 1, 1), (262, 3, 1, 1)]
    entries += [(273, 4, 1, 8), (277, 3, 1, 1), (278, 3, 1, 8), (279, 4, 1, len(pixels))]
    body = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<I", 8 + len(pixels)) + pixels + struct.pack("<H", len(entries)) + body + bytes(4)


def heif(colour: Colour, primaries: int = 1, others: int = 0) -> bytes:
    """Of 64 x 64; others: how many pictures follow."""
    buffer = io.BytesIO()
    file = pillow_heif.from_pillow(_plain(colour, 64))
    for _ in range(others):
        file.add_from_pillow(_plain((0, 0, 0), 64))
    file.save(buffer, quality=100, chroma=444)
    data = bytearray(buffer.getvalue())
    at = data.index(b"colrnclx") + 8
    data[at : at + 4] = struct.pack(">2H", primaries, 13)
    return bytes(data)


def jpeg_xl_deep(colour: Colour) -> bytes:
    samples = np.broadcast_to(np.array(colour, np.uint16), (SIDE, SIDE, 3)).copy()
    return bytes(imagecodecs.jpegxl_encode(samples, lossless=True))


def jpeg_xl_with_gain_map() -> bytes:
    """A box of one, without a map in it."""
    return jpeg_xl_deep((0, 0, 0)) + struct.pack(">I4sI", 12, b"jhgm", 0)


def jpeg_xl_of_jpeg() -> bytes:
    """A JPEG of 32 x 16 packed anew, to be turned to the right: its right half is (200, 60, 40), the left black."""
    return bytes.fromhex(_OF_JPEG)


_OF_JPEG = (
    "0000000c4a584c200d0a870a00000014667479706a786c20000000006a786c20000000126a786c7000000000ff0ac32d101300000052"
    "6a627264c070db008220082d0302402200a1468194000000000ce5ff4400000000f0bf5202000000108cff1701000000c0ff023f0050"
    "5900000b0880e000104a46494600010100000100010000030000002b62726f62457869661b1d00000474631b07315ba2a9bf13096594"
    "58b480240fd096ff8b1e291900000000a86a786c7080000001e05b0010005402086008600860feff0e00001800080001000000000080"
    "80258c8967b2163700800085c42034c6018a314615369e1c8311c6408cc1bf0a4f8e318c818888e818835f2d93fc0c8af4df0852e01b"
    "abcffd80788fed0d1400c85df7f99d260000b7740288e12da80a10bda3a425495a5f49d212a4770640bb441ae197288dc63b1a9a66ac"
    "6ea27268940ad72b22f53b0000000000801200"
)
"""By cjxl 0.7 of a JPEG whose EXIF data says 6."""


def with_code_points(profile: bytes, primaries: int, transfer: int) -> bytes:
    """An ICC profile with a tag more, that names its colours by numbers."""
    count = int.from_bytes(profile[128:132], "big")
    entries = b"".join(
        profile[at : at + 4]
        + struct.pack(">I", int.from_bytes(profile[at + 4 : at + 8], "big") + 12)
        + profile[at + 8 : at + 12]
        for at in range(132, 132 + 12 * count, 12)
    )
    body = profile[132 + 12 * count :]
    entries += struct.pack(">4sII", b"cicp", 132 + 12 * (count + 1) + len(body), 12)
    whole = (
        profile[4:128]
        + struct.pack(">I", count + 1)
        + entries
        + body
        + struct.pack(">4sI4B", b"cicp", 0, primaries, transfer, 0, 1)
    )
    return struct.pack(">I", len(whole) + 4) + whole


def jpeg_xl(colour: tuple[int, ...]) -> bytes:
    picture = PillowImage.new("RGBA" if len(colour) == 4 else "RGB", (SIDE, SIDE), colour)
    return _saved(picture, "JXL", lossless=True)


def jp2(colour: Colour, icc_profile: bytes | None = None) -> bytes:
    """In boxes. Pillow writes no profile: its colour box is replaced."""
    data = _saved(_plain(colour), "JPEG2000")
    if icc_profile is None:
        return data
    at = data.index(b"colr") - 4
    box = struct.pack(">I4s3B", 11 + len(icc_profile), b"colr", 2, 0, 0) + icc_profile
    return _in_jp2_header(data[:at] + data[at + 15 :], box, at, -15)


def _in_jp2_header(data: bytes, box: bytes, at: int, removed: int = 0) -> bytes:
    """A file with a box more in its header, at some place."""
    head = data.index(b"jp2h") - 4
    size = int.from_bytes(data[head : head + 4], "big") + len(box) + removed
    return data[:head] + struct.pack(">I", size) + data[head + 4 : at] + box + data[at:]


def jp2_with_channels() -> bytes:
    """(200, 60, 40), whose first channel is said to be blue and whose last to be red."""
    data = jp2((200, 60, 40))
    box = struct.pack(">I4sH9H", 28, b"cdef", 3, 0, 0, 3, 1, 0, 2, 2, 0, 1)
    return _in_jp2_header(data, box, data.index(b"jp2c") - 4)


def jp2_of_space(colour: Colour, number: int) -> bytes:
    data = bytearray(jp2(colour))
    at = data.index(b"colr") + 7
    data[at : at + 4] = struct.pack(">I", number)
    return bytes(data)


def j2k(bits: int, value: int) -> bytes:
    """Grey samples of so many bits."""
    samples = np.full((16, 16), value, np.uint16 if bits > 8 else np.uint8)
    return bytes(imagecodecs.jpeg2k_encode(samples, codecformat="j2k", bitspersample=bits, reversible=True, level=0))


def j2k_subsampled() -> bytes:
    """33 x 33, luma 100 and at half its side colour differences (94, 200) left and (150, 90) right of pixel 16."""
    return bytes.fromhex(_SUBSAMPLED)


_SUBSAMPLED = (
    "ff4fff51002f000000000021000000210000000000000000000000210000002100000000000000000003070101070202070202ff5200"
    "0c00000001000104040001ff5c00074040484850ff640025000143726561746564206279204f70656e4a5045472076657273696f6e20"
    "322e352e30ff90000a0000000000de0001ff93c3e722115054afff5eba7080000000309097ff7fcfb4e0715918a65a0384be7406826b"
    "3fb9c6988639927caec5b1a5703d59a7e6383079d1bc588fd9b858bbccf9dc9c9b71d8e386ae28826c5bf79fcfb4f414004a72e273b1"
    "5e11371ee456d14db1da281fa991bac81fa73ae2aca9edb8901790803877d87fcd4a50107b3403877d87fcdeb2b0fb20d89740cd66d5"
    "80c1f3898fb42a03e408216deac2aa4818fd3f574b3b86f15607668e994dece1bfc3ea098fb42a07ce102219ecc27adb773d8542c48c"
    "fb0a493edd6e184d30367fffd9"
)
"""By “opj_compress -F 33,33,3,8,u@1x1:2x2:2x2 -r 1 -n 2” of OpenJPEG 2.5, whose last row of differences is 0."""


def pam(colour: tuple[int, ...], white: int, kind: str = "", header: str = "") -> bytes:
    """Of SIDE pixels each way, whose samples reach up to `white`."""
    head = f"P7\n# made here\nWIDTH {SIDE}\nHEIGHT {SIDE}\nDEPTH {len(colour)}\nMAXVAL {white}\n{header}"
    samples = np.tile(np.array(colour, ">u2" if white > 255 else "u1"), SIDE * SIDE)
    return f"{head}{f'TUPLTYPE {kind}' if kind else '#'}\nENDHDR\n".encode() + samples.tobytes()


def pfm(*rows: tuple[float, float, float], order: str = "<") -> bytes:
    """SIDE pixels wide, the topmost row first; the file has the lowest first."""
    samples = np.repeat(np.array(rows[::-1], f"{order}f4")[:, None], SIDE, axis=1)
    return f"PF\n{SIDE} {len(rows)}\n{'-' if order == '<' else ''}1.0\n".encode() + samples.tobytes()


def hdr(*pixels: tuple[int, int, int, int], packed: bool = False, size: str = "-Y 2 +X 8", header: str = "") -> bytes:
    """Two rows of 8, each of pixels of one kind, given as mantissas and an exponent."""
    head = f"#?RADIANCE\n{header}FORMAT=32-bit_rle_rgbe\n\n{size}\n".encode()
    rows = []
    for pixel in pixels:
        if packed:
            rows.append(b"\2\2\0\x08" + b"".join(bytes([128 + 5, part, 3, part, part, part]) for part in pixel))
        else:
            rows.append(bytes(pixel) + b"\1\1\1\7")  # seven times the one before
    return head + b"".join(rows)


def exr(light: tuple[float, ...], names: str = "RGB", **header: object) -> bytes:
    """Channels of SIDE pixels each way."""
    openexr = pytest.importorskip("OpenEXR")
    planes: dict[str, object] = {
        name: np.full((SIDE, SIDE), value, np.float32) for name, value in zip(names, light, strict=True)
    }
    return exr_of(planes, compression=openexr.ZIP_COMPRESSION, type=openexr.scanlineimage, **header)


def exr_of(planes: dict[str, object], **header: object) -> bytes:
    openexr = pytest.importorskip("OpenEXR")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture.exr"
        openexr.File(header, planes).write(str(path))
        return path.read_bytes()


def dng(orientation: int = 1) -> bytes:
    """64 x 48 behind a Bayer filter whose colours are sRGB's: (0.5, 0.25, 0.12) of white, the lowest rows white, so
    that nothing is brightened.
    """
    pytest.importorskip("rawpy")
    samples = np.empty((48, 64), np.uint16)
    samples[0::2, 0::2], samples[1::2, 1::2] = 2048, 491
    samples[0::2, 1::2] = samples[1::2, 0::2] = 1024
    samples[40:] = 4095
    matrix = (3.2406, -1.5372, -0.4986, -0.9689, 1.8758, 0.0415, 0.0557, -0.2040, 1.0570)
    rationals = tuple(part for value in matrix for part in (round(10_000 * value), 10_000))
    tags = [
        (271, 2, 0, "RateLens", True),
        (272, 2, 0, "Test", True),
        (274, 3, 1, orientation, True),
        (33421, 3, 2, (2, 2), True),  # the filter's size, and its colours
        (33422, 1, 4, bytes([0, 1, 1, 2]), True),
        (50706, 1, 4, bytes([1, 4, 0, 0]), True),
        (50708, 2, 0, "RateLens Test", True),
        (50717, 4, 1, 4095, True),  # white
        (50721, 10, 9, rationals, True),  # XYZ to the camera's colours
        (50728, 5, 3, (1, 1, 1, 1, 1, 1), True),  # neutral
        (50778, 3, 1, 21, True),  # under D65
    ]
    return tiff(samples, 32803, extratags=tags, metadata=None, software=False)


def y4m(luma: int, blue: int, red: int, space: str = "C444", step: tuple[int, int] = (1, 1), frames: int = 1) -> bytes:
    """Frames of 9 x 7 of one colour."""
    return f"YUV4MPEG2 W9 H7 F25:1 {space}\n".encode() + (b"FRAME\n" + yuv(luma, blue, red, step)) * frames


def yuv(luma: int, blue: int, red: int, step: tuple[int, int] = (2, 2), deep: bool = False) -> bytes:
    samples = -(-9 // step[0]) * -(-7 // step[1])
    values = np.repeat(np.array([luma, blue, red]), [63, samples, samples])
    return values.astype("<u2" if deep else "u1").tobytes()
