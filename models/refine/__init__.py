"""Refinement: the encoder optimises one picture's latents by gradient descent before rounding them. Stream format and
decoder stay the same. Imported by `models.codec` only; uses the networks and the context model.
"""
