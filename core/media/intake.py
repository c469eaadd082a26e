"""Intake: the one way in for media files. What FFmpeg may read, and how much of it, is listed here.

FFmpeg opens far more than media: playlists that name other files, descriptions of network sessions, devices. Which it
takes a file for is decided by the content, so names mean nothing here. Sources of the rules: FFmpeg's documentation of
``format_whitelist`` and ``protocol_whitelist``; that neither limits decoders was found by trying.
"""

from collections.abc import Mapping
from pathlib import Path

import av
from av.stream import Disposition

from core.api import MediaError
from core.media.rational import fraction

DEMUXERS = (
    "mov,mp4,m4a,3gp,3g2,mj2",
    "matroska,webm",
    "mpegts",  # cameras and recorders
    "avi",
    "gif",
    "webp_anim",
    "apng",
    "mp3",
    "wav",
    "ogg",
    "flac",
    "aac",
)
VIDEO_DECODERS = frozenset(
    {
        *("h264", "hevc", "av1", "libdav1d", "vp8", "vp9", "libvpx", "libvpx-vp9"),
        *("mpeg1video", "mpeg2video", "mpeg4", "mjpeg", "prores", "ffv1"),
        *("gif", "png", "apng", "webp", "webp_anim"),
    }
)
AUDIO_DECODERS = frozenset({"aac", "mp3", "mp3float", "ac3", "eac3", "alac", "opus", "libopus", "vorbis", "flac"})
PCM = "pcm_"
"""Sound that is not compressed has a decoder for each of its many layouts."""

MOST_PIXELS = 8192 * 8192
MOST_STREAMS = 64
MOST_FRAMES_A_SECOND = 1000
MOST_CHANNELS = 64
MOST_SAMPLES_A_SECOND = 768_000
MOST_SECONDS = 24 * 3600
MICROSECONDS = 1_000_000
_INSTANT_FORMATS = "mp4"


def open_media(path: Path) -> av.container.InputContainer:
    """Open a file for reading, without decoding its first pictures where its headers tell all that is needed.

    FFmpeg decodes several frames of each video stream to learn its pixel format, rate and reordering, as costly as
    reading them. MP4 and QuickTime tell rate and reordering in their index; the pixel format comes with the frames.
    Raise ``MediaError`` for what is not of an allowed kind or goes beyond a limit, else what ``av.open`` does.
    """
    container = _opened(path, {"codec_whitelist": ",".join(sorted(AUDIO_DECODERS))})
    if _INSTANT_FORMATS not in container.format.name.split(","):
        container.close()
        container = _opened(path, {"codec_whitelist": ",".join(sorted(VIDEO_DECODERS | AUDIO_DECODERS | _pcm()))})
    try:
        _check(path, container)
    except BaseException:
        container.close()
        raise
    return container


def is_cover(stream: av.VideoStream) -> bool:
    """Tell whether a stream is a picture that comes with sound, no video."""
    return bool(stream.disposition & Disposition.attached_pic)


def _opened(path: Path, options: Mapping[str, str]) -> av.container.InputContainer:
    try:
        return av.open(
            str(path.absolute()),
            options={"format_whitelist": ",".join(DEMUXERS), "protocol_whitelist": "file", **options},
        )
    except av.FFmpegError:  # many of these are ValueErrors, too
        raise
    except ValueError as err:
        raise MediaError(f"{path.name}: its headers can't be read") from err


def _check(path: Path, container: av.container.InputContainer) -> None:
    """Refuse what goes beyond a limit, before anything is decoded for it."""
    if len(container.streams) > MOST_STREAMS:
        raise MediaError(f"{path.name}: has {len(container.streams)} streams, more than {MOST_STREAMS}")
    if container.duration and container.duration > MOST_SECONDS * MICROSECONDS:
        raise MediaError(f"{path.name}: lasts longer than {MOST_SECONDS // 3600} hours")
    for video in container.streams.video:
        context = video.codec_context
        if context.name not in VIDEO_DECODERS and not is_cover(video):
            raise MediaError(f"{path.name}: video of the kind {context.name} is not taken")
        if context.width * context.height > MOST_PIXELS:
            raise MediaError(f"{path.name}: the picture is too large ({context.width}x{context.height})")
        rate = fraction(video.average_rate)
        if rate is not None and rate > MOST_FRAMES_A_SECOND:
            raise MediaError(f"{path.name}: has {float(rate):g} frames a second, more than {MOST_FRAMES_A_SECOND}")
    for audio in container.streams.audio:
        sound = audio.codec_context
        if sound.name not in AUDIO_DECODERS and not sound.name.startswith(PCM):
            raise MediaError(f"{path.name}: sound of the kind {sound.name} is not taken")
        if sound.channels > MOST_CHANNELS or sound.sample_rate > MOST_SAMPLES_A_SECOND:
            raise MediaError(f"{path.name}: {sound.channels} channels at {sound.sample_rate} Hz are not taken")


def _pcm() -> frozenset[str]:
    return frozenset(name for name in av.codecs_available if name.startswith(PCM))
