"""The curve colours, the same in the window and in plots: Okabe and Ito, "Color Universal Design" (2008)."""

from __future__ import annotations

CODEC_COLOURS = {"learned": "#d55e00", "jpeg": "#2b8cd6", "jpeg2000": "#009e73"}
"""Vermilion, blue and bluish green; the blue is lightened so that all three stand out alike on white and on black."""
