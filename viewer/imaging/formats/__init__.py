"""Single file formats, one a file: what they say that Pillow passes over or reads wrongly, and readers for those that
it does not know. `boxed/` has those that are made of boxes. Imported by the reader alone.
"""
