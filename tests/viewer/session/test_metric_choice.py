"""The user's choice of metrics, and how they are read."""

from __future__ import annotations

from viewer.session.metric_choice import MetricChoice
from viewer.session.metric_reading import CHOOSABLE, label_of, plot_title
from viewer.session.state import MetricScale


def test_columns_stand_in_the_order_of_the_menu() -> None:
    choice = MetricChoice(columns=("ms_ssim",)).toggled("flip", CHOOSABLE).toggled("psnr", CHOOSABLE)
    assert choice.columns == ("psnr", "ms_ssim", "flip")
    assert choice.toggled("ms_ssim", CHOOSABLE).columns == ("psnr", "flip")
    assert choice.slow == ("flip",)
    assert choice.slow_plots == ()


def test_what_is_not_installed_is_left_out() -> None:
    choice = MetricChoice(("gone", "flip"), ("gone", "ssimulacra2"))
    assert choice.among(CHOOSABLE) == MetricChoice(("flip",), ("psnr", "ssimulacra2"))


def test_titles_say_channel_and_unit() -> None:
    assert {"psnr": "PSNR", "flip": "FLIP"}.items() <= {name: label_of(name) for name in CHOOSABLE}.items()
    assert plot_title("psnr", MetricScale()) == "PSNR RGB, dB"
    assert plot_title("ms_ssim", MetricScale("luma")) == "MS-SSIM luma, dB"
    assert plot_title("ms_ssim", MetricScale("luma", ms_ssim_db=False)) == "MS-SSIM luma"
    assert plot_title("flip", MetricScale("luma")) == "FLIP"
