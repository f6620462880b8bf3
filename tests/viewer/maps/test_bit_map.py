"""Where the learned codec's bits go, and that the others say that they do not tell."""

from __future__ import annotations

import numpy as np
import pytest

from tests.photographs import sample_crop
from viewer.codecs.learned import LearnedViewerCodec
from viewer.imaging.image import Image
from viewer.maps.bit_map import block_bits, no_bit_map_reason, upscale_blocks
from viewer.maps.error_maps import shown_pixels, unavailable_reason
from viewer.matching.comparison import Comparison
from viewer.session.pane_layout import Show


@pytest.mark.parametrize("bpp", [0.2, 1.0])
def test_the_bits_of_all_blocks_are_those_of_the_stream(bpp: float) -> None:
    result = Comparison(sample_crop(200, 330)).result("learned", bpp)
    bits = block_bits(result)
    assert bits.shape == (13, 21)
    assert (bits >= 0).all()
    header_and_end = 8 * len(result.stream) - float(bits.sum())
    assert 0 <= header_and_end <= 0.01 * 8 * len(result.stream) + 8 * 50


def test_with_the_plain_density_too() -> None:
    from models.codec import EntropyMode

    model = LearnedViewerCodec().model()
    stream = model.prepare(sample_crop(160, 160).pixels, EntropyMode.PLAIN).encode(600)
    assert float(model.bits_map(stream).sum()) == pytest.approx(8 * len(stream), abs=8 * 50)


def test_bits_go_where_the_detail_is() -> None:
    pixels = np.full((256, 256, 3), 120, np.uint8)
    pixels[96:160, 96:160] = np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    bits = block_bits(Comparison(Image(pixels, "noise in grey")).result("learned", 0.5))
    assert bits[6:10, 6:10].sum() > 0.5 * bits.sum()


def test_a_block_covers_its_sixteen_pixels_and_the_last_is_cut() -> None:
    blocks = np.arange(6, dtype=np.uint8).reshape(2, 3, 1) + np.zeros(3, np.uint8)
    pixels = upscale_blocks(blocks, 20, 40)
    assert pixels.shape == (20, 40, 3)
    assert [int(pixels[y, x, 0]) for y, x in ((0, 0), (15, 15), (15, 16), (16, 31), (19, 39))] == [0, 0, 1, 4, 5]


def test_other_formats_say_that_they_do_not_tell() -> None:
    assert no_bit_map_reason("learned") == unavailable_reason(Show.ERROR, "jpeg") == ""
    assert unavailable_reason(Show.BITS, "jpeg").endswith("not JPEG’s.")
    result = Comparison(sample_crop(64, 64)).result("jpeg", 1.0)
    shown = shown_pixels(Show.BITS, 4, result.request.image.pixels, result)
    assert np.array_equal(shown, result.reconstruction[::2, ::2] // 4)
    with pytest.raises(ValueError, match="JPEG"):
        block_bits(result)
