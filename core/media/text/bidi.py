"""The bidirectional algorithm (Unicode Standard Annex 9): the embedding level of each character, and visual order.

The rules keep the annex's names. Bracket pairs (rule N0) are those of the annex's data file.
"""

import unicodedata
from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

MOST_DEPTH = 125
MOST_BRACKETS = 63

BRACKETS = (
    "()[]{}༺༻༼༽᚛᚜⁅⁆⁽⁾₍₎⌈⌉⌊⌋〈〉❨❩❪❫❬❭❮❯❰❱❲❳❴❵⟅⟆⟦⟧⟨⟩⟪⟫⟬⟭⟮⟯⦃⦄⦅⦆⦇⦈⦉⦊⦋⦌⦍⦐⦏⦎⦑⦒⦓⦔⦕⦖⦗⦘⧘⧙⧚⧛⧼⧽⸢⸣⸤⸥⸦⸧⸨⸩⹕⹖⹗⹘⹙⹚⹛⹜"
    "〈〉《》「」『』【】〔〕〖〗〘〙〚〛﹙﹚﹛﹜﹝﹞（）［］｛｝｟｠｢｣"
)
# U+2329 and U+232A are canonically equivalent to U+3008 and U+3009: rule N0 takes them for one pair.
CANONICAL = {"\u2329": "\u3008", "\u232a": "\u3009"}
CLOSING_OF = dict(zip(BRACKETS[::2], BRACKETS[1::2], strict=True))
CLOSING = frozenset(CLOSING_OF.values())

ISOLATE_INITIATORS = frozenset({"LRI", "RLI", "FSI"})
EMBEDDINGS = frozenset({"LRE", "RLE", "LRO", "RLO"})
REMOVED = EMBEDDINGS | {"PDF", "BN"}
NEUTRAL = frozenset({"B", "S", "WS", "ON", "PDI"}) | ISOLATE_INITIATORS
TRAILING = frozenset({"WS", "PDI"}) | ISOLATE_INITIATORS


@lru_cache(maxsize=4096)
def _class(char: str) -> str:
    return unicodedata.bidirectional(char) or "L"


def paragraph_level(text: str) -> int:
    """Return 1 when the first strong character is a right-to-left one, else 0 (rules P2 and P3)."""
    return _first_strong([_class(char) for char in text], 0) or 0


def levels(text: str, base: int) -> list[int]:
    """Return the embedding level of each character of one paragraph: even runs to the right, odd to the left.

    Formatting characters take the level of the character before them.
    """
    original = [_class(char) for char in text]
    if base == 0 and not any(kind in {"R", "AL", "AN"} or kind in REMOVED or "I" in kind for kind in original):
        return [0] * len(text)
    resolved, kinds = _explicit(original, base)
    kept = [index for index, kind in enumerate(original) if kind not in REMOVED]
    for sequence in _isolating_sequences(kept, original, resolved, base):
        _resolve_weak(sequence, kinds)
        _resolve_brackets(sequence, kinds, original, text)
        _resolve_neutral(sequence, kinds)
        for index in sequence.indices:
            resolved[index] += _implicit(resolved[index], kinds[index])
    _reset_whitespace(resolved, original, base)
    return resolved


def visual_order(run_levels: Sequence[int]) -> list[int]:
    """Return the indices of a line's runs from left to right (rule L2)."""
    order = list(range(len(run_levels)))
    for level in range(max(run_levels, default=0), 0, -1):
        start = 0
        while start < len(order):
            end = start
            while end < len(order) and run_levels[order[end]] >= level:
                end += 1
            order[start:end] = reversed(order[start:end])
            start = end + 1
    return order


def _first_strong(kinds: Sequence[str], start: int) -> int | None:
    """Return the direction of the first strong character outside isolates, up to the end of this one."""
    depth = 0
    for kind in kinds[start:]:
        if kind in ISOLATE_INITIATORS:
            depth += 1
        elif kind == "PDI":
            depth -= 1
            if depth < 0:
                return None
        elif depth == 0 and kind in {"L", "R", "AL"}:
            return int(kind != "L")
    return None


def _match_isolates(kinds: Sequence[str]) -> dict[int, int]:
    """Return the PDI of each isolate initiator that has one (BD9)."""
    opened: list[int] = []
    matches = {}
    for index, kind in enumerate(kinds):
        if kind in ISOLATE_INITIATORS:
            opened.append(index)
        elif kind == "PDI" and opened:
            matches[opened.pop()] = index
    return matches


@dataclass(frozen=True, slots=True)
class _Status:
    level: int
    override: str | None
    is_isolate: bool


def _explicit(original: Sequence[str], base: int) -> tuple[list[int], list[str]]:
    """Apply rules X1 to X8: the levels that formatting characters set, and the classes after overrides."""
    matches = _match_isolates(original)
    closing = set(matches.values())
    resolved, kinds = [base] * len(original), list(original)
    stack = [_Status(base, None, False)]
    overflow_isolates = overflow_embeddings = 0
    for index, kind in enumerate(original):
        top = stack[-1]
        if kind in EMBEDDINGS or kind in ISOLATE_INITIATORS:
            is_isolate = kind in ISOLATE_INITIATORS
            resolved[index] = top.level
            if is_isolate and top.override:
                kinds[index] = top.override
            is_right = kind in {"RLE", "RLO", "RLI"} or (kind == "FSI" and _first_strong(original, index + 1) == 1)
            level = top.level + 1 + (top.level % 2 == is_right)
            if level <= MOST_DEPTH and not overflow_isolates and not overflow_embeddings:
                override = {"LRO": "L", "RLO": "R"}.get(kind)
                stack.append(_Status(level, override, is_isolate))
            elif is_isolate:
                overflow_isolates += 1
            elif not overflow_isolates:
                overflow_embeddings += 1
        elif kind == "PDI":
            if overflow_isolates:
                overflow_isolates -= 1
            elif index in closing:
                overflow_embeddings = 0
                while not stack[-1].is_isolate:
                    stack.pop()
                stack.pop()
            resolved[index] = stack[-1].level
            kinds[index] = stack[-1].override or kind
        elif kind == "PDF":
            if overflow_isolates:
                pass
            elif overflow_embeddings:
                overflow_embeddings -= 1
            elif not top.is_isolate and len(stack) > 1:
                stack.pop()
            resolved[index] = stack[-1].level
        elif kind != "B":
            resolved[index] = top.level
            if kind != "BN" and top.override:
                kinds[index] = top.override
    return resolved, kinds


@dataclass(frozen=True, slots=True)
class _Sequence:
    """An isolating run sequence: its characters, its level, and the directions before and after it."""

    indices: list[int]
    level: int
    before: str
    after: str


def _direction(level: int) -> str:
    return "R" if level % 2 else "L"


def _isolating_sequences(
    kept: Sequence[int], original: Sequence[str], resolved: Sequence[int], base: int
) -> list[_Sequence]:
    """Join level runs over the isolates between them (BD13, X10)."""
    runs: list[list[int]] = []
    for index in kept:
        if runs and resolved[runs[-1][-1]] == resolved[index]:
            runs[-1].append(index)
        else:
            runs.append([index])
    matches = _match_isolates(original)
    matched = set(matches.values())
    run_from = {run[0]: run for run in runs}
    position = {index: place for place, index in enumerate(kept)}
    sequences = []
    for run in runs:
        if original[run[0]] == "PDI" and run[0] in matched:
            continue
        indices = list(run)
        while (follower := matches.get(indices[-1])) is not None:
            indices += run_from[follower]
        level = resolved[run[0]]
        first, last = position[indices[0]], position[indices[-1]]
        before = resolved[kept[first - 1]] if first else base
        is_open = original[indices[-1]] in ISOLATE_INITIATORS
        after = base if is_open or last + 1 == len(kept) else resolved[kept[last + 1]]
        sequences.append(_Sequence(indices, level, _direction(max(level, before)), _direction(max(level, after))))
    return sequences


def _resolve_weak(sequence: _Sequence, kinds: list[str]) -> None:
    """Apply rules W1 to W7."""
    indices = sequence.indices
    previous = sequence.before
    for index in indices:  # W1
        if kinds[index] == "NSM":
            kinds[index] = "ON" if previous in ISOLATE_INITIATORS or previous == "PDI" else previous
        previous = kinds[index]
    strong = sequence.before
    for index in indices:  # W2, W3
        kind = kinds[index]
        if kind in {"L", "R", "AL"}:
            strong = kind
        if kind == "EN" and strong == "AL":
            kinds[index] = "AN"
    for index in indices:
        if kinds[index] == "AL":
            kinds[index] = "R"
    for left, index, right in zip(indices, indices[1:], indices[2:], strict=False):  # W4
        if kinds[left] == kinds[right] and (
            (kinds[index] in {"ES", "CS"} and kinds[left] == "EN") or (kinds[index] == "CS" and kinds[left] == "AN")
        ):
            kinds[index] = kinds[left]
    place = 0
    while place < len(indices):  # W5
        end = place
        while end < len(indices) and kinds[indices[end]] == "ET":
            end += 1
        is_numeric = (place > 0 and kinds[indices[place - 1]] == "EN") or (
            end < len(indices) and kinds[indices[end]] == "EN"
        )
        if is_numeric:
            for index in indices[place:end]:
                kinds[index] = "EN"
        place = end + 1
    strong = sequence.before
    for index in indices:  # W6, W7
        kind = kinds[index]
        if kind in {"ES", "ET", "CS"}:
            kinds[index] = "ON"
        elif kind in {"L", "R"}:
            strong = kind
        elif kind == "EN" and strong == "L":
            kinds[index] = "L"


def _strength(kind: str) -> str | None:
    """Return the direction a character counts for among neutrals: numbers count as right-to-left."""
    if kind == "L":
        return "L"
    return "R" if kind in {"R", "EN", "AN"} else None


def _bracket_pairs(indices: Sequence[int], kinds: Sequence[str], text: str) -> list[tuple[int, int]]:
    """Return the places of paired brackets in a sequence, in order of the opening ones (BD16)."""
    opened: list[tuple[str, int]] = []
    pairs: list[tuple[int, int]] = []
    for place, index in enumerate(indices):
        char = CANONICAL.get(text[index], text[index])
        if kinds[index] != "ON":
            continue
        if char in CLOSING_OF:
            if len(opened) == MOST_BRACKETS:
                return []
            opened.append((CLOSING_OF[char], place))
        elif char in CLOSING:
            for depth in range(len(opened) - 1, -1, -1):
                if opened[depth][0] == char:
                    insort(pairs, (opened[depth][1], place))
                    del opened[depth:]
                    break
    return pairs


def _resolve_brackets(sequence: _Sequence, kinds: list[str], original: Sequence[str], text: str) -> None:
    """Apply rule N0."""
    indices = sequence.indices
    embedding = _direction(sequence.level)
    for start, end in _bracket_pairs(indices, kinds, text):
        inside = {_strength(kinds[index]) for index in indices[start + 1 : end]} - {None}
        if embedding in inside:
            direction = embedding
        elif inside:
            context = next(
                (found for index in reversed(indices[:start]) if (found := _strength(kinds[index]))), sequence.before
            )
            direction = context if context != embedding else embedding
        else:
            continue
        for place in (start, end):
            kinds[indices[place]] = direction
            for index in indices[place + 1 :]:
                if original[index] != "NSM":
                    break
                kinds[index] = direction


def _resolve_neutral(sequence: _Sequence, kinds: list[str]) -> None:
    """Apply rules N1 and N2."""
    indices = sequence.indices
    place = 0
    while place < len(indices):
        end = place
        while end < len(indices) and kinds[indices[end]] in NEUTRAL:
            end += 1
        if end > place:
            left = _strength(kinds[indices[place - 1]]) if place else sequence.before
            right = _strength(kinds[indices[end]]) if end < len(indices) else sequence.after
            direction = left if left and left == right else _direction(sequence.level)
            for index in indices[place:end]:
                kinds[index] = direction
        place = end + 1


def _implicit(level: int, kind: str) -> int:
    """Return what rules I1 and I2 add to a level."""
    if level % 2:
        return int(kind in {"L", "EN", "AN"})
    return {"R": 1, "EN": 2, "AN": 2}.get(kind, 0)


def _reset_whitespace(resolved: list[int], original: Sequence[str], base: int) -> None:
    """Apply rule L1 and give removed characters their neighbour's level."""
    is_trailing = True
    for index in range(len(resolved) - 1, -1, -1):
        kind = original[index]
        if kind in {"B", "S"}:
            resolved[index] = base
            is_trailing = True
        elif kind in TRAILING or kind in REMOVED:
            if is_trailing:
                resolved[index] = base
        else:
            is_trailing = False
    for index, kind in enumerate(original):
        if kind in REMOVED and index:
            resolved[index] = resolved[index - 1]
