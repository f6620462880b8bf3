"""Settings that are kept between runs."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QByteArray, QSettings

from viewer.session.metric_choice import MetricChoice
from viewer.session.pane_layout import Layout, PaneLayout
from viewer.session.state import MetricScale
from viewer.ui.common.theme import ThemeChoice

RECENT_COUNT = 12


class Settings:
    """Typed access to the stored settings; missing or invalid ones read as their defaults.

    problem: a sentence for the user if the file was damaged (it has been set aside), else empty.
    """

    def __init__(self, store: QSettings | None = None) -> None:
        self._store = store or QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "RateLens", "RateLens")
        self.problem = self._set_aside() if self._store.status() is QSettings.Status.FormatError else ""

    @property
    def theme(self) -> ThemeChoice:
        try:
            return ThemeChoice(self._text("theme"))
        except ValueError:
            return ThemeChoice.SYSTEM

    @theme.setter
    def theme(self, choice: ThemeChoice) -> None:
        self._store.setValue("theme", choice.value)

    @property
    def scale(self) -> MetricScale:
        channel: Literal["rgb", "luma"] = "luma" if self._text("channel") == "luma" else "rgb"
        return MetricScale(channel, self._flag("ms_ssim_db", default=True))

    @scale.setter
    def scale(self, scale: MetricScale) -> None:
        self._store.setValue("channel", scale.channel)
        self._store.setValue("ms_ssim_db", scale.ms_ssim_db)

    @property
    def metric_choice(self) -> MetricChoice:
        """Metrics with a column, and those that are plotted; they need not be installed any more."""
        default, plots = MetricChoice(), self._text("plotted_metrics").split()
        columns = tuple(self._text("metric_columns").split()) if self._store.contains("metric_columns") else None
        return MetricChoice(
            default.columns if columns is None else columns,
            (plots[0], plots[1]) if len(plots) == 2 else default.plots,
        )

    @metric_choice.setter
    def metric_choice(self, choice: MetricChoice) -> None:
        self._store.setValue("metric_columns", " ".join(choice.columns))
        self._store.setValue("plotted_metrics", " ".join(choice.plots))

    @property
    def smooth(self) -> bool:
        return self._flag("smooth", default=False)

    @smooth.setter
    def smooth(self, smooth: bool) -> None:
        self._store.setValue("smooth", smooth)

    @property
    def codecs(self) -> tuple[str, ...]:
        """Names of the codecs that are on; empty if the user has never chosen any."""
        return tuple(name for name in self._text("codecs").split(" ") if name)

    @codecs.setter
    def codecs(self, names: tuple[str, ...]) -> None:
        self._store.setValue("codecs", " ".join(names))

    @property
    def variants(self) -> tuple[str, ...]:
        """Names of the variants that were added in the window."""
        return tuple(name for name in self._text("variants").split(" ") if name)

    @variants.setter
    def variants(self, names: tuple[str, ...]) -> None:
        self._store.setValue("variants", " ".join(names))

    def arranged(self, pane_layout: PaneLayout) -> PaneLayout:
        """The panes as they were left; `pane_layout` where that is unknown."""
        words = self._text("panes").split(" ")
        if len(words) != 4 or words[0] not in {layout.value for layout in Layout}:
            return pane_layout
        layout, pane, left, right = words
        return replace(pane_layout, layout=Layout(layout), pane=pane, before=pane, left=left, right=right)

    def arrange(self, pane_layout: PaneLayout) -> None:
        """Store the arrangement of the panes."""
        self._store.setValue(
            "panes", " ".join((pane_layout.layout.value, pane_layout.pane, pane_layout.left, pane_layout.right))
        )

    @property
    def panel(self) -> str:
        """The side panel that was open, or an empty string if none was."""
        return self._text("panel")

    @panel.setter
    def panel(self, name: str) -> None:
        self._store.setValue("panel", name)

    def is_on(self, switch: str, *, default: bool) -> bool:
        """Whether a command's check mark was set."""
        return self._flag(f"switches/{switch}", default=default)

    def set_on(self, switch: str, on: bool) -> None:
        """Store a command's check mark."""
        self._store.setValue(f"switches/{switch}", on)

    @property
    def logarithmic(self) -> bool:
        return self._flag("logarithmic_rate", default=True)

    @logarithmic.setter
    def logarithmic(self, logarithmic: bool) -> None:
        self._store.setValue("logarithmic_rate", logarithmic)

    @property
    def hint(self) -> bool:
        """Whether newcomers are told what to do first; off for ever once closed."""
        return self.is_on("hint", default=True)

    @hint.setter
    def hint(self, shown: bool) -> None:
        self.set_on("hint", shown)

    @property
    def memory_limit_gb(self) -> int | None:
        """The memory limit in gigabytes; None for the default."""
        text = self._text("memory_limit_gb")
        return int(text) if text.isascii() and text.isdigit() and 0 < int(text) < 10_000 else None

    @memory_limit_gb.setter
    def memory_limit_gb(self, limit: int | None) -> None:
        self._store.setValue("memory_limit_gb", "" if limit is None else str(limit))

    @property
    def recent(self) -> tuple[Path, ...]:
        """Recently opened files, newest first."""
        return tuple(Path(line) for line in self._text("recent").split("\n") if line)

    def remember(self, path: Path) -> None:
        """Put a file at the top of the recent ones."""
        kept = [path, *(other for other in self.recent if other != path)][:RECENT_COUNT]
        self._store.setValue("recent", "\n".join(map(str, kept)))

    def forget_recent(self) -> None:
        """Empty the list of recent files."""
        self._store.setValue("recent", "")

    def bytes_of(self, key: str) -> QByteArray:
        """A widget's stored state, empty if there is none."""
        value = self._store.value(key)
        return value if isinstance(value, QByteArray) else QByteArray()

    def set_bytes(self, key: str, value: QByteArray) -> None:
        """Store a widget's state."""
        self._store.setValue(key, value)

    def write(self) -> None:
        """Write the settings to disk now."""
        self._store.sync()

    def _set_aside(self) -> str:
        """Rename the damaged file, and start with empty settings."""
        path = Path(self._store.fileName())
        number = 1
        while (kept := path.with_name(f"{path.name}.damaged-{number}")).exists():
            number += 1
        try:
            shutil.copyfile(path, kept)
        except OSError as error:
            outcome = f"and could not be kept ({error.strerror})"
        else:
            outcome = f"and kept as “{kept.name}”"
        self._store.clear()
        return f"The settings file “{path}” was damaged {outcome}. Settings were reset."

    def _text(self, key: str) -> str:
        value = self._store.value(key)
        return value if isinstance(value, str) else ""

    def _flag(self, key: str, *, default: bool) -> bool:
        value = self._store.value(key)
        return default if value is None else value in (True, "true")
