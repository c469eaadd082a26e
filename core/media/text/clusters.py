"""Grapheme clusters: what a reader takes for one letter (Unicode Standard Annex 29), and which of them are emoji."""

from functools import lru_cache

import regex

CLUSTER = regex.compile(r"\X")
# Shown as a picture by itself, by an emoji variation selector, as a flag, or joined to another picture (UTS 51).
EMOJI = regex.compile(r"\p{Emoji_Presentation}|\p{Emoji}\uFE0F|\p{Regional_Indicator}|\p{Extended_Pictographic}\u200D")
TEXT_SELECTOR = "\ufe0e"
INVISIBLE = regex.compile(r"\p{Default_Ignorable_Code_Point}|\p{Cc}|\p{Zl}|\p{Zp}")


def cluster_starts(text: str) -> list[int]:
    """Return the index of the first character of each grapheme cluster."""
    return [found.start() for found in CLUSTER.finditer(text)]


@lru_cache(maxsize=4096)
def is_emoji(cluster: str) -> bool:
    """Tell whether a cluster asks to be drawn as an emoji in colour."""
    return TEXT_SELECTOR not in cluster and EMOJI.search(cluster) is not None


@lru_cache(maxsize=4096)
def visible_codepoints(cluster: str) -> tuple[int, ...]:
    """Return the code points of a cluster that need a glyph."""
    return tuple(ord(char) for char in cluster if not INVISIBLE.match(char))
