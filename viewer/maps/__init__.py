"""Where a codec goes wrong: differences, error and artifact maps, where the bits went, the worst regions."""
