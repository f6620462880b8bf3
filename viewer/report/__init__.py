"""The report: one HTML file that shows a comparison to those who were not there."""
