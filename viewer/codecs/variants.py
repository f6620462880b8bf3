"""Variants: a codec with other settings is a codec of its own, and its name says which: “avif:speed=2”.

Nothing has to be kept of a variant: whoever has its name can make it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from models.errors import CodecError
from viewer.codecs import avif, jpeg, jpeg2000, jpegxl, learned, webp
from viewer.codecs.base import Codec

SEPARATOR = ":"
"""Between a codec's name and its settings, of which there may be several, with commas between them."""


@dataclass(frozen=True)
class Choice:
    """One value of a setting. value: what the codec takes. label: what labels say of it."""

    value: Any
    label: str


@dataclass(frozen=True)
class Setting:
    """Something of a codec that can be set. choices: by how they are written. default: the codec's own.

    field: of the codec. is_bare: written without its name, “444”. A switch has the choices “yes” and “no”, and its name
    alone stands for “yes”.
    """

    name: str
    choices: Mapping[str, Choice]
    default: str
    sentence: str
    field: str
    is_bare: bool = False

    @property
    def is_switch(self) -> bool:
        """Whether it is on or off."""
        return set(self.choices) == {"yes", "no"}

    def written(self, choice: str) -> str:
        """A choice as a variant's name has it."""
        if self.is_switch and choice == "yes":
            return self.name
        return choice if self.is_bare else f"{self.name}={choice}"


def _numbered(numbers: Sequence[int], label: str) -> dict[str, Choice]:
    return {str(number): Choice(number, f"{label} {number}") for number in numbers}


def _switch(on: object, off: object, label: str) -> dict[str, Choice]:
    return {"yes": Choice(on, label), "no": Choice(off, f"no {label}")}


SETTINGS: Mapping[str, tuple[Setting, ...]] = MappingProxyType(
    {
        "learned": (
            Setting(
                "density",
                {"context": Choice(False, "context model"), "plain": Choice(True, "plain")},
                "context",
                "what the range coder's tables depend on: on what was coded before (context), or, as in the paper, on "
                "the channel alone (plain), which shows what the context model is worth",
                "plain",
                is_bare=True,
            ),
        ),
        "jpeg": (
            Setting(
                "subsampling",
                {
                    "best": Choice(jpeg.SUBSAMPLINGS, "best subsampling"),
                    **{shown.replace(":", ""): Choice((shown,), shown) for shown in reversed(jpeg.SUBSAMPLINGS)},
                },
                "best",
                "of chroma; without it the best at the rate, in the metric that is read",
                "subsamplings",
                is_bare=True,
            ),
            Setting(
                "scans",
                {
                    "smaller": Choice(jpeg.SCANS, "smaller scans"),
                    "baseline": Choice((False,), "baseline"),
                    "progressive": Choice((True,), "progressive"),
                },
                "smaller",
                "one scan (baseline) or several (progressive); without it the smaller file",
                "scans",
                is_bare=True,
            ),
        ),
        "jpeg2000": (
            Setting(
                "wavelet",
                {"9/7": Choice(True, "9/7"), "5/3": Choice(False, "5/3")},
                "9/7",
                "9/7 for photographs at a rate; 5/3 in integers, which reaches up to a lossless file",
                "irreversible",
                is_bare=True,
            ),
        ),
        "webp": (
            Setting(
                "sharp_yuv",
                _switch(True, False, "sharp YUV"),
                "no",
                "chroma is halved so that the edges between colours stay sharp",
                "sharp_yuv",
            ),
            Setting(
                "method",
                {str(method): Choice((method,), f"method {method}") for method in range(7)},
                str(webp.METHODS[0]),
                "libwebp's effort, from 0, the fastest; one alone leaves gaps between the rates that it reaches",
                "methods",
            ),
        ),
        "avif": (
            Setting(
                "speed",
                _numbered(range(11), "speed"),
                str(avif.SPEED),
                "libaom's, from 0, the slowest and best, to 10; below 4 it takes many times as long",
                "speed",
            ),
            Setting(
                "subsampling",
                {text: Choice(shown, shown) for text, shown in (("444", "4:4:4"), ("422", "4:2:2"), ("420", "4:2:0"))},
                "444",
                "of chroma",
                "subsampling",
                is_bare=True,
            ),
        ),
        "jpegxl": (
            Setting(
                "effort",
                _numbered(range(1, 11), "effort"),
                str(jpegxl.EFFORT),
                "libjxl's, from 1, the fastest, to 10",
                "effort",
            ),
        ),
    }
)
"""What can be set of each codec, in the order in which names and labels have it."""

_Family = (
    avif.AvifCodec
    | jpeg.JpegCodec
    | jpeg2000.Jpeg2000Codec
    | jpegxl.JpegXlCodec
    | learned.LearnedViewerCodec
    | webp.WebpCodec
)


def family_of(codec: str) -> str:
    """The codec that a variant, or a codec with other weights, is one of: “avif” of “avif:speed=2”."""
    return codec.partition(SEPARATOR)[0]


def settings_of_family(codec: Codec) -> tuple[Setting, ...]:
    """What can be set of a codec; nothing of those that other packages bring, or that are programs."""
    return SETTINGS[family_of(codec.name)] if isinstance(codec, _Family) else ()


def variant_named(name: str, known: Sequence[Codec]) -> Codec:
    """The variant that a name with settings means; the codec itself where they are its own.

    known: the codecs that it may be a variant of. Raises CodecError, saying what can be set.
    """
    base, words = _split(name, known)
    if not isinstance(base, _Family) or not settings_of_family(base):
        raise CodecError(f"{base.label} has no variants: write “{base.name}” alone.")
    return _variant(base, words)


def _split(name: str, known: Sequence[Codec]) -> tuple[Codec, list[str]]:
    by_name = {codec.name: codec for codec in known}
    family, _, rest = name.partition(SEPARATOR)
    first, *others = rest.split(",")
    weighted = by_name.get(f"{family}{SEPARATOR}{first}")
    if weighted is not None:
        return weighted, others
    if family not in by_name:
        raise CodecError(f"There is no codec “{family}”, so no variant “{name}” of it: choose one of {_listed(known)}.")
    return by_name[family], [first, *others]


def _listed(codecs: Sequence[Codec]) -> str:
    return ", ".join(codec.name for codec in codecs)


def _variant(base: _Family, words: Sequence[str]) -> _Family:
    settings = settings_of_family(base)
    chosen: dict[str, str] = {}
    for word in words:
        setting, choice = _read(base, settings, word.strip().lower())
        if setting.name in chosen:
            raise CodecError(f"“{setting.name}” of {base.label} is set twice: leave one out.")
        chosen[setting.name] = choice
    choices = tuple(chosen.get(setting.name, setting.default) for setting in settings)
    return base if choices == tuple(setting.default for setting in settings) else _made(base, choices)


@lru_cache(maxsize=256)
def _made(base: _Family, choices: tuple[str, ...]) -> _Family:
    """choices: one of each setting. The same codec each time, so that what it has loaded stays loaded."""
    settings = settings_of_family(base)
    changes = [pair for pair in zip(settings, choices, strict=True) if pair[1] != pair[0].default]
    written = ",".join(setting.written(choice) for setting, choice in changes)
    labels = ", ".join(setting.choices[choice].label for setting, choice in changes)
    values: dict[str, Any] = {setting.field: setting.choices[choice].value for setting, choice in changes}
    return replace(base, name=f"{base.name}{_joint(base)}{written}", label=f"{base.label} {labels}", **values)


def _read(base: Codec, settings: Sequence[Setting], word: str) -> tuple[Setting, str]:
    """The setting that a word is about, and its choice."""
    name, equals, choice = word.partition("=")
    for setting in settings:
        if setting.name == name and equals:
            plain = choice.replace(SEPARATOR, "")
            if plain not in setting.choices:
                raise CodecError(f"{base.label} has no {setting.name} “{choice}”: write {_offered(setting)}.")
            return setting, plain
        if setting.name == name and setting.is_switch:
            return setting, "yes"
        if setting.is_bare and not equals and name.replace(SEPARATOR, "") in setting.choices:
            return setting, name.replace(SEPARATOR, "")
    begun = f"{base.name}{_joint(base)}"
    offered = "; ".join(map(_offered, settings))
    weights = "; weights of your own are known after --weights FILE" if base.name == "learned" else ""
    raise CodecError(f"“{word}” is no setting of {base.label}: write “{begun}” and then {offered}{weights}.")


def _joint(base: Codec) -> str:
    """What stands between a codec's name and its settings."""
    return "," if SEPARATOR in base.name else SEPARATOR


def _offered(setting: Setting) -> str:
    if setting.is_switch:
        return setting.name
    if setting.is_bare:
        return " or ".join(setting.choices)
    first, *_, last = setting.choices
    return f"{setting.name}={first} to {last}"
