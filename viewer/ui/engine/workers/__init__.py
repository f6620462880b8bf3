"""Threads that work while the window answers: the newest request only, curves, scores; and the frozen requests."""
