"""What single file formats say that Pillow passes over or reads wrongly: boxes, chunks, tags, and readers of their own.
Imported by the reader alone.
"""
