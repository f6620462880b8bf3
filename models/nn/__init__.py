"""The networks: the paper's transforms and density as modules, and the trained ones laid out to run fast on whole
pictures.
"""
