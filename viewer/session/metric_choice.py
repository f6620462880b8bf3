"""Which metrics the user sees: those with a column in the panes' heads, and the two that are plotted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from viewer.matching.targets.quality import METRIC_NAMES


@dataclass(frozen=True)
class MetricChoice:
    """Metrics by name. "psnr" and "ms_ssim" are read on the MetricScale; others are those of the registry.

    columns: of the heads, in order. plots: of the upper plot and of the lower one.
    """

    columns: tuple[str, ...] = ("psnr", "ms_ssim")
    plots: tuple[str, str] = ("psnr", "ms_ssim")

    @property
    def slow(self) -> tuple[str, ...]:
        """Those that no result has by itself."""
        return tuple(name for name in dict.fromkeys((*self.columns, *self.plots)) if name not in METRIC_NAMES)

    @property
    def slow_plots(self) -> tuple[str, ...]:
        """Those of them that are plotted."""
        return tuple(name for name in dict.fromkeys(self.plots) if name not in METRIC_NAMES)

    def toggled(self, name: str, order: Collection[str]) -> MetricChoice:
        """With a column more, or less where it is there already. order: in which columns stand."""
        columns = {*self.columns} ^ {name}
        return replace(self, columns=tuple(one for one in order if one in columns))

    def plotting(self, plot: int, name: str) -> MetricChoice:
        """With another metric in a plot, 0 or 1."""
        upper, lower = self.plots
        return replace(self, plots=(name, lower) if plot == 0 else (upper, name))

    def among(self, names: Collection[str]) -> MetricChoice:
        """Without metrics that are not among these: a plot goes back to its own."""
        default = MetricChoice()
        upper, lower = (name if name in names else own for name, own in zip(self.plots, default.plots, strict=True))
        return MetricChoice(tuple(name for name in dict.fromkeys(self.columns) if name in names), (upper, lower))
