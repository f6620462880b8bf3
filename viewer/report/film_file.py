"""Writes frames as a film: MP4 and WebM through PyAV, GIF and WebP through Pillow."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from itertools import chain, islice
from typing import Any

from PIL import Image as PillowImage

from models.errors import OutputError
from viewer.imaging.image import Pixels

VIDEO_SUFFIXES = (".mp4", ".webm")
ANIMATION_SUFFIXES = (".gif", ".webp")
SUFFIXES = (*VIDEO_SUFFIXES, *ANIMATION_SUFFIXES)
VIDEO_FPS = 25
_ENCODERS: dict[str, tuple[str, dict[str, str]]] = {
    ".mp4": ("libx264", {"crf": "10", "preset": "medium"}),
    ".webm": ("libvpx-vp9", {"crf": "12", "b": "0", "deadline": "good", "cpu-used": "4", "row-mt": "1"}),
}
"""So few losses that what is seen are those of the codecs that are compared."""
_SAMPLED = 6
"""So many frames decide on the colours of a GIF."""
_BT709 = 1
_LIMITED = 1


def has_video() -> bool:
    """Whether MP4 and WebM can be written here."""
    return find_spec("av") is not None


def check_film_suffix(suffix: str) -> None:
    """Raise OutputError for a film that cannot be written: to be asked before work is put into it."""
    if suffix.lower() not in SUFFIXES:
        raise OutputError(f"A film cannot be written as “{suffix}”: give it the suffix .mp4, .webm, .gif or .webp.")
    if suffix.lower() in VIDEO_SUFFIXES and not has_video():
        raise OutputError("MP4 and WebM need PyAV: run pip install 'ratelens[video]', or save as .gif or .webp.")


def film_bytes(frames: Iterable[Pixels], suffix: str, *, frame_ms: int) -> bytes:
    """Frames, uint8 (H, W, 3), all of one even width and height, as a file of this suffix. Raises OutputError.

    frame_ms: how long each is seen; a multiple of 40 for .mp4 and .webm, of 10 for .gif.
    """
    check_film_suffix(suffix)
    suffix = suffix.lower()
    if suffix in ANIMATION_SUFFIXES:
        return _animation(iter(frames), suffix, frame_ms)
    times = max(1, round(frame_ms * VIDEO_FPS / 1000))
    return _video((frame for frame in frames for _ in range(times)), suffix)


def _animation(frames: Iterator[Pixels], suffix: str, frame_ms: int) -> bytes:
    """An endless animation."""
    buffer = io.BytesIO()
    pictures: Iterator[PillowImage.Image] = map(PillowImage.fromarray, frames)
    if suffix == ".gif":
        pictures = _in_one_palette(list(pictures))
    first = next(pictures)
    options: dict[str, Any] = {"quality": 92, "method": 2} if suffix == ".webp" else {"disposal": 1}
    first.save(buffer, suffix[1:].upper(), save_all=True, append_images=pictures, duration=frame_ms, loop=0, **options)
    return buffer.getvalue()


def _in_one_palette(pictures: Sequence[PillowImage.Image]) -> Iterator[PillowImage.Image]:
    """Pictures in the 256 colours that suit them all: with a palette each they take ten times as long."""
    chosen = pictures[:: max(1, len(pictures) // _SAMPLED)]
    small = [picture.reduce(max(1, picture.width // 320)) for picture in chosen]
    sheet = PillowImage.new("RGB", (small[0].width, sum(one.height for one in small)))
    for number, one in enumerate(small):
        sheet.paste(one, (0, number * small[0].height))
    palette = sheet.quantize(256, PillowImage.Quantize.MEDIANCUT)
    return (picture.quantize(palette=palette, dither=PillowImage.Dither.FLOYDSTEINBERG) for picture in pictures)


def _video(frames: Iterator[Pixels], suffix: str) -> bytes:
    import av
    from av.video.reformatter import ColorRange, Colorspace
    from av.video.stream import VideoStream

    (first,) = islice(frames, 1)
    height, width = first.shape[:2]
    name, options = _ENCODERS[suffix]
    buffer = io.BytesIO()
    try:
        with av.open(buffer, "w", format=suffix[1:]) as container:
            stream = container.add_stream(name, rate=VIDEO_FPS, options=options)
            assert isinstance(stream, VideoStream)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            context = stream.codec_context
            context.color_primaries = context.color_trc = context.colorspace = _BT709
            context.color_range = _LIMITED
            for pixels in chain((first,), frames):
                frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(
                    format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
                )
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    except (av.FFmpegError, ValueError) as error:  # a PyAV that was built without this encoder, among others
        raise OutputError(f"PyAV could not write the film ({error}): save it as .gif or .webp.") from error
    return buffer.getvalue()
