"""Parameter groups, and the optimisers that were compared."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from models.training.config import Config
from models.training.model import TrainableCodec

_NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)


class Muon(torch.optim.Optimizer):
    """Momentum whose update is orthogonalised, for convolution kernels (flattened to matrices).

    Source: Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks"; scaled to Adam's update size
    after Liu et al. 2025, "Muon is scalable for LLM training".
    """

    def __init__(self, parameters: list[nn.Parameter], lr: float, momentum: float = 0.95) -> None:
        super().__init__(parameters, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]  # noqa: ARG002
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                state = self.state[parameter]
                if "momentum" not in state:
                    state["momentum"] = torch.zeros_like(parameter)
                momentum: Tensor = state["momentum"]
                momentum.lerp_(parameter.grad, 1.0 - group["momentum"])
                update = torch.lerp(parameter.grad, momentum, group["momentum"])
                parameter.add_(_orthogonalised(update), alpha=-group["lr"])


def _orthogonalised(gradient: Tensor) -> Tensor:
    matrix = gradient.reshape(gradient.shape[0], -1)
    transposed = matrix.shape[0] > matrix.shape[1]
    x = matrix.t() if transposed else matrix
    x = x / (x.norm() + 1e-12)
    a, b, c = _NEWTON_SCHULZ
    for _ in range(5):
        gram = x @ x.t()
        x = a * x + (b * gram + c * gram @ gram) @ x
    x = x * 0.2 * math.sqrt(max(matrix.shape))
    update: Tensor = (x.t() if transposed else x).reshape(gradient.shape)
    return update


def build_optimisers(codec: TrainableCodec, config: Config) -> list[torch.optim.Optimizer]:
    """Convolutions at the base rate; GDN, density and gains at side_rate_factor times it."""
    kernels: list[nn.Parameter] = []
    biases: list[nn.Parameter] = []
    side: list[nn.Parameter] = []
    for name, parameter in codec.named_parameters():
        if ".conv" in name:
            (kernels if parameter.ndim == 4 else biases).append(parameter)
        else:
            side.append(parameter)
    factor = config.side_rate_factor
    adam_groups = [
        {"params": biases, "scale": 1.0},
        {"params": side, "scale": factor},
    ]
    if config.optimizer == "muon":
        muon = Muon(kernels, config.learning_rate)
        muon.param_groups[0]["scale"] = 1.0
        return [torch.optim.Adam(adam_groups, config.learning_rate, betas=(0.9, 0.99)), muon]
    adam_groups.append({"params": kernels, "scale": 1.0})
    return [torch.optim.Adam(adam_groups, config.learning_rate, betas=(0.9, 0.99))]
