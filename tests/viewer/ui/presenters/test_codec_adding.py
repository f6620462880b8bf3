"""Codecs that the user adds while the window runs: variants, programs, weights; and how they go again."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.viewer.ui.conftest import TIMEOUT_MS, MakeWindow, wait_until_at_target
from tests.viewer.ui.driver import driver
from viewer.codecs.command.description import load_description
from viewer.codecs.command.installed import folder, recipes
from viewer.codecs.learned import WEIGHTS
from viewer.codecs.registry import forget_codec, known_codecs
from viewer.codecs.variants import SEPARATOR
from viewer.session.pane_layout import PaneLayout, Show
from viewer.system.resources import weights_path
from viewer.ui.engine.codec_adding import CodecWish, recall_variants
from viewer.ui.engine.maps import current_map
from viewer.ui.panels.codec_dialog import AddCodecDialog
from viewer.ui.shell.main_window import MainWindow

VARIANT = "jpeg:444"
DESCRIPTION = """
name = "theirs"
label = "Theirs"
suffix = ".jpg"
input = "png"
encode = "{python} {script} {{input}} {{output}} {{quality}}"
decode = "{python} {script} {{input}} {{output}}"

[quality]
min = 1
max = 95
"""

SCRIPT = """
import sys
from PIL import Image
picture = Image.open(sys.argv[1])
if len(sys.argv) > 3:
    picture.save(sys.argv[2], "JPEG", quality=int(sys.argv[3]))
else:
    picture.save(sys.argv[2], "PNG")
"""


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Installs nothing for the user of this machine, and leaves no codec behind."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    before = {codec.name for codec in known_codecs()}
    yield
    for codec in known_codecs():
        if codec.name not in before:
            forget_codec(codec.name)


def dialog_of(window: MainWindow) -> AddCodecDialog:
    window.actions_by_name["add_codec"].trigger()
    dialog = window.codec_adding.dialog
    assert dialog is not None
    assert dialog.isVisible()
    return dialog


def add_variant(window: MainWindow, qtbot: QtBot) -> None:
    """As a user chooses JPEG without subsampling."""
    dialog = dialog_of(window)
    dialog.what.setCurrentText("JPEG with other settings")
    dialog.choices[0].setCurrentText("4:4:4")
    dialog._ask()
    qtbot.waitUntil(lambda: VARIANT in driver(window).compared, timeout=TIMEOUT_MS)


def test_a_variant_joins_the_window_at_once(opened: MainWindow, qtbot: QtBot) -> None:
    add_variant(opened, qtbot)
    assert window_says(opened) == "Added JPEG 4:4:4."
    wait_until_at_target(opened, qtbot)
    shown = driver(opened).shown(VARIANT)
    assert shown is not None
    assert shown.result.detail.startswith("4:4:4")
    pane = opened.panes[VARIANT]
    assert pane.isVisible()
    assert pane.header.text.label == "JPEG 4:4:4"
    assert pane.canvas.picture is shown.picture
    assert VARIANT in opened.plots.upper_plot.codecs
    assert opened.actions_by_name[f"codec_{VARIANT}"].isChecked()
    driver(opened).set_pane_layout(PaneLayout(show=Show.ABSOLUTE))
    qtbot.waitUntil(lambda: current_map(driver(opened).state, VARIANT) is not None, timeout=TIMEOUT_MS)
    qtbot.waitUntil(lambda: bool(driver(opened).curve(VARIANT)), timeout=TIMEOUT_MS)


def window_says(window: MainWindow) -> str:
    return window.banner.text


def test_a_variant_is_there_at_the_next_start(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window()
    add_variant(window, qtbot)
    kept = window.settings.variants
    assert kept == (VARIANT,)
    window.close()
    forget_codec(VARIANT)  # as in a process of its own
    recall_variants((*kept, "gone:with=it"))
    assert VARIANT in {codec.name for codec in known_codecs()}
    assert not any(codec.name.startswith("gone") for codec in known_codecs())


def test_the_codecs_own_settings_and_one_that_there_is_are_refused(opened: MainWindow, qtbot: QtBot) -> None:
    add_variant(opened, qtbot)
    dialog = dialog_of(opened)
    dialog.what.setCurrentText("JPEG with other settings")
    dialog._ask()
    assert dialog.state == "These are JPEG’s own settings: choose others."
    dialog.choices[0].setCurrentText("4:4:4")
    dialog._ask()
    qtbot.waitUntil(lambda: dialog.state.startswith("There already is a codec “jpeg:444”"), timeout=TIMEOUT_MS)
    dialog.reject()
    wait_until_at_target(opened, qtbot)


def test_a_codec_by_command_is_installed_from_its_file_and_removed(
    opened: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    file = tmp_path / "theirs.toml"
    script = tmp_path / "theirs.py"
    script.write_text(SCRIPT)
    file.write_text(DESCRIPTION.format(python=sys.executable, script=script))
    dialog_of(opened).wanted.emit(CodecWish(file))
    qtbot.waitUntil(lambda: "theirs" in driver(opened).compared, timeout=TIMEOUT_MS)
    assert (folder() / "theirs.toml").is_file()
    qtbot.waitUntil(lambda: driver(opened).shown("theirs") is not None, timeout=TIMEOUT_MS)
    assert opened.panes["theirs"].header.text.label == "Theirs"
    opened.actions_by_name["remove_codec"].trigger()
    box = opened.codec_adding.removing
    assert box is not None
    assert box.comboBoxItems() == ["Theirs (theirs)"]
    box.accept()
    assert not (folder() / "theirs.toml").exists()
    assert "theirs" not in opened.panes
    assert "theirs" not in driver(opened).installed
    assert not opened.actions_by_name["codec_theirs"].isVisible()
    dialog_of(opened).wanted.emit(CodecWish(file))
    qtbot.waitUntil(lambda: "restart RateLens to use this one" in window_says(opened), timeout=TIMEOUT_MS)
    assert (folder() / "theirs.toml").is_file()
    wait_until_at_target(opened, qtbot)


def test_a_broken_description_is_a_sentence_in_the_dialog(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    file = tmp_path / "broken.toml"
    file.write_text('name = "broken"\ncolour = "red"\n')
    dialog = dialog_of(window)
    dialog.wanted.emit(CodecWish(file))
    qtbot.waitUntil(lambda: "colour" in dialog.state, timeout=TIMEOUT_MS)
    assert dialog.what.isEnabled()
    assert "broken" not in driver(window).installed
    dialog.reject()
    assert window.codec_adding.dialog is None


def test_weights_of_ones_own_are_a_codec_beside_the_shipped_one(
    opened: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    file = tmp_path / "night.safetensors"
    shutil.copy(weights_path(WEIGHTS), file)
    dialog_of(opened).wanted.emit(CodecWish(file))
    qtbot.waitUntil(lambda: driver(opened).shown("learned:night") is not None, timeout=TIMEOUT_MS)
    assert opened.panes["learned:night"].header.text.label == "Learned night"
    assert opened.settings.variants == ()  # it is installed, and no variant
    wait_until_at_target(opened, qtbot)
    open_session(opened, qtbot, tmp_path, "jpeg", "learned:night", "theirs")
    assert driver(opened).codecs == ("jpeg", "learned:night")
    assert window_says(opened) == "Opened the session “a.ratelens”. Left out, as not installed here: theirs."
    wait_until_at_target(opened, qtbot)


def open_session(window: MainWindow, qtbot: QtBot, folder: Path, *codecs: str) -> None:
    """Open a session of the picture that is open, with these codecs, while only JPEG 2000 is on."""
    image = driver(window).session.image
    assert image is not None
    driver(window).set_codecs(["jpeg2000"])
    file = folder / "a.ratelens"
    file.write_text(json.dumps({"ratelens_session": 1, "image": {"path": str(image.path)}, "codecs": codecs}))
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        window.opening.open_path(file)


def test_real_programs_stand_beside_the_built_in_codecs_at_matched_rates(
    opened: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    there = programs_there()
    if not there:
        pytest.skip("none of the programs that RateLens has descriptions of is installed")
    for name in there:
        dialog = dialog_of(opened)
        dialog.what.setCurrentText(f"Program: {name}")
        dialog._ask()
        qtbot.waitUntil(lambda name=name: name in driver(opened).compared, timeout=TIMEOUT_MS)  # type: ignore[misc]
    wait_until_at_target(opened, qtbot)
    for name in there:
        shown = driver(opened).shown(name)
        assert shown is not None
        assert abs(shown.result.deviation) < 0.08, name
        assert opened.panes[name].isVisible()
    open_session(opened, qtbot, tmp_path, "jpeg", *there, "learned:gone")
    assert driver(opened).codecs == ("jpeg", *there)
    assert window_says(opened).endswith("Left out, as not installed here: learned:gone.")
    wait_until_at_target(opened, qtbot)


def programs_there() -> list[str]:
    """The included descriptions whose programs are installed."""
    described = {name: load_description(path) for name, path in recipes().items()}
    return [name for name, one in described.items() if shutil.which(one.encode[0]) and shutil.which(one.decode[0])]


def test_the_recipes_are_offered_until_they_are_installed(window: MainWindow) -> None:
    dialog = dialog_of(window)
    offered = {dialog.what.itemText(row) for row in range(dialog.what.count())}
    dialog.reject()
    assert any(text.startswith("Program: ") for text in offered)
    assert not any(SEPARATOR in text.removeprefix("Program: ") for text in offered if "From a file" not in text)


def test_where_nothing_was_added_nothing_can_be_removed(window: MainWindow) -> None:
    window.actions_by_name["remove_codec"].trigger()
    assert window_says(window) == "No codec was added: the others can only be switched off."
