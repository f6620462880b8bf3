"""The bundle's program: RateLens, or one of its child processes.

Child processes are started with `sys.executable`, which is Python elsewhere and this program here. multiprocessing's
own are known to PyInstaller; those of joblib and the window's sweeps come as `-m MODULE` and `-c CODE`.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import sys

_FLAGS = frozenset(("-B", "-E", "-I", "-O", "-OO", "-P", "-s", "-S", "-u"))
_FLAGS_WITH_VALUE = frozenset(("-W", "-X"))


def child_arguments(arguments: list[str]) -> list[str] | None:
    """What follows Python's own flags, if it is `-m MODULE ...` or `-c CODE ...`; else None."""
    rest = list(arguments)
    while rest and rest[0] in _FLAGS | _FLAGS_WITH_VALUE:
        rest = rest[2 if rest[0] in _FLAGS_WITH_VALUE else 1 :]
    return rest if len(rest) > 1 and rest[0] in {"-m", "-c"} else None


def restore_environment() -> None:
    """Let other programs (codecs by command, the file manager) find the system's libraries and Qt plugins, not the
    bundle's: the loader has read the path for this process already, and Qt finds its plugins from its own place.
    """
    if not getattr(sys, "frozen", False):
        return
    for name in ("LD_LIBRARY_PATH", "QT_PLUGIN_PATH", "QML2_IMPORT_PATH"):
        os.environ.pop(name, None)
    original = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    if original is not None:
        os.environ["LD_LIBRARY_PATH"] = original


def main() -> int:
    """Run what is asked for; returns the exit code."""
    multiprocessing.freeze_support()
    restore_environment()
    child = child_arguments(sys.argv[1:])
    if child is None:
        from viewer.__main__ import main as ratelens

        return ratelens()
    kind, what, *arguments = child
    sys.argv = [kind, *arguments]
    if kind == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        exec(compile(what, "<string>", "exec"), {"__name__": "__main__"})
    return 0


if __name__ == "__main__":
    globals().pop("__file__", None)  # joblib's processes would run the file again, and the bundle has none
    sys.exit(main())
