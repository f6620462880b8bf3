"""Hostile input: damaged files of every format that is read, and what may come of them."""
