"""Caption files: SubRip and WebVTT, read into cues and written from them.

WebVTT's inline time stamps (``<00:00:01.200>``) tell when each word is spoken. Sources: W3C WebVTT; SubRip has no
standard, its time stamps use a comma. Reading is strict about times and lenient about the rest: a file whose times
can't be trusted would be out of step without anybody being told.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from html import escape, unescape
from itertools import pairwise

from core.api import InvalidInput
from core.timeline.plan import Cue, CueWord

MAX_CUES = 20_000
MAX_CHARACTERS = 8 * 2**20
MAX_CUE_CHARACTERS = 5_000
LONGEST = 100 * 3600
"""The latest second that a caption may name."""

_TIME = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
_STAMP = re.compile(_TIME, re.ASCII)
_TIMING = re.compile(rf"\s*({_TIME})\s*-->\s*({_TIME})(?:\s.*)?", re.ASCII)
_INLINE = re.compile(r"<((?:\d{1,4}:)?\d{2}:\d{2}\.\d{3})>", re.ASCII)
_TAG = re.compile(r"</?(?:[A-Za-z][^<>]*)?>")
_OVERRIDE = re.compile(r"\{\\[^{}]*\}")
_VTT_ONLY = ("NOTE", "STYLE", "REGION")
ARROW = "-->"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """Lines between blank lines; ``number`` is the first one's, from 1."""

    number: int
    lines: tuple[str, ...]


def cut_cues(cues: Iterable[Cue], start: Fraction, end: Fraction) -> tuple[Cue, ...]:
    """Return what is shown in the seconds ``[start, end)``, counted from ``start``."""
    return tuple(
        Cue(
            start=max(cue.start, start) - start,
            end=min(cue.end, end) - start,
            text=cue.text,
            words=tuple(
                CueWord(start=max(word.start, start) - start, end=min(word.end, end) - start, text=word.text)
                for word in cue.words
                if word.start < end and word.end > start
            ),
        )
        for cue in cues
        if cue.start < end and cue.end > start
    )


def parse_captions(text: str) -> tuple[Cue, ...]:
    """Read SubRip or WebVTT, whichever it is; cues come in order of their start.

    Raise ``InvalidInput`` naming the line that can't be read.
    """
    if len(text) > MAX_CHARACTERS:
        raise InvalidInput(f"holds more than {MAX_CHARACTERS // 2**20} million characters")
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd").split("\n")
    is_vtt = re.match(r"WEBVTT(?:[ \t]|$)", lines[0]) is not None
    cues = []
    for block in _blocks(lines):
        if is_vtt and (block.number == 1 or block.lines[0].split(" ")[0].split("\t")[0] in _VTT_ONLY):
            if block.number != 1 or not any(ARROW in line for line in block.lines):
                continue
            block = _Block(number=2, lines=block.lines[1:])
        cues.append(_cue(block, is_vtt=is_vtt))
        if len(cues) > MAX_CUES:
            raise InvalidInput(f"holds more than {MAX_CUES} captions")
    if not cues:
        raise InvalidInput("holds no caption", hint="give a SubRip (.srt) or WebVTT (.vtt) file")
    return tuple(sorted(cues, key=lambda cue: cue.start))


def _blocks(lines: list[str]) -> Iterator[_Block]:
    gathered: list[str] = []
    for number, line in enumerate([*lines, ""], 1):
        if line.strip():
            gathered.append(line)
        elif gathered:
            yield _Block(number=number - len(gathered), lines=tuple(gathered))
            gathered = []


def _cue(block: _Block, *, is_vtt: bool) -> Cue:
    """Read a cue: an optional name, the times, the text."""
    at = next((index for index, line in enumerate(block.lines[:2]) if ARROW in line), None)
    if at is None:
        last = min(len(block.lines), 2) - 1
        wanted = "a time like 00:01.000 --> 00:02.500" if is_vtt else "a time like 00:00:01,000 --> 00:00:02,500"
        raise InvalidInput(f"line {block.number + last}: expected {wanted}, not {_short(block.lines[last])}")
    number = block.number + at
    timing = _TIMING.fullmatch(block.lines[at])
    if timing is None:
        raise InvalidInput(f"line {number}: {_short(block.lines[at])} is no pair of times")
    start, end = _seconds(timing[1], number), _seconds(timing[6], number)
    if end <= start:
        raise InvalidInput(f"line {number}: the caption at {timing[1]} ends before it begins")
    raw = "\n".join(line.strip() for line in block.lines[at + 1 :])
    if len(raw) > MAX_CUE_CHARACTERS:
        raise InvalidInput(f"line {number}: the caption has more than {MAX_CUE_CHARACTERS} characters")
    if not is_vtt:
        return Cue(start=start, end=end, text=_OVERRIDE.sub("", _TAG.sub("", raw)).strip())
    words = _words(raw, start, end, number) if _INLINE.search(raw) else ()
    return Cue(start=start, end=end, text=_plain(_INLINE.sub("", raw)), words=words)


def _words(raw: str, start: Fraction, end: Fraction, number: int) -> tuple[CueWord, ...]:
    """Cut a cue at its inline time stamps; words between two stamps share the time by their lengths."""
    pieces = _INLINE.split(raw)
    stamps = [start, *(_seconds(stamp, number) for stamp in pieces[1::2]), end]
    if any(later < earlier for earlier, later in pairwise(stamps)):
        raise InvalidInput(f"line {number}: the times inside the caption are out of order")
    words = []
    for index, piece in enumerate(pieces[0::2]):
        texts = _plain(piece).split()
        letters = sum(len(text) for text in texts)
        begin, length = stamps[index], stamps[index + 1] - stamps[index]
        for text in texts:
            stop = begin + length * Fraction(len(text), letters)
            words.append(CueWord(start=begin, end=stop, text=text))
            begin = stop
    return tuple(words)


def _plain(raw: str) -> str:
    return unescape(_TAG.sub("", raw)).strip()


def _seconds(stamp: str, number: int) -> Fraction:
    matched = _STAMP.fullmatch(stamp)
    if matched is None or int(matched[3]) > 59 or (matched[1] is not None and int(matched[2]) > 59):
        raise InvalidInput(f"line {number}: {_short(stamp)} is no time")
    hours, minutes, seconds = (int(part or 0) for part in matched.groups()[:3])
    time = (hours * 60 + minutes) * 60 + seconds + Fraction(int(matched[4]), 10 ** len(matched[4]))
    if time > LONGEST:
        raise InvalidInput(f"line {number}: {_short(stamp)} lies beyond {LONGEST // 3600} hours")
    return time


def _short(line: str) -> str:
    line = line.strip()
    return f'"{line}"' if len(line) <= 60 else f'"{line[:60]}…"'


def write_srt(cues: Iterable[Cue]) -> str:
    """Write cues as SubRip."""
    return "\n".join(
        f"{number}\n{_stamp(cue.start, ',')} --> {_stamp(cue.end, ',')}\n{_without_blank_lines(cue.text)}\n"
        for number, cue in enumerate(cues, 1)
    )


def write_vtt(cues: Iterable[Cue]) -> str:
    """Write cues as WebVTT, words with their time stamps."""
    blocks = [f"{_stamp(cue.start, '.')} --> {_stamp(cue.end, '.')}\n{_timed_text(cue)}\n" for cue in cues]
    return "\n".join(["WEBVTT\n", *blocks])


def _without_blank_lines(text: str) -> str:
    """A blank line would end the cue."""
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _timed_text(cue: Cue) -> str:
    """Write a cue's text, its lines kept, with a stamp before each word that begins later than the one before."""
    text = _without_blank_lines(cue.text)
    if [word.text for word in cue.words] != text.split():
        return escape(text, quote=False)
    written, latest, words = [], _stamp(cue.start, "."), iter(cue.words)
    for piece in re.split(r"(\s+)", text):
        if not piece.isspace():
            begin = _stamp(next(words).start, ".")
            if latest < begin < _stamp(cue.end, "."):
                written.append(f"<{begin}>")
                latest = begin
        written.append(escape(piece, quote=False))
    return "".join(written)


def _stamp(time: Fraction, point: str) -> str:
    milliseconds = round(time * 1000)
    hours, rest = divmod(milliseconds, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}{point}{rest % 1000:03}"
