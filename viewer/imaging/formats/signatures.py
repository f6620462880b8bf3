"""Recognises formats by their first bytes, also unsupported ones, so that messages can name them."""

from __future__ import annotations

from pathlib import PurePath

from viewer.imaging import image_errors
from viewer.imaging.jpegxl_header import is_jpeg_xl

Y4M = b"YUV4MPEG2 "
RAW_YUV_SUFFIXES = {".yuv", ".i420"}
_READ = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8", "JPEG"),
    (b"GIF8", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "BigTIFF"),
    (b"MM\0+", "BigTIFF"),
    (b"BM", "BMP"),
    (b"8BPS", "Photoshop"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\x0a\x05\x01", "PCX"),
    (b"DDS ", "DDS"),
    (b"\x01\xda\x00", "SGI"),
    (b"\x01\xda\x01", "SGI"),
    (b"qoif", "QOI"),
    (b"icns", "ICNS"),
    (b"\0\0\1\0", "ICO"),
    (b"P7\n", "PAM"),
    (b"PF", "PFM"),
    (b"Pf", "PFM"),
    (b"#?RADIANCE", "Radiance HDR"),
    (b"#?RGBE", "Radiance HDR"),
    (b"\x76\x2f\x31\x01", "OpenEXR"),
    (Y4M, "Y4M"),
    (b"\x8bJNG\r\n\x1a\n", "JNG"),
    (b"SIMPLE  =", "FITS"),
    (b"SDPX", "DPX"),
    (b"XPDS", "DPX"),
)
_NOT_READ = (
    (b"\x80\x2a\x5f\xd7", "a Cineon file"),
    (b"\x8aMNG\r\n\x1a\n", "an MNG file"),
    (b"%PDF", "a PDF document"),
    (b"%!PS", "an EPS or PostScript file"),
    (b"<svg", "an SVG drawing"),
    (b"gimp xcf", "a GIMP file (XCF)"),
    (b"8BPB", "a large Photoshop file (PSB)"),
    (b"II\xbc\x01", "a JPEG XR file"),
    (b"BPG\xfb", "a BPG file"),
    (b"FLIF", "a FLIF file"),
    (b"\xab\x4b\x54\x58", "a KTX texture"),
    (b"AT&TFORM", "a DjVu document"),
)
_VIDEO = "open a picture, such as a frame of it saved as PNG"
_RAW = (b"FUJIFILMCCD-RAW", b"IIRO\x08\0", b"IIRS\x08\0", b"MMOR", b"IIU\0", b"FOVb", b"\0MRM", b"II\x1a\0\0\0HEAPCCDR")
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_AVIF_BRANDS = {b"avif", b"avis"}


def is_avif(data: bytes) -> bool:
    return data[4:8] == b"ftyp" and bool(_brands(data) & _AVIF_BRANDS)


def is_heif(data: bytes) -> bool:
    """HEIC and its relatives: pictures in boxes that AVIF's decoder does not support."""
    return data[4:8] == b"ftyp" and not is_avif(data) and bool(_brands(data) & _HEIF_BRANDS)


def is_yuv(data: bytes, name: str) -> bool:
    """Whether a file is Y4M, or has the suffix of raw YUV, which has no header."""
    return data.startswith(Y4M) or PurePath(name).suffix.lower() in RAW_YUV_SUFFIXES


def has_raw_signature(data: bytes) -> bool:
    """Whether a file is a camera's raw one by its first bytes; many others are plain TIFFs by theirs."""
    return data.startswith(_RAW) or (data[:2] == b"II" and data[8:10] == b"CR") or data[4:12] == b"ftypcrx "


def detect_format(data: bytes) -> str:
    """The name of a supported format; empty for anything else."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    if is_avif(data):
        return "AVIF"
    if is_heif(data):
        return "HEIF"
    if is_jpeg_xl(data):
        return "JPEG XL"
    if data[:1] == b"P" and data[1:2] in b"123456" and data[2:3].isspace():
        return "PNM"
    return next((kind for signature, kind in _READ if data.startswith(signature)), "")


def check_readable_format(data: bytes, name: str) -> None:
    """Raise ImageError for a known but unsupported format; the message names it."""
    found = next((kind for signature, kind in _NOT_READ if data.startswith(signature)), None)
    if found is not None:
        raise image_errors.unsupported(name, found)
    if data[:512].lstrip().startswith((b"<svg", b"<?xml")) and b"<svg" in data[:4096]:
        raise image_errors.unsupported(name, "an SVG drawing")
    if data[:4] == b"\x1a\x45\xdf\xa3" or data[8:12] == b"AVI ":
        raise image_errors.unsupported(name, "a video", _VIDEO)
    is_picture = is_avif(data) or is_heif(data) or has_raw_signature(data)
    if data[4:8] == b"ftyp" and not is_picture and data[8:12] not in {b"jp2 ", b"jxl "}:
        raise image_errors.unsupported(name, "a video, or another file in MP4 boxes", _VIDEO)
    if data.startswith(b"GDN"):
        raise image_errors.unsupported(
            name, "a stream of the learned codec", "convert it with `ratelens decode` to PNG, then open that"
        )


def _brands(data: bytes) -> set[bytes]:
    end = min(int.from_bytes(data[:4], "big"), len(data), 512)
    return {data[8:12], *(data[at : at + 4] for at in range(16, end - 3, 4))}
