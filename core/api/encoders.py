"""Encoders: what turns frames and samples into a file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import av
import numpy as np
from numpy.typing import NDArray

from core.api.parameters import JsonValue, Parameter, Values

type Samples = NDArray[np.float32]
"""Interleaved stereo, shape ``(count, 2)``, full scale at ±1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyLimits:
    """What a source's picture must be like for an encoder to take it over without encoding it anew.

    It must have the output's size, the codec's pixel format, square pixels, and BT.709 colours or no tags. Encoded
    anew is whatever exceeds a limit; 0 sets none.
    """

    codec: str
    """libavcodec's name of the decoder: ``h264``."""
    profiles: tuple[str, ...]
    """Names as FFmpeg has them: ``High``."""
    level: int
    """The highest level as the codec writes it: 52 for H.264's 5.2, 153 for H.265's 5.1."""
    bit_rate: float = 0.0
    """Bit/s on average of a picture of 1920x1080 at 30 frames a second; others by the 0.75th power of their pixels."""
    peak_rate: int = 0
    """Bit/s that a buffer of two seconds may be filled with."""
    keyframe_interval: float = 0.0
    """Seconds from one key frame to the next at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoCodec:
    """A libavcodec video encoder: its name, the pixel format it is fed, and its options for given values."""

    name: str
    pixel_format: str = "yuv420p"
    options: Callable[[Values], Mapping[str, str]] = lambda _values: {}
    tag: str = ""
    """The container's codec tag where it matters (``hvc1`` for HEVC that Apple players read)."""
    keyframe_interval: Callable[[Values], float] = lambda _values: 0.0
    """Seconds from one key frame to the next at most; 0 leaves it to the codec."""
    copying: Callable[[Values], CopyLimits | None] = lambda _values: None
    """What stretches of sources are taken over as they are where nothing changes them; None for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioCodec:
    """A libavcodec audio encoder: its name, sample format, and bit rate in bit/s (0 where it has none)."""

    name: str
    sample_format: str = "fltp"
    bit_rate: Callable[[Values], int] = lambda _values: 192_000
    sample_rate: int = 48_000


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodeJob:
    """What a session is opened for. ``width``, ``height`` in pixels; ``fps`` is None for sound alone.

    ``frames`` is the number of frames that will come. ``path`` is the file to write (a folder for formats of many
    files); its parent exists and only the session writes there.
    """

    path: Path
    width: int
    height: int
    fps: Fraction | None
    frames: int
    has_audio: bool
    values: Values
    sample_rate: int = 48_000
    threads: int = 0
    """How many threads the video codec may use, 0 for as many as there are processors. Its output may depend on it."""


class EncodeSession(Protocol):
    """One file being written. Video and audio calls may come from different threads, each kind in order.

    Picture and sound may end at different times. The file has its name only when it is whole: it is written under
    another one beside, or in a folder of its own.
    """

    def write_video(self, frame: av.VideoFrame) -> None:
        """Take the next frame; its ``pts`` counts frames from 0.

        Where the encoder ``has_alpha`` it is packed ``rgba``, full range, with straight alpha; else it is ``yuv420p``,
        BT.709, limited range. The session converts it to what its codec is fed and does not write into its pixels:
        other frames may share them. Raise ``MediaError`` naming the file when it can't be written.
        """

    def write_audio(self, samples: Samples) -> None:
        """Take the next samples, at the job's sample rate."""

    def close(self) -> None:
        """Flush and finish the file. When that fails nothing stays behind; a second call changes nothing."""

    def abort(self) -> None:
        """Release everything and remove what was written so far. After ``close`` or ``abort`` it does nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder:
    """A file format with its codecs, declared by a plugin.

    Most encoders are data: ``container`` (FFmpeg's muxer name) with ``video`` and/or ``audio``, and the engine does
    the rest. One that needs more (a palette, many files) gives ``open``. ``presets`` maps ``draft``, ``standard`` and
    ``high`` to values of ``params``.
    """

    id: str
    title: str
    description: str = ""
    extension: str
    mime_type: str
    container: str = ""
    container_options: Mapping[str, str] = field(default_factory=dict)
    video: VideoCodec | None = None
    audio: AudioCodec | None = None
    params: tuple[Parameter, ...] = ()
    presets: Mapping[str, Mapping[str, JsonValue]] = field(default_factory=dict)
    has_alpha: bool = False
    is_still: bool = False
    """True for a format of one picture: the engine renders the poster frame alone."""
    open: Callable[[EncodeJob], EncodeSession] | None = None
