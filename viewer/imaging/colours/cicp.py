"""Colours defined by numbers instead of a profile: code points (ITU-T H.273), PNG's gamma and chromaticities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.imaging.colours.light import Floats, from_srgb, rolled_off, to_srgb
from viewer.imaging.image import Pixels

Chromaticities = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
"""x and y of red, green, blue and white."""

_D65 = (0.3127, 0.3290)
SRGB: Chromaticities = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), _D65)
_PRIMARIES: dict[int, tuple[str, Chromaticities]] = {
    1: ("BT.709", SRGB),
    4: ("BT.470 M", ((0.67, 0.33), (0.21, 0.71), (0.14, 0.08), (0.310, 0.316))),
    5: ("BT.470 BG", ((0.64, 0.33), (0.29, 0.60), (0.15, 0.06), _D65)),
    6: ("BT.601", ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), _D65)),
    7: ("SMPTE 240M", ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), _D65)),
    9: ("BT.2020", ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), _D65)),
    11: ("DCI-P3", ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.314, 0.351))),
    12: ("Display P3", ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), _D65)),
    22: ("EBU 3213", ((0.630, 0.340), (0.295, 0.605), (0.155, 0.077), _D65)),
}
_UNSPECIFIED = 2
_LIKE_SRGB = {1, 6, 7, 13, 14, 15}
"""Video's curves are those of cameras. Still pictures with these tags are decoded with sRGB's curve, as in browsers."""
_GAMMAS = {4: 2.2, 5: 2.8, 8: 1.0}
_PQ, _HLG = 16, 18
_SDR_WHITE_NITS = 203.0
"""Level of diffuse white in PQ and HLG (ITU-R BT.2408)."""
_HLG_PEAK_NITS = 1000.0
_SAME_GAMMA_WITHIN = 0.005
_SAME_CHROMATICITY_WITHIN = 0.002
_STRIP_PIXELS = 1 << 18
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


@dataclass(frozen=True)
class ColourEncoding:
    """The meaning of stored levels. name: for notes. curve: from stored levels, 0 to 1, to light, where 1 is sRGB's
    white; None for sRGB's own curve. tone_mapped: its light exceeds that white.
    """

    name: str
    primaries: Chromaticities
    curve: Callable[[Floats], Floats] | None
    tone_mapped: bool = False

    @property
    def is_srgb(self) -> bool:
        return self.curve is None and _near(self.primaries, SRGB)

    @property
    def note(self) -> str:
        """A sentence about the conversion."""
        how = ", its high dynamic range tone-mapped" if self.tone_mapped else ""
        return f"Colours converted from {self.name} to sRGB{how}."


def encoding_from_cicp(primaries: int, transfer: int) -> ColourEncoding | None:
    """From H.273's code points; None if they are unknown."""
    name, chromaticities = _PRIMARIES[1] if primaries == _UNSPECIFIED else _PRIMARIES.get(primaries, ("", None))
    if chromaticities is None:
        return None
    if transfer in _LIKE_SRGB or transfer == _UNSPECIFIED:
        return ColourEncoding(name, chromaticities, None)
    if transfer in _GAMMAS:
        gamma = _GAMMAS[transfer]
        return ColourEncoding(f"{name}, gamma {gamma:g}", chromaticities, _power(gamma))
    if transfer == _PQ:
        return ColourEncoding(f"{name}, PQ", chromaticities, _from_pq, tone_mapped=True)
    if transfer == _HLG:
        return ColourEncoding(f"{name}, HLG", chromaticities, _from_hlg, tone_mapped=True)
    return None


def encoding_from_gamma(gamma: float | None, chromaticities: Chromaticities | None) -> ColourEncoding | None:
    """From PNG's gAMA (the encoding exponent, 0.45455 for 1 / 2.2) and cHRM; None if they make no sense.

    1 / 2.2 is read as sRGB, because programs that mean sRGB write it.
    """
    if gamma is not None and not 0.05 < gamma < 20:
        return None
    if chromaticities is not None and not is_usable(chromaticities):
        return None
    like_srgb = gamma is None or abs(gamma * 2.2 - 1.0) < _SAME_GAMMA_WITHIN
    curve = None if gamma is None or like_srgb else _power(1.0 / gamma)
    parts = [] if curve is None or gamma is None else [f"gamma {1.0 / gamma:.3g}"]
    given = SRGB if chromaticities is None or _near(chromaticities, SRGB) else chromaticities
    if given is not SRGB:
        parts.append("its own primaries")
    return ColourEncoding(" and ".join(parts) or "sRGB", given, curve)


def converted(pixels: NDArray[np.unsignedinteger], colour_encoding: ColourEncoding) -> Pixels:
    """Convert pixels, uint8 or uint16 (H, W, 3), to 8-bit sRGB. Colours outside sRGB are clipped."""
    levels = np.linspace(0.0, 1.0, 1 << 8 * pixels.itemsize, dtype=np.float32)
    light = (colour_encoding.curve or from_srgb)(levels)
    matrix = matrix_to_srgb(colour_encoding.primaries).astype(np.float32)
    out = np.empty(pixels.shape, np.uint8)
    rows = max(1, _STRIP_PIXELS // pixels.shape[1])
    for top in range(0, pixels.shape[0], rows):
        strip = light[pixels[top : top + rows]]
        if colour_encoding.name.endswith("HLG"):
            strip = _hlg_to_display(strip)
        strip = strip @ matrix.T
        if colour_encoding.tone_mapped:
            strip = rolled_off(strip)
        out[top : top + rows] = np.rint(255.0 * to_srgb(strip.clip(0.0, 1.0)))
    return out


def _power(gamma: float) -> Callable[[Floats], Floats]:
    return lambda levels: levels ** np.float32(gamma)


def _from_pq(levels: Floats) -> Floats:
    """SMPTE ST 2084; light in multiples of SDR white."""
    power = levels.astype(np.float64) ** (1 / 78.84375)
    nits = 10_000.0 * (np.maximum(power - 0.8359375, 0.0) / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125)
    return (nits / _SDR_WHITE_NITS).astype(np.float32)


def _from_hlg(levels: Floats) -> Floats:
    """ITU-R BT.2100; scene light, 0 to 1."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(levels <= 0.5, levels**2 / 3.0, (np.exp((levels - c) / a) + b) / 12.0).astype(np.float32)


def _hlg_to_display(scene: Floats) -> Floats:
    luminance = scene @ np.array([0.2627, 0.6780, 0.0593], np.float32)
    gain = np.maximum(luminance, 1e-6) ** 0.2 * (_HLG_PEAK_NITS / _SDR_WHITE_NITS)
    return (scene * gain[..., None]).astype(np.float32)


def matrix_to_srgb(primaries: Chromaticities) -> NDArray[np.float64]:
    """From light in these primaries to light in sRGB's, (3, 3), with chromatic adaptation (Bradford)."""
    if _near(primaries, SRGB):
        return np.eye(3)
    from_white, to_white = _xyz(primaries[3]), _xyz(SRGB[3])
    cones = np.diag((_BRADFORD @ to_white) / (_BRADFORD @ from_white))
    adapted = np.linalg.inv(_BRADFORD) @ cones @ _BRADFORD
    return np.asarray(np.linalg.inv(_to_xyz(SRGB)) @ adapted @ _to_xyz(primaries))


def _to_xyz(primaries: Chromaticities) -> NDArray[np.float64]:
    columns = np.array([_xyz(point) for point in primaries[:3]]).T
    return np.asarray(columns * np.linalg.solve(columns, _xyz(primaries[3])))


def _xyz(point: tuple[float, float]) -> NDArray[np.float64]:
    x, y = point
    return np.array([x / y, 1.0, (1.0 - x - y) / y])


def _near(some: Chromaticities, others: Chromaticities) -> bool:
    return bool(np.abs(np.subtract(some, others)).max() < _SAME_CHROMATICITY_WITHIN)


def is_usable(primaries: Chromaticities) -> bool:
    """Whether the primaries span a triangle that is large enough to compute with."""
    if any(not (0.0 <= x <= 1.0 and 0.0 < y <= 1.0) for x, y in primaries):
        return False
    red, green, blue = (np.array(point) for point in primaries[:3])
    area = (green - red)[0] * (blue - red)[1] - (green - red)[1] * (blue - red)[0]
    return bool(abs(area) > 1e-3)
