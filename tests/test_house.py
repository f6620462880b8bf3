"""The house is in order: what a stranger finds at the door, in every room, and on the way to a commit."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.programs import REPOSITORY

TOP_LEVEL = {
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "assets",
    "constraints.txt",
    "models",
    "pyproject.toml",
    "tests",
    "viewer",
}
MOST_MODULES = 16
ROOMS = sorted(
    {path.parent.relative_to(REPOSITORY) for top in ("viewer", "models") for path in (REPOSITORY / top).rglob("*.py")}
)


def text_of(name: str) -> str:
    return REPOSITORY.joinpath(name).read_text("utf-8")


def test_the_top_level_holds_what_was_agreed_and_dot_files() -> None:
    """What git tracks: a checkout may have a virtual environment and notes of its own."""
    if not REPOSITORY.joinpath(".git").exists():
        pytest.skip("not a git checkout")
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPOSITORY, check=True, capture_output=True, text=True
    ).stdout.split("\0")
    names = {path.partition("/")[0] for path in tracked if path}
    assert {name for name in names if not name.startswith(".")} == TOP_LEVEL


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.as_posix())
def test_a_room_says_what_it_is_and_stays_small(room: Path) -> None:
    folder = REPOSITORY / room
    docstring = ast.get_docstring(ast.parse((folder / "__init__.py").read_text("utf-8")))
    assert docstring is not None
    assert docstring[0].isupper()
    assert docstring[-1] == "."
    assert len(list(folder.glob("*.py"))) <= MOST_MODULES + 1  # and the __init__.py


def recipe(target: str) -> list[str]:
    """The commands of one of the Makefile's targets."""
    found = re.search(rf"^{target}:[^\n]*\n((?:\t[^\n]*\n)+)", text_of("Makefile"), re.MULTILINE)
    assert found is not None, target
    return [line.strip() for line in found[1].splitlines()]


def test_make_test_is_the_test_command_of_the_readme() -> None:
    (by_hand,) = re.findall(r"^\| Linux, macOS \|.*\| `([^`]+)` \|$", text_of("README.md"), re.MULTILINE)
    made = [line.replace("$(python)", ".venv/bin/python").removesuffix(" $(ARGS)") for line in recipe("test")]
    assert made == [by_hand]


def test_the_hooks_before_a_commit_are_the_checks_of_make_check() -> None:
    hooks = re.findall(r"^ +entry: (.+)$", text_of(".pre-commit-config.yaml"), re.MULTILINE)
    checks = [line.replace("$(python)", "python").replace("$(programs)/", "") for line in recipe("check")]
    assert hooks == checks


STEPS = ("setup", "check", "test-processors", "test")


@pytest.mark.skipif(os.name == "nt", reason="Windows starts no script for the name “make”")
@pytest.mark.parametrize("broken", [*STEPS, None])
def test_ci_stops_at_the_first_step_that_fails_and_says_so(broken: str | None, tmp_path: Path) -> None:
    """A `make` that only writes down what it is asked for, and fails where it is to."""
    asked = tmp_path / "asked"
    make = tmp_path / "make"
    make.write_text(f'#!/bin/sh\necho "$1" >>"{asked}"\n[ "$1" != "{broken}" ]\n', "utf-8")
    make.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "CI": "false"}
    done = subprocess.run([REPOSITORY / ".ci" / "run"], env=environment, check=False, timeout=60)
    reached = STEPS if broken is None else STEPS[: STEPS.index(broken) + 1]
    assert asked.read_text("utf-8").split() == list(reached)
    assert (done.returncode == 0) == (broken is None)


def test_the_workflow_runs_the_same_script_on_every_system_and_python() -> None:
    workflow = text_of(".github/workflows/ci.yml")
    assert re.search(r"^ +os: \[ubuntu-latest, macos-latest, windows-latest\]$", workflow, re.MULTILINE)
    assert re.search(r'^ +python: \["3\.11", "3\.12", "3\.13", "3\.14"\]$', workflow, re.MULTILINE)
    assert re.findall(r"^ +run: (.+)$", workflow, re.MULTILINE)[-1] == ".ci/run"


def test_the_citation_is_of_the_latest_release() -> None:
    citation = text_of(".github/CITATION.cff")
    release = re.search(r"^## \[(\d[^]]*)\] - (\S+)$", text_of("CHANGELOG.md"), re.MULTILINE)
    assert release is not None
    assert re.search(rf"^version: {re.escape(release[1])}$", citation, re.MULTILINE)
    assert re.search(rf"^date-released: {release[2]}$", citation, re.MULTILINE)


def documents() -> list[Path]:
    return sorted(path for place in ("*.md", ".github/*.md", "assets/guide/*.md") for path in REPOSITORY.glob(place))


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_links_and_paths_of_a_document_lead_somewhere(document: Path) -> None:
    text = document.read_text("utf-8")
    links = [link for link in re.findall(r"\]\(([^)#\s]+)\)", text) if "://" not in link]
    assert not [link for link in links if not (document.parent / link).exists()]
    paths = set(re.findall(r"`((?:viewer|models|tests|assets|\.github|\.ci)/[\w./*-]+)`", text))
    assert not [path for path in paths if not list(REPOSITORY.glob(path.rstrip("/")))]
