"""Examining: a finished file is read as a player would, and compared with what was asked for."""

from contextlib import closing

import av

from core.api import MediaError
from core.media.intake import open_media
from core.media.rational import fraction
from core.render.work import Examination

CLOSE = 1
"""Frames by which the picture's times may be off: containers that count milliseconds round."""


def examine(wanted: Examination) -> None:
    """Count a file's frames, decode the first, look at times and size; raise ``MediaError`` for what differs."""
    try:
        with closing(open_media(wanted.path)) as container:
            _compare(container, wanted)
    except (av.FFmpegError, OSError) as err:
        raise MediaError(f"the finished file can't be read again: {err.strerror or err}") from err


def _compare(container: av.container.InputContainer, wanted: Examination) -> None:
    video = next(iter(container.streams.video), None)
    if video is None or (wanted.has_sound and not container.streams.audio):
        raise MediaError("the finished file lacks its picture or its sound")
    first = next(container.decode(video), None)
    if first is None or (first.width, first.height) != (wanted.width, wanted.height):
        raise MediaError("the finished file's first frame is not what it should be")
    container.seek(0)
    times = sorted(packet.pts for packet in container.demux(video) if packet.size and packet.pts is not None)
    base = fraction(video.time_base)
    if len(times) != wanted.frames or base is None:
        raise MediaError(f"the finished file has {len(times)} frames instead of {wanted.frames}")
    off = [number for number, time in enumerate(times) if abs(time * base * wanted.fps - number) > CLOSE]
    if off:
        raise MediaError(f"frame {off[0]} of the finished file comes at the wrong time")
