"""The same rate, or the same quality, for every codec: targets as people write them, the searches, and the results they
give.
"""
