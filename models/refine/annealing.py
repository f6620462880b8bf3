"""Optimises the latents of a picture, or a part of one, step by step, so that rounding them gives more for the bits.

    z --relaxed rounding--> soft symbols --inverse gain, synthesis--> picture --> distortion
                                        \\--densities predicted from round(z)--> bits
    z <--Adam-- gradient of bits + lagrangian * pixels * distortion

Source: Yang, Bamler, Mandt, "Improving Inference for Neural Image Compression", 2020.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.context.model import ContextModel
from models.context.scan_order import Grid
from models.nn.transforms import Transforms
from models.quality import table_of
from models.refine.distortion import Distortion
from models.refine.rate import Densities, predict
from models.refine.relaxation import relaxed_rounding

_BETAS: Final = (0.9, 0.99)
_EPSILON: Final = 1e-8
_PREDICTED_EVERY: Final = 2
"""Steps between predictions of the densities, each of which takes a third of a step."""

_FIRST_TEMPERATURE: Final = 1.5
_COOLING: Final = 3.0
"""The temperature falls by exp(-_COOLING) over a run."""
_LEARNING_RATE: Final = 0.02
"""Learning rate for latents in units of a symbol; falls over the second half of a run."""

SETTLED: Final = 1.25
"""Progress value of steps after a run, which meet the rate."""
_SETTLING_TEMPERATURE: Final = 0.3
_SETTLING_RATE: Final = 0.02


def _temperature(progress: float) -> float:
    return _FIRST_TEMPERATURE * math.exp(-_COOLING * progress) if progress <= 1.0 else _SETTLING_TEMPERATURE


def _learning_rate(progress: float) -> float:
    return _LEARNING_RATE * min(1.0, 2.0 * (1.0 - progress)) if progress <= 1.0 else _SETTLING_RATE


@dataclass(frozen=True)
class Window:
    """The latent positions of a part that may move, and the pixels compared: rows and columns of each."""

    moving: tuple[slice, slice]
    compared: tuple[slice, slice]

    @classmethod
    def whole(cls, height: int, width: int) -> Window:
        """All of a picture of this size."""
        return cls((slice(None), slice(None)), (slice(0, height), slice(0, width)))


class Annealing:
    """One picture at one quality. Not safe to use from several threads at once.

    scaled: latents times gain, float32 (C, h, w). distortion: against the compared pixels. lagrangian: bits per
    pixel that one unit of distortion is worth; may be changed between steps.
    """

    def __init__(
        self,
        transforms: Transforms,
        context: ContextModel,
        scaled: NDArray[np.float32],
        quality: int,
        *,
        distortion: Distortion,
        window: Window,
        lagrangian: float,
        seed: int = 0,
    ) -> None:
        self.lagrangian = lagrangian
        self._context = context
        self._distortion = distortion
        self._window = window
        self._table = table_of(quality, context.table_count)
        self._shape = scaled.shape
        channels, height, width = scaled.shape
        self._grid = Grid(height, width)
        # A channel of zeros costs next to nothing, so it stays zero.
        _, self._used = context.arrange(np.rint(scaled).astype(np.int32))
        self._channels = context.order[self._used]
        self._z = torch.from_numpy(np.ascontiguousarray(scaled.reshape(channels, -1)[self._channels].T, np.float32))
        self._inverse_gain = torch.from_numpy(transforms.inverse_gain(quality)[self._channels].astype(np.float32))
        self._synthesis = transforms.gradient_synthesis(height, width)
        self._noise = torch.Generator().manual_seed(seed)
        self._moments = torch.zeros_like(self._z), torch.zeros_like(self._z)
        moving = np.zeros((height, width), np.bool_)
        moving[window.moving] = True
        self._moving = torch.from_numpy(moving.reshape(-1, 1))
        self._steps = 0
        self._densities: Densities | None = None
        self._predicted_at = 0

    @property
    def steps(self) -> int:
        """The number of steps made."""
        return self._steps

    def symbols(self) -> NDArray[np.int32]:
        """The latents, rounded: int32 (C, h, w)."""
        channels, height, width = self._shape
        symbols = np.zeros((channels, height * width), np.int32)
        symbols[self._channels] = self._rounded().T
        return symbols.reshape(channels, height, width)

    @torch.inference_mode()
    def bits(self, *, latest: bool = False) -> float:
        """Bits of the rounded latents of the moving positions, without header, flags and the coder's end.

        By the last prediction or, if latest, by a new one.
        """
        if self._densities is None or (latest and self._predicted_at != self._steps):
            self._predict()
        assert self._densities is not None
        return float(self._densities.bits[self._window.moving].sum(dtype=np.float64))

    @torch.inference_mode()
    def step(self, progress: float) -> None:
        """Make one step. progress: of the run, 0 to 1, or SETTLED."""
        if self._densities is None or self._steps - self._predicted_at >= _PREDICTED_EVERY:
            self._predict()
        assert self._densities is not None
        soft, slope = relaxed_rounding(self._z, _temperature(progress), self._noise)
        y_hat = (soft * self._inverse_gain).view(*self._shape[1:], -1)
        shown, back = self._synthesis(y_hat, torch.from_numpy(self._channels))
        gradient = back(self._by_picture(shown)).reshape(self._z.shape).mul_(self._inverse_gain)
        gradient.add_(self._densities.gradient(soft)).mul_(slope).mul_(self._moving)
        self._move(gradient, _learning_rate(progress))
        self._steps += 1

    def _by_picture(self, shown: Tensor) -> Tensor:
        """Derivative of the distortion, in bits, by the decoded picture."""
        compared = np.ascontiguousarray(shown[self._window.compared].numpy())
        gradient = self._distortion.gradient(compared)
        gradient *= np.float32(self.lagrangian * compared.shape[0] * compared.shape[1])
        framed = torch.zeros(shown.shape)
        framed[self._window.compared] = torch.from_numpy(gradient)
        return framed

    def _move(self, gradient: Tensor, rate: float) -> None:
        """The update of Adam."""
        first, second = self._moments
        first.lerp_(gradient, 1.0 - _BETAS[0])
        second.mul_(_BETAS[1]).addcmul_(gradient, gradient, value=1.0 - _BETAS[1])
        count = self._steps + 1
        root = second.sqrt().div_(math.sqrt(1.0 - _BETAS[1] ** count)).add_(_EPSILON)
        self._z.addcdiv_(first, root, value=-rate / (1.0 - _BETAS[0] ** count))

    def _rounded(self) -> NDArray[np.int32]:
        rounded: NDArray[np.int32] = self._z.round().int().numpy()
        return rounded

    def _predict(self) -> None:
        self._densities = predict(self._context, self._rounded(), self._used, self._grid, self._table)
        self._predicted_at = self._steps
