"""Descriptions of metrics by command: what they may say, and what is said of mistakes."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from models.errors import MetricError, OutputError
from viewer.metrics.command.description import Description, is_line, parse_description, parse_line
from viewer.metrics.command.installed import description_file, install, load_installed, recipes, remove
from viewer.metrics.registry import BUILT_IN, metric_of

WORKS = """
name = "mine"
label = "Mine"
better = "lower"
command = "compare {original} {decoded}"
"""


def parsed(text: str) -> Description:
    return parse_description(text, Path("mine.toml"))


def test_what_is_not_said_has_its_usual_value() -> None:
    found = parsed(WORKS)
    assert (found.name, found.label, found.direction, found.unit) == ("mine", "Mine", "lower", "")
    assert found.command == ("compare", "{original}", "{decoded}")
    assert found.range == (-math.inf, math.inf)
    assert (found.input_format, found.limit_s, found.score) == ("png", 60.0, "")
    assert found.folder == str(Path.cwd())


def test_everything_can_be_said() -> None:
    more = 'unit = "dB"\nmin = 0\nmax = 99.5\ninput = "y4m"\nchroma = "444"\nscore = "is ([0-9]+)"\ntime_limit_s = 5'
    found = parsed(f"{WORKS}{more}\nmemory_bytes_per_pixel = 12\ninstall = 'it'\nfolder = '/somewhere'")
    assert (found.unit, found.range, found.input_format, found.chroma) == ("dB", (0.0, 99.5), "y4m", "444")
    assert (found.score, found.limit_s, found.bytes_per_pixel) == ("is ([0-9]+)", 5.0, 12.0)
    assert (found.install, found.folder) == ("it", "/somewhere")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (WORKS.replace('better = "lower"', ""), "In “mine.toml”, “better” is missing: write better ="),
        (WORKS.replace("lower", "down"), "“better” is “down”, but must be one of higher, lower."),
        (WORKS.replace('"mine"', '"My metric"'), "“name” is “My metric”, but must be 1 to 40 small letters"),
        (WORKS.replace("{decoded}", ""), "“command” does not use {decoded}: add it"),
        (WORKS.replace("{decoded}", "{decoded} {quality}"), "“command” uses {quality}, which is not available there"),
        (f"{WORKS}commend = 1", "“commend” is not a known key: did you mean “command”?"),
        (f"{WORKS}score = '[0-9]+'", "“score” has no group: put the number's part in parentheses"),
        (f"{WORKS}score = '('", "“score” is not a regular expression"),
        (f"{WORKS}min = 3\nmax = 2", "“max” must be more than min, which is 3"),
        (f"{WORKS}chroma = '420'", "“chroma” only applies to Y4M"),
        (f"{WORKS}unit = 'much too long for a unit'", "“unit” must be 0 to 12 printable characters"),
        ("name = ", "“mine.toml” is not valid TOML"),
    ],
)
def test_a_mistake_is_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(MetricError) as caught:
        parsed(text)
    assert sentence in str(caught.value)


def test_one_line_is_a_metric_as_benchmark_xl_has_it() -> None:
    plain = parse_line("mine:/usr/bin/compare 'a b' -x")
    assert plain.command == ("/usr/bin/compare", "a b", "-x", "{original}", "{decoded}", "{output}")
    assert (plain.name, plain.label, plain.direction) == ("mine", "mine", "higher")
    placed = parse_line("mine:lower:compare {decoded} {original}")
    assert (placed.command, placed.direction) == (("compare", "{decoded}", "{original}"), "lower")
    assert is_line("mine:x")
    assert not is_line("ssimulacra2")
    assert not is_line("metric.toml")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("mine:compare 'a", "an unclosed quotation mark"),
        ("mine: ", "names no program"),
        ("mine:compare {original}", "does not use {decoded}: add it"),
        ("flip:compare", "There already is a metric called “flip”"),
        ("no.toml", "no.toml"),
    ],
)
def test_a_mistake_in_one_line_is_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(MetricError) as caught:
        metric_of(text)
    assert sentence in str(caught.value)


def test_recipes_are_descriptions_and_are_found_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert set(recipes()) == {"butteraugli", "butteraugli-3norm", "vmaf", "xpsnr"}
    for name, path in recipes().items():
        assert parse_description(path.read_text("utf-8"), path).name == name
        assert description_file(name) == description_file(f"{name}.toml") == path
    Path("vmaf.toml").write_text(WORKS)
    assert description_file("vmaf.toml") == Path("vmaf.toml")  # one's own goes first


def test_installed_metrics_are_there_until_they_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    own = tmp_path / "mine.toml"
    own.write_text(WORKS.replace("compare ", "./compare "), "utf-8")
    metric, target = install(own, BUILT_IN, force=False)
    (found,) = load_installed(BUILT_IN).usable
    assert found == metric
    assert found.description.folder == str(tmp_path)  # the program beside the file stays where it is
    with pytest.raises(OutputError, match="already installed: add --force"):
        install(own, BUILT_IN, force=False)
    install(own, BUILT_IN, force=True)
    (target.parent / "broken.toml").write_text("name = 3")
    (target.parent / "flip.toml").write_text(WORKS.replace("mine", "flip"))
    both = load_installed(BUILT_IN)
    assert [metric.name for metric in both.usable] == ["mine"]
    (broken, mend), (clash, _) = both.findings
    assert "The installed metric “broken” cannot be used" in broken
    assert mend == f"fix or remove “{target.parent / 'broken.toml'}”."
    assert "already is a metric called “flip”" in clash
    assert remove("mine") == target
    with pytest.raises(MetricError, match="No metric “mine” is installed"):
        remove("mine")
    with pytest.raises(MetricError, match="is installed"):
        remove("../mine")
