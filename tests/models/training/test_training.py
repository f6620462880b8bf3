"""Training, small but whole: photographs in, a weights file that codes out; and a kill that costs nothing."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import torch
from pytorch_msssim import ms_ssim

from models.codec import LearnedCodec
from models.nn.layers import Widths
from models.quality import LAMBDAS
from models.training.config import Config
from models.training.export import weights_tensors
from models.training.klt import block_klt_codec, fit_density
from models.training.loss import STRUCTURAL_SCALE, Quantiser, as_clipped, measure
from models.training.model import TrainableCodec, load_checkpoint, save_checkpoint
from models.training.pictures.colours import saturated
from models.training.pictures.patches import Patches, centre_crops, levels_of_step
from models.training.train import CodecTraining, main
from models.weights import save_weights
from tests.photographs import mean_squared_error, sample_crop
from tests.programs import python
from viewer.imaging.writer import png_bytes

OPTIONS = {
    "--patch": "32",
    "--patches-a-step": "3",
    "--initial-patches": "24",
    "--density-steps": "60",
    "--threads": "1",
    "--validation-crop": "64",
    "--validation-pictures": "1",
    "--stream-pictures": "1",
    "--learning-rate": "1e-3",
}


def train(folder: Path, out: Path, *options: str) -> list[dict[str, str]]:
    arguments = ["--data", str(folder), "--validation", str(folder), "--out", str(out), *options]
    arguments += ["--widths", "6", "10", "16", *(part for option in OPTIONS.items() for part in option)]
    assert main(arguments) == 0
    with (out / "log.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_from_photographs_to_a_weights_file_that_codes(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = train(folder, tmp_path / "run", "--steps", "12")
    assert [row["step"] for row in log] == ["12"]
    assert "PSNR dB" in capsys.readouterr().out
    codec = LearnedCodec.load(tmp_path / "run" / "weights.safetensors")
    image = sample_crop(96, 96)
    prepared = codec.prepare(image.pixels)
    streams = [prepared.encode(quality) for quality in (codec.qualities[500], codec.qualities[1200])]
    errors = [mean_squared_error(codec.decode(stream), image.pixels) for stream in streams]
    assert len(streams[0]) < len(streams[1])
    assert errors[0] > errors[1]


@pytest.mark.parametrize("optimizer", ["adam", "muon"])
def test_a_resumed_run_ends_as_one_that_was_not_stopped(folder: Path, tmp_path: Path, optimizer: str) -> None:
    config = Config(
        widths=(6, 10, 16), steps=6, patch=32, patches_a_step=3, optimizer=optimizer, learning_rate=1e-3, threads=1
    )
    torch.set_num_threads(1)
    patches = Patches(folder, config.patch, config.seed)

    def advance(training: CodecTraining, steps: int) -> None:
        for _ in range(steps):
            step = training.run.step
            training.train_step(patches.batch(step, 3), levels_of_step(step, 3, len(LAMBDAS)))

    def fresh(name: str) -> CodecTraining:
        (tmp_path / name).mkdir(exist_ok=True)
        torch.manual_seed(3)
        codec = TrainableCodec(Widths(*config.widths))
        return CodecTraining(tmp_path / name, config, codec, torch.device("cpu"))

    whole = fresh("whole")
    advance(whole, 6)
    stopped = fresh("stopped")
    advance(stopped, 3)
    stopped.run.save()
    advance(stopped, 2)  # lost by the kill
    resumed = fresh("stopped")
    assert resumed.run.step == 3
    advance(resumed, 3)
    for name, tensor in whole.codec.state_dict().items():
        assert torch.equal(tensor, resumed.codec.state_dict()[name]), name
    for name, tensor in whole.average.state_dict().items():
        assert torch.equal(tensor, resumed.average.state_dict()[name]), name


def test_training_lowers_the_loss(folder: Path, tmp_path: Path) -> None:
    log = train(folder, tmp_path / "run", "--steps", "60", "--validate-every-minutes", "0.0001")
    assert float(log[-1]["validation_loss"]) < float(log[0]["validation_loss"])


@torch.no_grad()
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_a_share_of_the_distortion_is_structural(share: float) -> None:
    x = torch.from_numpy(sample_crop(176, 192).pixels.copy()).permute(2, 0, 1)[None].float() / 255.0
    torch.manual_seed(1)
    codec = TrainableCodec(Widths(6, 10, 16))
    measured = measure(codec, x, torch.tensor([4.0]), Quantiser.ROUND)
    lambdas, reconstruction = torch.tensor([0.026]), _decoded(codec, x)
    distortion = (1 - share) * 255**2 * (reconstruction - x).square().mean()
    distortion += share * STRUCTURAL_SCALE * (1 - ms_ssim(reconstruction, x, data_range=1.0))
    expected = (float(measured.bpp) + 0.026 * float(distortion)) / 2.0**0.4
    assert float(measured.loss(lambdas, 0.4, share)) == pytest.approx(expected, rel=1e-4)


def _decoded(codec: TrainableCodec, x: torch.Tensor) -> torch.Tensor:
    gain, inverse = (g[:, :, None, None] for g in codec.gains.at(torch.tensor([4.0])))
    reconstruction = codec.synthesis(torch.round(codec.analysis(x) * gain) * inverse)
    rounded: torch.Tensor = reconstruction.clamp(0.0, 1.0).mul(255.0).round().div(255.0)
    return rounded


def test_a_patch_too_small_for_ms_ssim_is_said_so() -> None:
    measured = measure(
        TrainableCodec(Widths(6, 10, 16)), torch.rand(1, 3, 160, 160), torch.tensor([4.0]), Quantiser.MIXED
    )
    with pytest.raises(ValueError, match="160 pixels"):
        measured.loss(torch.tensor([0.013]), 0.4, 0.5)


def test_what_clipping_takes_away_is_no_error_and_all_else_is() -> None:
    x = torch.tensor([0.0, 0.0, 1.0, 1.0, 0.5, 0.5])
    overshooting = torch.tensor([-0.1, 0.1, 1.1, 0.9, -0.1, 1.1], requires_grad=True)
    error = as_clipped(overshooting, x) - x
    assert torch.allclose(error, torch.tensor([0.0, 0.1, 0.0, -0.1, -0.6, 0.6]))
    error.sum().backward()  # type: ignore[no-untyped-call]
    assert overshooting.grad is not None
    assert overshooting.grad.tolist() == [0, 1, 0, 1, 1, 1]


def test_stronger_colours_keep_the_luma_of_what_is_not_clipped(folder: Path) -> None:
    pixels = sample_crop(96, 96, "spices").pixels
    assert np.array_equal(saturated(pixels, 1.0), pixels)
    stronger = saturated(pixels, 1.5)
    assert np.ptp(stronger, axis=2).mean() > 1.2 * np.ptp(pixels, axis=2).mean()
    inside = ((stronger > 0) & (stronger < 255)).all(axis=2)
    lumas = [picture[inside] @ np.array([0.299, 0.587, 0.114]) for picture in (pixels, stronger)]
    assert np.abs(lumas[0] - lumas[1]).max() < 1.0
    plain, coloured = (Patches(folder, 32, 1, share).batch(0, 8).numpy() for share in (0.0, 1.0))
    assert float(np.ptp(coloured, axis=1).mean()) > 1.2 * float(np.ptp(plain, axis=1).mean())


def test_half_precision_trains_the_same_codec(folder: Path) -> None:
    codec = block_klt_codec(Patches(folder, 32, 1).batch(0, 32), Widths(12, 24, 48), LAMBDAS)
    x, level = Patches(folder, 64, 2).batch(0, 2), torch.tensor([2.0, 7.0])
    whole = measure(codec, x, level, Quantiser.ROUND)
    half = measure(codec, x, level, Quantiser.ROUND, half_precision=True)
    assert half.mse.dtype == torch.float32
    assert torch.allclose(half.bpp, whole.bpp, rtol=0.02)
    assert torch.allclose(half.mse, whole.mse, rtol=0.02)


def test_the_block_klt_codes_at_step_0(folder: Path) -> None:
    pictures = Patches(folder, 64, 1).batch(0, 32)
    codec = block_klt_codec(pictures, Widths(48, 192, 320), LAMBDAS)
    before = measure(codec, pictures[:1], torch.tensor([8.0]), Quantiser.ROUND)
    assert 10 * np.log10(255**2 / float(before.mse[0].detach())) > 30
    fit_density(codec, pictures, steps=40)
    after = measure(codec, pictures[:1], torch.tensor([8.0]), Quantiser.ROUND)
    assert float(after.bpp[0].detach()) < float(before.bpp[0].detach())


def test_a_checkpoint_round_trip_changes_nothing_that_counts(tmp_path: Path, folder: Path) -> None:
    codec = block_klt_codec(Patches(folder, 32, 1).batch(0, 16), Widths(6, 10, 16), LAMBDAS)
    save_checkpoint(codec, tmp_path / "c.safetensors", {})
    again = load_checkpoint(tmp_path / "c.safetensors")
    x = Patches(folder, 32, 2).batch(0, 2)
    level = torch.tensor([0.0, 4.5])
    first, second = (measure(c, x, level, Quantiser.ROUND) for c in (codec, again))
    assert torch.allclose(first.bpp, second.bpp, rtol=1e-3)
    assert torch.allclose(first.mse, second.mse, rtol=1e-3)


def test_training_goes_on_from_a_weights_file(folder: Path, tmp_path: Path) -> None:
    codec = block_klt_codec(Patches(folder, 32, 1).batch(0, 16), Widths(6, 10, 16), LAMBDAS)
    save_weights(tmp_path / "w.safetensors", weights_tensors(codec), {})
    again = load_checkpoint(tmp_path / "w.safetensors")
    x = Patches(folder, 32, 2).batch(0, 2)
    first, second = (measure(c, x, torch.tensor([1.0, 6.0]), Quantiser.ROUND) for c in (codec, again))
    assert torch.allclose(first.bpp, second.bpp, rtol=0.02)
    assert torch.allclose(first.mse, second.mse, rtol=0.02)


def test_every_level_comes_once_a_turn() -> None:
    for count in (1, 2, 3, 4, 9):
        seen = torch.cat([levels_of_step(step, count, 9) for step in range(9)])
        for turn in range(len(seen) // 9):
            assert sorted(seen[9 * turn : 9 * turn + 9].tolist()) == list(range(9))


def test_a_folder_without_photographs_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="No photographs in"):
        Patches(tmp_path, 32, 1)


def test_validation_crops_are_whole_and_smaller_pictures_are_left_out(tmp_path: Path) -> None:
    for name, height, width in (("a", 240, 300), ("b", 300, 255), ("c", 256, 256), ("d", 260, 301), ("e", 400, 400)):
        (tmp_path / f"{name}.png").write_bytes(png_bytes(sample_crop(height, width).pixels))
    crops = list(centre_crops(tmp_path, 256, 2))
    assert [tuple(crop.shape) for crop in crops] == [(1, 3, 256, 256)] * 2
    expected = sample_crop(260, 301).pixels[2:258, 22:278]
    assert np.array_equal((crops[1][0].permute(1, 2, 0) * 255.0).round().numpy().astype(np.uint8), expected)
    with pytest.raises(ValueError, match="at least 401 pixels on both sides: add larger ones"):
        next(centre_crops(tmp_path, 401, 2))


def test_what_training_needs_besides_is_said() -> None:
    code = "import sys; sys.modules['pytorch_msssim'] = None; import models.training.train"
    last = python("-c", code).stderr.splitlines()[-1]
    assert last.startswith("ModuleNotFoundError: Training needs pytorch_msssim")
    assert "pip install 'ratelens[training]'" in last
