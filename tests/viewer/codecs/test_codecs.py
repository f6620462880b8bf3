"""What every codec promises, checked on every codec."""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from models.cpu import core_count
from models.errors import CodecError, StreamError
from tests.photographs import flat, mean_squared_error, noise, sample_crop
from tests.programs import REPOSITORY, python
from viewer.codecs import jpeg2000
from viewer.codecs.base import Codec, version_of
from viewer.codecs.registry import CODECS, DEFAULT_CODECS, codec_for_stream, codec_named
from viewer.imaging.image import Image
from viewer.imaging.openjpeg import load_glymur
from viewer.matching.rate_search import match

pytestmark = pytest.mark.filterwarnings("error")

each_codec = pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)


def test_the_registry_has_the_usual_codecs_first_and_every_other_once() -> None:
    names = [codec.name for codec in CODECS]
    assert names[:5] == [*DEFAULT_CODECS, "webp", "avif"]
    assert DEFAULT_CODECS == ("learned", "jpeg", "jpeg2000")
    assert len(set(names)) == len(names)


def test_an_unknown_codec_is_named_with_those_that_there_are() -> None:
    with pytest.raises(CodecError, match=r"“wepb”.*learned, jpeg, jpeg2000, webp, avif"):
        codec_named("wepb")


def test_a_codec_whose_package_is_missing_is_named_with_it() -> None:
    program = (
        "import sys, importlib.util as u; real = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'pillow_jxl' else real(name, *rest)\n"
        "from viewer.cli.main import run_command\n"
        "sys.exit(run_command(['compare', 'x.png', '--bpp', '1', '--codec', 'jpegxl']))"
    )
    done = python("-c", program)
    assert done.returncode == 2
    assert "JPEG XL is not installed: add it with “pip install pillow-jxl-plugin”." in done.stderr


@each_codec
@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 50), (50, 1), (7, 9), (16, 16), (17, 33), (100, 161)])
def test_any_size_survives(codec: Codec, height: int, width: int) -> None:
    image = noise(height, width)
    for encoder in codec.encoders(image):
        for quality in (encoder.qualities[0], encoder.qualities[len(encoder.qualities) // 2], encoder.qualities[-1]):
            assert codec.decode(encoder.encode(quality)).shape == (height, width, 3)


@each_codec
def test_more_quality_is_more_bytes_and_less_error(codec: Codec) -> None:
    image = sample_crop(256, 256)
    for encoder in codec.encoders(image):
        streams = [encoder.encode(encoder.guess(size)) for size in (2000, 6000, 18000)]
        errors = [mean_squared_error(codec.decode(stream), image.pixels) for stream in streams]
        assert len(streams[0]) < len(streams[1]) < len(streams[2])
        assert errors[0] > errors[1] > errors[2]


@each_codec
def test_flat_colour_comes_back(codec: Codec) -> None:
    image = flat(64, 80)
    encoder = codec.encoders(image)[0]
    decoded = codec.decode(encoder.encode(encoder.qualities[len(encoder.qualities) * 3 // 4]))
    assert mean_squared_error(decoded, image.pixels) <= 16.0


@each_codec
def test_encoding_is_deterministic(codec: Codec) -> None:
    image = sample_crop(96, 130)
    first, second = codec.encoders(image)[0], codec.encoders(image)[0]
    quality = first.guess(1500)
    assert first.encode(quality) == second.encode(quality)


@each_codec
def test_threads_that_share_an_encoder_get_what_they_asked_for(codec: Codec) -> None:
    encoder = codec.encoders(sample_crop(96, 130))[0]
    qualities = [encoder.guess(size) for size in (900, 1300, 1900, 2700)] * 4
    expected = [encoder.encode(quality) for quality in qualities]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(encoder.encode, qualities)) == expected


@each_codec
def test_a_stream_decodes_in_another_process_to_the_same_picture(codec: Codec, tmp_path: Path) -> None:
    image = sample_crop(200, 300)
    stream = match(codec.encoders(image)[0], 4000).stream
    (tmp_path / f"picture{codec.suffix}").write_bytes(stream)
    subprocess.run(
        [sys.executable, "-m", "viewer", "decode", f"picture{codec.suffix}", "out.png"],
        cwd=tmp_path,
        check=True,
        timeout=120,
        env=_environment(),
    )
    with PillowImage.open(tmp_path / "out.png") as picture:
        assert np.array_equal(np.asarray(picture), codec.decode(stream))


def _environment() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": str(REPOSITORY)}


@each_codec
def test_streams_name_their_codec_by_their_first_bytes(codec: Codec) -> None:
    encoder = codec.encoders(noise(20, 20))[0]
    assert codec_for_stream(encoder.encode(encoder.qualities[5])) is codec


@each_codec
@pytest.mark.parametrize(
    "foreign", [b"", b"GDN", b"\x89PNG\r\n\x1a\n" + bytes(60), bytes(100), b"\xff\xd8\xff", b"\xff\x4f\xff\x51"]
)
def test_foreign_bytes_are_refused_with_a_sentence(codec: Codec, foreign: bytes) -> None:
    with pytest.raises(StreamError, match=r"\w+.*\.$"):
        codec.decode(foreign)


@each_codec
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.98])
def test_truncated_streams_are_refused(codec: Codec, share: float) -> None:
    image = sample_crop(128, 128)
    stream = match(codec.encoders(image)[0], 3000).stream
    with pytest.raises(StreamError):
        codec.decode(stream[: int(len(stream) * share)])


def test_every_flipped_bit_of_a_learned_stream_is_noticed() -> None:
    codec = codec_named("learned")
    stream = match(codec.encoders(sample_crop(64, 64))[0], 500).stream
    for bit in range(0, 8 * len(stream), 7):
        damaged = bytearray(stream)
        damaged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(StreamError):
            codec.decode(bytes(damaged))


_SAMPLING_FACTORS = {"4:2:0": (2, 2), "4:2:2": (2, 1), "4:4:4": (1, 1)}
"""Of luma, horizontal and vertical; chroma has 1 and 1."""


@each_codec
def test_a_codec_says_of_which_version_its_encoder_is(codec: Codec) -> None:
    assert re.search(r"\w+ \d+(\.\d+)*", version_of(codec))
    assert version_of(codec) == version_of(codec_named(codec.name))


@pytest.mark.parametrize("subsampling", ["4:2:0", "4:2:2", "4:4:4"])
def test_jpegs_tables_fit_baseline_decoders(subsampling: str) -> None:
    codec = codec_named("jpeg")
    encoder = next(e for e in codec.encoders(sample_crop(64, 64)) if e.detail == subsampling)
    for quality in (encoder.qualities[0], encoder.qualities[-1]):
        stream = encoder.encode(quality)
        with PillowImage.open(io.BytesIO(stream)) as picture:
            tables = picture.quantization  # type: ignore[attr-defined]
            assert all(1 <= entry <= 255 for table in tables.values() for entry in table)
            assert picture.layer[0][1:3] == _SAMPLING_FACTORS[subsampling]  # type: ignore[attr-defined]


def test_jpeg_is_progressive_where_that_takes_fewer_bytes_and_baseline_elsewhere() -> None:
    image = sample_crop(384, 384, "rooftops")
    codec = codec_named("jpeg")
    for encoder in codec.encoders(image):
        kinds = set()
        for bpp in (0.2, 0.5, 1.0, 2.4):
            stream = encoder.encode(encoder.guess(round(bpp * image.pixel_count / 8)))
            with PillowImage.open(io.BytesIO(stream)) as picture:
                progressive = bool(picture.info.get("progressive", 0))
                other = io.BytesIO()
                picture.save(other, "JPEG", quality="keep", optimize=True, progressive=not progressive)
            assert len(stream) <= other.tell(), "the same coefficients in the other kind of scans"
            assert encoder.detail_of(stream) == f"{encoder.detail}, {'progressive' if progressive else 'baseline'}"  # type: ignore[attr-defined]
            kinds.add(progressive)
        assert kinds == {False, True}


def test_jpeg2000_is_a_raw_codestream_with_9_7_and_colour_transform() -> None:
    codec = codec_named("jpeg2000")
    encoder = codec.encoders(sample_crop(64, 64))[0]
    stream = encoder.encode(encoder.guess(2000))
    cod = stream.index(b"\xff\x52")
    assert stream.startswith(b"\xff\x4f\xff\x51")
    assert stream[cod + 8] == 1, "multiple component transform"
    assert stream[cod + 13] == 0, "9/7 irreversible"


def test_jpeg_refuses_what_its_format_cannot_hold() -> None:
    with pytest.raises(CodecError, match="65500"):
        codec_named("jpeg").encoders(flat(1, 65501))


@pytest.mark.parametrize(("codec", "side"), [("webp", 16383), ("avif", 65535)])
def test_what_a_format_cannot_hold_is_refused(codec: str, side: int) -> None:
    with pytest.raises(CodecError, match=str(side)):
        codec_named(codec).encoders(flat(1, side + 1))


@contextlib.contextmanager
def small_files() -> Iterator[None]:
    """No file may be longer than 4096 bytes: as on a full disk, a longer write is cut, and the next one fails.

    Within a test, not around it: what the tests are told into is a file, too.
    """
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


_NO_ROOM = r"^JPEG.* needs a temporary file, which cannot be written \(.*\): free space"


@pytest.mark.parametrize("codec", ["jpeg", "jpeg2000"])
def test_a_stream_that_a_full_disk_cut_is_none(codec: str) -> None:
    for encoder in codec_named(codec).encoders(noise(100, 100)):
        with small_files():
            assert encoder.encode(encoder.qualities[0])
            with pytest.raises(CodecError, match=_NO_ROOM):
                encoder.encode(encoder.guess(20_000))


def test_a_stream_that_a_full_disk_does_not_take_is_not_called_damaged() -> None:
    codec = codec_named("jpeg2000")
    encoder = codec.encoders(noise(100, 100))[0]
    stream = encoder.encode(encoder.guess(20_000))
    with small_files(), pytest.raises(CodecError, match=_NO_ROOM):
        codec.decode(stream)


@pytest.mark.parametrize("codec", ["jpeg", "jpeg2000"])
def test_without_a_folder_of_temporary_files_there_is_a_sentence(
    codec: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = codec_named(codec).encoders(noise(30, 30))[0]
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(CodecError, match=_NO_ROOM):
        encoder.encode(encoder.qualities[0])


def test_jpeg_has_room_for_files_of_over_16_bits_a_pixel(capfd: pytest.CaptureFixture[str]) -> None:
    # Pillow gives libjpeg room for 16 bits per pixel; if that is too little, libjpeg prints an error.
    pixels = np.where(noise(512, 512).pixels < 128, 0, 255).astype(np.uint8)
    codec = codec_named("jpeg")
    for encoder in codec.encoders(Image(pixels, "noise")):
        stream = encoder.encode(encoder.qualities[-1])
        assert len(stream) > (2 if encoder.detail == "4:4:4" else 1) * 512 * 512
        assert mean_squared_error(codec.decode(stream), pixels) < (2.0 if encoder.detail == "4:4:4" else np.inf)
    assert capfd.readouterr().err == ""


def test_jpegs_guess_of_a_rate_is_near() -> None:
    for sample in ("heron", "spices"):
        image = sample_crop(512, 640, sample)
        for encoder in codec_named("jpeg").encoders(image):
            for bpp in (0.3, 1.0, 2.5):
                stream = encoder.encode(encoder.guess(round(bpp * image.pixel_count / 8)))
                assert 8 * len(stream) / image.pixel_count == pytest.approx(bpp, rel=0.2)


@each_codec
def test_a_flipped_bit_gives_a_picture_or_a_sentence(codec: Codec) -> None:
    # JPEG, JPEG 2000, WebP, AVIF and JPEG XL have no checksum: a wrong picture is all that can be asked for.
    stream = match(codec.encoders(sample_crop(64, 64))[0], 700).stream
    for bit in range(0, 8 * len(stream), 113):
        damaged = bytearray(stream)
        damaged[bit // 8] ^= 1 << bit % 8
        with contextlib.suppress(StreamError), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert codec.decode(bytes(damaged)).ndim == 3


def test_avif_is_444_and_of_the_same_bytes_whatever_the_machine() -> None:
    encoder = codec_named("avif").encoders(sample_crop(64, 64))[0]
    stream = encoder.encode(encoder.guess(600))
    av1c = stream.index(b"av1C")
    assert stream[av1c + 6] & 0b1100 == 0, "no chroma subsampling"
    assert encoder.encode(encoder.guess(600)) == stream


@pytest.mark.parametrize("shape", [(173, 250), (64, 300), (130, 64), (40, 300), (300, 50)])
def test_large_jpeg2000_pictures_are_coded_in_tiles(monkeypatch: pytest.MonkeyPatch, shape: tuple[int, int]) -> None:
    image = sample_crop(*shape)
    monkeypatch.setattr(jpeg2000, "_TILED_ABOVE", 1000)
    monkeypatch.setattr(jpeg2000, "_TILE_SIDE", 64)
    codec = jpeg2000.Jpeg2000Codec()
    encoder = codec.encoders(image)[0]
    assert encoder.detail == "64x64 tiles"
    found = match(encoder, image.pixel_count / 8)
    assert found.reachable
    decoded = codec.decode(found.stream)
    assert decoded.shape == image.pixels.shape
    with PillowImage.open(io.BytesIO(found.stream)) as picture:
        assert np.array_equal(decoded, np.asarray(picture.convert("RGB")))
    assert mean_squared_error(decoded, image.pixels) < 300
    if load_glymur() is not None:
        assert jpeg2000._encode_pillow(image.pixels, 1.0, 64) == jpeg2000._encode_glymur(
            load_glymur(), image.pixels, 1.0, 64
        )


@pytest.mark.skipif(load_glymur() is None, reason="OpenJPEG works with one thread through Pillow")
def test_jpeg2000_is_the_same_with_any_number_of_threads() -> None:
    glymur, codec, image = load_glymur(), codec_named("jpeg2000"), sample_crop(300, 400)
    encoder = codec.encoders(image)[0]
    quality = encoder.guess(20_000)
    stream, before = encoder.encode(quality), glymur.get_option("lib.num_threads")
    pixels = codec.decode(stream)
    try:
        for count in (1, 2, 5):
            glymur.set_option("lib.num_threads", count)
            assert encoder.encode(quality) == stream
            assert np.array_equal(codec.decode(stream), pixels)
    finally:
        glymur.set_option("lib.num_threads", before)


OPENJPEG_THREADS = """
from viewer.imaging.openjpeg import load_glymur
print(load_glymur().get_option("lib.num_threads"))
"""


@pytest.mark.skipif(load_glymur() is None, reason="OpenJPEG works with one thread through Pillow")
@pytest.mark.parametrize(("told", "count"), [("1", 1), ("3", 3), ("", core_count()), ("many", core_count())])
def test_jpeg2000_has_all_cores_unless_told_otherwise(told: str, count: int) -> None:
    ran = python("-c", OPENJPEG_THREADS, environment={"OPJ_NUM_THREADS": told})
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) == count


FROZEN = """
import gc
from viewer.codecs.registry import codec_named
codec_named("learned").model()
print(gc.get_freeze_count())
"""


def test_the_garbage_collector_passes_over_what_the_learned_codec_loads() -> None:
    ran = python("-c", FROZEN)
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) > 50_000


THREADS = """
import os, sys
del os.environ["OMP_NUM_THREADS"]
if sys.argv[1] == "window":
    from viewer.ui.shell.app import make_application
    application = make_application()
from viewer.codecs.registry import codec_named
codec_named("learned").model()
import torch
print(torch.get_num_threads())
"""


@pytest.mark.parametrize(("alone", "cores"), [("command", core_count()), ("window", max(1, core_count() // 2))])
def test_a_command_has_all_cores_and_the_window_leaves_half_to_other_codecs(alone: str, cores: int) -> None:
    environment = {"OMP_NUM_THREADS": "1", "OMP_DISPLAY_ENV": "true", "QT_QPA_PLATFORM": "offscreen"}
    ran = python("-c", THREADS, alone, environment=environment)
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) == cores
    if sys.platform == "linux":  # spinning threads, on a busy machine, are slower than none
        assert "OMP_WAIT_POLICY = 'PASSIVE'" in ran.stderr
