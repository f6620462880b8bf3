"""Everything Qt; nothing outside this package imports PySide6 or pyqtgraph."""
