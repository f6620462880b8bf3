"""Codecs by command: a TOML file describes the programs that encode and decode. Imports imaging and system."""
