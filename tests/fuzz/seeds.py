"""Small whole files of every format that is read: what fuzzing starts from."""

from __future__ import annotations

import io
import struct
import tempfile
from collections.abc import Callable
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as PillowImage
from PIL import ImageCms

from tests.photographs import sample_crop
from viewer.codecs.registry import codec_named

SAVED: dict[str, tuple[str, str, dict[str, object]]] = {
    "avif": ("AVIF", "RGB", {}),
    "blp": ("BLP", "P", {}),
    "bmp": ("BMP", "RGB", {}),
    "bmp palette": ("BMP", "P", {}),
    "dds": ("DDS", "RGBA", {}),
    "dds dxt5": ("DDS", "RGBA", {"pixel_format": "DXT5"}),
    "dib": ("DIB", "RGB", {}),
    "gif": ("GIF", "P", {}),
    "icns": ("ICNS", "RGBA", {}),
    "ico": ("ICO", "RGBA", {}),
    "im": ("IM", "RGB", {}),
    "jpeg": ("JPEG", "RGB", {}),
    "jpeg progressive": ("JPEG", "RGB", {"progressive": True}),
    "jpeg cmyk": ("JPEG", "CMYK", {}),
    "jpeg2000": ("JPEG2000", "RGB", {}),
    "jpeg2000 lossy": ("JPEG2000", "RGB", {"irreversible": True, "no_jp2": True, "quality_layers": [20]}),
    "msp": ("MSP", "1", {}),
    "pcx": ("PCX", "RGB", {}),
    "png": ("PNG", "RGB", {}),
    "png 16 bit": ("PNG", "I;16", {}),
    "png palette": ("PNG", "P", {}),
    "ppm": ("PPM", "RGB", {}),
    "qoi": ("QOI", "RGB", {}),
    "sgi": ("SGI", "RGB", {}),
    "spider": ("SPIDER", "F", {}),
    "tga": ("TGA", "RGB", {"compression": "tga_rle"}),
    "tiff": ("TIFF", "RGB", {}),
    "tiff lzw": ("TIFF", "RGB", {"compression": "tiff_lzw"}),
    "tiff deflate": ("TIFF", "CMYK", {"compression": "tiff_adobe_deflate"}),
    "tiff jpeg": ("TIFF", "RGB", {"compression": "jpeg"}),
    "tiff fax": ("TIFF", "1", {"compression": "group4"}),
    "tiff float": ("TIFF", "F", {}),
    "webp": ("WEBP", "RGB", {}),
    "webp lossless": ("WEBP", "RGBA", {"lossless": True}),
    "xbm": ("XBM", "1", {}),
}
"""Files that Pillow writes: format, mode, options."""


def _sun(picture: PillowImage.Image) -> bytes:
    data = picture.tobytes()
    return struct.pack(">8I", 0x59A66A95, picture.width, picture.height, 24, len(data), 1, 0, 0) + data


def _fits(picture: PillowImage.Image) -> bytes:
    cards = [
        "SIMPLE  =                    T",
        "BITPIX  =                    8",
        "NAXIS   =                    2",
        f"NAXIS1  = {picture.width:20}",
        f"NAXIS2  = {picture.height:20}",
        "END",
    ]
    data = picture.convert("L").tobytes()
    return "".join(card.ljust(80) for card in cards).ljust(2880).encode() + data + bytes(-len(data) % 2880)


def _psd(picture: PillowImage.Image) -> bytes:
    head = b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, picture.height, picture.width, 8, 3)
    planes = b"".join(picture.getchannel(channel).tobytes() for channel in "RGB")
    return head + struct.pack(">IIIH", 0, 0, 0, 0) + planes


def _xpm(picture: PillowImage.Image) -> bytes:
    grey = np.asarray(picture.convert("L")) // 64
    rows = ['"' + "".join("abcd"[value] for value in row) + '"' for row in grey]
    colours = [
        f'"{name} c #{level:02x}{level:02x}{level:02x}"' for name, level in zip("abcd", (0, 85, 170, 255), strict=True)
    ]
    head = f'"{picture.width} {picture.height} 4 1"'
    return ("/* XPM */\nstatic char *picture[] = {\n" + ",\n".join([head, *colours, *rows]) + "\n};\n").encode()


def _cur(picture: PillowImage.Image) -> bytes:
    icon = bytearray(_saved(picture.convert("RGBA"), "ICO", bitmap_format="bmp"))
    icon[2] = 2
    return bytes(icon)


def _dcx(picture: PillowImage.Image) -> bytes:
    return struct.pack("<3I", 0x3ADE68B1, 12, 0) + _saved(picture, "PCX")


def _gbr(picture: PillowImage.Image) -> bytes:
    head = struct.pack(">5I4sI", 30, 2, picture.width, picture.height, 4, b"GIMP", 10) + b"b\0"
    return head + picture.convert("RGBA").tobytes()


def _pixar(picture: PillowImage.Image) -> bytes:
    head = bytearray(1024)
    head[:4] = b"\200\350\000\000"
    head[416:420] = struct.pack("<HH", picture.height, picture.width)
    head[424:428] = struct.pack("<HH", 14, 2)
    return bytes(head) + picture.tobytes()


def _fli(picture: PillowImage.Image) -> bytes:
    pixels = picture.convert("L").tobytes()
    chunk = struct.pack("<IH", 6 + len(pixels), 16) + pixels
    frame = struct.pack("<IHH8x", 16 + len(chunk), 0xF1FA, 1) + chunk
    head = struct.pack("<IHHHHHHI", 128 + len(frame), 0xAF12, 1, picture.width, picture.height, 8, 3, 50)
    return head.ljust(128, b"\0") + frame


def _ftex(picture: PillowImage.Image) -> bytes:
    data = picture.tobytes()
    head = struct.pack("<4sIIIII", b"FTEX", 0, picture.width, picture.height, 1, 1)
    return head + struct.pack("<II", 1, 32) + struct.pack("<I", len(data)) + data


def _xv(picture: PillowImage.Image) -> bytes:
    return b"P7 332\n#END_OF_COMMENTS\n%d %d 255\n" % picture.size + picture.convert("L").tobytes()


def _text_ppm(picture: PillowImage.Image) -> bytes:
    return b"P3\n%d %d\n255\n" % picture.size + b" ".join(b"%d" % value for value in picture.tobytes())


def _imt(picture: PillowImage.Image) -> bytes:
    return b"width %d\nheight %d\npixel n8\n\x0c" % picture.size + picture.convert("L").tobytes()


def _mcidas(picture: PillowImage.Image) -> bytes:
    words = [0] * 64
    words[1], words[8:11], words[13], words[33] = 4, [picture.height, picture.width, 1], 1, 256
    return struct.pack(">64i", *words) + picture.convert("L").tobytes()


def _mpo(picture: PillowImage.Image) -> bytes:
    return _saved(picture, "MPO", save_all=True, append_images=[picture.rotate(180)])


def _animation(kind: str, **options: object) -> Callable[[PillowImage.Image], bytes]:
    def make(picture: PillowImage.Image) -> bytes:
        return _saved(picture, kind, save_all=True, append_images=[picture.rotate(180)] * 2, **options)

    return make


def _with_profile(kind: str) -> Callable[[PillowImage.Image], bytes]:
    def make(picture: PillowImage.Image) -> bytes:
        exif = PillowImage.Exif()
        exif[0x0112] = 6
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        return _saved(picture, kind, icc_profile=profile, exif=exif)

    return make


MADE: dict[str, Callable[[PillowImage.Image], bytes]] = {
    "cur": _cur,
    "dcx": _dcx,
    "fits": _fits,
    "fli": _fli,
    "ftex": _ftex,
    "gbr": _gbr,
    "pixar": _pixar,
    "psd": _psd,
    "sun": _sun,
    "xpm": _xpm,
    "xv thumbnail": _xv,
    "ppm text": _text_ppm,
    "imt": _imt,
    "mcidas": _mcidas,
    "mpo": _mpo,
    "gif animated": _animation("GIF"),
    "webp animated": _animation("WEBP"),
    "avif animated": _animation("AVIF"),
    "png animated": _animation("PNG"),
    "tiff pages": _animation("TIFF"),
    "jpeg with profile": _with_profile("JPEG"),
    "png with profile": _with_profile("PNG"),
    "tiff with profile": _with_profile("TIFF"),
}
"""Files that are put together here."""


def _pam(picture: PillowImage.Image) -> bytes:
    head = f"P7\nWIDTH {picture.width}\nHEIGHT {picture.height}\nDEPTH 3\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\n"
    return head.encode() + picture.tobytes()


def _pfm(picture: PillowImage.Image) -> bytes:
    levels = np.asarray(picture).astype("<f4")[::-1] / 200
    return b"PF\n%d %d\n-1.0\n" % picture.size + levels.tobytes()


def _radiance(picture: PillowImage.Image) -> bytes:
    done, data = cv2.imencode(".hdr", np.asarray(picture).astype(np.float32) / 100)
    assert done
    return bytes(data)


def _y4m(picture: PillowImage.Image) -> bytes:
    planes = cv2.cvtColor(np.asarray(picture), cv2.COLOR_RGB2YUV_I420).tobytes()
    return b"YUV4MPEG2 W%d H%d F25:1 C420jpeg\n" % picture.size + (b"FRAME\n" + planes) * 2


def _heif(picture: PillowImage.Image) -> bytes:
    import pillow_heif

    buffer = io.BytesIO()
    pillow_heif.from_pillow(picture).save(buffer, quality=80)
    return buffer.getvalue()


def _jpeg_xl(picture: PillowImage.Image) -> bytes:
    import pillow_jxl  # noqa: F401 (its import makes the format known to Pillow)

    return _saved(picture, "JXL")


def _exr(picture: PillowImage.Image) -> bytes:
    import OpenEXR

    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    with tempfile.TemporaryDirectory(prefix="ratelens-fuzz-") as folder:
        path = Path(folder) / "picture.exr"
        OpenEXR.File(header, {"RGB": np.asarray(picture).astype(np.float16) / 200}).write(str(path))
        return path.read_bytes()


def _half_tiff(picture: PillowImage.Image) -> bytes:
    import tifffile

    buffer = io.BytesIO()
    tifffile.imwrite(buffer, np.asarray(picture).astype(np.float16) / 200, photometric="rgb", compression="zlib")
    return buffer.getvalue()


def _deep_jpeg_2000(picture: PillowImage.Image) -> bytes:
    import imagecodecs

    samples = np.asarray(picture.convert("L")).astype(np.uint16) * 16
    return bytes(imagecodecs.jpeg2k_encode(samples, codecformat="jp2", bitspersample=12, reversible=True, level=0))


def _psd_16(picture: PillowImage.Image) -> bytes:
    head = b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, picture.height, picture.width, 16, 3)
    planes = (np.moveaxis(np.asarray(picture).astype(">u2"), -1, 0) * 257).astype(">u2").tobytes()
    return head + struct.pack(">IIIH", 0, 0, 0, 0) + planes


def _deep_jpeg(picture: PillowImage.Image) -> bytes:
    import imagecodecs

    return bytes(imagecodecs.jpeg8_encode(np.asarray(picture).astype(np.uint16) * 16, bitspersample=12, level=80))


def _lossless_jpeg(picture: PillowImage.Image) -> bytes:
    import imagecodecs

    return bytes(imagecodecs.jpeg8_encode(np.asarray(picture), lossless=True, predictor=1))


def _jpeg_ls(picture: PillowImage.Image) -> bytes:
    import imagecodecs

    return bytes(imagecodecs.jpegls_encode(np.asarray(picture)))


def _split_avif(_picture: PillowImage.Image) -> bytes:
    from tests.viewer.imaging.file_kinds import avif_that_breaks_rules

    return avif_that_breaks_rules(split=True)


def _dpx(picture: PillowImage.Image) -> bytes:
    from tests.viewer.imaging.file_kinds import dpx

    deep = np.asarray(picture).astype(np.uint32) << 2
    words = deep[..., 0] << 22 | deep[..., 1] << 12 | deep[..., 2] << 2
    return dpx(10, words.astype(">u4").tobytes(), size=picture.size)


def _bmp_fields(_picture: PillowImage.Image) -> bytes:
    from tests.viewer.imaging.file_kinds import bmp_fields

    return bmp_fields(16, (0xF00, 0xF0, 0xF), 0xC62)


def _jng(_picture: PillowImage.Image) -> bytes:
    from tests.viewer.imaging.file_kinds import jng

    return jng(opacity=51)


def _deep_fits(_picture: PillowImage.Image) -> bytes:
    from tests.viewer.imaging.file_kinds import fits

    return fits(16, 16_384, BZERO=32_768)


def _raw(_picture: PillowImage.Image) -> bytes:
    from tests.viewer.imaging.file_kinds import dng

    return dng()


PICTURES = (*SAVED, *MADE)
"""Names of the picture files that Pillow knows."""

_PACKAGES = {
    "heif": "pillow_heif",
    "jpeg xl": "pillow_jxl",
    "openexr": "OpenEXR",
    "tiff half": "tifffile",
    "jpeg2000 12 bit": "imagecodecs",
    "jpeg 12 bit": "imagecodecs",
    "jpeg lossless": "imagecodecs",
    "jpeg-ls": "imagecodecs",
    "camera raw": "rawpy",
}
"""What making a file takes beside the core."""
_OWN: dict[str, Callable[[PillowImage.Image], bytes]] = {
    "pam": _pam,
    "pfm colour": _pfm,
    "radiance hdr": _radiance,
    "y4m": _y4m,
    "psd 16 bit": _psd_16,
    "dpx": _dpx,
    "jng": _jng,
    "fits deep": _deep_fits,
    "bmp fields": _bmp_fields,
    "heif": _heif,
    "jpeg xl": _jpeg_xl,
    "openexr": _exr,
    "tiff half": _half_tiff,
    "jpeg2000 12 bit": _deep_jpeg_2000,
    "camera raw": _raw,
    "avif in parts": _split_avif,
    "jpeg 12 bit": _deep_jpeg,
    "jpeg lossless": _lossless_jpeg,
    "jpeg-ls": _jpeg_ls,
}
OWN = tuple(name for name in _OWN if name not in _PACKAGES or find_spec(_PACKAGES[name]) is not None)
"""Names of the picture files that readers of our own, or of other packages, are for."""


@lru_cache
def picture_file(name: str) -> bytes:
    """A whole picture file of a kind of PICTURES or OWN."""
    picture = PillowImage.fromarray(sample_crop(32, 48).pixels)
    if name in MADE:
        return MADE[name](picture)
    if name in _OWN:
        return _OWN[name](picture)
    kind, mode, options = SAVED[name]
    if mode == "I;16":
        return _saved(PillowImage.fromarray(np.asarray(picture.convert("L")).astype(np.uint16) * 257), kind)
    return _saved(picture.convert(mode), kind, **options)


@lru_cache
def stream_of(codec: str) -> bytes:
    """A whole stream of a codec."""
    encoder = codec_named(codec).encoders(sample_crop(32, 48))[0]
    return encoder.encode(encoder.guess(600))


def _saved(picture: PillowImage.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()
