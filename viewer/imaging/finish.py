"""From decoded colours to the pixels that are compared: 8-bit sRGB, upright, on white; with notes about each step."""

from __future__ import annotations

import numpy as np
from PIL import Image as PillowImage

from viewer.imaging.cicp import converted
from viewer.imaging.color import lab_to_srgb, to_srgb
from viewer.imaging.decoded import Decoded
from viewer.imaging.image import Pixels
from viewer.imaging.pillow_arrays import pixels_of

_CONVERSION_NOTES = {
    "L": "Grey, shown as RGB.",
    "1": "Black and white, shown as RGB.",
    "P": "Palette converted to RGB.",
    "CMYK": "CMYK converted to RGB.",
    "LAB": "CIELAB converted to sRGB.",
}
_TRANSPOSES = {
    2: PillowImage.Transpose.FLIP_LEFT_RIGHT,
    3: PillowImage.Transpose.ROTATE_180,
    4: PillowImage.Transpose.FLIP_TOP_BOTTOM,
    5: PillowImage.Transpose.TRANSPOSE,
    6: PillowImage.Transpose.ROTATE_270,
    7: PillowImage.Transpose.TRANSVERSE,
    8: PillowImage.Transpose.ROTATE_90,
}


def finished(decoded: Decoded, bits: int) -> tuple[Pixels, list[str], str]:
    """uint8 (H, W, 3), the notes, and the name of the file's colour space. bits: per sample, as stored."""
    picture, notes = decoded.colours, list(decoded.notes)
    if picture.mode in _CONVERSION_NOTES:
        notes.append(_CONVERSION_NOTES[picture.mode])
    elif picture.mode != "RGB":
        notes.append(f"{picture.mode} converted to RGB.")
    if picture.mode == "LAB":
        picture = lab_to_srgb(picture)
    if picture.mode == "1":
        picture = picture.convert("L")
    if picture.mode not in {"RGB", "L", "CMYK"}:
        picture = picture.convert("RGB")
    after = ", after the reduction to 8 bits" if bits > 8 else ""
    name = ""
    if decoded.profile:
        done = to_srgb(picture, decoded.profile)
        picture, name = done.picture, done.profile
        if done.changed:
            notes.append(f"Colours converted from {name} to sRGB{after}.")
        elif not done.usable:
            notes.append("Its colour profile is unusable, so its colours are read as sRGB.")
    if picture.mode != "RGB":
        picture = picture.convert("RGB")
    if not decoded.profile and decoded.colour_encoding is not None and not decoded.colour_encoding.is_srgb:
        picture = PillowImage.fromarray(converted(np.asarray(picture), decoded.colour_encoding))
        name = decoded.colour_encoding.name
        notes.append(decoded.colour_encoding.note)
    alpha = decoded.alpha
    if decoded.orientation in _TRANSPOSES:
        picture = picture.transpose(_TRANSPOSES[decoded.orientation])
        alpha = alpha.transpose(_TRANSPOSES[decoded.orientation]) if alpha is not None else None
    if alpha is not None and alpha.getextrema() != (255, 255):
        picture = PillowImage.composite(picture, PillowImage.new("RGB", picture.size, (255, 255, 255)), alpha)
        notes.append("Transparency placed on white.")
    return pixels_of(picture), notes, name
