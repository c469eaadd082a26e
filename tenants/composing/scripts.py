"""Scripts: a text becomes scenes, each with what is said and what is to be seen. Pure.

A paragraph is a scene, a long one several. ``[waves at dawn]`` before it says what is to be seen; without, it is what
the text speaks of most.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

MOST_SCENES = 60
MOST_CHARACTERS = 20_000
_LONGEST_SCENE = 220
"""Characters that one picture lasts for: about a quarter of a minute."""
_WANTED = re.compile(r"^\s*\[([^\]\n]{1,200})\]\s*")
_SHORTENED = r"(?<!\b[A-Z])(?<!\b[A-Z][a-z])(?<!\b[A-Z][a-z]{2})"
"""What a full stop after a short capitalised word may belong to: Dr. or Mrs. end no sentence."""
_SENTENCE = re.compile(rf".+?(?:(?:{_SHORTENED}\.|[!?…。！？])[.!?…]*[\"'”’»)]*(?=\s|$)|$)", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]{3,}(?:['’-][^\W\d_]+)*")
_FILLERS = frozenset(files("tenants.composing").joinpath("fillers.txt").read_text("utf-8").split())
"""Words of English and French that say little by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A scene: ``text`` is said, ``wanted`` looked for."""

    text: str
    wanted: str


def scenes_of(script: str) -> tuple[Scene, ...]:
    """Return a script's scenes, at most ``MOST_SCENES``; none for a script without words."""
    scenes: list[Scene] = []
    for paragraph in re.split(r"\n\s*\n", script.strip()):
        named = _WANTED.match(paragraph)
        text = " ".join((paragraph[named.end() :] if named else paragraph).split())
        scenes += [Scene(text=part, wanted=named[1].strip() if named else subject_of(part)) for part in _parts(text)]
    return tuple(scenes[:MOST_SCENES])


def subject_of(text: str) -> str:
    """Return up to three words of a text that say most, in their order; the text's beginning where none does.

    Long words say more than short ones, and names more than others.
    """
    words = list(dict.fromkeys(word for word in _WORD.findall(text) if word.lower() not in _FILLERS))
    begins = {sentence.split()[0] for sentence in _SENTENCE.findall(text) if sentence.split()}

    def weight(word: str) -> float:
        return min(len(word), 10) + (4 if word[0].isupper() and word not in begins else 0)

    best = sorted(words, key=weight, reverse=True)[:3]
    return " ".join(word for word in words if word in best) or " ".join(text.split()[:3])


def _parts(text: str) -> Iterator[str]:
    """Yield a paragraph in parts that one picture lasts for, cut at the ends of sentences."""
    part = ""
    for sentence in (found.strip() for found in _SENTENCE.findall(text)):
        if part and len(part) + len(sentence) > _LONGEST_SCENE:
            yield part
            part = ""
        part = f"{part} {sentence}".strip()
    if part:
        yield part
