"""Weights files: what is damaged or forged is refused, and nothing in them is run."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from models.errors import WeightsError
from models.quality import LEVELS_BEYOND_TABLES, level_of, quality_of_table
from models.tensors import Tensors
from models.weights import load_weights, save_weights
from tests.golden.make import FOLDER
from tests.memory import Memory
from viewer.system.resources import weights_path

TINY = FOLDER / "tiny.safetensors"


@pytest.fixture
def tensors() -> Tensors:
    return dict(safetensors.numpy.load_file(TINY))


def test_a_saved_file_is_read_back(tensors: Tensors, tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    save_weights(path, tensors, {})
    assert load_weights(path).transforms.channels == load_weights(TINY).transforms.channels


def test_a_flipped_bit_in_a_kernel_is_noticed(tensors: Tensors, tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    save_weights(path, tensors, {})
    data = bytearray(path.read_bytes())
    start = 8 + struct.unpack_from("<Q", data)[0]
    for at in range(start, len(data), (len(data) - start) // 40):
        flipped = bytearray(data)
        flipped[at] ^= 4
        path.write_bytes(flipped)
        with pytest.raises(WeightsError, match="install RateLens again"):
            load_weights(path)


@pytest.mark.parametrize("name", ["analysis.conv0.weight", "synthesis.gdn1.beta", "gain", "inverse_gain"])
def test_what_is_not_finite_is_refused_by_its_name(tensors: Tensors, tmp_path: Path, name: str) -> None:
    path = tmp_path / "w.safetensors"
    broken = tensors[name].copy()
    broken.reshape(-1)[0] = np.nan
    save_weights(path, {**tensors, name: broken}, {})
    with pytest.raises(WeightsError, match=rf"is damaged \({name}: expected finite numbers\): install RateLens again"):
        load_weights(path)


def test_a_gain_of_zero_is_refused_by_its_name(tensors: Tensors, tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    save_weights(path, {**tensors, "inverse_gain": np.zeros_like(tensors["inverse_gain"])}, {})
    with pytest.raises(WeightsError, match=r"\(inverse_gain: expected positive numbers\): install RateLens again"):
        load_weights(path)


def test_missing_or_cut_tensors_are_refused_by_their_names(tensors: Tensors, tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    for name in sorted(name for name in tensors if not name.startswith(("context.", "density."))):
        save_weights(path, {key: value for key, value in tensors.items() if key != name}, {})
        with pytest.raises(WeightsError, match=rf"is damaged \({name} is missing\): install RateLens again"):
            load_weights(path)
        save_weights(path, {**tensors, name: tensors[name][:-1]}, {})
        with pytest.raises(WeightsError, match=r"is damaged \([\w.]+: expected .+\): install RateLens again"):
            load_weights(path)


def test_a_forged_shape_takes_no_memory(tmp_path: Path) -> None:
    shapes = {f"analysis.conv{i}.weight": (200_000, 0, 1, 1) for i in range(3)}
    header: dict[str, object] = {"__metadata__": {"format": "ratelens-weights", "version": "1"}}
    header |= {name: {"dtype": "F16", "shape": shape, "data_offsets": [0, 0]} for name, shape in shapes.items()}
    text = json.dumps(header).encode()
    path = tmp_path / "w.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text)
    memory = Memory()
    memory.mark()
    with pytest.raises(WeightsError, match="install RateLens again"):
        load_weights(path)
    assert memory.growth() < 64 * 2**20


def test_kernels_that_ask_for_wide_layers_take_no_memory(tensors: Tensors, tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    second = tensors["analysis.conv1.weight"].shape[0]
    wide = {
        "analysis.conv0.weight": np.zeros((20_000, 3, 9, 9), np.float16),  # GDN would take 1.6 GB
        "analysis.conv1.weight": np.zeros((second, 20_000, 5, 5), np.float16),
    }
    save_weights(path, {**tensors, **wide}, {})
    memory = Memory()
    memory.mark()
    with pytest.raises(WeightsError, match="install RateLens again"):
        load_weights(path)
    assert memory.growth() < 256 * 2**20


def test_a_pickle_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(b"\x80\x04cbuiltins\nexit\n(tR.")
    with pytest.raises(WeightsError, match="is damaged"):
        load_weights(path)


def test_qualities_go_beyond_the_files_tables_by_three_levels() -> None:
    weights = load_weights(TINY)
    last = weights.qualities[-1]
    tabled = level_of(quality_of_table(weights.table_count - 1))
    assert tabled == weights.transforms.levels - 1 + 2  # what it was made with, whatever is usual now
    assert level_of(last) == tabled + LEVELS_BEYOND_TABLES
    assert weights.table_of(last) == weights.table_count - 1


def test_tables_that_end_before_the_last_level_are_refused(tensors: Tensors, tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    more = {name: np.concatenate([tensors[name]] * 3) for name in ("gain", "inverse_gain")}
    save_weights(path, {**tensors, **more}, {})
    with pytest.raises(WeightsError, match="wrong number of tables"):
        load_weights(path)


def test_a_context_model_for_other_tables_is_refused(tensors: Tensors, tmp_path: Path) -> None:
    weights = load_weights(weights_path("gdn.safetensors"))
    assert weights.context is not None
    context = {f"context.{name}": value for name, value in weights.context.tensors().items()}
    path = tmp_path / "w.safetensors"
    save_weights(path, {**tensors, **context}, {})
    with pytest.raises(WeightsError, match="wrong number of tables"):
        load_weights(path)
