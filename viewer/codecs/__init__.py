"""The codecs, one file each, and the registry."""
