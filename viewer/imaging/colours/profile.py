"""Conversion to sRGB by a file's embedded ICC profile, with LittleCMS."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageCms

_STEPS = (0, 51, 102, 153, 204, 255)
_PQ, _HLG = 16, 18
_SAME_WITHIN = 2
"""Levels of 255 by which sRGB profiles differ from each other, because of rounded curves and the like."""


@dataclass(frozen=True, eq=False)
class Converted:
    """A picture after its profile was applied.

    profile: its description. changed: the colours were converted, because the profile is usable and not sRGB.
    """

    picture: PillowImage.Image
    profile: str
    changed: bool
    usable: bool = True


def to_srgb(picture: PillowImage.Image, profile: bytes) -> Converted:
    """Convert a picture (RGB, L or CMYK) to sRGB (RGB): relative colorimetric, with black point compensation.

    Unchanged if the profile means sRGB, whatever its name, or if it is damaged or does not suit the picture.
    """
    name = ""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        name = ImageCms.getProfileDescription(source).strip() or "an unnamed profile"
        transform = ImageCms.buildTransform(
            source,
            ImageCms.createProfile("sRGB"),
            picture.mode,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
        if picture.mode != "CMYK" and _changes_nothing(transform, picture.mode):
            return Converted(picture, name, changed=False)
        converted = ImageCms.applyTransform(picture, transform)
    except Exception:  # LittleCMS and Pillow's binding may raise anything on damaged profiles
        return Converted(picture, name or "unreadable", changed=False, usable=False)
    if converted is None:
        return Converted(picture, name, changed=False, usable=False)
    return Converted(converted, name, changed=True)


def high_dynamic_range_of(profile: bytes) -> tuple[int, int] | None:
    """The code points (ITU-T H.273) of a profile whose levels they call PQ or HLG (ICC.1, 9.2.17).

    LittleCMS does not know these curves, and the profile's own tables may say anything.
    """
    count = int.from_bytes(profile[128:132], "big")
    for at in range(132, min(132 + 12 * count, len(profile) - 11), 12):
        if profile[at : at + 4] == b"cicp":
            start = int.from_bytes(profile[at + 4 : at + 8], "big")
            codes = profile[start + 8 : start + 10]
            return (codes[0], codes[1]) if len(codes) == 2 and codes[1] in {_PQ, _HLG} else None
    return None


def lab_to_srgb(picture: PillowImage.Image) -> PillowImage.Image:
    """A CIELAB picture (D50) as sRGB."""
    converted = ImageCms.profileToProfile(
        picture, ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    assert converted is not None
    return converted


def _changes_nothing(transform: Any, mode: str) -> bool:
    if mode == "L":
        levels = np.arange(256, dtype=np.uint8)[None]
        expected = np.repeat(levels[..., None], 3, axis=2)
    else:
        levels = np.stack(np.meshgrid(_STEPS, _STEPS, _STEPS), axis=-1).reshape(1, -1, 3).astype(np.uint8)
        expected = levels
    given = ImageCms.applyTransform(PillowImage.fromarray(levels), transform)
    difference = np.abs(np.asarray(given).astype(np.int16) - expected)
    return int(difference.max()) <= _SAME_WITHIN
