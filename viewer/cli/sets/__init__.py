"""Commands about sets of pictures: sweeps, on this machine or on a cluster, and what is made of their results."""
