"""Matched-rate comparison of a learned image codec with JPEG and JPEG 2000."""
