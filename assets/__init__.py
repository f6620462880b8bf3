"""Weights, sample photographs and icons, found through importlib.resources."""
