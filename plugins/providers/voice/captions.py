"""Captions: timed words broken into lines that can be read, written as WebVTT with a time stamp for every word.

https://www.w3.org/TR/webvtt1/
"""

from collections.abc import Sequence

from plugins.providers.voice.speech import TimedWord

MAX_CHARACTERS = 42
MAX_WORDS = 7
PHRASE_ENDS = (",", ";", ":", "–", "—", "，", "、")
CLOSING = "\"'”’»)]」』"
PAUSE = 0.3
"""Seconds between words that are a place to break, comma or not."""
EACH_CUE = 0.6
LONELY_WORD = 0.7
WITHIN_PHRASE = 0.8
CUT_OFF = 1.2
"""What a break before a phrase's last word costs more."""
AFTER_SHORT_WORD = 0.5
"""What a break after an article or a preposition costs more."""
SHORT_WORD = 3
LINGER = 0.25
"""Seconds a cue stays after its last word, where the next one leaves room."""
MILLISECOND = 1


def break_cues(words: Sequence[TimedWord]) -> list[tuple[TimedWord, ...]]:
    """Break words into cues of one line: at most 42 characters and 7 words, at punctuation where possible.

    Of all ways to break, the one with the fewest bad breaks and the most even lines. A sentence's end always breaks.
    A word that is longer than a line stands alone.
    """
    cues: list[tuple[TimedWord, ...]] = []
    sentence: list[TimedWord] = []
    for word in words:
        sentence.append(word)
        if word.ends_sentence:
            cues += _break_sentence(sentence)
            sentence = []
    return cues + (_break_sentence(sentence) if sentence else [])


def _break_sentence(words: Sequence[TimedWord]) -> list[tuple[TimedWord, ...]]:
    count = len(words)
    best: list[tuple[float, int]] = [(0.0, 0)] * (count + 1)  # (cost, first word of the last cue)
    for end in range(1, count + 1):
        options = []
        for first in range(max(end - MAX_WORDS, 0), end):
            length = len(" ".join(word.text for word in words[first:end]))
            if length <= MAX_CHARACTERS or first == end - 1:
                options.append((best[first][0] + _cost(words, first, end, length), first))
        best[end] = min(options)
    cues = []
    end = count
    while end:
        first = best[end][1]
        cues.append(tuple(words[first:end]))
        end = first
    return cues[::-1]


def _cost(words: Sequence[TimedWord], first: int, end: int, length: int) -> float:
    """Return how badly a cue of the words ``[first, end)`` reads: short lines, and breaks in the wrong place."""
    cost = EACH_CUE + ((MAX_CHARACTERS - length) / MAX_CHARACTERS) ** 2
    if end - first == 1 and len(words) > 1:
        cost += LONELY_WORD
    if end == len(words) or _ends_phrase(words[end - 1]) or words[end].start - words[end - 1].end >= PAUSE:
        return cost
    cost += WITHIN_PHRASE
    if _ends_phrase(words[end]):
        cost += CUT_OFF
    if len(words[end - 1].text) <= SHORT_WORD:
        cost += AFTER_SHORT_WORD
    return cost


def _ends_phrase(word: TimedWord) -> bool:
    return word.text.rstrip(CLOSING).endswith(PHRASE_ENDS)


def to_webvtt(words: Sequence[TimedWord]) -> str:
    """Return the words as WebVTT. The first word of a cue has no stamp of its own: the cue begins with it."""
    cues = break_cues(words)
    lines = ["WEBVTT", ""]
    previous_end = 0
    for index, cue in enumerate(cues):
        start = max(_milliseconds(cue[0].start), previous_end)
        following = _milliseconds(cues[index + 1][0].start) if index + 1 < len(cues) else None
        end = _milliseconds(cue[-1].end + LINGER)
        end = max(end if following is None else min(end, following), start + len(cue) * MILLISECOND)
        text = _escape(cue[0].text)
        latest = start
        for word in cue[1:]:
            # Stamps must rise within the cue's own time, even for words too short to tell apart.
            latest = min(max(_milliseconds(word.start), latest + MILLISECOND), end - MILLISECOND)
            text += f" <{_stamp(latest)}>{_escape(word.text)}"
        lines += [f"{_stamp(start)} --> {_stamp(end)}", text, ""]
        previous_end = end
    return "\n".join(lines)


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def _stamp(milliseconds: int) -> str:
    seconds, part = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{part:03d}"


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
