"""The learned codec, usable without the viewer: weights in, picture to stream and back. Imports nothing of the viewer
and no Qt.
"""
