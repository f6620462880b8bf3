"""Reads JPEG XL with pillow-jxl-plugin if it is installed; sizes are checked before its decoder trusts them."""

from __future__ import annotations

import io
from functools import partial
from importlib.util import find_spec

import numpy as np
from PIL import Image as PillowImage

from viewer.imaging import image_errors
from viewer.imaging.colours.depth import reduced
from viewer.imaging.decoded import Decoded, Opened
from viewer.imaging.formats.boxed.boxes import boxes
from viewer.imaging.jpegxl_header import JpegXlHeader, is_jpeg_xl, read_header

_DTYPES = {"": np.uint8, "16": np.uint16, "16F": np.float16}


def open_jpeg_xl(data: bytes, name: str) -> Opened | None:
    """Read a JPEG XL file's header; None for other formats. Raises ImageError if the plug-in is not installed."""
    if not is_jpeg_xl(data):
        return None
    if find_spec("pillow_jxl") is None:
        raise image_errors.needs_extra(name, "a JPEG XL picture", "jxl")
    header = read_header(_codestream(data))
    if header is None:
        raise image_errors.damaged(name, "JPEG XL", "it contains no picture")
    return Opened(
        "JPEG XL",
        header.width,
        header.height,
        "RGB",
        header.bits,
        partial(_decoded, data, name, header),
        header.is_floating,
        bytes_per_pixel=40.0,
    )


def _codestream(data: bytes) -> bytes:
    """The start of the codestream, which may be in a box or split into numbered boxes (ISO/IEC 18181-2)."""
    for box in boxes(data, 0, len(data)):
        if box.kind in {b"jxlc", b"jxlp"}:
            start = box.start + 4 * (box.kind == b"jxlp")
            return data[start : min(box.end, start + 64)]
    return data


def _decoded(data: bytes, name: str, header: JpegXlHeader) -> Decoded:
    from pillow_jxl import Decoder

    is_jpeg, info, pixels, profile, *_ = Decoder(num_threads=1)(data)
    if is_jpeg:  # the decoder returns the JPEG that the file was made from
        with PillowImage.open(io.BytesIO(pixels)) as picture:
            image_errors.check_claimed_size(name, *picture.size, len(data))
            picture.load()
            turn = header.orientation
            return Decoded(picture, None, (), turn, "JPEG XL", profile=picture.info.get("icc_profile"))
    mode, _, depth = info.mode.partition(";")
    kind = np.float32 if mode == "F" and not depth else np.float16 if mode == "F" else _DTYPES.get(depth, np.uint16)
    if info.mode.startswith("I"):
        kind = np.uint16
    samples = np.frombuffer(pixels, kind).reshape(info.height, info.width, -1)
    bits = 8 * samples.dtype.itemsize
    eight, note = (samples, "") if bits == 8 else reduced(samples, bits)
    notes = [note] if note else []
    if any(box.kind == b"jhgm" for box in boxes(data, 0, len(data))):
        notes.append("Its HDR gain map was ignored: this is the standard picture.")
    if bits == 8 and header.bits > 8:
        notes.append(f"{header.bits} bits{' of floating point' * header.is_floating} reduced to 8.")
    if header.orientation != 1:  # libjxl has turned it
        notes.append("Rotated as its JPEG XL data specifies.")
    count = samples.shape[2]
    shown = eight[..., 0] if count < 3 else eight[..., :3]
    alpha = PillowImage.fromarray(np.ascontiguousarray(eight[..., -1])) if count in {2, 4} else None
    return Decoded(PillowImage.fromarray(np.ascontiguousarray(shown)), alpha, tuple(notes), profile=profile or None)
