"""Folders of pictures: running a sweep in processes, and its averages."""
