"""From decoded colours to the pixels that are compared: 8-bit sRGB, upright, on white; with notes about each step."""

from __future__ import annotations

import numpy as np
from PIL import Image as PillowImage

from viewer.imaging.colours.cicp import converted, encoding_from_cicp
from viewer.imaging.colours.profile import high_dynamic_range_of, lab_to_srgb, to_srgb
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
    picture, name, more = _in_srgb(picture, decoded, bits)
    notes += more
    alpha = decoded.alpha
    if decoded.orientation in _TRANSPOSES:
        picture = picture.transpose(_TRANSPOSES[decoded.orientation])
        alpha = alpha.transpose(_TRANSPOSES[decoded.orientation]) if alpha is not None else None
    if alpha is not None and alpha.getextrema() != (255, 255):
        picture = PillowImage.composite(picture, PillowImage.new("RGB", picture.size, (255, 255, 255)), alpha)
        notes.append("Transparency placed on white.")
    return pixels_of(picture), notes, name


def _in_srgb(picture: PillowImage.Image, decoded: Decoded, bits: int) -> tuple[PillowImage.Image, str, list[str]]:
    """Convert a picture (RGB, L or CMYK) to sRGB. Also returns the name of its colour space, and the notes."""
    profile, encoding = decoded.profile, decoded.colour_encoding
    codes = high_dynamic_range_of(profile) if profile and picture.mode != "CMYK" else None
    named = encoding_from_cicp(*codes) if codes is not None else None
    if named is not None:
        profile, encoding = None, named
    if profile:
        done = to_srgb(picture, profile)
        notes = []
        if done.changed:
            after = ", after the reduction to 8 bits" if bits > 8 else ""
            notes = [f"Colours converted from {done.profile} to sRGB{after}."]
        elif not done.usable:
            notes = ["Its colour profile is unusable, so its colours are read as sRGB."]
        return done.picture.convert("RGB"), done.profile, notes
    picture = picture.convert("RGB")
    if encoding is None or encoding.is_srgb:
        return picture, "", []
    stored = np.asarray(picture) if decoded.deep is None else decoded.deep
    return PillowImage.fromarray(converted(stored, encoding)), encoding.name, [encoding.note]
