"""The command ratelens: the window, or a command that needs none."""

from __future__ import annotations

import gc
import io
import signal
import sys
import traceback
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import RateLensError, TargetError

if TYPE_CHECKING:
    from viewer.matching.reconstruction import Given

_EXIT_INTERRUPTED = 130
"""128 and SIGINT, as shells have it."""
_EXIT_UNEXPECTED = 70
"""EX_SOFTWARE of sysexits.h: an error in the program. Python's own 1 is doctor's for something that is missing."""


def program_version() -> str:
    """The installed version, or a word that says that it is not installed."""
    try:
        return version("ratelens")
    except PackageNotFoundError:
        return "not installed"


def main() -> int:
    """Entry point; returns the exit code: 0, 1 from doctor, 2 for an error that a user can cause, 70 for any other,
    which is logged, 130 after Ctrl+C.
    """
    gc.disable()  # nothing that is imported is ever garbage, and looking for some takes a tenth of a start
    try:
        return _run(sys.argv[1:])
    except KeyboardInterrupt as interrupt:
        print(f"\nratelens: {str(interrupt) or 'stopped.'}", file=sys.stderr)
        return _EXIT_INTERRUPTED
    except Exception as error:
        _report_unexpected(error)
        return _EXIT_UNEXPECTED
    finally:
        gc.enable()


def _report_unexpected(error: Exception) -> None:
    """Log it with its traceback, also to standard error, and say where the log is."""
    try:
        from viewer.system import log

        place = log.unexpected(error)
    except Exception:  # the log's own imports may be what is broken
        traceback.print_exception(error)
        place = None
    also = "" if place is None else f" They are also in the log: {place}"
    print(f"ratelens: Unexpected error. Please report it with the lines above.{also}", file=sys.stderr)


def _run(arguments: list[str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # names of files need not be text
    if arguments == ["doctor"]:  # it has to speak even where what the rest imports is broken
        from viewer.cli import doctor

        return doctor.main()
    from viewer.cli import main as cli
    from viewer.system import log
    from viewer.system.program import handled_signals

    if arguments and arguments[0] in cli.COMMANDS:
        for number in handled_signals():
            if number != signal.SIGINT:  # as after Ctrl+C: nothing that was started stays behind
                signal.signal(number, _leave)
        gc.enable()
        return cli.run_command(arguments)
    parsed = cli.window_parser(program_version()).parse_args(arguments)
    log.start(verbose=parsed.verbose)
    cli.apply_memory_limit(parsed.memory_limit)
    try:
        cli.register_given_codecs(parsed)
        for name in parsed.codec:
            cli.made_known(name)
        given = tuple(cli.given_reconstructions(parsed))
        return _window(parsed.image, parsed.bpp, parsed.screenshot, parsed.size, given, force=parsed.force)
    except RateLensError as error:
        log.log.info("%s: %s", type(error).__name__, error)
        print(f"ratelens: {error}", file=sys.stderr)
        return cli.EXIT_USER_ERROR


def _leave(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def _window(
    path: Path | None,
    rate: str | None,
    screenshot: Path | None,
    size: tuple[int, int] | None,
    given: tuple[Given, ...],
    *,
    force: bool,
) -> int:
    from viewer.cli import main as cli
    from viewer.cli.display_check import window_problem

    problem = window_problem()
    if problem is not None:
        print(f"ratelens: {problem}", file=sys.stderr)
        return cli.EXIT_USER_ERROR
    if given and (path is None or path.suffix.lower() == ".ratelens"):
        raise TargetError("--with needs the original, too: write “ratelens ORIGINAL --with PICTURE”.")
    target_bpp = None
    if rate is not None:
        if path is not None and path.suffix.lower() == ".ratelens":
            raise TargetError(f"“{path.name}” is a session, which sets its own rate: leave --bpp out.")
        from viewer.imaging.reader import load_image
        from viewer.matching.targets.rate import is_file_size
        from viewer.system.resources import sample_images

        is_set = path is not None and (path.is_dir() or path.suffix.lower() == ".csv")
        if is_set and path is not None and is_file_size(rate):
            raise TargetError(
                f"“{path.name}” is a set of pictures of any size: give --bpp bits per pixel, such as 0.25."
            )
        picture = load_image(path or sample_images()[0].path) if is_file_size(rate) else None
        target_bpp = cli.target_of(rate, picture)
    if screenshot is not None:
        from viewer.imaging.writer import check_overwrite

        check_overwrite([screenshot], force=force)
    from viewer.ui.shell.app import run

    return run(path, target_bpp, screenshot, size, given)


if __name__ == "__main__":
    sys.exit(main())
