"""Speech: a synthesised sentence and the times of its words. What the engines return and the rest works on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedWord:
    """A word and when it is heard, in seconds. ``ends_sentence`` tells a full stop from that of "Dr."."""

    text: str
    start: float
    end: float
    ends_sentence: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenSentence:
    """A sentence as sound: mono float samples at ``sample_rate``, full scale at 1; words timed from its start."""

    samples: NDArray[np.float32]
    sample_rate: int
    words: tuple[TimedWord, ...]
    ends_paragraph: bool = False


def spread_words(texts: Sequence[str], weights: Sequence[float], start: float, end: float) -> tuple[TimedWord, ...]:
    """Estimate the times of words between ``start`` and ``end`` by their weights, where the engine does not tell."""
    edges = start + (end - start) * np.cumsum([0.0, *weights]) / max(sum(weights), 1e-9)
    return tuple(
        TimedWord(text=text, start=float(first), end=float(last))
        for text, first, last in zip(texts, edges, edges[1:], strict=False)
    )
