"""Probing: what a media file is, read from its headers and its first frame."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
from PIL import AvifImagePlugin, Image, MpoImagePlugin, TiffImagePlugin, UnidentifiedImageError, WebPImagePlugin

from core.api import MediaError
from core.media.intake import MICROSECONDS, MOST_PIXELS, is_cover, open_media
from core.media.rational import fraction
from core.timeline.plan import Probe

# Named, these need no search: Pillow would import all its seventy formats for each file that is no picture.
_SEARCHED = (
    "BMP",
    "GIF",
    "JPEG",
    "PNG",
    AvifImagePlugin.AvifImageFile.format,
    TiffImagePlugin.TiffImageFile.format,
    WebPImagePlugin.WebPImageFile.format,
)
STILL_FORMATS = frozenset({*_SEARCHED, MpoImagePlugin.MpoImageFile.format})
EXIF_ORIENTATION = 0x0112
EXIF_SIDEWAYS = range(5, 9)


def probe(path: Path) -> Probe:
    """Describe a media file. Raise ``MediaError`` when it is neither picture nor sound, or can't be read.

    An animated GIF or WebP counts as video. Sizes are those shown: rotated, with square pixels.
    """
    return _probe_still(path) or _probe_container(path)


def _probe_still(path: Path) -> Probe | None:
    try:
        with Image.open(path, formats=_SEARCHED) as image:
            if image.format not in STILL_FORMATS or getattr(image, "n_frames", 1) > 1:
                return None
            width, height = image.size
            if image.getexif().get(EXIF_ORIENTATION) in EXIF_SIDEWAYS:
                width, height = height, width
            return Probe(
                kind="image",
                width=width,
                height=height,
                has_alpha=image.has_transparency_data,
                codec=image.format.lower(),
            )
    except UnidentifiedImageError:
        return None
    except Image.DecompressionBombError as err:
        raise MediaError(f"{path.name}: the picture is too large", hint="at most 178 million pixels") from err
    except OSError as err:
        raise MediaError(f"{path.name}: can't be read: {err}") from err


def _probe_container(path: Path) -> Probe:
    try:
        with open_media(path) as container:
            video = next((s for s in container.streams.video if not is_cover(s)), None)
            audio = next(iter(container.streams.audio), None)
            if video is None and audio is None:
                raise MediaError(f"{path.name}: holds neither picture nor sound")
            duration = Fraction(container.duration, MICROSECONDS) if container.duration else None
            sound = Probe(
                kind="audio",
                duration=duration,
                codec=audio.codec_context.name if audio else "",
                has_audio=audio is not None,
                sample_rate=audio.codec_context.sample_rate if audio else 0,
                channels=audio.codec_context.channels if audio else 0,
            )
            return sound if video is None else _probe_video(path, container, video, sound)
    except (av.FFmpegError, OSError) as err:
        raise MediaError(f"{path.name}: can't be read: {err.strerror or err}") from err


def _probe_video(
    path: Path,
    container: av.container.InputContainer,
    stream: av.VideoStream,
    sound: Probe,
) -> Probe:
    frame = _first_frame(path, container, stream)
    if frame is None:
        raise MediaError(f"{path.name}: not one picture could be decoded")
    if frame.width * frame.height > MOST_PIXELS:
        raise MediaError(f"{path.name}: the picture is too large ({frame.width}x{frame.height})")
    aspect = fraction(stream.sample_aspect_ratio) or Fraction(1)
    width, height = round(frame.width * aspect), frame.height
    if frame.rotation % 180:
        width, height = height, width
    duration = sound.duration
    if duration is None and stream.duration and stream.time_base:
        duration = stream.duration * (fraction(stream.time_base) or Fraction(0))
    return replace(
        sound,
        kind="video",
        duration=duration if duration is not None else _measure_duration(path),
        width=width,
        height=height,
        fps=fraction(stream.average_rate) or fraction(stream.guessed_rate),
        has_alpha=has_alpha(frame.format.name, stream),
        codec=stream.codec_context.codec.canonical_name,
        rotation=frame.rotation,
        is_interlaced=frame.interlaced_frame,
    )


def _first_frame(path: Path, container: av.container.InputContainer, stream: av.VideoStream) -> av.VideoFrame | None:
    """Decode the first picture, or what comes first in a damaged file; at best no packet but its own is decoded."""
    context = stream.codec_context
    context.thread_type, context.thread_count = "NONE", 1
    packet = next(iter(container.demux(stream)), None)
    if packet is not None and (frames := packet.decode() or context.decode(None)):
        return frames[0]
    with open_media(path) as whole:
        again = next(each for each in whole.streams.video if each.index == stream.index)
        return next(iter(whole.decode(again)), None)


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
