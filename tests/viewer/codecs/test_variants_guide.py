"""The page on variants: its example runs as it stands, and it tells of every setting."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import pytest

from tests.photographs import sample_crop
from tests.programs import REPOSITORY, python
from viewer.cli import main as cli
from viewer.codecs.learned import WEIGHTS
from viewer.codecs.variants import SETTINGS
from viewer.imaging.writer import png_bytes
from viewer.system.resources import weights_path

GUIDE = (REPOSITORY / "assets" / "guide" / "variants.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


def test_the_complete_example_runs(tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(png_bytes(sample_crop(128, 160).pixels))
    (tmp_path / "pictures").mkdir()
    shutil.copy(tmp_path / "photo.png", tmp_path / "pictures")
    shutil.copy(weights_path(WEIGHTS), tmp_path / "mine.safetensors")
    for command in BLOCKS[-1].splitlines():
        environment = {"XDG_CONFIG_HOME": str(tmp_path / "config")}
        done = python("-m", "viewer", *command.split()[1:], environment=environment, folder=tmp_path)
        assert done.returncode == 0, done.stderr
        if " compare " in command:
            rows = re.findall(r"^(\S+) +(0\.\d+) ", done.stdout, re.MULTILINE)
            assert [name for name, _ in rows] == ["learned", "learned:mine,plain", "jpeg:444", "learned:mine"]
            assert all(abs(float(bpp) - 0.5) < 0.02 for _, bpp in rows)
    assert (tmp_path / "back.png").is_file()
    with (tmp_path / "variants.csv").open(newline="", encoding="utf-8") as file:
        assert {row["codec"] for row in csv.DictReader(file)} == {"learned", "learned:plain", "jpeg:420,progressive"}


@pytest.mark.parametrize("command", re.findall(r"^ratelens (.*?)(?: +#.*)?$", "".join(BLOCKS), re.MULTILINE))
def test_a_command_of_the_page_is_understood(command: str) -> None:
    words = command.split()
    parser = cli.command_parser(words[0]) if words[0] in cli.COMMANDS else cli.window_parser("")
    parser.parse_args(words)  # exits where it does not understand


def test_every_setting_is_told_of() -> None:
    for codec, settings in SETTINGS.items():
        assert f"| `{codec}` |" in GUIDE
        for setting in settings:
            told = [setting.name] if setting.is_switch else [setting.written(setting.default)]
            told += list(setting.choices) if setting.is_bare else []
            for word in told:
                assert f"`{word}`" in GUIDE, (codec, word)
