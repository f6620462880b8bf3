"""The learned codec: usable without the viewer, and without Qt."""
