"""A comparison as one HTML file, and as a labelled composite picture."""
