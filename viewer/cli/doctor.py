"""“ratelens doctor”: what is installed, what is missing, and the fix.

Imports only the standard library at first: it must work even if the rest of the program does not.
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import CodecError, MetricError, WeightsError
from viewer.cli.display_check import missing_window_libraries, window_problem
from viewer.cli.system_packages import install_advice, plugin_folder

if TYPE_CHECKING:
    from viewer.codecs.command.codec import CommandCodec
    from viewer.metrics.command.metric import CommandMetric

__all__ = ["Finding", "diagnose", "format_findings", "main", "window_problem"]

_MODULES = {  # modules that are named differently from their distribution
    "pyside6-essentials": "PySide6.QtWidgets",
    "pillow": "PIL.Image",
    "opencv-python-headless": "cv2",
}


@dataclass(frozen=True)
class Finding:
    """One line of the report. ok: the program can work with it; fix: what to do, or a note if ok."""

    name: str
    found: str
    ok: bool
    fix: str = ""


def diagnose() -> tuple[Finding, ...]:
    """Check everything that the program needs: import the libraries, read the weights. Takes seconds."""
    # Must come first: glymur chooses its OpenJPEG when it is first imported.
    openjpeg = _openjpeg()
    return (
        *(_program(), _python(), _system(), _log(), *_dependencies(), openjpeg, _weights()),
        *(*diagnose_codecs(), *diagnose_metrics(), _libraries(), _display()),
    )


def format_findings(findings: tuple[Finding, ...]) -> str:
    """The report as text: one line per finding with its fix below, and a summary."""
    width = max(len(finding.name) for finding in findings)
    lines = []
    for finding in findings:
        lines.append(f"{'ok ' if finding.ok else 'BAD'}  {finding.name.ljust(width)}  {finding.found}")
        if finding.fix:
            lines.append(f"{'':{width + 5}}  {'note' if finding.ok else 'fix'}: {finding.fix}")
    bad = [finding.name for finding in findings if not finding.ok]
    return "\n".join([*lines, "", f"Problems found: {', '.join(bad)}." if bad else "No problems found."])


def add(_parser: argparse.ArgumentParser) -> None:
    """The command has no arguments of its own."""


def run(_parsed: argparse.Namespace) -> int:
    """Print the report, as the other commands print; returns the exit code. Raises OutputError."""
    from viewer.cli.printing import print_output

    findings = diagnose()
    print_output(format_findings(findings))
    return _exit_code(findings)


def main() -> int:
    """Print the report; returns the exit code, 1 if there is a problem."""
    findings = diagnose()
    sys.stdout.write(f"{format_findings(findings)}\n")
    return _exit_code(findings)


def _exit_code(findings: tuple[Finding, ...]) -> int:
    return 0 if all(finding.ok for finding in findings) else 1


def _program() -> Finding:
    place = str(Path(__file__).parents[2])
    try:
        return Finding("RateLens", f"{metadata.version('ratelens')}, in {place}", ok=True)
    except metadata.PackageNotFoundError:
        return Finding(
            "RateLens", f"in {place}, not installed", ok=True, fix=f"“pip install {place}” adds the command."
        )


def _log() -> Finding:
    try:
        from viewer.system.log import log_file
    except ImportError as error:
        return Finding("Log", str(error), ok=False, fix="install RateLens again")
    return Finding("Log", str(log_file()), ok=True)


def _python() -> Finding:
    return Finding("Python", f"{platform.python_version()}, {sys.executable}", ok=True)


def _system() -> Finding:
    return Finding("System", f"{platform.platform()}, {os.cpu_count()} processors", ok=True)


def _dependencies() -> tuple[Finding, ...]:
    try:
        from packaging.requirements import Requirement
    except ImportError:
        return (Finding("packaging", "missing", ok=False, fix="pip install packaging"),)
    requirements = [Requirement(text) for text in _requirements()]
    return tuple(
        _dependency(requirement.name, str(requirement.specifier), requirement.specifier.contains)
        for requirement in requirements
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""})
    )


def _requirements() -> list[str]:
    try:
        return metadata.requires("ratelens") or []
    except metadata.PackageNotFoundError:  # a checkout that runs without being installed
        project = tomllib.loads(Path(__file__).parents[2].joinpath("pyproject.toml").read_text("utf-8"))["project"]
        return list(project["dependencies"])


def _dependency(name: str, needed: str, accepts: Callable[[str], bool]) -> Finding:
    fix = f'pip install "{name}{needed}"'  # to be copied into a shell
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return Finding(name, "missing", ok=False, fix=fix)
    if not accepts(version):
        return Finding(name, f"{version}, but needs {needed}", ok=False, fix=fix)
    try:
        importlib.import_module(_MODULES.get(name.lower(), name.lower().replace("-", "_")))
    except Exception as error:  # a broken installation may raise anything, and the report is about just that
        return Finding(name, f"{version}, but cannot be imported: {error}", ok=False, fix=_repair(name, version))
    return Finding(name, version, ok=True)


def _repair(name: str, version: str) -> str:
    missing = missing_window_libraries() if name.lower().startswith("pyside6") else ()
    return install_advice(missing) if missing else f"pip install --force-reinstall {name}=={version}"


def _openjpeg() -> Finding:
    try:
        from viewer.imaging.openjpeg import library

        found = library()
    except Exception as error:  # as above: glymur and Pillow may be broken in any way
        return Finding("OpenJPEG", f"unusable: {error}", ok=False, fix="pip install --force-reinstall pillow glymur")
    return Finding("OpenJPEG", f"{found.version}, {found.source}{f', {found.path}' if found.path else ''}", ok=True)


def diagnose_codecs() -> tuple[Finding, ...]:
    """The available codecs, those that could be added, and plug-ins that cannot be used."""
    try:
        from viewer.codecs.registry import BUILT_IN, INSTALLED, INSTALLED_WEIGHTS, PLUGINS, missing_codecs
    except Exception as error:  # as above: their libraries may be broken in any way
        return (Finding("Codecs", f"not loaded: {error}", ok=False, fix="Fix the problems listed above first."),)
    names = [codec.name for codec in BUILT_IN] + [f"{codec.name} ({codec.package})" for codec in PLUGINS.usable]
    names += [f"{codec.name} (by command)" for codec in INSTALLED.usable]
    names += [f"{codec.name} (weights {codec.weights.model_id.hex()})" for codec in INSTALLED_WEIGHTS.usable]
    fixes = [f"{label} needs “pip install {package}”." for label, package in missing_codecs()]
    found = Finding("Codecs", ", ".join(names), ok=True, fix=" ".join(fixes))
    return (
        found,
        *(Finding("Plug-in", what, ok=False, fix=fix) for what, fix in PLUGINS.findings),
        *(Finding("By command", what, ok=False, fix=fix) for what, fix in INSTALLED.findings),
        *(Finding("Weights", what, ok=False, fix=fix) for what, fix in INSTALLED_WEIGHTS.findings),
        *(Finding("By command", what, ok=True, fix=fix) for what, fix in _missing_programs(INSTALLED.usable)),
    )


def _missing_programs(codecs: Sequence[CommandCodec]) -> Iterator[tuple[str, str]]:
    for codec in codecs:
        try:
            codec.require_programs()
        except CodecError as error:
            yield f"{codec.label} cannot run here", str(error)


def diagnose_metrics() -> tuple[Finding, ...]:
    """The metrics that there are, and plug-ins that cannot be used."""
    try:
        from viewer.metrics.registry import BUILT_IN, INSTALLED, PLUGINS
    except Exception as error:  # as above: their libraries may be broken in any way
        return (Finding("Metrics", f"not loaded: {error}", ok=False, fix="Fix the problems listed above first."),)
    names = [metric.name for metric in BUILT_IN] + [f"{metric.name} ({metric.package})" for metric in PLUGINS.usable]
    names += [f"{metric.name} (by command)" for metric in INSTALLED.usable]
    found = Finding("Metrics", ", ".join(names), ok=True)
    return (
        found,
        *(Finding("Plug-in", what, ok=False, fix=fix) for what, fix in PLUGINS.findings),
        *(Finding("By command", what, ok=False, fix=fix) for what, fix in INSTALLED.findings),
        *(Finding("By command", what, ok=True, fix=fix) for what, fix in _missing_metric_programs(INSTALLED.usable)),
    )


def _missing_metric_programs(metrics: Sequence[CommandMetric]) -> Iterator[tuple[str, str]]:
    for metric in metrics:
        try:
            metric.program()
        except MetricError as error:
            yield f"{metric.label} cannot run here", str(error)


def _weights() -> Finding:
    try:
        from models.weights import load_weights
        from viewer.codecs.learned import WEIGHTS
        from viewer.system.resources import weights_path
    except Exception as error:  # as above: their libraries may be broken in any way
        return Finding("Weights", f"not read: {error}", ok=False, fix="Fix the problems listed above first.")
    path = weights_path(WEIGHTS)
    try:
        model_id = load_weights(path).model_id
    except WeightsError as error:
        return Finding("Weights", f"unusable, {path}", ok=False, fix=str(error))
    return Finding("Weights", f"model {model_id.hex()}, {path.stat().st_size / 1e6:.1f} MB, {path}", ok=True)


def _libraries() -> Finding:
    name = "Window libraries"
    if not sys.platform.startswith("linux"):
        return Finding(name, "included with Qt on this system", ok=True)
    if plugin_folder() is None:
        return Finding(name, "installed with the system's Qt", ok=True)
    missing = missing_window_libraries()
    if not missing:
        return Finding(name, "complete", ok=True)
    return Finding(name, f"missing: {', '.join(missing)}", ok=False, fix=install_advice(missing))


def _display() -> Finding:
    problem = window_problem()
    if problem is None:
        shown = os.environ.get("QT_QPA_PLATFORM") or os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
        return Finding("Display", shown or "available", ok=True)
    return Finding("Display", "no window can be opened", ok=True, fix=problem)


if __name__ == "__main__":
    sys.exit(main())
