"""What stored numbers mean, and how they become 8-bit sRGB: ICC profiles, code points, more bits than 8, linear light.
Imported by the readers.
"""
