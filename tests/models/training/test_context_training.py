"""The context network learns, and its integers find what its floats found."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
import torch
from torch import Tensor

from models.context.features import features, magnitude_table, steps
from models.context.model import ContextModel
from models.nn.layers import Widths
from models.tensors import Tensors
from models.training.context.data import ChannelStatistics, Crops, LatentData, arrange, latents_at
from models.training.context.export import export
from models.training.context.fit import fit_tables, gains_of_tables, relative_bits, zero_shares
from models.training.context.net import ContextNet, ContextShape, laplace_bits, symbol_features
from models.training.context.restore import read_context, restored_shape, restored_statistics, start_from
from models.training.context.train import ContextConfig, ContextTraining
from models.training.model import TrainableCodec

SHAPE = ContextShape(groups=(1, 2, 5), passes=(4, 2, 2), kernels=(5, 3, 3), state=16, head=12)
CONFIG = ContextConfig(shape=SHAPE, crop=12, crops_a_step=4, minutes=1.0, warmup_steps=5, learning_rate=1e-2, threads=1)


def busy_and_calm(count: int) -> list[Tensor]:
    """Latents whose energy changes from place to place: what a density that is the same everywhere cannot use."""
    generator = torch.Generator().manual_seed(3)
    spread = torch.tensor([3.0, 2.0, 1.5, 1.0, 0.8, 0.5, 0.3, 0.2])[:, None, None]
    out = []
    for _ in range(count):
        energy = torch.where(torch.rand(1, 4, 5, generator=generator) < 0.5, 0.2, 1.5).repeat_interleave(4, 1)
        energy = energy.repeat_interleave(4, 2)
        latent = torch.randn(8, 16, 20, generator=generator) * spread * energy
        correction = torch.randn(8, 16, 20, generator=generator) * 0.1 * spread * energy
        out.append(torch.stack([latent, correction]).half())
    return out


@pytest.fixture(scope="module")
def codec() -> TrainableCodec:
    torch.manual_seed(0)
    made = TrainableCodec(Widths(2, 3, 8), levels=9)
    with torch.no_grad():
        made.gains.log_gain.add_(torch.linspace(-0.5, 1.5, 9)[:, None])
    return made


@pytest.fixture(scope="module")
def trained(
    codec: TrainableCodec, tmp_path_factory: pytest.TempPathFactory
) -> tuple[ContextTraining, LatentData, list[float]]:
    torch.manual_seed(0)
    data = arrange(codec, busy_and_calm(16), busy_and_calm(4))
    training = ContextTraining(tmp_path_factory.mktemp("run"), CONFIG, data, torch.device("cpu"))
    crops = Crops(data.train, CONFIG.crop, CONFIG.seed)
    losses = [validation_loss(training, data)]
    for step in range(80):
        training.run.minutes = step / 80
        training.train_step(*crops.batch(step, CONFIG.crops_a_step, 0.0, 8.0))
    return training, data, [*losses, validation_loss(training, data)]


@torch.no_grad()
def validation_loss(training: ContextTraining, data: LatentData) -> float:
    level = torch.linspace(1.0, 7.0, len(data.validation))
    symbols = torch.round(
        latents_at(torch.stack(data.validation), level) * data.statistics.gain(level)[:, :, None, None]
    )
    return float(laplace_bits(symbols, *training.net(symbols, level)).mean())


def exported(codec: TrainableCodec, training: ContextTraining, data: LatentData) -> tuple[Tensors, np.ndarray]:
    gains = gains_of_tables(codec.gains.log_gain.detach(), data.order)
    return export(training.net, gains, zero_shares(data.train, gains), data.order.numpy()), gains


def test_training_lowers_the_loss(trained: tuple[ContextTraining, LatentData, list[float]]) -> None:
    _, _, (before, after) = trained
    assert after < 0.95 * before


def test_integers_cost_what_floats_cost(
    codec: TrainableCodec, trained: tuple[ContextTraining, LatentData, list[float]]
) -> None:
    training, data, _ = trained
    tensors, gains = exported(codec, training, data)
    model = ContextModel.from_tensors(tensors)
    natural = torch.argsort(data.order)
    for table in (48, 112, 150):
        level = torch.tensor([table / 16 - 3.0])
        for latent in data.validation:
            y = latents_at(latent[None], level)[0]
            symbols = torch.round(y * torch.from_numpy(gains[table]).float()[:, None, None])
            with torch.no_grad():
                mean, log2_scale = training.net(symbols[None], level)
            wanted = float(laplace_bits(symbols[None], mean, log2_scale).sum())
            found = float(model.bits_map(symbols[natural].int().numpy(), table).sum())
            assert found == pytest.approx(wanted, rel=0.02)


def test_fitted_tables_do_not_cost_more(
    codec: TrainableCodec, trained: tuple[ContextTraining, LatentData, list[float]]
) -> None:
    training, data, _ = trained
    tensors, gains = exported(codec, training, data)
    before = relative_bits(tensors, data, gains)
    after = relative_bits(fit_tables(tensors, data, gains), data, gains)
    assert sum(after.values()) < 1.01 * sum(before.values())


def test_a_resumed_run_goes_on(trained: tuple[ContextTraining, LatentData, list[float]]) -> None:
    training, data, _ = trained
    training.run.save()
    again = ContextTraining(training.run.folder, CONFIG, data, torch.device("cpu"))
    step = training.run.step
    assert again.run.step == step
    batch = Crops(data.train, CONFIG.crop, CONFIG.seed).batch(step, CONFIG.crops_a_step, 0.0, 8.0)
    assert again.train_step(*batch) == training.train_step(*batch)


def test_an_older_state_file_is_resumed(
    trained: tuple[ContextTraining, LatentData, list[float]], tmp_path: Path
) -> None:
    training, data, _ = trained
    training.run.save()
    state = torch.load(training.run.folder / "state.pt", weights_only=True)
    (state["optimiser"],) = state.pop("optimisers")
    del state["best"]
    torch.save(state, tmp_path / "state.pt")
    again = ContextTraining(tmp_path, CONFIG, data, torch.device("cpu"))
    step = training.run.step
    assert again.run.step == step
    batch = Crops(data.train, CONFIG.crop, CONFIG.seed).batch(step, CONFIG.crops_a_step, 0.0, 8.0)
    assert again.train_step(*batch) == copy.deepcopy(training).train_step(*batch)


def test_training_sees_the_features_of_the_real_model() -> None:
    rng = np.random.default_rng(1)
    symbols = rng.integers(-300, 300, (50, 6)).astype(np.int32)
    deviation, gain = np.array([40.0, 9.0, 3.0, 1.0, 0.2, 0.01]), np.ones(6)
    magnitude = torch.from_numpy(magnitude_table()).float()
    real = features(torch.from_numpy(symbols), torch.from_numpy(steps(deviation, gain)), magnitude)
    as_trained = symbol_features(
        torch.from_numpy(symbols.T.copy()).float()[None, :, :, None],
        torch.from_numpy(deviation * gain).float()[None],
        magnitude,
    )
    assert (as_trained[0, :, :, :, 0].permute(2, 0, 1).reshape(50, 12) * 32 == real).all()


def test_training_goes_on_from_integers(
    codec: TrainableCodec, trained: tuple[ContextTraining, LatentData, list[float]], tmp_path: Path
) -> None:
    training, data, (before, after) = trained
    tensors, _ = exported(codec, training, data)
    safetensors.numpy.save_file(
        {**{f"context.{k}": v for k, v in tensors.items()}, "gain": codec.gains.log_gain.exp().detach().numpy()},
        tmp_path / "w.safetensors",
    )
    stored, gain = read_context(tmp_path / "w.safetensors")
    assert restored_shape(stored) == SHAPE
    known = restored_statistics(stored, gain)
    assert (known.order == data.order).all()
    assert known.deviation == pytest.approx(data.statistics.deviation, rel=0.01)
    again = arrange(codec, busy_and_calm(16), busy_and_calm(4), known)
    fresh = ContextTraining(tmp_path, CONFIG, again, torch.device("cpu"))
    fresh.start_from(tmp_path / "w.safetensors")
    assert validation_loss(fresh, again) == pytest.approx(after, rel=0.01)
    assert after < 0.95 * before


def test_known_statistics_are_kept(codec: TrainableCodec) -> None:
    order = torch.tensor([7, 6, 5, 4, 3, 2, 1, 0])
    known = ChannelStatistics(order, torch.ones(8), torch.full((8,), 0.5))
    data = arrange(codec, busy_and_calm(8), busy_and_calm(1), known)
    assert (data.order == order).all()
    assert (data.statistics.deviation == 1.0).all()
    assert (data.train[0][:, 0] == busy_and_calm(8)[0][:, 7]).all()


@pytest.mark.parametrize("scale", [0.05, 0.7, 30.0])
def test_laplace_bits_are_those_of_a_distribution(scale: float) -> None:
    symbols = torch.arange(-400.0, 401.0)
    bits = laplace_bits(symbols, torch.full_like(symbols, 0.3), torch.full_like(symbols, float(np.log2(scale))))
    assert float(torch.exp2(-bits).sum()) == pytest.approx(1.0, abs=0.01)


def test_a_folder_without_large_photographs_is_said_so() -> None:
    with pytest.raises(ValueError, match="photograph"):
        Crops([torch.zeros(2, 8, 4, 4)], 12, 0)


def test_a_network_that_knew_fewer_levels_goes_on_beyond_them(
    trained: tuple[ContextTraining, LatentData, list[float]], tmp_path: Path
) -> None:
    training, data, _ = trained
    path = tmp_path / "state.pt"
    torch.save(
        {"average": {name: _last_knot_off(name, value) for name, value in training.net.state_dict().items()}}, path
    )
    wider = ContextNet(SHAPE, data.statistics, torch.from_numpy(magnitude_table()).float())
    start_from(wider, path)
    symbols = torch.round(torch.stack(data.validation)[:, 0].float())
    with torch.no_grad():
        for level, same in ((4.5, True), (float(data.statistics.knot_levels[-1]), False)):
            found, expected = (net(symbols, torch.full((len(symbols),), level)) for net in (wider, training.net))
            assert torch.equal(found[1], expected[1]) is same
    line = wider.scale_bias[-1] - wider.scale_bias[-2]
    assert torch.allclose(line, wider.scale_bias[-2] - wider.scale_bias[-3], atol=1e-5)


def _last_knot_off(name: str, value: Tensor) -> Tensor:
    return value[:-1] if name.startswith("bias.") or name in ("mean_bias", "scale_bias") else value
