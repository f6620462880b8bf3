"""What a description may say, and the sentence for everything that it may not."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from models.errors import CodecError
from viewer.codecs.command.description import QualityScale, load_description, parse_description
from viewer.codecs.command.keys import with_folder

GOOD = """
name = "cwebp-cli"
label = "cwebp"
suffix = ".webp"
input = "png"
encode = "cwebp -quiet -q {quality} {input} -o {output}"
decode = "dwebp -quiet {input} -o {output}"

[quality]
min = 0
max = 100
"""
FILE = Path("/somewhere/cwebp.toml")


def test_what_is_written_is_what_is_meant_and_the_rest_has_its_usual_value() -> None:
    found = parse_description(GOOD, FILE)
    assert (found.name, found.label, found.suffix, found.file) == ("cwebp-cli", "cwebp", ".webp", "cwebp.toml")
    assert found.encode == ("cwebp", "-quiet", "-q", "{quality}", "{input}", "-o", "{output}")
    assert found.decode == ("dwebp", "-quiet", "{input}", "-o", "{output}")
    assert (found.input_format, found.decoded_format, found.limit_s, found.version) == ("png", "png", 60.0, ())
    assert found.quality == QualityScale(Decimal(0), Decimal(100), Decimal(1), better_is_higher=True)
    assert found.folder == "/somewhere"


def test_quotation_marks_keep_a_word_whole() -> None:
    found = parse_description(GOOD.replace("-quiet -q", "--note 'two words' -q"), FILE)
    assert found.encode[:3] == ("cwebp", "--note", "two words")


@pytest.mark.parametrize(
    ("scale", "count", "texts"),
    [
        (("0", "100", "1", True), 101, {0: "0", 75: "75", 100: "100"}),
        (("0.1", "15", "0.1", False), 150, {0: "15", 1: "14.9", 149: "0.1"}),
        (("1", "3", "0.25", True), 9, {0: "1", 1: "1.25", 8: "3"}),
        (("-5", "10", "5", True), 4, {0: "-5", 1: "0", 3: "10"}),
    ],
)
def test_qualities_rise_with_the_rate_and_are_written_without_rounding(
    scale: tuple[str, str, str, bool], count: int, texts: dict[int, str]
) -> None:
    low, high, step, better = scale
    found = QualityScale(Decimal(low), Decimal(high), Decimal(step), better)
    assert found.count == count
    assert {index: found.text(index) for index in texts} == texts


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('suffix = ".webp"', 'sufix = ".webp"', r"“sufix” is not a known key: did you mean “suffix”\?"),
        ("min = 0", "minimum = 0", r"“minimum” of the table \[quality\] is not a known key"),
        ("min = 0", "", r"“min” of the table \[quality\] is missing"),
        ("[quality]\nmin = 0\nmax = 100", "", r"table \[quality\] is missing"),
        ('name = "cwebp-cli"', 'name = "My Codec"', "“name” is “My Codec”, but must be .* lower-case letters"),
        ('name = "cwebp-cli"', 'name = "avif:speed=2"', "lower-case letters"),
        ('name = "cwebp-cli"', "name = 7", "“name” must be text in quotation marks"),
        ('name = "cwebp-cli"', "", "“name” is missing"),
        ('label = "cwebp"', 'label = "  "', "“label” must be 1 to 40 printable characters"),
        ('label = "cwebp"', 'label = "a\\nb"', "“label” must be"),
        ('suffix = ".webp"', 'suffix = "../webp"', "a dot followed by letters or digits"),
        ('input = "png"', 'input = "tiff"', "must be one of png, ppm, y4m"),
        ('input = "png"', 'chroma = "444"', "is only for Y4M"),
        ('-o {output}"\ndecode', '-o out"\ndecode', r"“encode” does not use \{output\}"),
        ("-q {quality}", "-q 75", r"“encode” does not use \{quality\}"),
        (
            "dwebp -quiet {input}",
            "dwebp -q {quality} {input}",
            r"“decode” uses \{quality\}, which is not available there",
        ),
        ("-q {quality}", "-q {qualty} {quality}", r"uses \{qualty\}"),
        ('"dwebp -quiet {input} -o {output}"', '""', "“decode” names no program"),
        ("cwebp -quiet", "{input} -quiet", "begins with a placeholder"),
        ("dwebp -quiet", "dwebp 'quiet", "quotation mark that is not closed"),
        ("max = 100", "max = 0", "must be more than min"),
        ("max = 100", "max = 100\nstep = 7", "must divide the range"),
        ("max = 100", "max = 100\nstep = 0", "must be a number from"),
        ("max = 100", "max = 100\nstep = 0.0001", "more than 100,000 qualities"),
        ("max = 100", 'max = "100"', "must be a number, without quotation marks"),
        ("max = 100", "max = inf", "must be a number from"),
        ("max = 100", "max = nan", "must be a number from"),
        ("max = 100", "max = true", "must be a number"),
        ("max = 100", 'max = 100\nbetter = "bigger"', "must be one of higher, lower"),
        ('input = "png"', "time_limit_s = 0", "“time_limit_s” must be a number from 0.1"),
        ("[quality]", "[quality", "is not valid TOML"),
    ],
)
def test_what_is_wrong_is_said_with_the_file_and_the_key(old: str, new: str, sentence: str) -> None:
    assert old in GOOD
    with pytest.raises(CodecError, match=sentence) as raised:
        parse_description(GOOD.replace(old, new), FILE)
    assert "“cwebp.toml”" in str(raised.value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "There is no file"),
        (b"", "is empty"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"#" * 2**17, "not a codec's description"),
    ],
)
def test_a_file_that_is_none_is_said(tmp_path: Path, content: bytes | None, sentence: str) -> None:
    path = tmp_path / "mine.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CodecError, match=sentence):
        load_description(path)


def test_a_description_that_is_put_elsewhere_keeps_its_folder() -> None:
    moved = GOOD.replace("cwebp -quiet", "python3 {folder}/encode.py")
    text = with_folder(moved, Path('/with a "quote"'))
    assert parse_description(text, Path("/other/cwebp.toml")).folder == '/with a "quote"'
    assert with_folder(text, Path("/third")) == text
    assert with_folder(GOOD, Path("/with")) == GOOD
    relative = GOOD.replace("dwebp -quiet", "tools/dwebp")
    assert parse_description(with_folder(relative, Path("/here")), FILE).folder == "/here"
