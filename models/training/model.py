"""The codec as one trainable module: transforms, gains and density, with its checkpoints."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from models.errors import WeightsError
from models.nn.factorized_prior import Density
from models.nn.layers import Analysis, Gains, Synthesis, Widths
from models.quality import LAMBDAS
from models.training.piecewise import PiecewiseLinearDensity


class TrainableCodec(nn.Module):
    """Everything that is trained. Widths and levels are fixed at construction."""

    def __init__(self, widths: Widths, levels: int = len(LAMBDAS)) -> None:
        super().__init__()
        self.widths = widths
        self.analysis = Analysis(widths)
        self.synthesis = Synthesis(widths)
        self.gains = Gains(levels, widths.latent)
        self.density: Density | PiecewiseLinearDensity = Density(widths.latent)

    @property
    def smooth_density(self) -> Density:
        """The density of every level. Raises WeightsError if the codec has the paper's, which is of one rate."""
        if isinstance(self.density, Density):
            return self.density
        raise WeightsError("This checkpoint is of one rate, as in the paper: use one with the smooth density.")

    def effective_tensors(self) -> dict[str, Tensor]:
        """The tensors of a float checkpoint, effective values, named as its README names them."""
        out: dict[str, Tensor] = {}
        for name, part in (("analysis", self.analysis), ("synthesis", self.synthesis)):
            for conv in ("conv0", "conv1", "conv2"):
                layer = getattr(part, conv)
                out[f"{name}.{conv}.weight"], out[f"{name}.{conv}.bias"] = layer.weight, layer.bias
            for gdn in ("gdn0", "gdn1"):
                layer = getattr(part, gdn)
                out[f"{name}.{gdn}.beta"], out[f"{name}.{gdn}.gamma"] = layer.beta(), layer.gamma()
        out["gain"], out["inverse_gain"] = self.gains.log_gain.exp(), self.gains.log_inverse_gain.exp()
        for key, value in self.density.effective_tensors().items():
            out[f"density.{key}"] = value
        return {key: value.detach().float().cpu().contiguous() for key, value in out.items()}

    def load_effective(self, tensors: dict[str, Tensor]) -> None:
        """Take the tensors of a float checkpoint. Raises KeyError or RuntimeError if they do not fit."""
        with torch.no_grad():
            for name, part in (("analysis", self.analysis), ("synthesis", self.synthesis)):
                for conv in ("conv0", "conv1", "conv2"):
                    layer = getattr(part, conv)
                    layer.weight.copy_(tensors[f"{name}.{conv}.weight"])
                    layer.bias.copy_(tensors[f"{name}.{conv}.bias"])
                for gdn in ("gdn0", "gdn1"):
                    getattr(part, gdn).set_effective(tensors[f"{name}.{gdn}.beta"], tensors[f"{name}.{gdn}.gamma"])
            self.gains.log_gain.copy_(tensors["gain"].log())
            self.gains.log_inverse_gain.copy_(tensors["inverse_gain"].log())
        self.density.load_effective(
            {key.removeprefix("density."): value for key, value in tensors.items() if key.startswith("density.")}
        )


def load_checkpoint(path: Path) -> TrainableCodec:
    """Read a float checkpoint (safetensors; no unpickling); its tensors' shapes give the widths."""
    with safe_open(path, "pt") as file:
        tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 (not a dict)
    widths = Widths(
        tensors["analysis.conv0.weight"].shape[0],
        tensors["analysis.conv1.weight"].shape[0],
        tensors["analysis.conv2.weight"].shape[0],
    )
    codec = TrainableCodec(widths, tensors["gain"].shape[0])
    if "density.log_samples" in tensors:
        codec.density = PiecewiseLinearDensity(widths.latent)
    codec.load_effective(tensors)
    return codec


@torch.no_grad()
def at_level(codec: TrainableCodec, level: float) -> TrainableCodec:
    """The codec at one of its levels only."""
    single = TrainableCodec(codec.widths, 1)
    gain, inverse_gain = codec.gains.at(torch.tensor([level]))
    tensors = codec.effective_tensors() | {"gain": gain, "inverse_gain": inverse_gain}
    single.load_effective(tensors)
    return single


def save_checkpoint(codec: TrainableCodec, path: Path, metadata: dict[str, str]) -> None:
    """Write a float checkpoint to a temporary file and rename it: if the run is killed, the old one is intact."""
    beside = path.with_suffix(path.suffix + ".part")
    save_file(codec.effective_tensors(), beside, metadata)
    beside.replace(path)
