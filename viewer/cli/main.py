"""The parsers of the command line; each command has a file of its own."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from models.errors import RateLensError
from viewer.cli.options import (
    EXIT_USER_ERROR,
    add_codec_sources,
    add_memory_limit,
    add_rate,
    add_reconstructions,
    add_verbose,
    apply_memory_limit,
    given_reconstructions,
    made_known,
    register_given_codecs,
    target_of,
)
from viewer.system import log

__all__ = [
    "COMMANDS",
    "EXIT_USER_ERROR",
    "apply_memory_limit",
    "command_parser",
    "given_reconstructions",
    "made_known",
    "register_given_codecs",
    "run_command",
    "target_of",
    "window_parser",
]


@dataclass(frozen=True)
class Command:
    """A command without a window. usage: its arguments in short. module: of viewer.cli, imported when the command is
    asked for. add, run: functions there; the one adds its arguments to a parser, the other returns the exit code and
    raises RateLensError.
    """

    name: str
    usage: str
    help: str
    module: str
    add: str = "add"
    run: str = "run"

    def add_to(self, parser: argparse.ArgumentParser) -> None:
        """Give a parser the command's arguments, and what to run."""
        module = import_module(f"viewer.cli.{self.module}")
        getattr(module, self.add)(parser)
        parser.set_defaults(run=getattr(module, self.run))


_COMMANDS = (
    Command(
        "compare",
        "IMAGE --bpp 0.25",
        "compare codecs on a picture at equal rate, or at equal quality (--psnr, --ms-ssim)",
        "compare",
    ),
    Command("report", "IMAGE --bpp 0.25 --out FILE.html", "write a comparison to one HTML file to share", "report"),
    Command("encode", "IMAGE OUT ...", "compress a picture with one codec", "streams", "add_encode", "encode"),
    Command("decode", "STREAM OUT.png", "decompress a stream to a PNG", "streams", "add_decode", "decode"),
    Command(
        "sweep",
        "DIR --out FILE.csv",
        "run every codec on every picture in folders, with BD-rates; here or on a cluster",
        "sets.sweep",
    ),
    Command("merge", "A.csv B.csv --out FILE.csv", "join the results of sweeps", "sets.merge"),
    Command("codec", "add FILE", "codecs by command and weights: check, add, list and remove them", "codec"),
    Command("metric", "add FILE.toml", "metrics: check, list; add and remove those by command", "metric"),
    Command("install-desktop", "", "put RateLens into the desktop's menu (Linux), or --remove it", "desktop"),
    Command("doctor", "", "check the installation and suggest fixes", "doctor"),
)
_MORE = """See “ratelens COMMAND --help” for details.

exit codes: 0 success, 1 doctor found a problem, 2 user error, 70 internal error (see the log), 130 Ctrl+C"""
COMMANDS = tuple(command.name for command in _COMMANDS)


def _epilog() -> str:
    starts = [f"ratelens {command.name} {command.usage}".rstrip() for command in _COMMANDS]
    width = max(map(len, starts))
    lines = [f"  {start.ljust(width)}  {command.help}" for start, command in zip(starts, _COMMANDS, strict=True)]
    return "\n".join(["commands without a window:", *lines, "", _MORE])


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{3,5})x(\d{3,5})", text)
    if not found:
        raise argparse.ArgumentTypeError(f"“{text}” is not a size: give WIDTHxHEIGHT, such as 1600x1000")
    return int(found[1]), int(found[2])


def window_parser(version: str) -> argparse.ArgumentParser:
    """The parser of “ratelens [IMAGE]”."""
    parser = argparse.ArgumentParser(
        prog="ratelens",
        description="Compare a learned image codec with JPEG and JPEG 2000 at matched rates, live.",
        epilog=_epilog(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "image", nargs="?", type=Path, help="photograph, session, folder or sweep’s CSV to open (default: a sample)"
    )
    add_rate(parser, required=False)
    parser.add_argument(
        "--screenshot",
        type=Path,
        metavar="OUT.png",
        help="save the window as a picture once it is up to date, then quit",
    )
    parser.add_argument("--size", type=_size, metavar="WxH", help="window size, such as 1600x1000")
    parser.add_argument("--force", action="store_true", help="overwrite OUT.png")
    parser.add_argument(
        "--codec",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME",
        help="a codec to show besides, or one with other settings (avif:speed=2); repeatable",
    )
    add_codec_sources(parser)
    add_reconstructions(parser)
    add_memory_limit(parser)
    add_verbose(parser)
    parser.add_argument("--version", action="version", version=f"RateLens {version}")
    return parser


def command_parser(name: str) -> argparse.ArgumentParser:
    """The parser of a command without a window, one of COMMANDS."""
    parser = argparse.ArgumentParser(prog="ratelens")
    commands = parser.add_subparsers(dest="command", required=True)
    command = next(command for command in _COMMANDS if command.name == name)
    sub = commands.add_parser(command.name, help=command.help)
    command.add_to(sub)
    add_verbose(sub)
    return parser


def run_command(arguments: Sequence[str]) -> int:
    """Run a command without a window, the first argument; returns 0, or 1 from doctor when something is missing, or 2
    on errors.
    """
    parsed = command_parser(arguments[0]).parse_args(arguments)
    log.start(verbose=parsed.verbose)
    apply_memory_limit(getattr(parsed, "memory_limit", None))
    try:
        code: int = parsed.run(parsed)
    except RateLensError as error:
        log.log.info("%s: %s", type(error).__name__, error)
        print(f"ratelens: {error}", file=sys.stderr)
        return EXIT_USER_ERROR
    except MemoryError:
        log.log.warning("out of memory", exc_info=True)
        print("ratelens: Out of memory: open a smaller picture, or close other programs.", file=sys.stderr)
        return EXIT_USER_ERROR
    return code
