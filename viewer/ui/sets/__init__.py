"""The set of pictures: its curves, times, rate points, table of pictures, and sweep.

It may use the plots' widgets, and is used by the presenters.
"""
