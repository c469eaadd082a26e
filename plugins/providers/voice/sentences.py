"""Sentences and words: what a text is spoken in, and what its captions show."""

import re
from dataclasses import dataclass

# fmt: off
ABBREVIATIONS = frozenset({
    "approx", "bzw", "ca", "co", "corp", "dept", "dott", "dr", "e.g", "est", "etc", "fig", "i.e", "inc", "jr",
    "ltd", "mlle", "mme", "mr", "mrs", "ms", "no", "nr", "prof", "sig", "sr", "sra", "srta", "st", "str", "usw",
    "vol", "vs", "z.b"
})
# fmt: on
END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s)|[。！？]+[」』”]*")
CURRENCIES = {"$": ("dollar", "cent"), "£": ("pound", "penny"), "€": ("euro", "cent")}
AMOUNT = re.compile(r"(?P<symbol>[$£€])(?P<whole>\d+(?:,\d{3})*)(?:\.(?P<part>\d\d))?(?P<rest>\W*)")


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is shown (its punctuation included) and as it is given to the synthesiser."""

    shown: str
    spoken: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words that are spoken in one breath. ``ends_paragraph`` is true before an empty line."""

    words: tuple[Word, ...]
    ends_paragraph: bool = False

    @property
    def spoken(self) -> str:
        """The sentence as the synthesiser gets it."""
        return " ".join(word.spoken for word in self.words)


def split_sentences(text: str, language: str) -> list[Sentence]:
    """Split a text into sentences of at least one pronounceable word; ``language`` is a code such as ``en_US``."""
    sentences: list[Sentence] = []
    for paragraph in re.split(r"\n\s*\n", text):
        of_paragraph = [Sentence(words) for part in _sentence_texts(paragraph) if (words := _words(part, language))]
        if of_paragraph:
            of_paragraph[-1] = Sentence(of_paragraph[-1].words, ends_paragraph=True)
        sentences.extend(of_paragraph)
    return sentences


def _sentence_texts(paragraph: str) -> list[str]:
    texts: list[str] = []
    first = 0
    for end in END.finditer(paragraph):
        if _is_abbreviation(paragraph[first : end.end()], paragraph[end.end() :].lstrip()):
            continue
        texts.append(paragraph[first : end.end()])
        first = end.end()
    return [*texts, paragraph[first:]]


def _is_abbreviation(before: str, after: str) -> bool:
    """Tell whether the full stop at the end of ``before`` belongs to its last word, or is none at all."""
    if not before.endswith((".", "…")):
        return False
    last = before.split()[-1].lstrip("\"'“‘«([").removesuffix(".")
    is_initial = len(last) == 1 and last.isalpha() and last.isupper() and last != "I"
    is_lower_next = bool(after) and after[0].islower()
    return last.lower() in ABBREVIATIONS or is_initial or is_lower_next


def _words(text: str, language: str) -> tuple[Word, ...]:
    """Return the words of a sentence; marks that stand alone, such as a dash, join the word before them."""
    words: list[Word] = []
    opening = ""
    for token in text.split():
        if any(character.isalnum() for character in token):
            words.append(Word(opening + token, opening + _spoken(token, language)))
            opening = ""
        elif words:
            last = words.pop()
            words.append(Word(f"{last.shown} {token}", f"{last.spoken} {token}"))
        else:
            opening += f"{token} "
    return tuple(words)


def _spoken(token: str, language: str) -> str:
    """Return a token as an English speaker says it, where eSpeak reads the signs one by one."""
    amount = AMOUNT.fullmatch(token)
    if amount is None or not language.startswith("en"):
        return token
    unit, part = CURRENCIES[amount["symbol"]]
    whole = amount["whole"].replace(",", "")
    spoken = f"{whole} {unit}{'' if whole == '1' else 's'}"
    if amount["part"] and int(amount["part"]):
        cents = int(amount["part"])
        plural = "pence" if part == "penny" else "cents"
        spoken += f" and {cents} {part if cents == 1 else plural}"
    return spoken + amount["rest"].rstrip()
