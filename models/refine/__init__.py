"""Refinement: the encoder moves one picture's latents by gradient before it rounds them. Streams and decoder stay the
same. Imported by `models.codec` alone; it uses the networks and the context model.
"""
