"""The blind test: set-up, trial screen, result."""
