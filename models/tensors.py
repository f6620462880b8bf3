"""Tensors of a weights file by name, and checks that report which one is invalid and what was expected."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Tensors = dict[str, NDArray[np.generic]]


class TensorError(ValueError):
    """A tensor is missing or invalid: "gain: expected positive numbers". Loaders turn it into a WeightsError."""


def require(condition: bool | np.bool_, name: str, expected: str) -> None:
    """Raise TensorError for the named tensor unless the condition holds."""
    if not condition:
        raise TensorError(f"{name}: expected {expected}")


def given(tensors: Tensors, name: str) -> NDArray[np.generic]:
    """The named tensor, of at least one dimension. Raises TensorError."""
    if name not in tensors:
        raise TensorError(f"{name} is missing")
    tensor = tensors[name]
    require(tensor.ndim > 0, name, "a tensor, not a single number")
    return tensor


def integers(tensors: Tensors, name: str, shape: tuple[int, ...]) -> NDArray[np.int64]:
    """The named tensor, integers of a shape and of up to 32 bits, as int64. Raises TensorError."""
    tensor = given(tensors, name)
    fits = tensor.shape == shape and tensor.dtype.kind in "iu" and tensor.dtype.itemsize <= 4
    require(fits, name, f"integers of up to 32 bits and shape {shape}, got {tensor.dtype.name} of shape {tensor.shape}")
    return tensor.astype(np.int64)


def numbers(tensors: Tensors, name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """The named tensor, finite numbers of a shape, as float32. Raises TensorError."""
    tensor = given(tensors, name)
    fits = tensor.shape == shape and tensor.dtype.kind in "fiu"
    require(fits, name, f"numbers of shape {shape}, got {tensor.dtype.name} of shape {tensor.shape}")
    converted = tensor.astype(np.float32)
    require(np.isfinite(converted).all(), name, "finite numbers")
    return converted
