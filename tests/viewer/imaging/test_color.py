"""Formats and colours: every kind of picture becomes the 8-bit sRGB that it means, and what was done is said."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as PillowImage

from tests.photographs import sample_crop
from tests.profiles import ADOBE_RGB, DISPLAY_P3, SRGB, grey_profile, power_curve, rgb_profile, srgb_curve
from tests.viewer.imaging.file_kinds import avif_deep_ramp
from tests.viewer.imaging.test_hostile import chunk
from tests.viewer.imaging.test_reader import saved
from viewer.codecs.jpeg import JpegCodec, JpegEncoder
from viewer.imaging.image import Image, Pixels
from viewer.imaging.reader import image_from_bytes
from viewer.matching.comparison import Comparison

PIXELS = sample_crop(40, 60).pixels
GREY = np.ascontiguousarray(PIXELS[..., 1])
P3 = rgb_profile("Display P3", DISPLAY_P3, srgb_curve())
ADOBE = rgb_profile("Adobe RGB (1998)", ADOBE_RGB, power_curve(563 / 256))
NEARLY_LOSSLESS: dict[str, dict[str, object]] = {
    "JPEG": {"quality": 100, "subsampling": 0},
    "AVIF": {"quality": 100, "subsampling": "4:4:4"},
    "WEBP": {"lossless": True},
}


def plain(colour: Sequence[int]) -> PillowImage.Image:
    return PillowImage.new("RGB", (4, 4), tuple(colour))


def encoded(suffix: str, samples: object) -> bytes:
    """A file that Pillow cannot write, by OpenCV; channels are blue, green, red."""
    done, data = cv2.imencode(suffix, samples)  # type: ignore[call-overload]
    assert done
    return bytes(data)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP", "AVIF"])
@pytest.mark.parametrize(
    ("profile", "stored", "meant"),
    [
        # web-platform-tests, css-color: display-p3 0.21604 0.49418 0.13151 and a98-rgb 0.281363 0.498012 0.116746 are
        # sRGB's #008000.
        (P3, (55, 126, 34), (0, 128, 0)),
        (ADOBE, (72, 127, 30), (0, 128, 0)),
        (P3, (128, 128, 128), (128, 128, 128)),
        (P3, (255, 255, 255), (255, 255, 255)),
        # The reddest that P3 has lies outside sRGB.
        (P3, (255, 0, 0), (255, 0, 0)),
    ],
    ids=["P3 green", "Adobe RGB green", "P3 grey", "P3 white", "P3 red"],
)
def test_embedded_profiles_give_the_known_colours(
    kind: str, profile: bytes, stored: tuple[int, int, int], meant: tuple[int, int, int]
) -> None:
    data = saved(plain(stored), kind, icc_profile=profile, **NEARLY_LOSSLESS.get(kind, {}))
    image = image_from_bytes(data, "wide")
    difference = np.abs(image.pixels[0, 0].astype(int) - meant)
    assert difference.max() <= (3 if kind in {"JPEG", "AVIF"} else 2), image.pixels[0, 0]
    name = "Display P3" if profile is P3 else "Adobe RGB (1998)"
    assert f"Colours converted from {name} to sRGB." in image.notes
    assert image.source is not None
    assert image.source.profile == name


@pytest.mark.parametrize(
    ("profile", "chromaticities", "power"),
    [
        (P3, ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)), None),
        (ADOBE, ((0.640, 0.330), (0.210, 0.710), (0.150, 0.060)), 563 / 256),
    ],
    ids=["Display P3", "Adobe RGB"],
)
def test_profiles_agree_with_the_colour_spaces_definitions(
    profile: bytes, chromaticities: Sequence[tuple[float, float]], power: float | None
) -> None:
    """Computed anew from the chromaticities of primaries and D65, for colours that sRGB holds."""
    rng = np.random.default_rng(3)
    stored = rng.integers(60, 200, (12, 12, 3), dtype=np.uint8)
    x = stored / 255.0
    linear = x**power if power else np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)
    srgb = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
    light = linear @ (np.linalg.inv(_to_xyz(srgb)) @ _to_xyz(chromaticities)).T
    held = ((light > 0.002) & (light < 0.998)).all(axis=-1)
    assert held.mean() > 0.5
    light = light.clip(1e-6, 1.0)
    meant = 255.0 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    image = image_from_bytes(saved(PillowImage.fromarray(stored), "PNG", icc_profile=profile), "wide.png")
    assert np.abs(image.pixels - meant)[held].max() < 1.6


def _to_xyz(chromaticities: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
    columns = np.array([[x / y, 1.0, (1.0 - x - y) / y] for x, y in chromaticities]).T
    white = np.array([0.3127 / 0.3290, 1.0, (1.0 - 0.3127 - 0.3290) / 0.3290])
    return columns * np.linalg.solve(columns, white)


@pytest.mark.parametrize("name", ["sRGB IEC61966-2.1", "my monitor"])
def test_a_profile_of_srgb_itself_changes_no_pixel_whatever_its_name(name: str) -> None:
    profile = rgb_profile(name, SRGB, srgb_curve())
    image = image_from_bytes(saved(PillowImage.fromarray(PIXELS), "PNG", icc_profile=profile), "plain.png")
    assert np.array_equal(image.pixels, PIXELS)
    assert image.notes == ()
    assert image.source is not None
    assert image.source.profile == name


def test_a_profile_that_calls_itself_srgb_and_is_not_is_converted() -> None:
    profile = rgb_profile("sRGB", ADOBE_RGB, power_curve(563 / 256))
    image = image_from_bytes(saved(plain((72, 127, 30)), "PNG", icc_profile=profile), "lying.png")
    assert np.abs(image.pixels[0, 0].astype(int) - (0, 128, 0)).max() <= 2


def test_palettes_have_profiles_too() -> None:
    picture = plain((55, 126, 34)).convert("P", palette=PillowImage.Palette.ADAPTIVE)
    image = image_from_bytes(saved(picture, "PNG", icc_profile=P3), "palette.png")
    assert np.abs(image.pixels[0, 0].astype(int) - (0, 128, 0)).max() <= 2
    assert image.notes == ("Palette converted to RGB.", "Colours converted from Display P3 to sRGB.")


def test_grey_pictures_have_profiles_too() -> None:
    profile = grey_profile("Gray Gamma 1.0", power_curve(1.0))
    image = image_from_bytes(saved(PillowImage.new("L", (4, 4), 55), "PNG", icc_profile=profile), "grey.png")
    assert np.abs(image.pixels[0, 0].astype(int) - 128).max() <= 2  # 55 / 255 of the light is sRGB's 128


@pytest.mark.parametrize("profile", [b"no profile", P3[:200], grey_profile("grey", power_curve(2.2))])
def test_an_unusable_profile_is_said(profile: bytes) -> None:
    image = image_from_bytes(saved(PillowImage.fromarray(PIXELS), "PNG", icc_profile=profile), "odd.png")
    assert np.array_equal(image.pixels, PIXELS)
    assert image.notes == ("Its colour profile is unusable, so its colours are read as sRGB.",)


def test_transparent_pictures_are_converted_before_they_are_laid_over_white() -> None:
    rgba = np.zeros((4, 4, 4), np.uint8)
    rgba[:] = (55, 126, 34, 255)
    rgba[0, 0, 3] = 0
    image = image_from_bytes(saved(PillowImage.fromarray(rgba), "PNG", icc_profile=P3), "clear.png")
    assert tuple(image.pixels[0, 0]) == (255, 255, 255)
    assert np.abs(image.pixels[1, 1].astype(int) - (0, 128, 0)).max() <= 2
    assert image.notes == ("Colours converted from Display P3 to sRGB.", "Transparency placed on white.")


def test_half_transparent_is_half_white() -> None:
    rgba = np.zeros((4, 4, 4), np.uint8)
    rgba[:] = (100, 0, 200, 128)
    image = image_from_bytes(saved(PillowImage.fromarray(rgba), "PNG"), "half.png")
    assert np.abs(image.pixels[0, 0].astype(float) - (177.2, 127.0, 227.4)).max() <= 1


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_a_clear_palette_entry_is_white(kind: str) -> None:
    picture = PillowImage.fromarray(PIXELS).convert("P")
    clear = picture.getpixel((0, 0))
    image = image_from_bytes(saved(picture, kind, transparency=clear), "clear")
    assert tuple(image.pixels[0, 0]) == (255, 255, 255)
    assert "Transparency placed on white." in image.notes


def test_grey_with_alpha() -> None:
    picture = PillowImage.merge("LA", [PillowImage.fromarray(GREY), PillowImage.new("L", (60, 40), 0)])
    image = image_from_bytes(saved(picture, "PNG"), "clear.png")
    assert (image.pixels == 255).all()
    assert image.notes == ("Grey, shown as RGB.", "Transparency placed on white.")


def test_one_bit() -> None:
    picture = PillowImage.fromarray(GREY > 128)
    image = image_from_bytes(saved(picture, "PNG"), "bits.png")
    assert np.array_equal(image.pixels[..., 0], np.where(GREY > 128, 255, 0))
    assert image.notes == ("Black and white, shown as RGB.",)
    assert image.source is not None
    assert (image.source.bits, image.source.samples) == (1, "black and white")


def test_a_dark_picture_of_16_bits_stays_dark() -> None:
    samples = np.full((4, 4), 200, np.uint16)
    image = image_from_bytes(saved(PillowImage.fromarray(samples), "PNG"), "dark.png")
    assert (image.pixels == 1).all()


@pytest.mark.parametrize("suffix", [".png", ".tiff", ".ppm"])
def test_16_bit_colour_is_reduced_and_said(suffix: str) -> None:
    data = encoded(suffix, PIXELS[..., ::-1].astype(np.uint16) * 257)
    image = image_from_bytes(data, f"deep{suffix}")
    assert np.array_equal(image.pixels, PIXELS)
    assert image.notes == ("16 bits reduced to 8.",)
    assert image.source is not None
    assert image.source.samples == "16-bit RGB"


def test_16_bit_colour_with_a_profile_is_near_what_it_means_and_says_how() -> None:
    rng = np.random.default_rng(5)
    stored = rng.integers(60 * 257, 200 * 257, (12, 12, 3), dtype=np.uint16)
    png = encoded(".png", stored[..., ::-1])
    profile = chunk(b"iCCP", b"P3\0\0" + zlib.compress(P3))
    image = image_from_bytes(png[:33] + profile + png[33:], "deep.png")  # after the header
    assert image.notes == (
        "16 bits reduced to 8.",
        "Colours converted from Display P3 to sRGB, after the reduction to 8 bits.",
    )
    nearest = ((stored.astype(np.uint32) + 128) // 257).astype(np.uint8)
    eight = saved(PillowImage.fromarray(nearest), "PNG", icc_profile=P3)
    assert np.array_equal(image.pixels, image_from_bytes(eight, "eight.png").pixels)


def test_pq_in_ten_bits_is_converted_from_ten_bits() -> None:
    """Light by SMPTE ST 2084 in multiples of 203 nits, below the tone curve's bend; sRGB by IEC 61966-2-1."""
    stored = np.arange(300, 556) / 1023.0
    power = stored ** (1 / 78.84375)
    light = 1e4 * ((power - 0.8359375) / (18.8515625 - 18.6875 * power)).clip(0) ** (1 / 0.1593017578125) / 203.0
    expected = 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    image = image_from_bytes(avif_deep_ramp(), "ramp.avif")
    assert np.abs(image.pixels[0] - expected[:, None])[light < 0.75].max() < 0.6
    assert len(np.unique(image.pixels[0, :, 0])) > 150  # of 256 levels in 8 bits only 64 would be left


def test_floating_point_from_0_to_1() -> None:
    picture = PillowImage.fromarray((GREY / 255.0).astype(np.float32))
    image = image_from_bytes(saved(picture, "TIFF"), "float.tiff")
    assert np.array_equal(image.pixels[..., 2], GREY)
    assert image.notes[0] == "Floating point reduced to 8 bits: 0 is black, 1 is white."


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_is_converted_and_said(kind: str) -> None:
    picture = plain((200, 60, 30)).convert("CMYK")
    image = image_from_bytes(saved(picture, kind), "print")
    assert np.abs(image.pixels[0, 0].astype(int) - (200, 60, 30)).max() <= 6
    assert image.notes == ("CMYK converted to RGB.",)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_in_every_format_that_has_one(kind: str, orientation: int) -> None:
    stored = np.zeros((16, 32, 3), np.uint8)
    stored[:8, :16] = (250, 0, 0)
    stored[:8, 16:] = (0, 250, 0)
    stored[8:, :16] = (0, 0, 250)
    exif = PillowImage.Exif()
    exif[0x0112] = orientation
    data = saved(PillowImage.fromarray(stored), kind, exif=exif, **NEARLY_LOSSLESS.get(kind, {}))
    image = image_from_bytes(data, "turned")
    # EXIF 2.32, 4.6.4 A: where the stored first row and first column belong.
    turned = {
        1: stored,
        2: stored[:, ::-1],
        3: stored[::-1, ::-1],
        4: stored[::-1],
        5: stored.transpose(1, 0, 2),
        6: stored[::-1].transpose(1, 0, 2),
        7: stored[::-1, ::-1].transpose(1, 0, 2),
        8: stored[:, ::-1].transpose(1, 0, 2),
    }[orientation]
    assert image.pixels.shape == turned.shape
    assert np.abs(image.pixels.astype(int) - turned).max() <= 6
    source = "AVIF" if kind == "AVIF" else "EXIF"
    assert (f"Rotated as its {source} data specifies." in image.notes) == (orientation != 1)
    assert image.source is not None
    assert (image.source.orientation, image.source.width, image.source.height) == (orientation, 32, 16)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF", "AVIF"])
def test_the_first_picture_of_several(kind: str) -> None:
    frames = [plain(colour) for colour in ((250, 0, 0), (0, 250, 0), (0, 0, 250))]
    image = image_from_bytes(saved(frames[0], kind, save_all=True, append_images=frames[1:]), "several")
    assert np.abs(image.pixels[0, 0].astype(int) - (250, 0, 0)).max() <= 12
    assert "First of 3 frames." in image.notes


@pytest.mark.parametrize("options", [{}, {"no_jp2": True}])
def test_jpeg_2000(options: dict[str, object]) -> None:
    image = image_from_bytes(saved(PillowImage.fromarray(PIXELS), "JPEG2000", **options), "picture.jp2")
    assert np.array_equal(image.pixels, PIXELS)
    assert image.source is not None
    assert image.source.file_format == "JPEG 2000"


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (2, 5000)])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "JPEG2000"])
def test_narrow_shapes(shape: tuple[int, int], kind: str) -> None:
    pixels = np.full((*shape, 3), 90, np.uint8)
    assert image_from_bytes(saved(PillowImage.fromarray(pixels), kind), "narrow").pixels.shape == (*shape, 3)


class _KeptJpeg(JpegCodec):
    """JPEG, which keeps what it was given."""

    given: Pixels | None = None

    def encoders(self, image: Image) -> Sequence[JpegEncoder]:
        type(self).given = image.pixels
        return super().encoders(image)


def test_codecs_are_given_exactly_the_original_that_is_compared_with() -> None:
    image = image_from_bytes(saved(PillowImage.fromarray(PIXELS), "PNG", icc_profile=P3), "wide.png")
    comparison = Comparison(image, (_KeptJpeg(),))
    result = comparison.result("jpeg", 1.0)
    assert _KeptJpeg.given is image.pixels is comparison.image.pixels
    error = np.square(result.reconstruction.astype(float) - image.pixels).mean()
    assert result.measurement.metrics.psnr_rgb_db == pytest.approx(10 * np.log10(255**2 / error), abs=1e-6)
