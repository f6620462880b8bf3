"""“ratelens codec”: checks, installs, lists and removes codecs by command and weights files; lists all variants."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from models.errors import CodecError
from models.weights_header import read_header
from viewer.cli.options import EXIT_OK, EXIT_USER_ERROR
from viewer.cli.printing import print_output
from viewer.codecs.command.check import check
from viewer.codecs.command.codec import CommandCodec
from viewer.codecs.command.description import load_description
from viewer.codecs.command.installed import description_file, folder, install, recipes, remove
from viewer.codecs.command.jobs import version_of
from viewer.codecs.own_weights import install_weights, is_weights_file, remove_weights, weights_codec
from viewer.codecs.registry import BUILT_IN, CODECS, INSTALLED, INSTALLED_WEIGHTS
from viewer.codecs.variants import Setting, settings_of_family
from viewer.imaging.image import Image
from viewer.imaging.reader import load_image
from viewer.matching.comparison import Comparison
from viewer.system.resources import sample_images

_CHECKED_BPP = 0.5
_CHECK_LEFT, _CHECK_TOP, _CHECK_WIDTH, _CHECK_HEIGHT = 320, 200, 321, 241
"""Part of the first sample: details and a blurred background, with odd sides."""


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    does = parser.add_subparsers(dest="does", required=True, metavar="{check,add,list,remove}")
    checked = does.add_parser("check", help="try a codec by command, or weights, on a sample, and report problems")
    added = does.add_parser("add", help="install a codec by command, or weights, for your user account")
    for sub in (checked, added):
        sub.add_argument(
            "file",
            metavar="FILE",
            help=f"a description (.toml), or an included one: {', '.join(recipes())}; or a weights file (.safetensors)",
        )
    added.add_argument("--force", action="store_true", help="replace an installed codec with the same name")
    does.add_parser("list", help="list what is installed, what could be, and the settings of variants")
    removed = does.add_parser("remove", help="remove an installed codec by command, or weights")
    removed.add_argument("name", metavar="NAME")


def run(parsed: argparse.Namespace) -> int:
    """Do it; returns the exit code. Raises RateLensError."""
    if parsed.does == "list":
        return _list()
    if parsed.does == "remove":
        print_output(f"{remove_weights(parsed.name) or remove(parsed.name)}: removed")
        return EXIT_OK
    if is_weights_file(parsed.file):
        weights = Path(parsed.file)
        return _check_weights(weights) if parsed.does == "check" else _add_weights(weights, force=parsed.force)
    path = description_file(parsed.file)
    return _check(path) if parsed.does == "check" else _add(path, force=parsed.force)


def _check_weights(path: Path) -> int:
    codec = weights_codec(path)
    picture = _picture()
    result = Comparison(picture, [codec]).result(codec.name, _CHECKED_BPP)
    entropy_model = "with a context model" if read_header(path).has_context else "no context model"
    print_output(
        f"{codec.label} (weights {codec.weights.model_id.hex()}, {entropy_model}): {result.bpp:.3f} bpp, "
        f"{result.measurement.metrics.psnr_rgb_db:.2f} dB on a sample\n"
        f"“{path}” can be used: “ratelens codec add” installs it, “--weights” uses it once."
    )
    return EXIT_OK


def _add_weights(path: Path, *, force: bool) -> int:
    codec, target = install_weights(path, CODECS, force=force)
    print_output(f"{target}: installed. Use “--codec {codec.name}” or the menu Codecs.")
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
    any_installed = INSTALLED.codecs or INSTALLED_WEIGHTS.codecs
    lines = [f"Installed in {folder()}:" if any_installed else f"None installed in {folder()}."]
    lines += [f"  {codec.name}: {_state(codec)}" for codec in INSTALLED.codecs]
    lines += [f"  {codec.name}: weights {codec.weights.model_id.hex()}" for codec in INSTALLED_WEIGHTS.codecs]
    names = {codec.name for codec in INSTALLED.codecs}
    others = [CommandCodec(load_description(path)) for name, path in recipes().items() if name not in names]
    if others:
        lines.append("Included with RateLens (install with “ratelens codec add NAME”):")
        lines += [f"  {codec.name}: {_state(codec)}" for codec in others]
    lines.append("Settings, each of which makes a variant (the codec's own first), for “--codec NAME:SETTING”:")
    for codec in BUILT_IN:
        lines += [f"  {codec.name}: {_described(setting)}" for setting in settings_of_family(codec)]
    print_output("\n".join(lines))
    problems = (*INSTALLED.problems, *INSTALLED_WEIGHTS.problems)
    for problem in problems:
        print(f"ratelens: {problem}", file=sys.stderr)
    return EXIT_USER_ERROR if problems else EXIT_OK


def _described(setting: Setting) -> str:
    others = ", ".join(setting.written(choice) for choice in setting.choices if choice != setting.default)
    return f"{setting.written(setting.default)}; {others}: {setting.sentence}"


def _state(codec: CommandCodec) -> str:
    try:
        codec.require_programs()
    except CodecError as error:
        return str(error)
    return version_of(codec.description) or "its programs are installed"


def _title(codec: CommandCodec) -> str:
    version = version_of(codec.description)
    return f"{codec.label} ({version})" if version else codec.label
