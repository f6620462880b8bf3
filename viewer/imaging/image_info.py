"""Information about an opened picture: its file, the file's content, and conversions."""

from __future__ import annotations

from viewer.imaging.image import Image
from viewer.imaging.source import Source

_ORIENTATIONS = {
    1: "upright",
    2: "mirrored",
    3: "rotated by 180°",
    4: "flipped upside down",
    5: "mirrored and rotated left",
    6: "rotated right",
    7: "mirrored and rotated right",
    8: "rotated left",
}
_WHITE = "Transparency placed on white."


def image_info_rows(image: Image) -> tuple[tuple[str, str], ...]:
    """Names and values, in display order."""
    shown = ("Compared", f"{image.width} × {image.height}, 8-bit sRGB, {image.pixel_count / 1e6:.3g} megapixels")
    rows = [("Name", image.name)] if image.source is None else _of_file(image, image.source)
    rows.append(shown)
    if _WHITE in image.notes:
        rows.append(("Background", "white where the picture is transparent"))
    rows.append(("Converted", "\n".join(image.notes) or "nothing: the pixels are exactly the file’s"))
    rows.append(("Pixels", f"SHA-256 {image.digest[:16]}…"))
    return tuple(rows)


def _of_file(image: Image, source: Source) -> list[tuple[str, str]]:
    rows = [("File", image.name)]
    if image.path is not None:
        rows.append(("Folder", str(image.path.parent)))
    rows += [
        ("On disk", f"{format_bytes(source.byte_count)}, {source.file_format}"),
        ("Stored as", f"{source.width} × {source.height}, {source.samples}"),
        ("Profile", source.profile or "none, read as sRGB"),
    ]
    if source.orientation != 1:
        origin = f"{source.orientation_source} {source.orientation}"
        rows.append(("Orientation", f"{_ORIENTATIONS[source.orientation]} ({origin})"))
    if source.frames > 1:
        rows.append(("Frames", f"the first of {source.frames}"))
    return rows


def format_bytes(byte_count: float) -> str:
    """A size for people, decimal units: "812 B", "40.2 kB", "1.31 MB"."""
    if byte_count < 1000:
        return f"{byte_count:.0f} B"
    if byte_count < 1000**2:
        return f"{byte_count / 1000:.1f} kB"
    return f"{byte_count / 1000**2:.2f} MB"
