"""Image formats, one file each: what Pillow ignores or reads wrongly in them, and readers for those that it does not
know. `boxed/` has the formats made of boxes. Only the reader imports it.
"""
