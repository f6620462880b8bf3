"""Codecs by command: a TOML file describes an encoder and a decoder that are programs. Imports imaging and system."""
