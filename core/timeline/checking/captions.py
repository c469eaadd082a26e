"""Checking captions: that cues follow the clock, and words their cue."""

from collections.abc import Iterator

from core.timeline.complaints import Complaint
from core.timeline.document.clips import CaptionsPart, CuePart


def check_captions(captions: CaptionsPart, path: str) -> Iterator[Complaint]:
    """Yield what is wrong with the captions of one language."""
    if (captions.src is None) == (captions.cues is None):
        yield Complaint(path=path, message='give either "src" or "cues"', code="captions")
    for c, cue in enumerate(captions.cues or ()):
        yield from _cue(cue, f"{path}.cues[{c}]")


def _cue(cue: CuePart, path: str) -> Iterator[Complaint]:
    if cue.end <= cue.start:
        yield Complaint(path=f"{path}.end", message="must be later than the start", code="cue")
        return
    for w, word in enumerate(cue.words):
        if word.end < word.start or word.start < cue.start or word.end > cue.end:
            yield Complaint(path=f"{path}.words[{w}]", message="must lie inside its cue", code="cue")
        elif w and word.start < cue.words[w - 1].start:
            yield Complaint(path=f"{path}.words[{w}].start", message="begins before the word before it", code="cue")
    if cue.words and _letters("".join(word.text for word in cue.words)) != _letters(cue.text):
        message = "must be the words of the cue's text, in its order"
        yield Complaint(path=f"{path}.words", message=message, code="cue")


def _letters(text: str) -> str:
    return "".join(text.split())
