"""The codecs, one file each behind base.Codec, and their registry. A quality goes in and a real stream comes out."""
