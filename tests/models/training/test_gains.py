"""Levels above a checkpoint's last one."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from models.nn.layers import Widths
from models.quality import LAMBDAS
from models.training import gains
from models.training.gains import GainsConfig
from models.training.klt import block_klt_codec
from models.training.loss import Quantiser, measure
from models.training.model import TrainableCodec, load_checkpoint, save_checkpoint, with_levels
from models.training.pictures.patches import Patches

_KEPT = 9


@pytest.fixture
def shorter(folder: Path) -> TrainableCodec:
    return block_klt_codec(Patches(folder, 64, 1).batch(0, 16), Widths(12, 24, 48), LAMBDAS[:_KEPT])


def test_added_levels_go_on_from_the_last_ones(shorter: TrainableCodec) -> None:
    longer = with_levels(shorter, len(LAMBDAS))
    step = shorter.gains.log_gain[-1] - shorter.gains.log_gain[-2]
    added = longer.gains.log_gain[_KEPT:]
    assert torch.allclose(longer.gains.log_gain[:_KEPT], shorter.gains.log_gain)
    for number, row in enumerate(added, start=1):
        assert torch.allclose(row, shorter.gains.log_gain[-1] + number * step, atol=1e-4)


def test_only_the_added_levels_change_and_they_get_better(
    folder: Path,
    shorter: TrainableCodec,
    tmp_path: Path,
) -> None:
    with torch.no_grad():
        shorter.gains.log_inverse_gain[-1] += 0.2  # so that extrapolation goes astray
    save_checkpoint(shorter, tmp_path / "nine.safetensors", {})
    command = ["--init", str(tmp_path / "nine.safetensors"), "--data", str(folder), "--out", str(tmp_path / "all")]
    options = ["--patch", "64", "--patches", "8", "--structural-share", "0", "--threads", "1", "--steps", "40"]
    assert gains.main([*command, *options, "--learning-rate", "0.02"]) == 0
    before, after = with_levels(shorter, len(LAMBDAS)), load_checkpoint(tmp_path / "all")
    old, new = before.effective_tensors(), after.effective_tensors()
    for name in old:
        kept = slice(_KEPT) if name in ("gain", "inverse_gain") else slice(None)
        assert torch.allclose(old[name][kept], new[name][kept], rtol=1e-5), name
    x, level = Patches(folder, 64, 5).batch(0, 3), torch.tensor([9.0, 10.0, 11.0])
    with torch.no_grad():
        losses = [
            measure(codec, x, level, Quantiser.ROUND).loss(
                torch.tensor(LAMBDAS)[level.long()], GainsConfig.level_exponent
            )
            for codec in (before, after)
        ]
    assert losses[1].mean() < 0.7 * losses[0].mean()


def test_a_checkpoint_that_has_all_levels_is_refused(folder: Path, tmp_path: Path) -> None:
    codec = block_klt_codec(Patches(folder, 32, 1).batch(0, 16), Widths(6, 10, 16), LAMBDAS)
    save_checkpoint(codec, tmp_path / "all.safetensors", {})
    with pytest.raises(SystemExit):
        gains.main(["--init", str(tmp_path / "all.safetensors"), "--data", str(folder), "--out", str(tmp_path / "x")])
