"""The wheel carries all that the program needs, and the set-up files agree with each other."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.programs import REPOSITORY, python
from viewer.cli import main as cli
from viewer.codecs.learned import WEIGHTS
from viewer.system.resources import sample_images

PROJECT = tomllib.loads(REPOSITORY.joinpath("pyproject.toml").read_text("utf-8"))["project"]
CONSTRAINTS = {
    canonicalize_name(line.partition("==")[0]): line.partition("==")[2]
    for line in REPOSITORY.joinpath("constraints.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
}
README = REPOSITORY.joinpath("README.md").read_text("utf-8")
CHANGELOG = REPOSITORY.joinpath("CHANGELOG.md").read_text("utf-8")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy: setuptools leaves its build folder in the tree that it builds."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, source)
    for name in ("models", "viewer", "assets", "tests"):
        shutil.copytree(REPOSITORY / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    out = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet"]
    subprocess.run([*pip, "--wheel-dir", out, source], check=True, capture_output=True)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which nothing but the wheel was installed."""
    target = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--quiet"]
    subprocess.run([*pip, "--target", target, wheel], check=True, capture_output=True)
    return target


def test_the_wheel_has_the_program_and_its_files_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    expected = {f"assets/samples/{sample.path.name}" for sample in sample_images()}
    expected |= {"assets/samples/SOURCES.md", f"assets/weights/{WEIGHTS}", "assets/icons/ratelens.svg"}
    expected |= {str(path.relative_to(REPOSITORY)) for path in REPOSITORY.joinpath("viewer").rglob("*.py")}
    expected |= {"viewer/py.typed", "models/py.typed"}
    assert expected <= names
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"viewer", "models", "assets"}
    assert not [name for name in names if name.endswith((".pyc", ".part", ".log"))]
    assert sum(entry.file_size for entry in zipfile.ZipFile(wheel).infolist()) < 40e6


def test_the_installed_program_works_from_another_folder(installed: Path, tmp_path: Path) -> None:
    program = (
        "import viewer; from viewer.system.resources import sample_images as s; "
        "print(viewer.__file__, s()[0].path, sep='\\n')"
    )
    module, sample = python("-c", program, path=(installed,), folder=tmp_path).stdout.splitlines()
    assert Path(module).is_relative_to(installed)
    assert Path(sample).is_relative_to(installed)
    version = python("-m", "viewer", "--version", path=(installed,), folder=tmp_path)
    assert version.stdout == f"RateLens {PROJECT['version']}\n"
    compared = python("-m", "viewer", "compare", sample, "--bpp", "0.25", "--codec", "learned", path=(installed,))
    assert re.search(r"^learned +0\.2[45]", compared.stdout, re.MULTILINE), compared.stderr


def test_the_command_is_declared(installed: Path) -> None:
    (distribution,) = (found for found in metadata.distributions(path=[str(installed)]) if found.name == "ratelens")
    (command,) = distribution.entry_points.select(group="console_scripts", name="ratelens")
    assert callable(command.load())
    assert distribution.metadata["License-Expression"] == "Apache-2.0"


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (("--version",), f"RateLens {PROJECT['version']}"),
        (("-m", "viewer", "--version"), f"RateLens {PROJECT['version']}"),
        (("-I", "-X", "utf8", "-c", "import sys; print(__name__, sys.argv)", "3"), "__main__ ['-c', '3']"),
    ],
    ids=["program", "module", "code"],
)
def test_the_start_of_the_bundle_is_the_program_and_its_child_processes(
    arguments: tuple[str, ...], printed: str
) -> None:
    """Libraries that start Python for a child process start the bundle's program instead."""
    started = python(REPOSITORY / ".github" / "bundle" / "start.py", *arguments)
    assert started.stdout.strip() == printed, started.stderr


def requirements() -> list[Requirement]:
    extras = PROJECT["optional-dependencies"].values()
    return [Requirement(text) for group in (PROJECT["dependencies"], *extras) for text in group]


@pytest.mark.parametrize("requirement", requirements(), ids=lambda requirement: requirement.name)
def test_every_requirement_is_pinned_to_a_version_that_it_accepts(requirement: Requirement) -> None:
    assert requirement.specifier.contains(CONSTRAINTS[canonicalize_name(requirement.name)])


@pytest.mark.parametrize(
    ("release", "usable"),
    [("6.8.0", True), ("6.9.0", True), ("6.9.1", False), ("6.9.2", True), ("6.11.3", True), ("6.12.0", False)],
)
def test_releases_of_qt_that_break_the_window_are_not_installed(release: str, usable: bool) -> None:
    """pyqtgraph's plots fail with 6.9.1; 6.12 aborts the program after some hundred signals."""
    (qt,) = (Requirement(text) for text in PROJECT["dependencies"] if "PySide6" in text)
    assert qt.specifier.contains(release) == usable


def test_the_version_has_a_section_of_the_changelog() -> None:
    sections = re.findall(r"^## \[(.+?)\](?: - (\S+))?$", CHANGELOG, re.MULTILINE)
    assert [name for name, _date in sections][:2] == ["Unreleased", PROJECT["version"]]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", date) for _name, date in sections[1:])


def test_constraints_are_versions_and_neither_places_nor_hosts() -> None:
    assert len(CONSTRAINTS) > 20
    assert all(re.fullmatch(r"\d[\w.]*", version) for version in CONSTRAINTS.values())


def test_ci_runs_the_commands_of_the_readme() -> None:
    targets = set(re.findall(r"^(\w+):", REPOSITORY.joinpath("Makefile").read_text("utf-8"), re.MULTILINE))
    promised = set(re.findall(r"^make (\w+)", README, re.MULTILINE))
    assert {"run", "test"} <= promised <= targets
    assert REPOSITORY.joinpath(".ci", "run").read_text("utf-8").splitlines()[-1] == "make test"


def readme_commands() -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    return [
        line.partition("#")[0].strip() for block in blocks for line in block.splitlines() if line.startswith("ratelens")
    ]


@pytest.mark.parametrize("command", readme_commands())
def test_a_command_of_the_readme_is_understood(command: str) -> None:
    arguments = command.split()[1:]
    if arguments == ["--version"]:
        return
    parser = cli.command_parser(arguments[0]) if arguments and arguments[0] in cli.COMMANDS else cli.window_parser("0")
    parser.parse_args(arguments)  # exits where it does not understand


def test_the_licence_is_the_whole_apache_licence() -> None:
    text = REPOSITORY.joinpath("LICENSE").read_text("utf-8")
    assert "Apache License\n                           Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
