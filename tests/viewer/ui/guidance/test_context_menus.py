"""Context menus offer what can be done with what is under the pointer, and do it to that."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction, QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from tests.viewer.ui.conftest import TIMEOUT_MS
from tests.viewer.ui.driver import driver
from viewer.session.pane_layout import ORIGINAL, Layout
from viewer.ui.shell.main_window import MainWindow

OPENING = pytest.mark.qt_log_ignore("This plugin does not support")  # a menu that opens, offscreen


def menu_on(window: MainWindow, widget: QWidget, at: QPoint | None = None) -> QMenu:
    """The menu that the right button opens."""
    point = widget.rect().center() if at is None else at
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, widget.mapToGlobal(point))
    QApplication.sendEvent(widget, event)
    menu = window.context_menus.menu
    assert menu is not None
    assert menu.isVisible()
    return menu


def entries(menu: QMenu) -> dict[str, QAction]:
    """By text; those of submenus, too."""
    found: dict[str, QAction] = {}
    for action in menu.actions():
        inner = action.menu()
        if isinstance(inner, QMenu):
            found |= {f"{action.text()} {text}": one for text, one in entries(inner).items()}
        else:
            found[action.text().replace("&", "")] = action
    return found


@OPENING
def test_a_pane_is_shown_alone_and_split_with_another(opened: MainWindow) -> None:
    entries(menu_on(opened, opened.panes["jpeg"].canvas))["Show JPEG alone"].trigger()
    layout = driver(opened).session.pane_layout
    assert (layout.layout, layout.pane) == (Layout.SINGLE, "jpeg")
    entries(menu_on(opened, opened.panes["jpeg"].header))["Split with Learned"].trigger()
    layout = driver(opened).session.pane_layout
    assert (layout.layout, layout.left, layout.right) == (Layout.SPLIT, "jpeg", "learned")


@OPENING
def test_it_saves_copies_and_pins_its_own_pane_whichever_has_the_focus(opened: MainWindow) -> None:
    opened.panes["learned"].canvas.setFocus()
    menu = entries(menu_on(opened, opened.panes["jpeg"].canvas))
    menu["Pin pane’s rate"].trigger()
    assert [pin.codec for pin in driver(opened).session.pins.pins] == ["jpeg"]
    menu["Copy pane’s picture"].trigger()
    shown = driver(opened).shown("jpeg")
    assert shown is not None
    copied = QGuiApplication.clipboard().image().convertToFormat(shown.picture.levels[0].format())
    assert copied == shown.picture.levels[0]
    assert opened.present_pane() == "learned"


@OPENING
def test_the_original_has_no_rate_to_pin_and_no_stream_to_save(opened: MainWindow) -> None:
    menu = entries(menu_on(opened, opened.panes[ORIGINAL].canvas))
    assert not any(word in text for text in menu for word in ("Pin", "compressed", "off"))
    assert "Copy pane’s picture" in menu


@OPENING
def test_in_a_split_view_it_is_that_of_the_side(opened: MainWindow) -> None:
    opened.actions_by_name["split"].trigger()
    canvas = opened.grid.split.canvas
    middle = canvas.rect().center()
    for x, label in ((-60, "Original"), (60, "Learned")):
        assert f"Show {label} alone" in entries(menu_on(opened, canvas, middle + QPoint(x, 0)))


@OPENING
def test_a_codec_is_switched_off_where_it_is(opened: MainWindow) -> None:
    entries(menu_on(opened, opened.panes["jpeg"].canvas))["Switch JPEG off"].trigger()
    assert driver(opened).compared == ("learned", "jpeg2000")


@OPENING
def test_a_plot_pins_sets_the_rate_and_hands_on(opened: MainWindow, qtbot: QtBot) -> None:
    controller = driver(opened)
    qtbot.waitUntil(lambda: all(len(controller.curve(codec)) > 2 for codec in controller.codecs), timeout=TIMEOUT_MS)
    opened.plots.draw_now()
    point = controller.curve("jpeg")[-1]
    for plot, value in (
        (opened.plots.upper_plot, point.metrics.psnr_rgb_db),
        (opened.plots.lower_plot, controller.session.scale.ms_ssim(point.metrics)),
    ):
        before = controller.session.pins
        menu = entries(menu_on(opened, plot, plot.point_of(point.bpp, value).toPoint()))
        pin = next(action for text, action in menu.items() if text.startswith("Pin JPEG at"))
        pin.trigger()
        assert controller.session.pins.pins[-1].target_bpp == point.target_bpp
        controller.set_pins(before)
        assert {"Table of measured points", "Export this plot…", "Larger plots"} <= set(menu)
    at = opened.plots.upper_plot.point_of(1.0, point.metrics.psnr_rgb_db).toPoint()
    menu = entries(menu_on(opened, opened.plots.upper_plot, at))
    next(action for text, action in menu.items() if text.startswith("Set the rate")).trigger()
    assert controller.session.target_bpp == pytest.approx(1.0, rel=0.03)


@OPENING
def test_a_legend_entry_hides_its_curves(opened: MainWindow) -> None:
    legend = opened.plots.legend
    entries(menu_on(opened, legend, legend.place_of("jpeg").toPoint()))["Hide JPEG’s curves"].trigger()
    assert list(opened.plots.upper_plot.codecs) == ["learned", "jpeg2000"]
    entries(menu_on(opened, legend, legend.place_of("jpeg").toPoint()))["Show JPEG’s curves"].trigger()
    assert list(opened.plots.upper_plot.codecs) == ["learned", "jpeg", "jpeg2000"]
