"""Decoders: those that may see an untrusted file, by their names in FFmpeg. All others are left untouched.

What cameras, phones, browsers and editors write is listed. What is rare is more often used for attacks than for
videos: its decoders are old and little read.
"""

import av

VIDEO = frozenset(
    {
        *("h264", "hevc", "av1", "libdav1d", "vp8", "vp9", "libvpx", "libvpx-vp9"),
        *("mpeg1video", "mpeg2video", "mpeg4", "mjpeg", "prores", "dnxhd", "ffv1"),
        *("gif", "png", "apng", "webp_anim"),
    }
)
AUDIO = frozenset(
    {
        *("aac", "mp3", "mp3float", "mp2", "mp2float", "ac3", "eac3", "alac"),
        *("opus", "libopus", "vorbis", "flac"),
        # Sound that is not compressed has a decoder for each of its many layouts.
        *(name for name in av.codecs_available if name.startswith("pcm_")),
    }
)


def is_listed(context: av.CodecContext | None, listed: frozenset[str]) -> bool:
    """Tell whether a stream's decoder is listed; FFmpeg has none for what it does not know."""
    return context is not None and context.name in listed
