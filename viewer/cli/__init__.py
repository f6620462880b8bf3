"""The command line, one file per command. Heavy imports wait until a command needs them, so that help and doctor work
even where the rest is broken.
"""
