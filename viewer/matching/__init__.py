"""Brings every codec to the same rate or quality: the searches and their results; `targets/` what is to be met."""
