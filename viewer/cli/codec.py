"""“ratelens codec”: checks, installs, lists and removes codecs by command and weights files; lists all variants."""

from __future__ import annotations

import argparse
from pathlib import Path

from models.weights_header import read_header
from viewer.cli.installing import (
    Words,
    add_subcommands,
    print_installed,
    print_list,
    print_report,
    run_subcommand,
    sample_part,
    why_not,
)
from viewer.cli.options import EXIT_OK
from viewer.cli.printing import print_output
from viewer.codecs.command.check import check
from viewer.codecs.command.codec import CommandCodec
from viewer.codecs.command.description import load_description
from viewer.codecs.command.installed import description_file, folder, install, recipes, remove
from viewer.codecs.command.jobs import version_of
from viewer.codecs.own_weights import install_weights, is_weights_file, remove_weights, weights_codec
from viewer.codecs.registry import BUILT_IN, CODECS, INSTALLED, INSTALLED_WEIGHTS
from viewer.codecs.variants import Setting, settings_of_family
from viewer.matching.comparison import Comparison

_CHECKED_BPP = 0.5


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    file = f"a description (.toml), or an included one: {', '.join(recipes())}; or a weights file (.safetensors)"
    words = Words(
        check="try a codec by command, or weights, on a sample, and report problems",
        add="install a codec by command, or weights, for your user account",
        list="list what is installed, what could be, and the settings of variants",
        remove="remove an installed codec by command, or weights",
        force="replace an installed codec with the same name",
        checked=("FILE", file),
        added=("FILE", file),
    )
    add_subcommands(parser, words)


def run(parsed: argparse.Namespace) -> int:
    """Do it; returns the exit code. Raises RateLensError."""
    return run_subcommand(parsed, _check, _add, _list, lambda name: remove_weights(name) or remove(name))


def _check(file: str) -> int:
    if is_weights_file(file):
        return _check_weights(Path(file))
    path = description_file(file)
    codec = CommandCodec(load_description(path))
    works = f"“{path}” works: install it with “ratelens codec add”, or use it once with “--codec-file”."
    report = check(codec, sample_part())
    version = version_of(codec.description) if report.figures else ""
    return print_report(f"{codec.label} ({version})" if version else codec.label, report, works)


def _check_weights(path: Path) -> int:
    codec = weights_codec(path)
    result = Comparison(sample_part(), [codec]).result(codec.name, _CHECKED_BPP)
    entropy_model = "with a context model" if read_header(path).has_context else "no context model"
    print_output(
        f"{codec.label} (weights {codec.weights.model_id.hex()}, {entropy_model}): {result.bpp:.3f} bpp, "
        f"{result.measurement.metrics.psnr_rgb_db:.2f} dB on a sample\n"
        f"“{path}” works: install it with “ratelens codec add”, or use it once with “--weights”."
    )
    return EXIT_OK


def _add(file: str, force: bool) -> int:
    if is_weights_file(file):
        learned, target = install_weights(Path(file), CODECS, force=force)
        return print_installed(target, _use(learned.name), lambda: None)
    codec, target = install(description_file(file), CODECS, force=force)
    return print_installed(target, _use(codec.name), codec.require_programs)


def _use(name: str) -> str:
    return f"Use “--codec {name}” or the menu Codecs."


def _list() -> int:
    any_installed = INSTALLED.usable or INSTALLED_WEIGHTS.usable
    lines = ["Settings, each of which makes a variant (the codec's own first), for “--codec NAME:SETTING”:"]
    for built_in in BUILT_IN:
        lines += [f"  {built_in.name}: {_described(setting)}" for setting in settings_of_family(built_in)]
    lines.append(f"Installed in {folder()}:" if any_installed else f"None installed in {folder()}.")
    lines += [f"  {codec.name}: {_state(codec)}" for codec in INSTALLED.usable]
    lines += [f"  {codec.name}: weights {codec.weights.model_id.hex()}" for codec in INSTALLED_WEIGHTS.usable]
    names = {codec.name for codec in INSTALLED.usable}
    others = [CommandCodec(load_description(path)) for name, path in recipes().items() if name not in names]
    problems = (*INSTALLED.problems, *INSTALLED_WEIGHTS.problems)
    return print_list(lines, {codec.name: _state(codec) for codec in others}, "codec", problems)


def _described(setting: Setting) -> str:
    others = ", ".join(setting.written(choice) for choice in setting.choices if choice != setting.default)
    return f"{setting.written(setting.default)}; {others}: {setting.sentence}"


def _state(codec: CommandCodec) -> str:
    problems = why_not(codec.require_programs)
    return problems[0] if problems else version_of(codec.description) or "its programs are installed"
