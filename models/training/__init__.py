"""Training of the learned codec; imported by nothing at run time."""
