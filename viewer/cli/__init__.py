"""The command line, one file a command. Heavy imports wait until a command needs them, so that help and doctor always
work.
"""
