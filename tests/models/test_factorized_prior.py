"""The learned density: probabilities that sum to one, in every place and at every gain."""

from __future__ import annotations

import pytest
import torch

from models.nn.factorized_prior import Density, sigmoid_difference


def test_a_symmetric_density_gives_zero_its_due() -> None:
    edge = torch.tensor([0.7])
    expected = torch.sigmoid(edge) - torch.sigmoid(-edge)
    assert torch.allclose(sigmoid_difference(-edge, edge), expected)


def test_tails_keep_their_digits() -> None:
    lower, upper = torch.tensor([40.0, -41.0]), torch.tensor([41.0, -40.0])
    expected = torch.tensor(40.0, dtype=torch.float64).neg().exp() - torch.tensor(41.0, dtype=torch.float64).neg().exp()
    assert torch.allclose(sigmoid_difference(lower, upper).double(), expected, rtol=1e-4)


@pytest.mark.parametrize("gain", [0.2, 1.0, 30.0])
@torch.no_grad()
def test_probabilities_of_all_symbols_sum_to_one(gain: float) -> None:
    torch.manual_seed(2)
    density = Density(5)
    reach = 4000
    symbols = torch.arange(-reach, reach + 1, dtype=torch.float32).expand(5, -1)
    total = density.probability(symbols, torch.full((5, 1), gain)).sum(dim=1)
    assert torch.allclose(total, torch.ones(5), atol=1e-3)


@torch.no_grad()
def test_without_biases_every_symbol_is_as_likely_as_its_mirror() -> None:
    density = Density(3)
    for bias in density.biases:
        bias.zero_()
    symbols = torch.tensor([[-2.0, -1.0, 0.0, 1.0, 2.0]]).expand(3, -1)
    p = density.probability(symbols, torch.ones(3, 1))
    assert torch.allclose(p, p.flip(1), rtol=1e-4)
    assert (p[:, 2] > p[:, 1]).all()


def test_effective_tensors_round_trip() -> None:
    torch.manual_seed(4)
    first, second = Density(4), Density(4)
    second.load_effective(first.effective_tensors())
    v = torch.linspace(-3, 3, 50).expand(4, -1)
    assert torch.allclose(first.logits(v), second.logits(v), atol=1e-5)
