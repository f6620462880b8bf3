"""Metrics by command: a program that is given two pictures and tells a score. A TOML file describes it, or one line."""
