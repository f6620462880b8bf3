"""What a sweep's rows say of a set of pictures: mean curves, BD-rates with intervals, wins and losses, rate points.

It may import `viewer.sweep` and what is below, and nothing of Qt.
"""
