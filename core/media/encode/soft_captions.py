"""Soft captions: text tracks inside the video file, which a player can show or hide."""

import struct
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from html import escape
from itertools import pairwise
from typing import cast

import av
from av.subtitles.stream import SubtitleStream

from core.media.encode.languages import language_code, needs_name
from core.timeline.plan import CaptionTrack, Cue

MILLISECOND = Fraction(1, 1000)
CODECS = {"mp4": "mov_text", "mov": "mov_text", "ipod": "mov_text", "webm": "webvtt", "matroska": "subrip"}
MOST_AT_ONCE = 6
"""How many captions that overlap are shown together in MP4; of more, the latest."""
MOST_BYTES = 2**16 - 1
"""How long a text MP4 can hold."""
# FFmpeg's text encoders ask for an ASS header; it is where mov_text takes its default style from.
ASS_HEADER = (
    "[Script Info]\nScriptType: v4.00+\nPlayResX: 384\nPlayResY: 288\n\n[V4+ Styles]\n"
    "Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, "
    "Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, "
    "MarginR, MarginV, Encoding\n"
    "Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,0\n\n"
    "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A text on screen; times in milliseconds."""

    start: int
    end: int
    text: str


class SoftCaptions:
    """The text tracks of one container. Containers that can't hold text are left without.

    Captions are cut at ``end`` (seconds, the picture's), so that they do not lengthen the file.
    """

    def __init__(
        self,
        container: av.container.OutputContainer,
        container_format: str,
        tracks: Sequence[CaptionTrack],
        *,
        end: Fraction | None,
    ) -> None:
        self._container = container
        self._codec = CODECS.get(container_format, "")
        self._waiting: deque[tuple[Shown, SubtitleStream]] = deque()
        if not self._codec:
            return
        listed: list[tuple[Shown, SubtitleStream]] = []
        for track in tracks:
            stream = cast(SubtitleStream, container.add_stream(self._codec))
            stream.codec_context.subtitle_header = ASS_HEADER.encode()
            stream.codec_context.time_base = MILLISECOND
            stream.metadata["language"] = language_code(track.language, container_format)
            if needs_name(track.language, container_format):
                stream.metadata["handler_name" if self._codec == "mov_text" else "title"] = track.language
            shown = _shown(track.cues, end)
            listed += [(each, stream) for each in (_apart(shown) if self._codec == "mov_text" else shown)]
        self._waiting.extend(sorted(listed, key=lambda item: item[0].start))

    def mux_until(self, time: Fraction) -> None:
        """Write the captions that begin at or before ``time`` seconds, so that they lie beside their pictures."""
        while self._waiting and self._waiting[0][0].start * MILLISECOND <= time:
            self._mux(*self._waiting.popleft())

    def mux_rest(self) -> None:
        """Write all captions that are left."""
        while self._waiting:
            self._mux(*self._waiting.popleft())

    def _mux(self, shown: Shown, stream: SubtitleStream) -> None:
        packet = av.Packet(_payload(shown.text, self._codec))
        packet.stream, packet.time_base = stream, MILLISECOND
        packet.pts = packet.dts = shown.start
        packet.duration = shown.end - shown.start
        packet.is_keyframe = True
        self._container.mux_one(packet)


def _payload(text: str, codec: str) -> bytes:
    if codec == "webvtt":  # W3C WebVTT: cue text is markup
        return escape(text, quote=False).encode()
    content = text.encode()
    if codec == "mov_text":  # 3GPP TS 26.245: a 16-bit length, then the text
        content = content[:MOST_BYTES].decode(errors="ignore").encode()
        return struct.pack(">H", len(content)) + content
    return content


def _shown(cues: Iterable[Cue], end: Fraction | None) -> list[Shown]:
    """Return what is shown up to ``end``, in order, without blank lines: they would end a caption."""
    last = None if end is None else round(end / MILLISECOND)
    listed = []
    for cue in sorted(cues, key=lambda cue: cue.start):
        start, stop = round(cue.start / MILLISECOND), round(cue.end / MILLISECOND)
        stop = stop if last is None else min(stop, last)
        text = "\n".join(line.strip() for line in cue.text.splitlines() if line.strip())
        if stop > start and text:
            listed.append(Shown(start=start, end=stop, text=text))
    return listed


def _apart(shown: Sequence[Shown]) -> Iterator[Shown]:
    """Cut texts that overlap into pieces that do not, for containers that show one text at a time."""
    waiting, active = deque(shown), deque[Shown](maxlen=MOST_AT_ONCE)
    edges = sorted({edge for each in shown for edge in (each.start, each.end)})
    for start, end in pairwise(edges):
        while waiting and waiting[0].start <= start:
            active.append(waiting.popleft())
        active = deque((each for each in active if each.end > start), MOST_AT_ONCE)
        if active:
            yield Shown(start=start, end=end, text="\n".join(each.text for each in active))
