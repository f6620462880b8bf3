"""The picture panes: canvas, painting, header, grid, legend, navigator, loupe."""
