"""What other packages bring, whatever it is for: loaded, checked, and a sentence where it is unusable."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import Any

import pytest

from models.errors import CodecError, RateLensError
from viewer.system.plugins import Found, instance_of, load_plugins, translating_errors

HERE = "tests.viewer.system.test_plugins"


@dataclass(frozen=True)
class Tool:
    name: str = "tool"
    label: str = "Tool"
    package: str = ""

    def work(self) -> None: ...


@dataclass(frozen=True)
class OddName(Tool):
    name: str = "My tool"


@dataclass(frozen=True)
class NoLabel(Tool):
    label: str = " "


class Half:
    name, label = "half", "Half"


class NotCallable:
    name, label, work = "odd", "Odd", 3


class Raises:
    def __init__(self) -> None:
        raise OSError("its library is missing")


class Leaves:
    def __init__(self) -> None:
        sys.exit(3)


def make_tool() -> Tool:
    return Tool("made", "Made")


TOOL = Tool("bare", "Bare")


def of_package(named: Any, package: str) -> Tool:
    tool = instance_of(named, (), ("work",))
    return Tool(tool.name, tool.label, package)


def loaded(*names: str) -> Found[Tool]:
    declared = [
        EntryPoint(f"n{index}", name if ":" in name else f"{HERE}:{name}", "g") for index, name in enumerate(names)
    ]
    return load_plugins("tool", of_package, [Tool("taken", "Taken")], declared)


def test_a_class_a_function_and_an_instance_are_plugins() -> None:
    found = loaded("Tool", "make_tool", "TOOL")
    assert [tool.name for tool in found.usable] == ["tool", "made", "bare"]
    assert found.usable[0].package == f"{HERE}:Tool"
    assert found.problems == ()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("OddName", "its name 'My tool' must consist of lower-case letters, digits, - and _"),
        ("NoLabel", "its label is empty"),
        ("Half", "it has no “work”"),
        ("NotCallable", "its “work” cannot be called"),
        ("Raises", "OSError: its library is missing"),
        ("Leaves", "SystemExit: 3"),
        ("Nothing", "AttributeError"),
        ("no_such_module:Tool", "ModuleNotFoundError"),
    ],
)
def test_what_cannot_be_used_is_named_and_the_others_go_on(name: str, sentence: str) -> None:
    found = loaded(name, "Tool")
    assert [tool.name for tool in found.usable] == ["tool"]
    (problem,) = found.problems
    assert problem.startswith("The tool “n0” from the package ")
    assert sentence in problem
    assert problem.endswith(": update or remove that package.")


def test_of_two_with_the_same_name_one_is_refused() -> None:
    found = loaded("Tool", "Tool")
    assert len(found.usable) == 1
    assert "there already is a tool called “tool”" in found.problems[0]


def test_what_it_raises_later_is_a_sentence_that_names_the_package() -> None:
    who = "Tool, a tool from the package P 1.0"
    with (
        pytest.raises(
            CodecError, match=r"^Tool, .*failed while working \(SystemExit: 3\): report .* or leave it out\.$"
        ),
        translating_errors(CodecError, who, "working", "leave it out"),
    ):
        sys.exit(3)


def test_its_own_refusals_pass_unchanged() -> None:
    refusal = RateLensError("Not so.")
    with pytest.raises(RateLensError) as raised, translating_errors(CodecError, "", "", ""):
        raise refusal
    assert raised.value is refusal
