"""Metrics by command: programs that compare two pictures and print a score, described by a TOML file or one line."""
