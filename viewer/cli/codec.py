"""“ratelens codec”: checks, installs, lists and removes codecs by command."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from models.errors import CodecError
from viewer.cli.options import EXIT_OK, EXIT_USER_ERROR
from viewer.cli.printing import print_output
from viewer.codecs.command.check import check
from viewer.codecs.command.codec import CommandCodec
from viewer.codecs.command.description import load_description
from viewer.codecs.command.installed import description_file, folder, install, recipes, remove
from viewer.codecs.command.jobs import version_of
from viewer.codecs.registry import CODECS, INSTALLED
from viewer.imaging.image import Image
from viewer.imaging.reader import load_image
from viewer.system.resources import sample_images

_CHECK_LEFT, _CHECK_TOP, _CHECK_WIDTH, _CHECK_HEIGHT = 320, 200, 321, 241
"""Part of the first sample: details and a blurred background, with odd sides."""


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    does = parser.add_subparsers(dest="does", required=True, metavar="{check,add,list,remove}")
    checked = does.add_parser("check", help="try a codec by command on a sample, and report problems")
    added = does.add_parser("add", help="install a codec by command for your user account")
    for sub in (checked, added):
        sub.add_argument(
            "description", metavar="FILE.toml", help=f"a description, or an included one: {', '.join(recipes())}"
        )
    added.add_argument("--force", action="store_true", help="replace an installed codec with the same name")
    does.add_parser("list", help="list installed and available codecs by command")
    removed = does.add_parser("remove", help="remove an installed codec by command")
    removed.add_argument("name", metavar="NAME")


def run(parsed: argparse.Namespace) -> int:
    """Do it; returns the exit code. Raises RateLensError."""
    if parsed.does == "check":
        return _check(description_file(parsed.description))
    if parsed.does == "add":
        return _add(description_file(parsed.description), force=parsed.force)
    if parsed.does == "list":
        return _list()
    print_output(f"{remove(parsed.name)}: removed")
    return EXIT_OK


def _check(path: Path) -> int:
    codec = CommandCodec(load_description(path))
    report = check(codec, _picture())
    if report.figures:
        print_output(f"{_title(codec)}: {report.figures}")
    for sentence in (*report.remarks, *report.problems):
        print(f"ratelens: {sentence}", file=sys.stderr)
    if report.problems:
        return EXIT_USER_ERROR
    print_output(f"“{path}” works: install it with “ratelens codec add”, or use it once with “--codec-file”.")
    return EXIT_OK


def _picture() -> Image:
    sample = load_image(sample_images()[0].path)
    rows = slice(_CHECK_TOP, _CHECK_TOP + _CHECK_HEIGHT)
    return Image(sample.pixels[rows, _CHECK_LEFT : _CHECK_LEFT + _CHECK_WIDTH].copy(), "sample")


def _add(path: Path, *, force: bool) -> int:
    codec, target = install(path, CODECS, force=force)
    print_output(f"{target}: installed. Use “--codec {codec.name}” or the menu Codecs.")
    try:
        codec.require_programs()
    except CodecError as error:
        print(f"ratelens: {error}", file=sys.stderr)
    return EXIT_OK


def _list() -> int:
    lines = [f"Installed in {folder()}:" if INSTALLED.codecs else f"None installed in {folder()}."]
    lines += [f"  {codec.name}: {_state(codec)}" for codec in INSTALLED.codecs]
    names = {codec.name for codec in INSTALLED.codecs}
    others = [CommandCodec(load_description(path)) for name, path in recipes().items() if name not in names]
    if others:
        lines.append("Included with RateLens (install with “ratelens codec add NAME”):")
        lines += [f"  {codec.name}: {_state(codec)}" for codec in others]
    print_output("\n".join(lines))
    for problem in INSTALLED.problems:
        print(f"ratelens: {problem}", file=sys.stderr)
    return EXIT_USER_ERROR if INSTALLED.problems else EXIT_OK


def _state(codec: CommandCodec) -> str:
    try:
        codec.require_programs()
    except CodecError as error:
        return str(error)
    return version_of(codec.description) or "its programs are installed"


def _title(codec: CommandCodec) -> str:
    version = version_of(codec.description)
    return f"{codec.label} ({version})" if version else codec.label
