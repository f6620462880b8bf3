"""Streams whose bytes are fixed: they change only with the stream version."""
