"""libwebp itself, for settings that Pillow does not hand on to it: the copy that Pillow's wheel carries, else the
system's.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from ctypes import POINTER, byref, c_float, c_int, c_size_t, c_uint8, c_uint32, c_void_p
from pathlib import Path

import numpy as np

from models.errors import CodecError
from viewer.imaging.image import Pixels
from viewer.imaging.pillow_libraries import pillows_copy
from viewer.system.once import Once

_ABI = 0x020F
"""WEBP_ENCODER_ABI_VERSION of libwebp 1.1; the library refuses another number before the point (02)."""
_OLDEST = 0x010100
"""libwebp 1.1, whose structures these are."""


class _Config(ctypes.Structure):
    """WebPConfig of src/webp/encode.h."""

    _fields_ = (
        ("lossless", c_int),
        ("quality", c_float),
        ("method", c_int),
        ("image_hint", c_int),
        ("target_size", c_int),
        ("target_psnr", c_float),
        ("unused", c_int * 20),  # segments ... use_delta_palette: left as libwebp sets them
        ("use_sharp_yuv", c_int),
        ("qmin", c_int),
        ("qmax", c_int),
        ("room", c_uint32 * 64),  # for what later versions may add
    )


class _Picture(ctypes.Structure):
    """WebPPicture of src/webp/encode.h."""

    _fields_ = (
        ("use_argb", c_int),
        ("colorspace", c_int),
        ("width", c_int),
        ("height", c_int),
        ("y", c_void_p),
        ("u", c_void_p),
        ("v", c_void_p),
        ("y_stride", c_int),
        ("uv_stride", c_int),
        ("a", c_void_p),
        ("a_stride", c_int),
        ("pad1", c_uint32 * 2),
        ("argb", c_void_p),
        ("argb_stride", c_int),
        ("pad2", c_uint32 * 3),
        ("writer", c_void_p),
        ("custom_ptr", c_void_p),
        ("extra_info_type", c_int),
        ("extra_info", c_void_p),
        ("stats", c_void_p),
        ("error_code", c_int),
        ("progress_hook", c_void_p),
        ("user_data", c_void_p),
        ("pad3", c_uint32 * 3),
        ("pad4", c_void_p * 2),
        ("pad6", c_uint32 * 8),
        ("memory", c_void_p * 2),
        ("pad7", c_void_p * 2),
        ("room", c_uint32 * 64),
    )


class _MemoryWriter(ctypes.Structure):
    """WebPMemoryWriter of src/webp/encode.h."""

    _fields_ = (("mem", c_void_p), ("size", c_size_t), ("max_size", c_size_t), ("pad", c_uint32))


@Once
def _library() -> ctypes.CDLL | None:
    """libwebp, ready to be called; None where there is none, or an older one."""
    path: Path | str | None = pillows_copy("libwebp[-.]*") or ctypes.util.find_library("webp")
    if path is None:
        return None
    try:
        library = ctypes.CDLL(str(path))
        library.WebPConfigInitInternal.argtypes = (POINTER(_Config), c_int, c_float, c_int)
        library.WebPPictureInitInternal.argtypes = (POINTER(_Picture), c_int)
        library.WebPPictureImportRGB.argtypes = (POINTER(_Picture), POINTER(c_uint8), c_int)
        library.WebPEncode.argtypes = (POINTER(_Config), POINTER(_Picture))
        library.WebPPictureFree.argtypes = (POINTER(_Picture),)
        library.WebPPictureFree.restype = None
        for name in ("WebPMemoryWriterInit", "WebPMemoryWriterClear"):
            getattr(library, name).argtypes = (POINTER(_MemoryWriter),)
            getattr(library, name).restype = None
        is_new = library.WebPGetEncoderVersion() >= _OLDEST
    except (OSError, AttributeError):
        return None
    return library if is_new else None


def is_available() -> bool:
    """Whether there is a libwebp that can be called."""
    return _library() is not None


def encode(pixels: Pixels, quality: float, method: int, *, sharp_yuv: bool) -> bytes:
    """A picture, uint8 (H, W, 3), as a lossy WebP file: without sharp_yuv, byte for byte what Pillow writes.

    quality: 0 to 100. method: 0 to 6. sharp_yuv: chroma is halved so that the edges of colours stay sharp, which takes
    longer. Safe to call from several threads. Raises CodecError.
    """
    library = _library()
    if library is None:
        raise CodecError(
            "WebP's sharp YUV needs libwebp as a library of its own, which is not found here: use webp without it, or "
            "install Pillow's wheel or libwebp 1.1 or newer."
        )
    config, picture, writer = _Config(), _Picture(), _MemoryWriter()
    if not library.WebPConfigInitInternal(byref(config), 0, quality, _ABI) or not library.WebPPictureInitInternal(
        byref(picture), _ABI
    ):
        raise CodecError("This libwebp is of a version that is not known here: use webp without sharp_yuv.")
    config.method, config.use_sharp_yuv = method, int(sharp_yuv)
    rows = np.ascontiguousarray(pixels)
    picture.height, picture.width = rows.shape[:2]
    picture.use_argb = 1
    library.WebPMemoryWriterInit(byref(writer))
    picture.writer = ctypes.cast(library.WebPMemoryWrite, c_void_p)
    picture.custom_ptr = ctypes.addressof(writer)
    try:
        data = rows.ctypes.data_as(POINTER(c_uint8))
        if not library.WebPPictureImportRGB(byref(picture), data, rows.strides[0]) or not library.WebPEncode(
            byref(config), byref(picture)
        ):
            raise CodecError(
                f"WebP could not encode this picture (libwebp's error {picture.error_code}): try another rate."
            )
        return ctypes.string_at(writer.mem, writer.size)
    finally:
        library.WebPMemoryWriterClear(byref(writer))
        library.WebPPictureFree(byref(picture))
