"""What a weights file says of itself, read without torch and without its tensors: for lists of files, and for names."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from safetensors import SafetensorError, safe_open

from models.bitstream import MODEL_ID_BYTES
from models.errors import WeightsError

FORMAT = "ratelens-weights"
VERSION = "1"
MAX_BYTES = 64 * 2**20
_STAGES = 3


@dataclass(frozen=True)
class WeightsHeader:
    """widths: channels of the analysis's three stages. has_context: whether there is a context model."""

    widths: tuple[int, ...]
    has_context: bool


def read_header(path: Path) -> WeightsHeader:
    """Raises WeightsError if it is missing, foreign or of another version. Damaged tensors are not noticed."""
    try:
        size = path.stat().st_size if path.is_file() else 0
        if not size:
            raise WeightsError(f"There is no weights file “{path}”: check the name.")
        if size > MAX_BYTES:
            raise WeightsError(f"“{path.name}” is too large to be a weights file: check the name.")
        with safe_open(path, "numpy") as file:
            metadata = file.metadata() or {}
            if metadata.get("format") != FORMAT:
                raise WeightsError(
                    f"“{path.name}” is no weights file of RateLens: give one that “models.training.export” wrote."
                )
            if metadata.get("version") != VERSION:
                raise WeightsError(
                    f"The weights file “{path.name}” has version {metadata.get('version')}, and this program reads "
                    f"version {VERSION}: export it again."
                )
            names = frozenset(file.keys())
            kernels = [f"analysis.conv{stage}.weight" for stage in range(_STAGES)]
            widths = tuple(int(file.get_slice(name).get_shape()[0]) for name in kernels if name in names)
    except (OSError, SafetensorError) as error:
        raise WeightsError(
            f"“{path.name}” is no weights file of RateLens, or damaged: give one that “models.training.export” wrote."
        ) from error
    if len(widths) != _STAGES:
        raise WeightsError(f"The weights file “{path.name}” lacks tensors: export it again.")
    return WeightsHeader(widths, any(name.startswith("context.") for name in names))


def model_id_of(path: Path) -> bytes:
    """What names a weights file in its streams: the first bytes of its SHA-256. Raises OSError."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").digest()[:MODEL_ID_BYTES]
