"""Brings every codec to the same rate or quality: targets as people write them, the searches, and their results."""
