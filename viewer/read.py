"""Reading pictures: whatever Pillow reads becomes 8-bit sRGB, and what was converted is said."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageCms, ImageOps, UnidentifiedImageError

from models.errors import ImageError
from viewer.from_pillow import pixels_of
from viewer.image import Image, Pixels

MAX_PIXELS = 2**27
"""134 megapixels: larger pictures are refused before they are decoded."""

_ORIENTATION = 0x0112
"""EXIF's tag."""

_SIXTEEN_BIT_MODES = {"I;16", "I;16B", "I;16L", "I;16N", "I"}
_CONVERSION_NOTES = {
    "L": "Grey, shown as RGB.",
    "1": "Black and white, shown as RGB.",
    "P": "Palette converted to RGB.",
    "CMYK": "CMYK converted to RGB.",
    "LA": "Grey, shown as RGB.",
}


def load_image(path: Path) -> Image:
    """Read a picture file. Raises ImageError with a sentence that says what is wrong and what to do."""
    if path.is_dir():
        raise ImageError(f"“{path.name}” is a folder: open one of the pictures in it.")
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise ImageError(f"There is no file “{path}”: check the name, or open another picture.") from error
    except OSError as error:
        raise ImageError(f"“{path.name}” cannot be read ({error.strerror}): check its permissions.") from error
    if not data:
        raise ImageError(f"“{path.name}” is empty: open another picture.")
    return image_from_bytes(data, path.name, path)


def image_from_bytes(data: bytes, name: str, path: Path | None = None) -> Image:
    """Decode a picture file's bytes. Raises ImageError."""
    try:
        with warnings.catch_warnings():
            # Sizes are checked below, against our own limit; damaged metadata does not matter where pixels decode.
            warnings.simplefilter("ignore")
            with PillowImage.open(io.BytesIO(data)) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise _too_large(name, picture.width, picture.height)
                pixels, notes = _convert(picture)
    except PillowImage.DecompressionBombError as error:
        raise ImageError(
            f"“{name}” claims more than {MAX_PIXELS // 10**6} megapixels: scale it down, or open a crop of it."
        ) from error
    except UnidentifiedImageError as error:
        raise ImageError(
            f"“{name}” is no picture that can be read here: open a PNG, JPEG, WebP, TIFF, AVIF or JPEG 2000 file."
        ) from error
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, OverflowError) as error:
        raise ImageError(f"“{name}” is damaged or cut short: get a complete copy of it.") from error
    except MemoryError as error:
        raise ImageError(f"“{name}” does not fit into memory: open a smaller picture.") from error
    return Image(pixels, name, path, notes)


def _too_large(name: str, width: int, height: int) -> ImageError:
    return ImageError(
        f"“{name}” has {width} x {height} pixels, more than the {MAX_PIXELS // 10**6} megapixels that can be compared: "
        "scale it down, or open a crop of it."
    )


def _convert(picture: PillowImage.Image) -> tuple[Pixels, tuple[str, ...]]:
    notes: list[str] = []
    if getattr(picture, "n_frames", 1) > 1:
        notes.append(f"First of {picture.n_frames} frames.")  # type: ignore[attr-defined]
    profile = picture.info.get("icc_profile")
    picture.load()
    upright = picture
    if picture.getexif().get(_ORIENTATION, 1) != 1:
        upright = ImageOps.exif_transpose(picture)
        if upright.size != picture.size or upright.tobytes() != picture.tobytes():
            notes.append("Turned upright as its EXIF data says.")
    if upright.mode in _SIXTEEN_BIT_MODES:
        upright = _to_eight_bits(upright)
        notes.append("16 bits reduced to 8.")
    if upright.mode in {"LA", "PA", "RGBA", "La", "RGBa"} or "transparency" in upright.info:
        rgba = upright.convert("RGBA")
        if rgba.getchannel("A").getextrema() != (255, 255):
            white = PillowImage.new("RGBA", rgba.size, (255, 255, 255, 255))
            rgba = PillowImage.alpha_composite(white, rgba)
            notes.append("Transparency laid over white.")
        upright = rgba.convert("RGB")
    if profile:
        upright, converted = _to_srgb(upright, profile)
        if converted:
            notes.append(f"Colours converted from {converted} to sRGB.")
    if upright.mode != "RGB":
        notes.append(_CONVERSION_NOTES.get(upright.mode, f"{upright.mode} converted to RGB."))
        upright = upright.convert("RGB")
    return pixels_of(upright), tuple(notes)


def _to_eight_bits(picture: PillowImage.Image) -> PillowImage.Image:
    samples = np.asarray(picture).astype(np.float64)
    full = 65535.0 if samples.max(initial=0.0) > 255.0 else 255.0
    return PillowImage.fromarray(np.clip(np.rint(samples * 255.0 / full), 0, 255).astype(np.uint8))


def _to_srgb(picture: PillowImage.Image, profile: bytes) -> tuple[PillowImage.Image, str | None]:
    """The picture in sRGB, and the name of the profile it had; unchanged and None if that was sRGB or unusable."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        name = ImageCms.getProfileDescription(source).strip()
        if "srgb" in name.lower() or picture.mode not in {"RGB", "L", "CMYK"}:
            return picture, None
        converted = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return picture, None
    return (picture, None) if converted is None else (converted, name or "an unnamed profile")
