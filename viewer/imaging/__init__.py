"""Files to pictures and back: reading, color profiles, drafts, what a file held, the files beside it, writing without
overwriting.
"""
