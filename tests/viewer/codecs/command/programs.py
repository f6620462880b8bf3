"""Codecs by command for the tests: a real program in Python, which can be told to misbehave."""

from __future__ import annotations

import sys
from pathlib import Path

from viewer.codecs.command.codec import CommandCodec
from viewer.codecs.command.description import parse_description

PROGRAM = '''
"""encode INPUT OUTPUT QUALITY, decode INPUT OUTPUT: JPEG of Pillow's, as a program of its own."""
import sys
from PIL import Image

mode, given, made, *quality = sys.argv[1:]
picture = Image.open(given)
if mode == "encode":
    picture.save(made, "JPEG", quality=int(quality[0]), subsampling=0)
else:
    picture.save(made)
'''

DESCRIPTION = """
name = "{name}"
label = "{label}"
suffix = ".jpeg"
encode = {encode!r}
decode = {decode!r}
{more}
[quality]
min = 1
max = 95
{quality}
"""


def python_command(script: Path, *arguments: str) -> str:
    """A command line that runs a script with this Python."""
    return " ".join(f"'{word}'" for word in (sys.executable, str(script), *arguments))


def description_text(
    folder: Path,
    *,
    name: str = "mine",
    label: str = "Mine",
    encode: str = "",
    decode: str = "",
    more: str = "",
    quality: str = "",
) -> str:
    """A description that works. encode, decode: other Python code than PROGRAM, which sees the same arguments."""
    commands = {}
    for mode, code in (("encode", encode), ("decode", decode)):
        script = folder / f"{name}-{mode}.py"
        script.write_text(code or PROGRAM, "utf-8")
        places = ("{input}", "{output}", "{quality}") if mode == "encode" else ("{input}", "{output}")
        commands[mode] = python_command(script, mode, *places)
    return DESCRIPTION.format(name=name, label=label, more=more, quality=quality, **commands)


def codec_of_python(folder: Path, **changes: str) -> CommandCodec:
    """The same as a codec."""
    return CommandCodec(parse_description(description_text(folder, **changes), folder / "mine.toml"))
