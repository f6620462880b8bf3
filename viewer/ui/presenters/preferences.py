"""The user's preferences and the window's state: read from the settings at the start, and stored there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from viewer.codecs.registry import DEFAULT_CODECS, added_codecs
from viewer.session.metric_reading import CHOOSABLE
from viewer.session.pane_layout import ORIGINAL, PaneLayout
from viewer.session.state import MetricScale, Session
from viewer.system.memory import process_budget
from viewer.ui.common.actions import Command
from viewer.ui.common.settings import Settings
from viewer.ui.common.theme import ThemeChoice
from viewer.ui.engine.app_state import AppState, Message, Switches
from viewer.ui.engine.store import Store, Update, update
from viewer.ui.engine.updates.samples import own
from viewer.ui.engine.updates.target import set_memory_limit, set_scale
from viewer.ui.engine.updates.view import set_theme, toggle
from viewer.ui.presenters.layout_actions import BLINK_RATES_HZ

MEMORY_LIMITS_GB = (None, 1, 2, 4, 8, 16)
"""The choices for the memory limit: the default, or this many gigabytes."""
_THEMES = (
    (ThemeChoice.SYSTEM, "Follow &system"),
    (ThemeChoice.LIGHT, "&Light"),
    (ThemeChoice.DARK, "&Dark"),
)


_KEPT: tuple[tuple[Callable[[AppState], object], str], ...] = (
    (lambda state: state.theme, "theme"),
    (lambda state: state.session.scale, "scale"),
    (lambda state: state.session.metric_choice, "metric_choice"),
    (lambda state: state.switches.smooth, "smooth"),
    (lambda state: state.switches.logarithmic, "logarithmic"),
    (lambda state: state.switches.hint, "hint"),
    (lambda state: state.compared, "codecs"),
    (lambda state: state.memory_limit_gb, "memory_limit_gb"),
)
"""Parts of the state that are stored as soon as they change, and their settings."""


def state_from(settings: Settings, installed: tuple[str, ...], target_bpp: float, problem: str) -> AppState:
    """The window as it was left, with defaults for what is unknown or gone. problem: a message to show at once."""
    compared = _switched_on(installed, settings)
    layout = PaneLayout(pane=compared[0], right=compared[0])
    panel = settings.panel
    hz = [rate for rate in BLINK_RATES_HZ if settings.is_on(f"blink_{rate}", default=rate == BLINK_RATES_HZ[1])]
    return AppState(
        session=Session(
            target_bpp,
            scale=settings.scale,
            metric_choice=settings.metric_choice.among(CHOOSABLE),
            pane_layout=settings.arranged(layout).among((ORIGINAL, *compared)),
        ),
        installed=installed,
        compared=compared,
        switches=Switches(
            smooth=settings.smooth,
            logarithmic=settings.logarithmic,
            part_metrics=settings.is_on("visible", default=False),
            plots=settings.is_on("plots", default=True),
            hint=settings.hint,
        ),
        blink_hz=hz[-1] if hz else BLINK_RATES_HZ[1],
        panel=panel if panel in ("regions", "information", "pins") else "",
        theme=settings.theme,
        memory_limit_gb=settings.memory_limit_gb,
        message=Message("error", problem, number=1) if problem else None,
        message_count=1 if problem else 0,
        notice=problem,
    )


def _switched_on(installed: Sequence[str], settings: Settings) -> tuple[str, ...]:
    """The codecs to compare at first: as they were left, or the usual ones, and those that the command line added."""
    added = {codec.name for codec in added_codecs()} - set(settings.variants)
    for names in (settings.codecs, DEFAULT_CODECS, installed):
        if any(name in names for name in installed):
            return tuple(name for name in installed if name in names or name in added)
    raise ValueError("there is no codec")


class Preferences:
    """The commands for theme, metric scale, rate axis, magnification and memory limit, and their settings."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        limit_gb = store.state.memory_limit_gb
        if limit_gb is not None and process_budget().is_default:  # the command line may set another one
            process_budget().limit_bytes = limit_gb * 10**9
        for select, name in _KEPT:
            store.watch(select, partial(setattr, settings, name), at_once=False)

    def commands(self) -> tuple[Command, ...]:
        """The commands for preferences."""
        return (
            Command(
                "smooth", "&View", "&Smooth zoom", self._does(toggle("smooth")), ("N",), section=1, checked=_smooth
            ),
            *(
                Command(
                    f"theme_{theme.value}",
                    "&View",
                    text,
                    self._does(set_theme(theme)),
                    section=2,
                    submenu="&Theme",
                    group="theme",
                    checked=lambda state, theme=theme: state.theme is theme,  # type: ignore[misc]
                )
                for theme, text in _THEMES
            ),
            Command(
                "decibels",
                "&Metrics",
                "MS-SSIM in &decibels",
                self._does(_toggle_decibels()),
                ("M",),
                short="dB",
                checked=lambda state: state.session.scale.ms_ssim_db,
            ),
            Command(
                "luma",
                "&Metrics",
                "&Luma (BT.601) instead of RGB",
                self._does(_toggle_luma()),
                ("Y",),
                short="luma",
                checked=lambda state: state.session.scale.channel == "luma",
            ),
            Command(
                "logarithmic",
                "&Metrics",
                "Lo&garithmic rate axis",
                self._does(toggle("logarithmic")),
                ("Shift+L",),
                section=1,
                short="log rate",
                checked=lambda state: state.switches.logarithmic,
            ),
            *(
                Command(
                    f"memory_{limit_gb or 'usual'}",
                    "&File",
                    f"{limit_gb} GB" if limit_gb else "&Default",
                    partial(self._set_memory_limit, limit_gb),
                    section=2,
                    submenu="Memor&y limit",
                    group="memory",
                    checked=lambda state, limit_gb=limit_gb: _offered(state) == limit_gb,  # type: ignore[misc]
                )
                for limit_gb in MEMORY_LIMITS_GB
            ),
        )

    def keep_arrangement(self) -> None:
        """Store the window's state when it is closed."""
        state, settings = self._store.state, self._settings
        settings.set_on("visible", state.switches.part_metrics)
        settings.set_on("plots", state.switches.plots)
        for hz in BLINK_RATES_HZ:
            settings.set_on(f"blink_{hz}", state.blink_hz == hz)
        settings.arrange(own(state).pane_layout)
        settings.panel = state.panel

    def _does(self, change: Update) -> partial[None]:
        return partial(self._store.update, change)

    def _set_memory_limit(self, limit_gb: int | None) -> None:
        budget = process_budget()
        budget.limit_bytes = budget.default_bytes if limit_gb is None else limit_gb * 10**9
        self._store.update(set_memory_limit(limit_gb))


def _smooth(state: AppState) -> bool:
    return state.switches.smooth


def _offered(state: AppState) -> int | None:
    """The limit with the check mark: the default if the menu does not offer the actual one."""
    return state.memory_limit_gb if state.memory_limit_gb in MEMORY_LIMITS_GB else None


@update
def _toggle_decibels(state: AppState) -> AppState:
    scale: MetricScale = state.session.scale
    return set_scale(replace(scale, ms_ssim_db=not scale.ms_ssim_db))(state)


@update
def _toggle_luma(state: AppState) -> AppState:
    scale = state.session.scale
    return set_scale(replace(scale, channel="rgb" if scale.channel == "luma" else "luma"))(state)
