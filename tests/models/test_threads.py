"""More threads for the transforms, in the thread that asks for them."""

from __future__ import annotations

import threading

import numpy as np
import torch

from models.codec import LearnedCodec
from models.threads import transform_threads, transforms_on
from tests.photographs import sample_crop
from viewer.codecs.learned import WEIGHTS
from viewer.system.resources import weights_path


def test_threads_are_those_of_the_thread_that_asked_and_only_inside() -> None:
    before, other = torch.get_num_threads(), []
    with transforms_on(before + 1):
        assert torch.get_num_threads() == before
        with transform_threads():
            assert torch.get_num_threads() == before + 1
        assert torch.get_num_threads() == before

        def ask() -> None:
            with transform_threads():
                other.append(torch.get_num_threads())

        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    with transform_threads():
        assert [torch.get_num_threads()] == other == [before]


def test_pictures_are_the_same_with_more_threads() -> None:
    codec = LearnedCodec.load(weights_path(WEIGHTS))
    pixels = sample_crop(128, 192).pixels
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        stream = codec.prepare(pixels).encode(500)
        picture = codec.decode(stream)
        with transforms_on(2):
            assert np.array_equal(codec.decode(stream), picture)
    finally:
        torch.set_num_threads(before)
