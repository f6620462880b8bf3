"""Damage, reproducibly: the same seed gives the same file."""

from __future__ import annotations

import random

_EDGES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
"""Numbers at which sizes, counts and offsets overflow."""


def damaged(whole: bytes, seed: int) -> bytes:
    """The file with one to six things wrong with it; every tenth is only cut short."""
    rng = random.Random(seed)
    data = bytearray(whole)
    if seed % 10 == 0:
        return bytes(data[: rng.randrange(len(data))])
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        if not data:
            break
        rng.choice(_DAMAGE)(data, rng)
    return bytes(data)


def _place(data: bytearray, rng: random.Random) -> int:
    """Anywhere, but half of the time among the first bytes, where headers are."""
    return rng.randrange(min(len(data), 128)) if rng.random() < 0.5 else rng.randrange(len(data))


def _flip_a_bit(data: bytearray, rng: random.Random) -> None:
    data[_place(data, rng)] ^= 1 << rng.randrange(8)


def _change_a_byte(data: bytearray, rng: random.Random) -> None:
    data[_place(data, rng)] = rng.randrange(256)


def _change_a_number(data: bytearray, rng: random.Random) -> None:
    width = rng.choice((2, 4, 4, 8))
    number = rng.choice(_EDGES) % (1 << 8 * width)
    at = _place(data, rng)
    data[at : at + width] = number.to_bytes(width, "little" if rng.random() < 0.5 else "big")


def _lose_a_part(data: bytearray, rng: random.Random) -> None:
    at = _place(data, rng)
    del data[at : at + rng.randrange(1, 40)]


def _repeat_a_part(data: bytearray, rng: random.Random) -> None:
    at, length = _place(data, rng), rng.randrange(1, 64)
    data[at:at] = data[at : at + length] * rng.choice((1, 1, 2, 50))


def _insert_noise(data: bytearray, rng: random.Random) -> None:
    at = _place(data, rng)
    data[at:at] = rng.randbytes(rng.randrange(1, 20))


_DAMAGE = (
    _flip_a_bit,
    _flip_a_bit,
    _change_a_byte,
    _change_a_byte,
    _change_a_number,
    _change_a_number,
    _lose_a_part,
    _repeat_a_part,
    _insert_noise,
)
