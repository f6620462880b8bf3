"""The context model: an integer network that chooses each symbol's frequency table from its neighbours. Its results are
identical on every machine.
"""
