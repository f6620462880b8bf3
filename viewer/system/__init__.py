"""The machine: memory and its budget, processes, arrays on disk, caches, the log, shipped files."""
