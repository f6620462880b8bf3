"""Formats made of boxes inside boxes: AVIF, HEIF, JPEG 2000 and JPEG XL. Imported by the reader and other formats."""
