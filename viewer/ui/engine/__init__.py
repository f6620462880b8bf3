"""State and work: the encode service, its workers and what they deliver. Knows no widget."""
