"""Formats that Pillow ignores parts of or reads wrongly, one file each: their boxes, chunks and tags, and own readers.
Only the reader imports it.
"""
