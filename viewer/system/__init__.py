"""What the program needs of the machine: memory and its budget, processes, arrays on disk, caches, log, shipped files."""
