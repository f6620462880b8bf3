"""The rate bar: slider and field."""
