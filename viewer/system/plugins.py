"""What other packages bring through entry points, loaded and checked: codecs, metrics. An unusable one becomes a
sentence, and the program goes on without it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from typing import Any, Generic, Protocol, TypeVar

from models.errors import RateLensError

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


class Named(Protocol):
    """What users call by its name, and read by its label."""

    @property
    def name(self) -> str:
        """The identifier."""

    @property
    def label(self) -> str:
        """For people."""


_Plugin = TypeVar("_Plugin", bound=Named)
_Usable = TypeVar("_Usable")


@dataclass(frozen=True)
class Found(Generic[_Usable]):
    """What was found where others may put things. findings: what is wrong with the unusable ones, and what to do."""

    usable: tuple[_Usable, ...] = ()
    findings: tuple[tuple[str, str], ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """The findings, one sentence each."""
        return tuple(f"{what}: {fix}" for what, fix in self.findings)


def entry_points(group: str) -> tuple[metadata.EntryPoint, ...]:
    """Those that the installed packages declare."""
    return tuple(metadata.entry_points(group=group))


def load_plugins(
    kind: str,
    load: Callable[[Any, str], _Plugin],
    taken: Iterable[Named],
    declared: Iterable[metadata.EntryPoint],
) -> Found[_Plugin]:
    """Load plug-ins, the first of each name and label. kind: what they are, a noun ("codec").

    load: makes one from what an entry point names and its package's name and version; raises TypeError or ValueError
    to say what is wrong. taken: those whose names and labels are in use.
    """
    names = {name for one in taken for name in (one.name, one.label)}
    usable: list[_Plugin] = []
    findings: list[tuple[str, str]] = []
    for entry_point in sorted(declared, key=lambda entry_point: (entry_point.name, entry_point.value)):
        package = _package(entry_point)
        try:
            plugin = load(entry_point.load(), package)
            clash = next((name for name in (plugin.name, plugin.label) if name in names), None)
            if clash is not None:
                raise ValueError(f"there already is a {kind} called “{clash}”")
        except (Exception, SystemExit) as error:  # another package's code may raise anything, on import too
            reason = str(error) or "no reason given"
            what = "" if isinstance(error, (TypeError, ValueError)) else f"{type(error).__name__}: "
            sentence = f"The {kind} “{entry_point.name}” from the package {package} cannot be used ({what}{reason})"
            findings.append((sentence, "update or remove that package."))
            continue
        names |= {plugin.name, plugin.label}
        usable.append(plugin)
    return Found(tuple(usable), tuple(findings))


def _package(entry_point: metadata.EntryPoint) -> str:
    distribution = entry_point.dist
    return f"{distribution.name} {distribution.version}" if distribution is not None else entry_point.value


def instance_of(named: Any, attributes: Collection[str], methods: Collection[str]) -> Any:
    """What an entry point names, or what the class or function that it names makes, with these attributes and methods,
    a name and a label. Raises TypeError or ValueError saying what is missing.
    """
    is_maker = isinstance(named, type) or not all(hasattr(named, method) for method in methods)
    plugin = named() if is_maker and callable(named) else named
    for attribute in ("name", "label", *attributes, *methods):
        if not hasattr(plugin, attribute):
            raise TypeError(f"it has no “{attribute}”")
    for method in methods:
        if not callable(getattr(plugin, method)):
            raise TypeError(f"its “{method}” cannot be called")
    if not isinstance(plugin.name, str) or not _NAME.fullmatch(plugin.name):
        raise ValueError(f"its name {plugin.name!r} must consist of lower-case letters, digits, - and _")
    if not isinstance(plugin.label, str) or not plugin.label.strip():
        raise ValueError("its label is empty")
    return plugin


@contextmanager
def translating_errors(error: type[RateLensError], who: str, what: str, instead: str) -> Iterator[None]:
    """Turn whatever a plug-in raises inside the block into an error of this program. who: “X, a codec from the package
    P”; what: it is doing ("comparing"); instead: what else a user can do.
    """
    try:
        yield
    except RateLensError:
        raise
    except (Exception, SystemExit) as raised:  # as above
        raise error(
            f"{who}, failed while {what} ({type(raised).__name__}: {raised}): report this to its authors, or {instead}."
        ) from raised
