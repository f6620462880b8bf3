"""Showing results to others: presentation mode. Above the presenters, which it may use; only the shell imports it."""
