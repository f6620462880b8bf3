"""Files to pictures and back: reading, colour profiles, drafts, information about a file, its neighbours in the folder,
and writing files safely.
"""
