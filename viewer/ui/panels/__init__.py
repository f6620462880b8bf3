"""Lists and notes around the panes: side panel, image information, pins, regions, read-out, banner."""
