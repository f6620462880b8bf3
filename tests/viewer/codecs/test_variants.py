"""Variants: what their names mean, what they make, and how they look."""

from __future__ import annotations

import pickle

import cv2
import numpy as np
import pytest

from models.codec import EntropyMode
from models.errors import CodecError
from tests.photographs import sample_crop
from viewer.codecs.base import settings_of
from viewer.codecs.files import libwebp, pillow_io
from viewer.codecs.registry import BUILT_IN, codec_named, known_codecs
from viewer.codecs.variants import SETTINGS, settings_of_family
from viewer.imaging.image import Image
from viewer.matching.comparison import Comparison
from viewer.report.codec_look import looks_of

VARIANTS = [
    f"{family}:{setting.written(choice)}"
    for family, settings in SETTINGS.items()
    for setting in settings
    for choice in setting.choices
    if choice != setting.default
]


@pytest.mark.parametrize(
    ("name", "canonical", "label"),
    [
        ("avif:speed=2", "avif:speed=2", "AVIF speed 2"),
        ("avif:420,speed=2", "avif:speed=2,420", "AVIF speed 2, 4:2:0"),
        ("avif:4:2:0", "avif:420", "AVIF 4:2:0"),
        ("jpeg:444", "jpeg:444", "JPEG 4:4:4"),
        ("jpeg:Progressive,subsampling=420", "jpeg:420,progressive", "JPEG 4:2:0, progressive"),
        ("jpegxl:effort=9", "jpegxl:effort=9", "JPEG XL effort 9"),
        ("webp:sharp_yuv", "webp:sharp_yuv", "WebP sharp YUV"),
        ("webp:sharp_yuv=yes,method=6", "webp:sharp_yuv,method=6", "WebP sharp YUV, method 6"),
        ("jpeg2000:5/3", "jpeg2000:5/3", "JPEG 2000 5/3"),
        ("learned:plain", "learned:plain", "Learned plain"),
    ],
)
def test_a_name_says_the_settings_and_so_does_the_label(name: str, canonical: str, label: str) -> None:
    codec = codec_named(name)
    assert (codec.name, codec.label) == (canonical, label)
    assert codec_named(canonical) is codec


@pytest.mark.parametrize("name", ["avif:speed=6", "avif:444,speed=6", "webp:sharp_yuv=no", "jpeg:best", "jpeg2000:9/7"])
def test_a_codec_with_its_own_settings_is_that_codec(name: str) -> None:
    assert codec_named(name) is codec_named(name.partition(":")[0])


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("avif:speed=11", "AVIF has no speed “11”: write speed=0 to 10"),
        ("avif:tempo=1", "“tempo=1” is no setting of AVIF: write “avif:” and then speed=0 to 10; 444 or 422 or 420"),
        ("avif:", "“” is no setting of AVIF"),
        ("avif:speed=1,speed=2", "“speed” of AVIF is set twice"),
        ("webp:sharp_yuv=perhaps", "WebP has no sharp_yuv “perhaps”: write sharp_yuv"),
        ("learned:night", "weights of your own are known after --weights FILE"),
        ("nothing:444", "There is no codec “nothing”, so no variant “nothing:444” of it"),
    ],
)
def test_what_is_no_setting_is_said_in_a_sentence(name: str, sentence: str) -> None:
    with pytest.raises(CodecError) as told:
        codec_named(name)
    assert sentence in str(told.value)
    assert str(told.value).endswith(".")


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_codes_and_decodes(name: str) -> None:
    """And another process is given the same one."""
    picture = sample_crop(33, 47)
    for codec in (codec_named(name), pickle.loads(pickle.dumps(codec_named(name)))):
        assert codec.name == name
        encoder = codec.encoders(picture)[0]
        stream = encoder.encode(encoder.guess(600))
        pixels = codec.decode(stream)
        assert pixels.shape == picture.pixels.shape
        assert np.abs(pixels.astype(int) - picture.pixels).mean() < 25
    assert settings_of(codec) != settings_of(codec_named(name.partition(":")[0]))


def test_the_defaults_that_are_told_are_those_of_the_codecs() -> None:
    for codec in BUILT_IN:
        for setting in settings_of_family(codec):
            assert getattr(codec, setting.field) == pytest.approx(setting.choices[setting.default].value) or isinstance(
                setting.choices[setting.default].value, tuple
            ), (codec.name, setting.name)


def first_stream(name: str, picture: Image, byte_count: int) -> bytes:
    encoder = codec_named(name).encoders(picture)[0]
    return encoder.encode(encoder.guess(byte_count))


def test_jpegs_are_of_the_kind_that_is_asked_for() -> None:
    picture = sample_crop(96, 128)
    factors = {"444": 0x11, "422": 0x21, "420": 0x22}
    for word, expected in factors.items():
        for scans, marker in (("baseline", b"\xff\xc0"), ("progressive", b"\xff\xc2")):
            stream = first_stream(f"jpeg:{word},{scans}", picture, 3000)
            at = stream.index(marker)
            assert stream[at + 11] == expected  # of the first component, luma


def colours() -> Image:
    """Thin red and blue lines, whose chroma suffers where it is halved."""
    pixels = np.empty((96, 96, 3), np.uint8)
    pixels[:] = (200, 30, 30)
    pixels[:, ::3] = (30, 30, 200)
    return Image(pixels, "stripes")


def error(name: str, picture: Image, bpp: float) -> float:
    return float(cv2.norm(Comparison(picture, [codec_named(name)]).result(name, bpp).reconstruction, picture.pixels))


def test_chroma_of_avif_is_as_fine_as_is_asked_for() -> None:
    fine, halved = error("avif:speed=10", colours(), 3.0), error("avif:speed=10,420", colours(), 3.0)
    assert fine < 0.7 * halved


@pytest.mark.skipif(not libwebp.is_available(), reason="Pillow has no libwebp of its own here")
def test_sharp_yuv_comes_nearer_to_the_colours() -> None:
    pixels = sample_crop(120, 160).pixels
    for quality, method in ((0.0, 4), (37.3125, 6), (100.0, 0)):
        ours = libwebp.encode(pixels, quality, method, sharp_yuv=False)
        assert ours == pillow_io.encode(pixels, "WEBP", quality=quality, method=method)
    streams = [libwebp.encode(pixels, 95.0, 4, sharp_yuv=sharp) for sharp in (False, True)]
    usual, sharp = (pillow_io.decode(stream, "WEBP", "WebP") for stream in streams)
    assert cv2.norm(sharp, pixels) < 0.95 * cv2.norm(usual, pixels)


def test_jpeg_2000_in_integers_ends_without_loss() -> None:
    picture = sample_crop(64, 64)
    result = Comparison(picture, [codec_named("jpeg2000:5/3")]).result("jpeg2000:5/3", 24.0)
    assert np.array_equal(result.reconstruction, picture.pixels)
    assert result.ceiling_bpp is not None


def test_the_plain_density_shows_what_the_context_model_is_worth() -> None:
    """The same symbols, so the same picture, in more bytes."""
    picture = sample_crop(192, 256)
    context, plain = codec_named("learned"), codec_named("learned:plain")
    streams = [codec.encoders(picture)[0].encode(700) for codec in (context, plain)]
    assert [stream[3] & 15 for stream in streams] == [EntropyMode.CONTEXT, EntropyMode.PLAIN]
    assert len(streams[1]) > 1.1 * len(streams[0])
    assert np.array_equal(context.decode(streams[0]), plain.decode(streams[1]))
    assert np.array_equal(context.decode(streams[1]), plain.decode(streams[0]))  # a stream says its own density


def test_variants_look_like_no_other_codec() -> None:
    codecs = [*known_codecs(), *(codec_named(name) for name in VARIANTS[:12])]
    looks = looks_of(codecs)
    assert len({(look.colour, look.look.marker) for look in looks.values()}) == len(codecs)
    assert looks["avif"] == looks_of([codec_named("avif")])["avif"]
