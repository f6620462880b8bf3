"""The window as a whole: start, main window, dialogs, crash box, log folder."""
