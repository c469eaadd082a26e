"""Soft captions: text tracks inside the video file, which a player can show or hide."""

import struct
from collections import deque
from collections.abc import Sequence
from fractions import Fraction
from typing import cast

import av
from av.subtitles.stream import SubtitleStream

from core.timeline.plan import CaptionTrack, Cue

MILLISECOND = Fraction(1, 1000)
CODECS = {"mp4": "mov_text", "mov": "mov_text", "ipod": "mov_text", "webm": "webvtt", "matroska": "subrip"}
# FFmpeg's text encoders ask for an ASS header; it is where mov_text takes its default style from.
ASS_HEADER = (
    "[Script Info]\nScriptType: v4.00+\nPlayResX: 384\nPlayResY: 288\n\n[V4+ Styles]\n"
    "Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, "
    "Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, "
    "MarginR, MarginV, Encoding\n"
    "Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,0\n\n"
    "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
)
# ISO 639-1 codes have two letters, MP4 and Matroska want the three of ISO 639-2.
LANGUAGES = {
    "ar": "ara", "cs": "ces", "da": "dan", "de": "deu", "el": "ell", "en": "eng", "es": "spa", "fi": "fin", "fr": "fra",
    "he": "heb", "hi": "hin", "hu": "hun", "it": "ita", "ja": "jpn", "ko": "kor", "nl": "nld", "no": "nor", "pl": "pol",
    "pt": "por", "ro": "ron", "ru": "rus", "sv": "swe", "th": "tha", "tr": "tur", "uk": "ukr", "vi": "vie", "zh": "zho",
}  # fmt: skip


class SoftCaptions:
    """The text tracks of one container. Containers that can't hold text are left without."""

    def __init__(
        self, container: av.container.OutputContainer, container_format: str, tracks: Sequence[CaptionTrack]
    ) -> None:
        self._container = container
        self._codec = CODECS.get(container_format, "")
        self._waiting: deque[tuple[Cue, SubtitleStream]] = deque()
        if not self._codec:
            return
        cues: list[tuple[Cue, SubtitleStream]] = []
        for track in tracks:
            stream = cast(SubtitleStream, container.add_stream(self._codec))
            stream.codec_context.subtitle_header = ASS_HEADER.encode()
            stream.codec_context.time_base = MILLISECOND
            stream.metadata["language"] = LANGUAGES.get(track.language.split("-")[0], track.language)
            cues += [(cue, stream) for cue in track.cues]
        self._waiting.extend(sorted(cues, key=lambda item: item[0].start))

    def mux_until(self, time: Fraction) -> None:
        """Write the cues that begin before ``time`` seconds, so that they lie beside their pictures."""
        while self._waiting and self._waiting[0][0].start <= time:
            self._mux(*self._waiting.popleft())

    def mux_rest(self) -> None:
        """Write all cues that are left."""
        while self._waiting:
            self._mux(*self._waiting.popleft())

    def _mux(self, cue: Cue, stream: SubtitleStream) -> None:
        text = cue.text.encode()
        if self._codec == "mov_text":  # 3GPP TS 26.245: a 16-bit length, then the text
            text = struct.pack(">H", len(text)) + text
        packet = av.Packet(text)
        packet.stream, packet.time_base = stream, MILLISECOND
        packet.pts = packet.dts = round(cue.start / MILLISECOND)
        packet.duration = round((cue.end - cue.start) / MILLISECOND)
        packet.is_keyframe = True
        self._container.mux_one(packet)
