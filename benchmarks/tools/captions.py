"""Karaoke captions as an ASS document, for libass: the line in white, its spoken word in colour."""

from benchmarks.scenes import Karaoke, Word

LIT = "&H3FD2FF&"
"""The colour of the spoken word, as ASS writes it: blue, green, red."""


def ass_document(scene: Karaoke) -> str:
    """Return one event for each word: the whole line, the spoken word lit."""
    form = scene.format
    # libass takes the size for the line's height, everyone else for the em: Inter's line is 1.21 em.
    size, outline = round(scene.font_size * 1.21), form.even(5)
    lines = [
        "[Script Info]",
        "ScriptType: v4.00+",
        f"PlayResX: {form.width}",
        f"PlayResY: {form.height}",
        "ScaledBorderAndShadow: yes",
        "YCbCr Matrix: TV.709",
        "[V4+ Styles]",
        "Format: Name, Fontname, Fontsize, PrimaryColour, OutlineColour, Bold, BorderStyle, Outline, Shadow, Alignment",
        f"Style: Line,Inter Variable,{size},&HFFFFFF,&H000000,-1,1,{outline},0,5",
        "[Events]",
        "Format: Layer, Start, End, Style, Text",
    ]
    for cue in scene.cues:
        for spoken in cue:
            text = " ".join(_lit(word) if word is spoken else word.text for word in cue)
            place = f"{{\\an5\\pos({form.width // 2},{scene.centre_y})}}"
            lines.append(f"Dialogue: 0,{_clock(spoken.start)},{_clock(spoken.end)},Line,{place}{text}")
    return "\n".join(lines) + "\n"


def _lit(word: Word) -> str:
    return f"{{\\1c{LIT}}}{word.text}{{\\1c&HFFFFFF&}}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds * 100), 6000)
    return f"0:{minutes:02}:{rest // 100:02}.{rest % 100:02}"
