"""Training of the context model on the latents of trained transforms, and its export to integers."""
