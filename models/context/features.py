"""The context model's input features of coded symbols, and the scales of its integers.

Every quantity in the network is an integer: features of at most 7 bits and a sign, activations of 8 bits, weights of at
most 11 bits and a sign, and sums below 2^24. Such sums are exact in any order, on any machine, in float32 too.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

UNIT: Final = 32
"""Integer value of a feature or activation for a float 1.0 in the trained network."""

VALUE_MAX: Final = 127
ACTIVATION_MAX: Final = 255
ACTIVATION_ZERO: Final = 128
"""What is subtracted from an activation, for it to fit into int8."""

EXACT: Final = 1 << 24
"""Integers below this are exact in float32."""

STEP_BITS: Final = 8
STEP_MAX: Final = (1 << 15) - 1
_SYMBOL_LIMIT: Final = 1 << 14
MAGNITUDES: Final = 1024


def steps(deviation: NDArray[np.float64], gain: NDArray[np.float64]) -> NDArray[np.int32]:
    """Quantiser step of each channel relative to its standard deviation, in 2^-STEP_BITS of a feature's unit."""
    step = np.rint(UNIT * 2.0**STEP_BITS / np.maximum(deviation * gain, 1e-9))
    return np.clip(step, 1, STEP_MAX).astype(np.int32)


def magnitude_table() -> NDArray[np.uint8]:
    """Feature for a magnitude in 1/64 standard deviations: log2(1 + 4 |v|) / 2, v at most 16. Part of the
    weights file.
    """
    v = np.arange(MAGNITUDES) / 64.0
    return np.rint(UNIT * 0.5 * np.log2(1.0 + 4.0 * v)).astype(np.uint8)


def features(symbols: Tensor, step: Tensor, magnitude: Tensor) -> Tensor:
    """Symbols (n, channels) int32, steps (channels,) int32 -> values, then magnitudes, (n, 2 * channels) int8.

    magnitude: `magnitude_table` as int8.
    """
    count, channels = symbols.shape
    both = torch.empty(count, 2 * channels, dtype=torch.int8)
    scaled = symbols.clamp(-_SYMBOL_LIMIT, _SYMBOL_LIMIT).mul_(step)
    half = 1 << (STEP_BITS - 1)
    both[:, :channels] = (scaled + half).bitwise_right_shift_(STEP_BITS).clamp_(-VALUE_MAX, VALUE_MAX)
    index = scaled.abs_().bitwise_right_shift_(STEP_BITS - 1).clamp_(max=MAGNITUDES - 1)
    both[:, channels:] = magnitude.index_select(0, index.view(-1)).view(count, channels)
    return both
