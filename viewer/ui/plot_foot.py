"""What stands below the plots: the bytes that equal quality takes."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from viewer.ui.figures import figure_font


class PlotFoot(QWidget):
    """Sentences about the whole curves and the present target."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heading = QLabel(self)
        self._heading.setFont(figure_font(self.font(), 1.0, bold=True))
        self._needs = QLabel(self)
        self._needs.setWordWrap(True)
        self._needs.setFont(figure_font(self.font()))
        self._needs.setAccessibleName("Bytes that equal quality takes")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2, 2, 2)
        layout.setSpacing(3)
        for label in (self._heading, self._needs):
            layout.addWidget(label)
            label.hide()

    @property
    def needs(self) -> str:
        """What is said of the bytes."""
        return self._needs.text()

    def set_needs(self, sentences: tuple[str, ...]) -> None:
        """Say what every codec needs: a heading and sentences, nothing if there are none."""
        heading, *rest = sentences or ("",)
        self._heading.setText(heading)
        self._needs.setText("\n".join(rest))
        self._heading.setVisible(bool(heading))
        self._needs.setVisible(bool(rest))
