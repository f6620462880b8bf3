"""The guide's commands are understood, and it names every column."""

from __future__ import annotations

import re
import shlex

import pytest

from tests.programs import REPOSITORY
from viewer.cli.main import command_parser
from viewer.sweep.rows import COLUMNS

GUIDE = (REPOSITORY / "assets" / "guide" / "sweeps.md").read_text("utf-8")
COMMANDS = [
    line.removeprefix("srun ").replace("$SLURM_ARRAY_TASK_ID", "3")
    for block in re.findall(r"^```sh\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
    if "ratelens " in line
]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_understood(command: str) -> None:
    arguments = shlex.split(command)[1:]
    command_parser(arguments[0]).parse_args(arguments)  # exits where it does not understand


def test_every_column_is_explained() -> None:
    assert len(COMMANDS) == 5
    explained = set(re.findall(r"`(\w+)`", GUIDE.partition("## The rows")[2].partition("## ")[0]))
    assert set(COLUMNS) <= explained
