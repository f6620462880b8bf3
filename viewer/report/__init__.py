"""One HTML file of a comparison, and the labelled composite picture."""
