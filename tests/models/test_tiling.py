"""Large pictures are coded in tiles: the same symbols, the same picture, bounded memory."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

import models.cpu
import models.parallel
import models.tiling
import viewer.system.memory
from models.bitstream import unpack
from models.codec import EntropyMode, LearnedCodec
from models.errors import StreamError
from models.parallel import in_order
from models.quality import correction_share
from models.tiling import TileReader
from tests.photographs import sample_crop
from viewer.codecs.learned import LearnedViewerCodec
from viewer.imaging.image import Pixels
from viewer.system.disk_array import is_on_disk


@pytest.fixture(scope="module")
def codec() -> LearnedCodec:
    return LearnedViewerCodec().model()


@pytest.fixture
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models.tiling, "TILE_ROWS", 3)
    monkeypatch.setattr(models.tiling, "TILE_COLUMNS", 5)
    monkeypatch.setattr("models.nn.transforms._TILE", 4)


@pytest.fixture
def pixels() -> Pixels:
    return sample_crop(173, 250).pixels


@pytest.mark.usefixtures("small_tiles")
def test_tiles_hold_the_same_symbols_and_give_the_same_picture(codec: LearnedCodec, pixels: Pixels) -> None:
    tiles = codec.prepare(pixels, EntropyMode.TILES)
    quality = tiles.guess(3000)
    stream = tiles.encode(quality)
    header, symbols = codec.decode_symbols(stream)
    assert header.mode == EntropyMode.TILES
    transforms = tiles.weights.transforms
    assert np.array_equal(symbols, tiles.symbols(quality))
    whole = transforms.synthesise(symbols, quality, 173, 250)
    assert np.abs(codec.decode(stream).astype(int) - whole).max() <= 1  # sums in another order, at most


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize("mode", [EntropyMode.CONTEXT, EntropyMode.TILES])
def test_any_number_of_threads_makes_the_same_stream_and_picture(
    codec: LearnedCodec, pixels: Pixels, mode: EntropyMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    for count in (1, 2, 5):
        monkeypatch.setattr(models.cpu, "_chosen", count)
        prepared = codec.prepare(pixels, mode)
        quality = prepared.guess(9000)
        assert correction_share(quality) > 0
        stream = prepared.encode(quality)
        shown = prepared.approximated(quality)
        made.append(
            (stream, codec.decode(stream).tobytes(), shown.tobytes(), codec.decode_symbols(stream)[1].tobytes())
        )
    assert made[0] == made[1] == made[2]


def test_threads_of_parts_leave_the_number_of_torchs_own(monkeypatch: pytest.MonkeyPatch) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        monkeypatch.setattr(models.cpu, "_chosen", 5)
        monkeypatch.setattr(models.parallel, "_pools", {})
        assert set(in_order(lambda _: torch.get_num_threads(), range(8))) == {2}
        assert torch.get_num_threads() == 3
        with ThreadPoolExecutor(1) as new:
            assert new.submit(torch.get_num_threads).result() == 3
    finally:
        torch.set_num_threads(before)


def test_an_error_in_a_part_ends_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models.cpu, "_chosen", 2)
    done = []

    def work(part: int) -> int:
        if part == 3:
            raise StreamError("the third")
        done.append(part)
        return part

    with pytest.raises(StreamError, match="the third"):
        list(in_order(work, range(1000)))
    assert len(done) < 10


def test_half_precision_latents_cost_next_to_nothing(codec: LearnedCodec, pixels: Pixels) -> None:
    exact, half = codec.prepare(pixels, EntropyMode.CONTEXT), codec.prepare(pixels, EntropyMode.TILES)
    assert exact.latents.y.dtype == np.float32
    assert half.latents.y.dtype == np.float16
    quality = exact.guess(3000)
    assert len(half.encode(quality)) == pytest.approx(len(exact.encode(quality)), rel=0.005)


def test_only_large_pictures_are_coded_in_tiles(codec: LearnedCodec) -> None:
    assert codec.mode_for(2940, 4080) is EntropyMode.CONTEXT
    assert codec.mode_for(4096, 4096) is EntropyMode.CONTEXT
    assert codec.mode_for(4097, 4096) is EntropyMode.TILES


@pytest.mark.usefixtures("small_tiles")
def test_rows_are_decoded_as_they_are_asked_for(codec: LearnedCodec, pixels: Pixels) -> None:
    tiles = codec.prepare(pixels, EntropyMode.TILES)
    stream = tiles.encode(400)
    header, payload = unpack(stream)
    _, symbols = codec.decode_symbols(stream)
    context = tiles.weights.context
    assert context is not None
    reader = TileReader(payload, symbols.shape, context, tiles.weights.table_of(header.quality))
    for top, bottom in ((0, 2), (1, 5), (5, 7), (6, 11)):
        assert np.array_equal(reader.rows(top, bottom), symbols[:, top:bottom])
    reader.finish()


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize("damage", ["cut", "longer", "no length"])
def test_damaged_tiles_are_refused(codec: LearnedCodec, pixels: Pixels, damage: str) -> None:
    tiles = codec.prepare(pixels, EntropyMode.TILES)
    _, payload = unpack(tiles.encode(400))
    changed = {"cut": payload[:-3], "longer": payload + b"x", "no length": b"\xff" * 9 + payload}[damage]
    context = tiles.weights.context
    assert context is not None
    shape = (tiles.latents.y.shape[0], tiles.latents.y.shape[1], tiles.latents.y.shape[2])
    reader = TileReader(changed, shape, context, 50)

    def read() -> None:
        reader.rows(0, shape[1])
        reader.finish()

    with pytest.raises(StreamError, match=r"damaged|cut short"):
        read()


def test_latents_of_large_pictures_lie_on_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewer.system.memory, "LARGE_PIXELS", 1)
    monkeypatch.setattr("models.codec.TILED_ABOVE", 1)
    image = sample_crop(173, 240)
    (encoder,) = LearnedViewerCodec().encoders(image)
    assert is_on_disk(encoder.prepared.latents.y)
    quality = encoder.guess(3000)
    in_memory = encoder.prepared.weights.transforms.analyse(image.pixels, half=True)
    assert np.array_equal(encoder.prepared.latents.y, in_memory)
    assert encoder.encode(quality) == encoder.encode(quality)
