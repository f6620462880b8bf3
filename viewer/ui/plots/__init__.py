"""The rate-distortion plots, their footer and pins, and the table of points."""
