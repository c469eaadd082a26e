"""Probing: what a media file is, read from its headers and its first frame."""

from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av

from core.api import MediaError
from core.media.intake import LIMITS, MICROSECONDS, is_cover, open_media, open_picture, orientation, reading, recognise
from core.media.rational import fraction
from core.media.video import VideoReader
from core.timeline.plan import Probe

MOVING = frozenset({"GIF", "PNG", "WEBP", "AVIF"})
"""Pictures that may move. In others, what comes after the first is a smaller copy, another page, or a depth map."""
EXIF_SIDEWAYS = range(5, 9)
WIDEST_PIXEL = 16
"""How many times wider than high, or higher than wide, a pixel may be; what a file says beyond that is nonsense."""


def probe(path: Path) -> Probe:
    """Describe a media file. Raise ``MediaError`` when it is neither picture nor sound, or can't be read.

    An animated GIF, PNG or WebP counts as video. Sizes are those shown: rotated, with square pixels.
    """
    signature = recognise(path)
    still = _probe_still(path, signature.picture) if signature.picture else None
    return still or _probe_container(path)


def _probe_still(path: Path, form: str) -> Probe | None:
    with open_picture(path) as image:
        if form in MOVING and getattr(image, "is_animated", False):
            return None
        width, height = image.size
        if orientation(image, path) in EXIF_SIDEWAYS:
            width, height = height, width
        return Probe(
            kind="image",
            width=width,
            height=height,
            has_alpha=image.has_transparency_data,
            codec=form.lower(),
        )


def _probe_container(path: Path) -> Probe:
    with reading(path), open_media(path) as container:
        video = next((s for s in container.streams.video if not is_cover(s)), None)
        audio = next(iter(container.streams.audio), None)
        if video is None and audio is None:
            raise MediaError(f"{path.name}: holds neither picture nor sound")
        duration = container.duration
        sound = Probe(
            kind="audio",
            duration=Fraction(duration, MICROSECONDS) if duration and duration > 0 else None,
            codec=audio.codec_context.name if audio else "",
            has_audio=audio is not None,
            sample_rate=audio.codec_context.sample_rate if audio else 0,
            channels=audio.codec_context.channels if audio else 0,
        )
        return sound if video is None else _probe_video(path, container, video, sound)


def _probe_video(path: Path, container: av.container.InputContainer, stream: av.VideoStream, sound: Probe) -> Probe:
    frame = _first_frame(path, container, stream)
    LIMITS.check_size(path.name, frame.width, frame.height)
    width, height = max(1, round(frame.width * _aspect(stream))), frame.height
    rotation = _quarter_turns(frame.rotation)
    if rotation % 180:
        width, height = height, width
    duration = sound.duration
    if duration is None and stream.duration and stream.duration > 0:
        duration = stream.duration * (fraction(stream.time_base) or Fraction(0)) or None
    if duration is None:
        duration = _measure_duration(path)
    LIMITS.check_seconds(path.name, float(duration))
    return replace(
        sound,
        kind="video",
        duration=duration,
        width=width,
        height=height,
        fps=fraction(stream.average_rate) or fraction(stream.guessed_rate),
        has_alpha=has_alpha(frame.format.name, stream),
        codec=stream.codec_context.codec.canonical_name,
        rotation=rotation,
        is_interlaced=frame.interlaced_frame,
    )


def _first_frame(path: Path, container: av.container.InputContainer, stream: av.VideoStream) -> av.VideoFrame:
    """Decode the first picture, or what comes first in a damaged file; at best no packet but its own is decoded."""
    context = stream.codec_context
    context.thread_type, context.thread_count = "NONE", 1
    with suppress(av.FFmpegError):
        packet = next(iter(container.demux(stream)), None)
        if packet is not None and (frames := packet.decode() or context.decode(None)):
            return frames[0]
    with VideoReader(path) as reader:
        return reader.frame_at(Fraction(0))


def _aspect(stream: av.VideoStream) -> Fraction:
    """Return how much wider than high a pixel is."""
    aspect = fraction(stream.sample_aspect_ratio) or Fraction(1)
    return aspect if Fraction(1, WIDEST_PIXEL) <= aspect <= WIDEST_PIXEL else Fraction(1)


def _quarter_turns(degrees: int) -> int:
    """Return the angle of whole quarter turns that is nearest to one; from -90 to 180."""
    return 180 - (180 - round(degrees / 90) * 90) % 360


def has_alpha(pixel_format: str, stream: av.VideoStream) -> bool:
    """Tell whether decoded frames carry alpha. WebM keeps VP9's in a side channel, told by a tag of the stream."""
    return (
        pixel_format.startswith(("yuva", "rgba", "argb", "bgra", "abgr", "gbrap", "ya", "pal8"))
        or stream.metadata.get("alpha_mode", stream.metadata.get("ALPHA_MODE")) == "1"
    )


def _measure_duration(path: Path) -> Fraction:
    """Return the length of a file whose header does not tell it, by reading its packets."""
    end = Fraction(0)
    with open_media(path) as container:
        start = Fraction(container.start_time or 0, MICROSECONDS)
        for packet in container.demux():
            base = fraction(packet.time_base)
            if packet.pts is not None and base:
                end = max(end, (packet.pts + (packet.duration or 0)) * base - start)
    return end
