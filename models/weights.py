"""The weights file: transforms, gains and integer tables in one safetensors file. Nothing is unpickled.

analysis.*, synthesis.*     kernels float16; biases, GDN beta and gamma float32, effective values
gain, inverse_gain          float32 (levels, C)
tables.freq, .offset, .lo   models.entropy.range_coder.FrequencyTables of the plain density, row = table * C + channel
context.*                   optional: models.context.weights, integers only
density.*                   float32: only for training to go on from (models.training.train --init)
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import safetensors.numpy
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from torch import nn

from models.bitstream import MODEL_ID_BYTES
from models.context.model import ContextModel
from models.entropy.range_coder import FrequencyTables
from models.errors import WeightsError
from models.nn.layers import GDN, Analysis, Synthesis, Widths
from models.nn.transforms import Transforms
from models.quality import level_of, qualities

FORMAT = "ratelens-weights"
VERSION = "1"
_MAX_BYTES = 64 * 2**20

Tensors = dict[str, NDArray[np.generic]]


@dataclass(frozen=True, eq=False)
class Weights:
    """A loaded weights file. model_id: the first bytes of its SHA-256. context: None where the file has none."""

    model_id: bytes
    transforms: Transforms
    tables: FrequencyTables
    context: ContextModel | None

    @property
    def qualities(self) -> range:
        """Every quality that there are tables for, rate ascending."""
        return qualities(self.tables.rows // self.transforms.channels)


def load_weights(path: Path) -> Weights:
    """Read a weights file. Raises WeightsError if it is missing, damaged, foreign or of another version."""
    tensors, digest = _read(path)
    try:
        transforms = _transforms(tensors)
        tables = FrequencyTables(*(tensors[f"tables.{name}"] for name in ("freq", "offset", "lo")))  # type: ignore[arg-type]
    except (KeyError, RuntimeError, IndexError, ValueError) as error:
        raise WeightsError(f"The weights file “{path.name}” is incomplete: install RateLens again.") from error
    context = {key.removeprefix("context."): value for key, value in tensors.items() if key.startswith("context.")}
    model = ContextModel.from_tensors(context) if context else None
    count, rest = divmod(tables.rows, transforms.channels)
    reaches_last = count > 1 and level_of(qualities(count)[-1]) >= transforms.levels - 1
    if rest or not reaches_last or (model is not None and model.table_count != count):
        raise WeightsError(f"The weights file “{path.name}” has the wrong number of tables: install RateLens again.")
    return Weights(digest[:MODEL_ID_BYTES], transforms, tables, model)


def _read(path: Path) -> tuple[Tensors, bytes]:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise WeightsError(f"The weights file “{path.name}” is too large to be one: install RateLens again.")
        digest = hashlib.sha256(path.read_bytes()).digest()
        with safe_open(path, "numpy") as file:
            metadata = file.metadata() or {}
            if metadata.get("format") != FORMAT:
                raise WeightsError(
                    f"“{path.name}” is no RateLens weights file: give the one that came with the program."
                )
            if metadata.get("version") != VERSION:
                raise WeightsError(
                    f"The weights file “{path.name}” has version {metadata.get('version')}, and this program reads "
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
    """SHA-256 of all tensors, hexadecimal: a flipped bit in a kernel would be a valid, but another, codec."""
    hasher = hashlib.sha256()
    for name in sorted(tensors):
        value = np.ascontiguousarray(tensors[name])
        hasher.update(f"{name}:{value.dtype.str}:{value.shape}:".encode())
        hasher.update(value.tobytes())
    return hasher.hexdigest()


def save_weights(path: Path, tensors: Tensors, metadata: dict[str, str]) -> None:
    """Write a weights file beside its place, then rename it. Tensors as named above; metadata: its story."""
    beside = path.with_suffix(path.suffix + ".part")
    contiguous = {key: np.ascontiguousarray(value) for key, value in tensors.items()}
    story = {**metadata, "format": FORMAT, "version": VERSION, "content": content_digest(contiguous)}
    safetensors.numpy.save_file(contiguous, beside, story)
    beside.chmod(0o644)  # safetensors makes files that nobody else may read
    beside.replace(path)


def _transforms(tensors: Tensors) -> Transforms:
    kernels = [tensors[f"analysis.conv{i}.weight"].shape for i in range(3)]
    if [shape[1] for shape in kernels] != [3, kernels[0][0], kernels[1][0]] or not all(map(math.prod, kernels)):
        raise ValueError("kernels do not fit each other")  # before any memory is taken for what they claim
    widths = Widths(*(shape[0] for shape in kernels))
    analysis, synthesis = Analysis(widths), Synthesis(widths)
    for name, network in (("analysis", analysis), ("synthesis", synthesis)):
        for part in ("conv0", "conv1", "conv2", "gdn0", "gdn1"):
            _fill(network.get_submodule(part), tensors, f"{name}.{part}")
    log_gain, log_inverse_gain = (_tensor(tensors, name).log() for name in ("gain", "inverse_gain"))
    expected = (log_gain.shape[0], widths.latent)
    if log_gain.shape != expected or log_inverse_gain.shape != expected or expected[0] < 2:
        raise ValueError("gains do not fit the transforms")
    if not all(bool(value.isfinite().all()) for value in (*analysis.parameters(), *synthesis.parameters())):
        raise ValueError("a kernel is not finite")
    if not bool(log_gain.isfinite().all() and log_inverse_gain.isfinite().all()):
        raise ValueError("a gain is not positive")
    return Transforms(analysis, synthesis, log_gain, log_inverse_gain)


def _tensor(tensors: Tensors, name: str) -> torch.Tensor:
    return torch.from_numpy(tensors[name].astype(np.float32))


def _fill(layer: nn.Module, tensors: Tensors, prefix: str) -> None:
    if isinstance(layer, GDN):
        beta, gamma = _tensor(tensors, f"{prefix}.beta"), _tensor(tensors, f"{prefix}.gamma")
        if gamma.shape != layer.gamma_root.shape or beta.shape != layer.beta_root.shape:
            raise ValueError(f"{prefix} has the wrong shape")
        layer.set_effective(beta, gamma)
        return
    for name, parameter in layer.named_parameters():
        given = _tensor(tensors, f"{prefix}.{name}")
        if given.shape != parameter.shape:
            raise ValueError(f"{prefix}.{name} has the wrong shape")
        with torch.no_grad():
            parameter.copy_(given)
