"""Netpbm's formats that Pillow does not read: PAM, and PFM in colour."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from viewer.imaging import image_errors
from viewer.imaging.colours.depth import reduced, reduced_colours
from viewer.imaging.decoded import Decoded, Opened

PAM, COLOUR_PFM = b"P7\n", b"PF"
_MAX_HEADER_BYTES = 1 << 16
_PFM_HEADER = re.compile(rb"PF\s+(\d{1,9})\s+(\d{1,9})\s+([+-]?[\d.eE+-]{1,32})\s")
_KINDS = {1: ("grey", "L"), 2: ("grey with transparency", "L"), 3: ("RGB", "RGB"), 4: ("RGB with transparency", "RGB")}
"""By the number of planes."""


def open_portable(data: bytes, name: str) -> Opened | None:
    """Read a header; None for other formats. Raises ImageError for damaged headers and unknown kinds of planes."""
    if data.startswith(PAM):
        return _open_pam(data, name)
    return _open_pfm(data, name) if data.startswith(COLOUR_PFM) else None


def _open_pam(data: bytes, name: str) -> Opened:
    head, ended, _ = data[:_MAX_HEADER_BYTES].partition(b"\nENDHDR\n")
    fields: dict[bytes, bytes] = {}
    for line in head.split(b"\n")[1:]:
        key, _, value = line.strip().partition(b" ")
        if not key.startswith(b"#"):
            fields.setdefault(key, value.strip())
    numbers = [fields.get(key, b"") for key in (b"WIDTH", b"HEIGHT", b"DEPTH", b"MAXVAL")]
    if not ended or not all(number.isdigit() and len(number) < 10 for number in numbers):
        raise image_errors.damaged(name, "PAM", "its header is incomplete")
    width, height, planes, white = map(int, numbers)
    kind = fields.get(b"TUPLTYPE", b"").decode("ascii", "replace")
    if not width * height or not 0 < white < 1 << 16:
        raise image_errors.damaged(name, "PAM", "its header is invalid")
    is_cmyk = kind == "CMYK" and planes == 4
    if planes not in _KINDS or (kind and not kind.startswith(("BLACKANDWHITE", "GRAYSCALE", "RGB")) and not is_cmyk):
        of = f"{planes} planes" + (f", {kind[:40]}" if kind else "")
        raise image_errors.unsupported(name, f"a PAM file of {of}")
    colours, mode = ("CMYK", "CMYK") if is_cmyk else _KINDS[planes]
    start, bits = len(head) + len(ended), white.bit_length()

    def decode() -> Decoded:
        stored = np.dtype(">u2" if white > 255 else "u1")
        samples = _samples(memoryview(data)[start:], (height, width, planes), stored, (name, "PAM"))
        eight, _ = reduced(np.minimum(samples, white).astype(stored.newbyteorder("=")), bits, full=white)
        alpha = PillowImage.fromarray(np.ascontiguousarray(eight[..., -1])) if "transparency" in colours else None
        shown = eight[..., 0] if mode == "L" else eight[..., : len(mode)]
        notes = (f"{bits} bits reduced to 8.",) if bits > 8 else ()
        return Decoded(PillowImage.fromarray(np.ascontiguousarray(shown), mode), alpha, notes)

    return Opened("PAM", width, height, colours, bits, decode, bytes_per_pixel=8.0 * planes)


def _open_pfm(data: bytes, name: str) -> Opened:
    found = _PFM_HEADER.match(data)
    try:
        width, height, scale = (int(found[1]), int(found[2]), float(found[3])) if found else (0, 0, 0.0)
    except ValueError:
        width = height = 0
    if found is None or not width * height or not scale:
        raise image_errors.damaged(name, "PFM", "its header is invalid")
    order = "<" if scale < 0 else ">"
    return Opened(
        "PFM",
        width,
        height,
        "RGB",
        32,
        partial(_pfm_decoded, memoryview(data)[found.end() :], (height, width, 3), f"{order}f4", name),
        floating=True,
        bytes_per_pixel=40.0,
    )


def _pfm_decoded(pixels: memoryview, shape: tuple[int, int, int], stored: str, name: str) -> Decoded:
    samples = _samples(pixels, shape, np.dtype(stored), (name, "PFM"))
    eight, note = reduced_colours(samples[::-1])  # the lowest row comes first
    return Decoded(PillowImage.fromarray(eight), notes=(note,))


def _samples(
    pixels: memoryview, shape: tuple[int, int, int], stored: np.dtype[Any], described: tuple[str, str]
) -> NDArray[Any]:
    """described: the file's name and format, for the sentence where samples are missing."""
    count = shape[0] * shape[1] * shape[2]
    if len(pixels) < count * stored.itemsize:
        raise image_errors.damaged(*described, "it ends before its last pixels")
    return np.frombuffer(pixels, stored, count).reshape(shape)
