"""Caption files: SubRip and WebVTT, read into cues and written from them.

WebVTT's inline time stamps (``<00:00:01.200>``) tell when each word is spoken. Sources: W3C WebVTT; SubRip has no
standard, its time stamps use a comma.
"""

import io
import re
from collections.abc import Iterable
from fractions import Fraction
from html import escape, unescape

import webvtt

from core.api import InvalidInput
from core.timeline.plan import Cue, CueWord

_STAMP = re.compile(r"(?:(\d+):)?(\d{2}):(\d{2})[.,](\d{3})")
_INLINE = re.compile(r"<((?:\d+:)?\d{2}:\d{2}\.\d{3})>")
_TAG = re.compile(r"</?[A-Za-z][^>]*>")
MAX_CUES = 20_000


def parse_captions(text: str) -> tuple[Cue, ...]:
    """Read SubRip or WebVTT, whichever it is. Raise ``InvalidInput`` naming what can't be read."""
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").strip("\n") + "\n"
    form = "vtt" if plain.startswith("WEBVTT") else "srt"
    try:
        captions = webvtt.from_buffer(io.StringIO(plain), format=form)
    except (webvtt.errors.MalformedFileError, webvtt.errors.MalformedCaptionError) as err:
        raise InvalidInput(f"can't be read as {'WebVTT' if form == 'vtt' else 'SubRip'}: {err}") from err
    if not captions.captions:
        raise InvalidInput("holds no caption", hint="give a SubRip (.srt) or WebVTT (.vtt) file")
    if len(captions.captions) > MAX_CUES:
        raise InvalidInput(f"holds more than {MAX_CUES} captions")
    return tuple(_cue(caption) for caption in captions.captions)


def _cue(caption: webvtt.Caption) -> Cue:
    start, end = _seconds(caption.start), _seconds(caption.end)
    if end <= start:
        raise InvalidInput(f"the caption at {caption.start} ends before it begins")
    raw = caption.raw_text
    words = _words(raw, start, end) if _INLINE.search(raw) else ()
    return Cue(start=start, end=end, text=_plain(_INLINE.sub("", raw)), words=words)


def _words(raw: str, start: Fraction, end: Fraction) -> tuple[CueWord, ...]:
    """Cut a cue at its inline time stamps; words between two stamps share the time by their lengths."""
    pieces = _INLINE.split(raw)
    stamps = [start, *(_seconds(stamp) for stamp in pieces[1::2]), end]
    words = []
    for index, piece in enumerate(pieces[0::2]):
        texts = _plain(piece).split()
        letters = sum(len(text) for text in texts)
        begin, length = stamps[index], max(stamps[index + 1] - stamps[index], Fraction(0))
        for text in texts:
            stop = begin + length * Fraction(len(text), letters)
            words.append(CueWord(start=begin, end=stop, text=text))
            begin = stop
    return tuple(words)


def _plain(raw: str) -> str:
    return unescape(_TAG.sub("", raw)).strip()


def _seconds(stamp: str) -> Fraction:
    matched = _STAMP.fullmatch(stamp.strip())
    if matched is None:
        raise InvalidInput(f'"{stamp}" is no time stamp')
    hours, minutes, seconds, milliseconds = (int(part or 0) for part in matched.groups())
    return Fraction(((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds, 1000)


def write_srt(cues: Iterable[Cue]) -> str:
    """Write cues as SubRip."""
    return "\n".join(
        f"{number}\n{_stamp(cue.start, ',')} --> {_stamp(cue.end, ',')}\n{cue.text}\n"
        for number, cue in enumerate(cues, 1)
    )


def write_vtt(cues: Iterable[Cue]) -> str:
    """Write cues as WebVTT, words with their time stamps."""
    blocks = [f"{_stamp(cue.start, '.')} --> {_stamp(cue.end, '.')}\n{_timed_text(cue)}\n" for cue in cues]
    return "\n".join(["WEBVTT\n", *blocks])


def _timed_text(cue: Cue) -> str:
    if not cue.words:
        return escape(cue.text, quote=False)
    first, *rest = cue.words
    return escape(first.text, quote=False) + "".join(
        f" <{_stamp(word.start, '.')}>{escape(word.text, quote=False)}" for word in rest
    )


def _stamp(time: Fraction, point: str) -> str:
    milliseconds = round(time * 1000)
    hours, rest = divmod(milliseconds, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}{point}{rest % 1000:03}"
