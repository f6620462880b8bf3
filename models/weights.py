"""The weights file: transforms, gains and integer tables in one safetensors file. Nothing is unpickled.

analysis.*, synthesis.*     kernels float16; biases, GDN beta and gamma float32, effective values
gain, inverse_gain          float32 (levels, C)
tables.freq, .offset, .lo   models.entropy.range_coder.FrequencyTables of the plain density, row = table * C + channel
context.*                   optional: models.context.weights, integers only
density.*                   float32: only to continue training from (models.training.train --init)
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import safetensors.numpy
import torch
from safetensors import SafetensorError, safe_open
from torch import nn

from models.bitstream import MODEL_ID_BYTES
from models.context.model import ContextModel
from models.entropy.range_coder import FrequencyTables
from models.errors import WeightsError
from models.nn.layers import GDN, Analysis, Synthesis, Widths
from models.nn.transforms import Transforms
from models.quality import level_of, qualities, quality_of_table, table_of
from models.tensors import TensorError, Tensors, given, numbers, require
from models.weights_header import FORMAT, MAX_BYTES, VERSION

_KERNEL_SIDES = (9, 5, 5)


@dataclass(frozen=True, eq=False)
class Weights:
    """A loaded weights file. model_id: the first bytes of its SHA-256. context: None if the file has none."""

    model_id: bytes
    transforms: Transforms
    tables: FrequencyTables
    context: ContextModel | None

    @property
    def table_count(self) -> int:
        """Frequency tables per channel."""
        return self.tables.rows // self.transforms.channels

    @property
    def qualities(self) -> range:
        """Every quality, in order of rising rate."""
        return qualities(self.table_count)

    def table_of(self, quality: int) -> int:
        """Index of the tables that a quality uses."""
        return table_of(quality, self.table_count)


def load_weights(path: Path) -> Weights:
    """Read a weights file. Raises WeightsError if it is missing, damaged, foreign or of another version."""
    tensors, digest = _read(path)
    try:
        transforms = _transforms(tensors)
        tables = FrequencyTables.from_tensors(tensors)
    except TensorError as error:
        raise WeightsError(f"The weights file “{path.name}” is damaged ({error}): install RateLens again.") from error
    context = {key.removeprefix("context."): value for key, value in tensors.items() if key.startswith("context.")}
    model = ContextModel.from_tensors(context) if context else None
    count, rest = divmod(tables.rows, transforms.channels)
    reaches_last = count > 1 and level_of(quality_of_table(count - 1)) >= transforms.levels - 1
    if rest or not reaches_last or (model is not None and model.table_count != count):
        raise WeightsError(f"The weights file “{path.name}” has the wrong number of tables: install RateLens again.")
    return Weights(digest[:MODEL_ID_BYTES], transforms, tables, model)


def _read(path: Path) -> tuple[Tensors, bytes]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise WeightsError(f"“{path.name}” is too large for a weights file: install RateLens again.")
        digest = hashlib.sha256(path.read_bytes()).digest()
        with safe_open(path, "numpy") as file:
            metadata = file.metadata() or {}
            if metadata.get("format") != FORMAT:
                raise WeightsError(
                    f"“{path.name}” is not a RateLens weights file: use the one that came with RateLens."
                )
            if metadata.get("version") != VERSION:
                raise WeightsError(
                    f"The weights file “{path.name}” has version {metadata.get('version')}, but this RateLens reads "
                    f"version {VERSION}: install RateLens again."
                )
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 (not a dict)
        if "content" in metadata and metadata["content"] != content_digest(tensors):
            raise WeightsError(f"The weights file “{path.name}” is damaged: install RateLens again.")
        return tensors, digest
    except FileNotFoundError as error:
        raise WeightsError(f"The weights file “{path.name}” is missing: install RateLens again.") from error
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"The weights file “{path.name}” is damaged: install RateLens again.") from error


def content_digest(tensors: Tensors) -> str:
    """SHA-256 of all tensors, hexadecimal: with a flipped bit in a kernel, the file would be a valid but different
    codec.
    """
    hasher = hashlib.sha256()
    for name in sorted(tensors):
        value = np.ascontiguousarray(tensors[name])
        hasher.update(f"{name}:{value.dtype.str}:{value.shape}:".encode())
        hasher.update(value.tobytes())
    return hasher.hexdigest()


def save_weights(path: Path, tensors: Tensors, metadata: dict[str, str]) -> None:
    """Write a weights file under a temporary name, then rename it. Tensors as named above; metadata: its origin."""
    beside = path.with_suffix(path.suffix + ".part")
    contiguous = {key: np.ascontiguousarray(value) for key, value in tensors.items()}
    marked = {**metadata, "format": FORMAT, "version": VERSION, "content": content_digest(contiguous)}
    safetensors.numpy.save_file(contiguous, beside, marked)
    beside.chmod(0o644)  # safetensors creates files that only the user can read
    beside.replace(path)


def _transforms(tensors: Tensors) -> Transforms:
    widths = _widths(tensors)
    analysis, synthesis = Analysis(widths), Synthesis(widths)
    for name, network in (("analysis", analysis), ("synthesis", synthesis)):
        for part in ("conv0", "conv1", "conv2", "gdn0", "gdn1"):
            _fill(network.get_submodule(part), tensors, f"{name}.{part}")
    levels = len(given(tensors, "gain"))
    require(levels >= 2, "gain", "at least two levels")
    gain, inverse_gain = (_log_gain(tensors, name, levels, widths) for name in ("gain", "inverse_gain"))
    return Transforms(analysis, synthesis, gain, inverse_gain)


def _widths(tensors: Tensors) -> Widths:
    """From the kernels' shapes, which are all checked before memory is allocated for them. Raises TensorError."""
    widths = []
    inputs = 3
    for i, side in enumerate(_KERNEL_SIDES):
        name = f"analysis.conv{i}.weight"
        shape = given(tensors, name).shape
        require(shape[0] > 0 and shape[1:] == (inputs, side, side), name, f"kernels of shape {(inputs, side, side)}")
        inputs = shape[0]
        widths.append(inputs)
    for i, width in enumerate(widths[:2]):
        name = f"analysis.gdn{i}.gamma"
        require(given(tensors, name).shape == (width, width), name, f"numbers of shape {(width, width)}")
    return Widths(*widths)


def _log_gain(tensors: Tensors, name: str, levels: int, widths: Widths) -> torch.Tensor:
    log_gain = torch.from_numpy(numbers(tensors, name, (levels, widths.latent))).log()
    require(bool(log_gain.isfinite().all()), name, "positive numbers")
    return log_gain


def _fill(layer: nn.Module, tensors: Tensors, prefix: str) -> None:
    if isinstance(layer, GDN):
        layer.set_effective(
            _tensor(tensors, f"{prefix}.beta", layer.beta_root), _tensor(tensors, f"{prefix}.gamma", layer.gamma_root)
        )
        return
    for name, parameter in layer.named_parameters():
        with torch.no_grad():
            parameter.copy_(_tensor(tensors, f"{prefix}.{name}", parameter))


def _tensor(tensors: Tensors, name: str, like: torch.Tensor) -> torch.Tensor:
    return torch.from_numpy(numbers(tensors, name, tuple(like.shape)))
