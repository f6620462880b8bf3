"""Products of whole numbers, exact on every processor: int8 where it multiplies those exactly, else float32.

What is multiplied are features and activations, int8, and weights, int16, whose sums stay below 2^24
(models/context/weights.py refuses others). float32 is exact for those; int8 products are too, in int32, and take an
eighth to a quarter of the time. Their weights are split into digits, w = 256 * high + low. Few weights of the
convolutions need a high digit, nearly all of the heads do.
"""

from __future__ import annotations

from functools import cache
from typing import Final, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_BASE: Final = 256
_LARGEST: Final = 127 * _BASE + 127
"""The largest magnitude of a weight whose digits fit into int8."""

_FEW: Final = 0.25
"""Up to this share of rows with a high digit, those are multiplied by themselves."""

_INT8_UNITS: Final = ("avx512_vnni", "avx_vnni", "amx_int8")
"""x86 instructions that add products of int8 up in int32. Older ones add two of them up in int16, where they may not
fit; elsewhere PyTorch has loops that are slower than float32.
"""


class IntegerMatrix(Protocol):
    """Weights (K, N)."""

    def times(self, x: Tensor) -> Tensor:
        """int8 (n, K) -> int32 (n, N), new."""
        ...

    def rows(self, chosen: NDArray[np.int64]) -> IntegerMatrix:
        """The matrix of some rows, for an x that has no other columns."""
        ...

    def columns(self, chosen: NDArray[np.int64]) -> IntegerMatrix:
        """The matrix of some columns."""
        ...


class Float32Matrix:
    """Whole numbers in float32."""

    def __init__(self, weights: Tensor) -> None:
        self._weights = weights

    def times(self, x: Tensor) -> Tensor:
        return torch.mm(x.float(), self._weights).int()

    def rows(self, chosen: NDArray[np.int64]) -> Float32Matrix:
        return Float32Matrix(self._weights[torch.from_numpy(chosen)])

    def columns(self, chosen: NDArray[np.int64]) -> Float32Matrix:
        return Float32Matrix(self._weights[:, torch.from_numpy(chosen)])


class TwoDigitMatrix:
    """Both digits of every weight in int8, side by side, (K, 2 N): low, then high."""

    def __init__(self, digits: Tensor) -> None:
        self._digits = digits
        self._count = digits.shape[1] // 2

    def times(self, x: Tensor) -> Tensor:
        products = torch._int_mm(x, self._digits)
        return torch.add(products[:, : self._count], products[:, self._count :], alpha=_BASE)

    def rows(self, chosen: NDArray[np.int64]) -> TwoDigitMatrix:
        return TwoDigitMatrix(self._digits[torch.from_numpy(chosen)])

    def columns(self, chosen: NDArray[np.int64]) -> TwoDigitMatrix:
        both = np.concatenate([chosen, chosen + self._count])
        return TwoDigitMatrix(self._digits[:, torch.from_numpy(both)])


class SparseHighMatrix:
    """Low digits (K, N) in int8, and high digits of those rows (at, ascending) that have any."""

    def __init__(self, low: Tensor, high: Tensor, at: NDArray[np.int64]) -> None:
        self._low = low
        self._high = high
        self._at = at

    def times(self, x: Tensor) -> Tensor:
        products = torch._int_mm(x, self._low)
        if len(self._at):
            # NumPy takes columns four times as fast as PyTorch.
            some = torch.from_numpy(x.numpy().take(self._at, axis=1))
            products.add_(torch._int_mm(some, self._high), alpha=_BASE)
        return products

    def rows(self, chosen: NDArray[np.int64]) -> SparseHighMatrix:
        place = np.full(self._low.shape[0], -1)
        place[chosen] = np.arange(len(chosen))
        at = place[self._at]
        left = at >= 0
        return SparseHighMatrix(
            self._low[torch.from_numpy(chosen)], self._high[torch.from_numpy(np.flatnonzero(left))], at[left]
        )

    def columns(self, chosen: NDArray[np.int64]) -> SparseHighMatrix:
        some = torch.from_numpy(chosen)
        return SparseHighMatrix(self._low[:, some], self._high[:, some], self._at)


def integer_matrix(weights: NDArray[np.int64], *, int8: bool | None = None) -> IntegerMatrix:
    """Of weights (K, N) below 2^15. int8: which arithmetic, unless the processor is to decide."""
    if int8 is None:
        int8 = has_exact_int8()
    if not int8 or np.abs(weights).max(initial=0) > _LARGEST:
        return Float32Matrix(torch.from_numpy(weights.astype(np.float32)))
    low = ((weights + _BASE // 2) % _BASE - _BASE // 2).astype(np.int8)
    high = ((weights + _BASE // 2) // _BASE).astype(np.int8)
    at = np.flatnonzero(high.any(axis=1))
    if len(at) > _FEW * len(weights):
        return TwoDigitMatrix(torch.from_numpy(np.concatenate([low, high], axis=1)))
    return SparseHighMatrix(torch.from_numpy(low), torch.from_numpy(high[at]), at)


@cache
def has_exact_int8() -> bool:
    """Whether this processor, as PyTorch uses it, multiplies int8 fast, and exactly even at the ends of its range."""
    capabilities: dict[str, bool] = getattr(torch.cpu, "get_capabilities", dict)()  # not every PyTorch has it
    if not any(capabilities.get(unit) for unit in _INT8_UNITS):
        return False
    try:
        return all(_is_exact(*shape) for shape in ((1, 6, 6), (40, 96, 256), (300, 2304, 128)))
    except (AttributeError, RuntimeError):  # no such function, or not for this processor
        return False


def _is_exact(count: int, inner: int, outer: int) -> bool:
    """Whether a product of the largest magnitudes, all of one sign, comes out right."""
    ends = (-128, 127)
    return all(
        bool((torch._int_mm(_filled(x, count, inner), _filled(w, inner, outer)) == x * w * inner).all())
        for x in ends
        for w in ends
    )


def _filled(value: int, *shape: int) -> Tensor:
    return torch.full(shape, value, dtype=torch.int8)
