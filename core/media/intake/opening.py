"""Opening: videos and sounds through FFmpeg. The only place where it opens a file of someone else's for reading."""

from pathlib import Path

import av
from av.stream import Discard, Disposition

from core.api import MediaError
from core.media.intake.decoders import AUDIO, VIDEO, is_listed
from core.media.intake.failures import reading
from core.media.intake.limits import LIMITS, Limits
from core.media.intake.signatures import recognise
from core.media.rational import fraction

DEMUXERS = ("mov", "matroska", "mpegts", "avi", "gif", "webp_anim", "apng", "mp3", "wav", "ogg", "flac", "aac")
"""FFmpeg's. Transport streams come from cameras and recorders, AVI from archives and screen recorders."""
MICROSECONDS = 1_000_000
PATIENCE_SECONDS = 60
"""How long a file's headers may take to be read. Packets have no such limit: asking for the time at each read would
take Python's lock from those who draw, and files, unlike networks, answer; the cage ends what takes too long."""
_INSTANT = "mov"


def open_media(path: Path, *, limits: Limits = LIMITS) -> av.container.InputContainer:
    """Open a video or a sound, without decoding its first pictures where its headers tell all that is needed.

    FFmpeg decodes several frames of each video stream to learn its pixel format, rate and reordering, as costly as
    reading them. MP4 and QuickTime tell rate and reordering in their index; the pixel format comes with the frames.
    Sizes are checked before. Only the first video, the first sound and pictures that come with it are demuxed. Raise
    ``MediaError`` for what is not of an allowed kind, goes beyond a limit, or can't be opened.
    """
    demuxer = recognise(path, limits).demuxer
    if not demuxer:
        raise MediaError(f"{path.name}: is a picture, neither video nor sound")
    container = _opened(path, demuxer, AUDIO, limits)
    if demuxer != _INSTANT and container.streams.video:
        container.close()
        container = _opened(path, demuxer, VIDEO | AUDIO, limits)
    return container


def is_cover(stream: av.VideoStream) -> bool:
    """Tell whether a stream is a picture that comes with sound, no video."""
    return bool(stream.disposition & Disposition.attached_pic)


def _opened(path: Path, demuxer: str, decoders: frozenset[str], limits: Limits) -> av.container.InputContainer:
    """Open a file; ``decoders`` may be used to find out what it holds."""
    with reading(path):
        # Of the options, those about formats also hold for what a demuxer itself might open.
        container = av.open(
            str(path.absolute()),
            format=demuxer,
            options={
                "format_whitelist": ",".join(DEMUXERS),
                "protocol_whitelist": "file",
                "codec_whitelist": ",".join(sorted(decoders)),
                **_decoding(limits),
            },
            timeout=(PATIENCE_SECONDS, None),
        )
        try:
            _check(path.name, container, limits)
        except BaseException:
            container.close()
            raise
    return container


def _decoding(limits: Limits) -> dict[str, str]:
    """Return the limits that FFmpeg's decoders hold themselves to, whatever comes mid-stream."""
    return {"max_pixels": str(limits.pixels), "max_samples": str(limits.samples_a_packet)}


def _check(name: str, container: av.container.InputContainer, limits: Limits) -> None:
    """Refuse what is not listed or goes beyond a limit; let nothing through that is not used."""
    if len(container.streams) > limits.streams:
        raise MediaError(f"{name}: has more than {limits.streams} streams")
    if container.duration:
        limits.check_seconds(name, container.duration / MICROSECONDS)
    video = next((each for each in container.streams.video if not is_cover(each)), None)
    audio = next(iter(container.streams.audio), None)
    for stream in container.streams:
        if stream not in (video, audio):
            stream.discard = Discard.all
    if video is not None:
        _check_video(name, video, limits)
    if audio is not None:
        _check_audio(name, audio, limits)


def _check_video(name: str, video: av.VideoStream, limits: Limits) -> None:
    context = video.codec_context
    if not is_listed(context, VIDEO):
        raise MediaError(f"{name}: video of the kind {_kind(video)} is not taken")
    limits.check_size(name, context.width, context.height)
    rate = fraction(video.average_rate)
    if rate is not None and rate > limits.frames_a_second:
        raise MediaError(f"{name}: has {float(rate):g} frames a second, more than {limits.frames_a_second}")
    if video.frames > limits.frames:
        raise MediaError(f"{name}: has {video.frames} frames, more than {limits.frames}")
    context.options = _decoding(limits)


def _check_audio(name: str, audio: av.AudioStream, limits: Limits) -> None:
    context = audio.codec_context
    if not is_listed(context, AUDIO):
        raise MediaError(f"{name}: sound of the kind {_kind(audio)} is not taken")
    limits.check_sound(name, context.channels, context.sample_rate)
    context.options = _decoding(limits)


def _kind(stream: av.VideoStream | av.AudioStream) -> str:
    return stream.codec_context.name if stream.codec_context is not None else "that FFmpeg does not know"
