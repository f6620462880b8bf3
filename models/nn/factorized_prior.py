"""The learned density of each latent channel."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

_LAYER_SIZES = (1, 3, 3, 3, 1)
_INPUT_SCALE = 10.0
PROBABILITY_FLOOR = 1e-9


def _inverse_softplus(x: Tensor) -> Tensor:
    return x + torch.log(-torch.expm1(-x))


def sigmoid_difference(lower: Tensor, upper: Tensor) -> Tensor:
    """sigmoid(upper) - sigmoid(lower) for lower <= upper, without cancellation in the tails.

    Computed on the side where both are small. Do not use torch.sign to choose the side: it is 0 if a symmetric density
    is asked for the probability of exactly 0, and the difference would vanish.
    """
    side = torch.where(lower + upper > 0.0, -1.0, 1.0).detach()
    return (torch.sigmoid(side * upper) - torch.sigmoid(side * lower)).abs()


class Density(nn.Module):
    """Cumulative distribution of y per channel, C(v) = sigmoid(f(v)), where f is a small monotone network per channel.

    One density serves every level: P(q = k) = C((k + 1/2) / gain) - C((k - 1/2) / gain). Source: Balle et al. 2018,
    "Variational image compression with a scale hyperprior", appendix 6.1: the paper's piecewise-linear density made
    smooth.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels
        self.register_buffer("scale", torch.ones(channels))
        layers = len(_LAYER_SIZES) - 1
        self.matrices = nn.ParameterList()
        self.biases = nn.ParameterList()
        self.factors = nn.ParameterList()
        for i in range(layers):
            fan_in, fan_out = _LAYER_SIZES[i], _LAYER_SIZES[i + 1]
            weight = torch.full((channels, fan_out, fan_in), (1.0 / _INPUT_SCALE) ** (1 / layers) / fan_out)
            self.matrices.append(nn.Parameter(_inverse_softplus(weight)))
            self.biases.append(nn.Parameter(torch.rand(channels, fan_out, 1) - 0.5))
            if i + 1 < layers:
                self.factors.append(nn.Parameter(torch.zeros(channels, fan_out, 1)))

    def logits(self, v: Tensor, channels: Tensor | slice = slice(None)) -> Tensor:
        """f(v), increasing in v; shape (C, M) to the same. channels: indices of the rows of v, if not all."""
        scale: Tensor = self.scale  # type: ignore[assignment]
        x = (_INPUT_SCALE * v / scale[channels, None]).unsqueeze(1)
        for i, (matrix, bias) in enumerate(zip(self.matrices, self.biases, strict=True)):
            x = torch.baddbmm(bias[channels], functional.softplus(matrix[channels]), x)
            if i < len(self.factors):
                x = x + torch.tanh(self.factors[i][channels]) * torch.tanh(x)
        return x.squeeze(1)

    def probability(self, q: Tensor, gain: Tensor) -> Tensor:
        """P(q) for (possibly noisy) symbols q, shapes (C, M) and (C, M) or broadcastable, floored at 1e-9."""
        lower = self.logits((q - 0.5) / gain)
        upper = self.logits((q + 0.5) / gain)
        return sigmoid_difference(lower, upper).clamp_min(PROBABILITY_FLOOR)

    def bits(self, q: Tensor, gain: Tensor) -> Tensor:
        """Ideal code length of each symbol, in bits: q of shape (N, C, h, w), gain (N, C) -> (N, C, h, w)."""
        n, c, h, w = q.shape
        flat = q.transpose(0, 1).reshape(c, n * h * w)
        gains = gain.t()[:, :, None].expand(c, n, h * w).reshape(c, n * h * w)
        return -torch.log2(self.probability(flat, gains)).reshape(c, n, h, w).transpose(0, 1)

    def load_effective(self, tensors: dict[str, Tensor]) -> None:
        """Load a checkpoint's tensors matrix0..3, bias0..3, factor0..2 and scale, which are effective values."""
        with torch.no_grad():
            self.scale.copy_(tensors["scale"])  # type: ignore[operator]
            for i, matrix in enumerate(self.matrices):
                matrix.copy_(_inverse_softplus(tensors[f"matrix{i}"].clamp_min(1e-6)))
                self.biases[i].copy_(tensors[f"bias{i}"])
                if i < len(self.factors):
                    self.factors[i].copy_(torch.atanh(tensors[f"factor{i}"].clamp(-0.999, 0.999)))

    def effective_tensors(self) -> dict[str, Tensor]:
        """The inverse of load_effective."""
        out: dict[str, Tensor] = {"scale": self.scale}  # type: ignore[dict-item]
        for i, matrix in enumerate(self.matrices):
            out[f"matrix{i}"] = functional.softplus(matrix)
            out[f"bias{i}"] = self.biases[i]
            if i < len(self.factors):
                out[f"factor{i}"] = torch.tanh(self.factors[i])
        return out
