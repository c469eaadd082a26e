"""Checking texts: that there is something to draw, no larger than can be drawn, and that spans lie in it."""

from collections.abc import Iterator

from core.timeline.complaints import Complaint
from core.timeline.document.assets import LetterStyle, Reveal, TextAsset
from core.timeline.document.clips import Clip
from core.timeline.sources import TextStyle
from core.timeline.timing import known_length

MAX_LETTERING = 30
"""How large an unwrapped text may be, in squares of the frame's height: it is drawn whole, also beyond the frame."""
_EM = 0.6
"""How wide a letter is, on average, in font sizes."""


def check_text(text: TextAsset, clip: Clip, path: str) -> Iterator[Complaint]:
    """Yield what is wrong with the text of a clip, which lies at ``path``."""
    if not text.text.strip():
        yield Complaint(path=f"{path}.text", message="must not be blank", code="empty")
    length = known_length(clip)
    if isinstance(text.animate, Reveal) and length is not None and text.animate.duration > length:
        yield Complaint(path=f"{path}.animate.duration", message="is longer than the clip", code="too_long")
    styles: list[LetterStyle] = [text, *text.spans]
    size = max((style.size for style in styles if style.size is not None), default=TextStyle().size)
    if text.size is None:
        size = max(size, TextStyle().size)
    spacing = max(0.0, *(style.letter_spacing or 0.0 for style in styles))
    width = max(len(line) for line in text.text.splitlines() or [""]) * size * (_EM + spacing)
    if text.max_width is None and width * (text.text.count("\n") + 1) * size * text.line_height > MAX_LETTERING:
        message = 'is too large to be drawn whole; give it a "max_width", a smaller size or shorter lines'
        yield Complaint(path=f"{path}.text", message=message, code="too_large")
    for s, span in enumerate(text.spans):
        if not 0 <= span.start < span.end <= len(text.text):
            message = f"must name a range of the text's {len(text.text)} characters"
            yield Complaint(path=f"{path}.spans[{s}]", message=message, code="span")
