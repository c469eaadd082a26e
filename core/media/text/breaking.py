"""Where a line may break (Unicode Standard Annex 14). Rules keep the annex's numbers.

Scripts that need a dictionary (Thai, Lao, Khmer) break at spaces alone.
"""

import unicodedata
from functools import lru_cache

import regex

CLASSES = (
    "AI|AK|AL|AP|AS|B2|BA|BB|CB|CJ|CL|CM|CP|EB|EM|EX|GL|H2|H3|HH|HL|HY|ID|IN|IS|JL|JT|JV|NS|NU|OP|PO|PR|QU|RI|SA|SG|SP"
    "|SY|VF|VI|WJ|XX|ZW|ZWJ"
)
CLASS = regex.compile(regex.sub(r"\w+", r"(?P<\g<0>>\\p{Line_Break=\g<0>})", CLASSES))
UNASSIGNED_PICTURE = regex.compile(r"[\p{Extended_Pictographic}&&\p{Cn}]", regex.VERSION1)
LETTERS = ("AL", "HL")
PICTURES = ("ID", "EB", "EM")
HANGUL = ("JL", "JV", "JT", "H2", "H3")


def _pairs(left: str | tuple[str, ...], right: str | tuple[str, ...]) -> set[tuple[str, str]]:
    lefts = left.split() if isinstance(left, str) else left
    rights = right.split() if isinstance(right, str) else right
    return {(a, b) for a in lefts for b in rights}


# LB21 to LB30b: what never parts, looking at two neighbours.
INSEPARABLE = frozenset(
    _pairs("SY", "HL")
    | _pairs(LETTERS, "NU PR PO")
    | _pairs("NU PR PO", LETTERS)
    | _pairs("PR", PICTURES)
    | _pairs(PICTURES, "PO")
    | _pairs("CL CP NU", "PO PR")
    | _pairs("PO PR", "OP NU")
    | _pairs("HY IS NU SY", "NU")
    | _pairs("JL", "JL JV H2 H3")
    | _pairs("JV H2", "JV JT")
    | _pairs("JT H3", "JT")
    | _pairs(HANGUL, "PO")
    | _pairs("PR", HANGUL)
    | _pairs(LETTERS, LETTERS)
    | _pairs("IS", LETTERS)
    | _pairs("EB", "EM")
)
NEVER_BEFORE = frozenset({"SP", "ZW", "WJ", "CL", "CP", "EX", "SY", "IS", "BA", "HY", "HH", "NS", "IN"})
NEVER_AFTER = frozenset({"WJ", "GL", "BB"})
# What is joined to the character before last, over spaces between (LB14 to LB17).
OVER_SPACES = frozenset(_pairs("CL CP", "NS") | _pairs("B2", "B2"))


@lru_cache(maxsize=8192)
def _class(char: str) -> str:
    found = CLASS.match(char)
    kind = (found.lastgroup if found else None) or "AL"
    if kind == "SA":
        return "CM" if unicodedata.category(char) in {"Mn", "Mc"} else "AL"
    return {"AI": "AL", "SG": "AL", "XX": "AL", "CJ": "NS", "AK": "AL", "AS": "AL", "AP": "AL"}.get(kind, kind)


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in {"F", "W", "H"}


def _resolved(text: str) -> list[str]:
    """Return each character's class; combining marks take that of their base (LB9, LB10)."""
    kinds: list[str] = []
    for char in text:
        kind = _class(char)
        if kind in {"CM", "ZWJ", "VF", "VI"}:
            kind = kinds[-1] if kinds and kinds[-1] not in {"SP", "ZW"} else "AL"
        kinds.append(kind)
    return kinds


def break_opportunities(text: str) -> list[bool]:
    """Tell for each character of a paragraph (without line ends) whether a line may begin with it."""
    kinds = _resolved(text)
    return [index > 0 and _may_break(text, kinds, index) for index in range(len(text))]


def _may_break(text: str, kinds: list[str], index: int) -> bool:
    left, right = kinds[index - 1], kinds[index]
    if _class(text[index]) in {"CM", "ZWJ", "VF", "VI"} and left != "SP":
        return left == "ZW"
    if right in {"SP", "ZW"}:  # LB7
        return False
    before = index - 1
    while before >= 0 and kinds[before] == "SP":
        before -= 1
    base = kinds[before] if before >= 0 else None
    if base == "ZW":  # LB8
        return True
    if text[index - 1] == "\u200d":  # LB8a
        return False
    if right == "WJ" or left == "WJ" or left == "GL":  # LB11, LB12
        return False
    if right == "GL" and left not in {"SP", "BA", "HY", "HH"}:  # LB12a
        return False
    if right in {"CL", "CP", "EX", "SY"}:  # LB13
        return False
    if base == "OP" or (base, right) in OVER_SPACES:  # LB14, LB16, LB17
        return False
    if _is_quoted(text, kinds, before, index):  # LB15a, LB15b
        return False
    if right == "IS":  # LB15c, LB15d
        return left == "SP" and index + 1 < len(text) and kinds[index + 1] == "NU"
    if left == "SP":  # LB18
        return True
    if right == "QU" or left == "QU":  # LB19
        return _is_wide_quote(text, index)
    if left == "CB" or right == "CB":  # LB20
        return True
    return not _is_joined(text, kinds, index)


def _is_quoted(text: str, kinds: list[str], before: int, index: int) -> bool:
    """Tell whether an opening quotation mark ends before, or a closing one begins here."""
    is_opened = before >= 0 and kinds[before] == "QU" and unicodedata.category(text[before]) == "Pi"
    if is_opened and (before == 0 or kinds[before - 1] in {"OP", "QU", "GL", "SP", "ZW"}):
        return True
    if kinds[index] == "QU" and unicodedata.category(text[index]) == "Pf":
        follower = kinds[index + 1] if index + 1 < len(kinds) else "SP"
        return follower in {"SP", "GL", "WJ", "CL", "QU", "CP", "EX", "IS", "SY", "ZW"}
    return False


def _is_wide_quote(text: str, index: int) -> bool:
    """Tell whether a quotation mark stands between East Asian letters, opening or closing (LB19a)."""
    left, right = text[index - 1], text[index]
    if unicodedata.category(right) == "Pi":
        return _is_wide(left) and index + 1 < len(text) and _is_wide(text[index + 1])
    if unicodedata.category(left) == "Pf":
        return _is_wide(right) and index > 1 and _is_wide(text[index - 2])
    return False


def _is_joined(text: str, kinds: list[str], index: int) -> bool:
    """Apply rules LB20a to LB30b to two characters with nothing between them."""
    left, right = kinds[index - 1], kinds[index]
    earlier = kinds[index - 2] if index > 1 else None
    if right in NEVER_BEFORE or left in NEVER_AFTER or (left, right) in INSEPARABLE:
        return True
    if left in {"HY", "HH"} and right in LETTERS and earlier in {None, "SP", "ZW", "CB", "GL"}:  # LB20a
        return True
    if earlier == "HL" and (left in {"HY", "HH"} or (left == "BA" and not _is_wide(text[index - 1]))):  # LB21a
        return right != "HL"
    if left in {*LETTERS, "NU"} and right == "OP":  # LB30
        return not _is_wide(text[index])
    if left == "CP" and right in {*LETTERS, "NU"}:
        return not _is_wide(text[index - 1])
    if left == right == "RI":  # LB30a
        start = index - 1
        while start >= 0 and kinds[start] == "RI":
            start -= 1
        return (index - 1 - start) % 2 == 1
    if right == "EM":  # LB30b
        return UNASSIGNED_PICTURE.match(text[index - 1]) is not None
    return False
