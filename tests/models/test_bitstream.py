"""The learned codec's header."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.bitstream import MAX_PIXELS, MAX_SIDE, Header, pack, unpack
from models.errors import StreamError

HEADER = Header(0, b"\x01\x02\x03", 700, 768, 512)

sides = st.integers(1, MAX_SIDE)


@given(
    st.builds(Header, st.integers(0, 15), st.binary(min_size=3, max_size=3), st.integers(0, 65535), sides, sides),
    st.binary(max_size=300),
)
@settings(deadline=None)
def test_round_trip(header: Header, payload: bytes) -> None:
    stream = pack(header, payload)
    assert len(stream) - len(payload) <= 24
    assert unpack(stream, max_pixels=MAX_SIDE**2) == (header, payload)


def test_the_header_of_a_photograph_takes_19_bytes() -> None:
    assert len(pack(HEADER, bytes(12_000))) == 12_000 + 19


@given(st.integers(0, 3), st.booleans(), st.booleans(), st.binary(max_size=30))
def test_flags_make_another_version_and_none_make_none(mode: int, grey: bool, one_colour: bool, payload: bytes) -> None:
    header = Header(mode, b"abc", 7, 30, 20, grey=grey, one_colour=one_colour)
    stream = pack(header, payload)
    assert stream[3] >> 4 == (2 if grey or one_colour else 1)
    assert unpack(stream) == (header, payload)


def test_version_2_without_a_flag_is_refused() -> None:
    head = b"GDN\x20abc" + bytes([0, 7, 30, 20, 0])
    with pytest.raises(StreamError, match="header is damaged"):
        unpack(head + zlib.crc32(head).to_bytes(4, "big"))


def test_literal_bytes() -> None:
    assert (
        pack(HEADER, b"payload").hex()
        == "47444e10010203" + "02bc" + "8006" + "8004" + "07" + "7b639320" + b"payload".hex()
    )


@given(st.binary(max_size=64))
def test_garbage_is_refused(garbage: bytes) -> None:
    with pytest.raises(StreamError):
        unpack(garbage)
    with pytest.raises(StreamError):
        unpack(b"GDN\x10" + garbage)


def test_the_largest_header_has_24_bytes() -> None:
    header = Header(15, b"abc", 65535, MAX_SIDE, MAX_SIDE)
    # A payload of 2^28 bytes and more takes a five-byte length: computed, not built.
    assert len(pack(header, bytes(2**14))) - 2**14 == 22


@pytest.mark.parametrize("cut", range(25))
def test_cut_short(cut: int) -> None:
    with pytest.raises(StreamError):
        unpack(pack(HEADER, b"payload")[:cut])


def test_there_is_one_way_to_write_a_stream() -> None:
    head = bytes.fromhex("47444e10010203" + "02bc" + "818000" + "01" + "00")  # a width of 1 in three bytes
    with pytest.raises(StreamError, match="header is damaged"):
        unpack(head + zlib.crc32(head).to_bytes(4, "big"))


def test_too_many_pixels_are_refused_unless_asked_for() -> None:
    stream = pack(Header(0, b"abc", 1, 40_000, 40_000), b"")
    assert MAX_PIXELS < 40_000**2
    with pytest.raises(StreamError, match="40000 x 40000"):
        unpack(stream)
    assert unpack(stream, max_pixels=2 * 10**9)[0].width == 40_000


def test_another_version_says_so() -> None:
    stream = bytearray(pack(HEADER, b"payload"))
    stream[3] = 0x30
    with pytest.raises(StreamError, match="version 3"):
        unpack(bytes(stream))


def test_a_side_that_the_container_cannot_hold_is_refused() -> None:
    with pytest.raises(StreamError, match=str(MAX_SIDE)):
        pack(Header(0, b"abc", 1, MAX_SIDE + 1, 1), b"")
