"""The codecs, one file each, behind the interface base.Codec, and their registry. Every stream is a real file."""
