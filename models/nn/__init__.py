"""The networks: the paper's transforms and density as modules, and their fast counterparts for whole pictures."""
