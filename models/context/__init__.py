"""The context model: an integer network that chooses each symbol's frequency table from its neighbours, the same on
every machine.
"""
