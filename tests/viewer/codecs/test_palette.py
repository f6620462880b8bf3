"""Every codec looks like no other, however many there are."""

from __future__ import annotations

from viewer.codecs.palette import CODEC_COLOURS, look_of


def test_built_in_codecs_and_twenty_others_look_different_without_their_dash() -> None:
    names = [*CODEC_COLOURS, *(f"other-{i}" for i in range(20))]
    looks = [look_of(name, names) for name in names]
    assert len({(look.colour, look.marker) for look in looks}) == len(names)


def test_the_first_others_hardly_share_a_colour_or_a_marker() -> None:
    names = [f"other-{i}" for i in range(7)]
    looks = [look_of(name, names) for name in names]
    assert min(len({look.colour for look in looks}), len({look.marker for look in looks})) >= 6
