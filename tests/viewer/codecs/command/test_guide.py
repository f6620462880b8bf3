"""The page on codecs by command: its example runs as it stands, and its recipes can be read."""

from __future__ import annotations

import ast
import os
import re
import sys
from pathlib import Path

import pytest
from PIL import Image as PillowImage

from tests.photographs import sample_crop
from tests.programs import REPOSITORY, python
from viewer.cli import main as cli
from viewer.codecs.command.description import parse_description
from viewer.imaging.writer import png_bytes

GUIDE = (REPOSITORY / "assets" / "guide" / "codecs-by-command.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)(?: (\S+))?\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
RECIPES = [text for language, mark, text in BLOCKS if (language, mark) == ("toml", "recipe")]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no python3")
def test_the_complete_example_runs(tmp_path: Path) -> None:
    files = {mark.partition("=")[2]: text for _, mark, text in BLOCKS if mark.startswith("file=")}
    assert set(files) == {"halved.py", "halved.toml"}
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "photo.png").write_bytes(png_bytes(sample_crop(191, 255).pixels))
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
    }
    (commands,) = (text for _, _, text in BLOCKS if text.startswith("ratelens codec check halved.toml"))
    printed = ""
    for command in commands.splitlines():
        done = python("-m", "viewer", *command.split()[1:], environment=environment, folder=tmp_path)
        assert done.returncode == 0, done.stderr
        printed += done.stdout
    assert "works: install it" in printed
    assert re.search(r"^halved +0\.(49|50)", printed, re.MULTILINE)
    with PillowImage.open(tmp_path / "back.png") as back:
        assert back.size == (255, 191)


def test_it_is_run_from_where_it_was_installed_too(tmp_path: Path) -> None:
    """{folder} stays that of the script."""
    text = next(text for _, mark, text in BLOCKS if mark == "file=halved.toml")
    assert parse_description(text, tmp_path / "halved.toml").folder == str(tmp_path)


@pytest.mark.parametrize("text", RECIPES, ids=lambda text: text.split('"')[1])
def test_a_recipe_is_a_description(text: str) -> None:
    parse_description(text, Path("recipe.toml"))


def test_there_is_a_recipe_for_each_program_that_is_promised() -> None:
    names = {parse_description(text, Path("recipe.toml")).name for text in RECIPES}
    assert names == {"mozjpeg", "jpegli", "kakadu", "vvenc", "vtm", "hyperprior"}
    (script,) = (text for language, mark, text in BLOCKS if (language, mark) == ("python", "recipe"))
    ast.parse(script)


@pytest.mark.parametrize("command", re.findall(r"^ratelens (.*?)(?: +#.*)?$", GUIDE, re.MULTILINE))
def test_a_command_of_the_page_is_understood(command: str) -> None:
    words = command.split()
    cli.command_parser(words[0]).parse_args(words)  # exits where it does not understand


def test_every_key_is_told_of() -> None:
    from viewer.codecs.command.description import _KEYS, _QUALITY_KEYS

    for key in (*_KEYS, *_QUALITY_KEYS):
        assert f"`{key}`" in GUIDE or f"`[{key}]`" in GUIDE or f"`{key} = " in GUIDE, key
