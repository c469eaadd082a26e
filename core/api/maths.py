"""Shared maths: the laws and numbers by which transitions and animations move, the same in every renderer.

They lie as data in ``core/contract/transitions.json`` and ``animations.json``, which also say what they mean. Effects
drawn on the server read them here; the browser's renderer reads the same files.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Piece:
    """A polynomial in ``(at - start) / (end - start)``, its constant first."""

    start: float
    end: float
    polynomial: tuple[float, ...]

    def at(self, progress: float) -> float:
        """Evaluate the polynomial, also beyond its piece."""
        share = (progress - self.start) / (self.end - self.start)
        value = 0.0
        for factor in reversed(self.polynomial):
            value = value * share + factor
        return value


@dataclass(frozen=True, slots=True)
class Law:
    """A number as a function of progress: pieces that follow each other.

    Before the first and past the last piece its value there holds, unless the law ``extends``.
    """

    pieces: tuple[Piece, ...]
    extends: bool = False

    def at(self, progress: float) -> float:
        """Evaluate the law."""
        first, last = self.pieces[0], self.pieces[-1]
        if not self.extends:
            progress = min(max(progress, first.start), last.end)
        piece = next((piece for piece in self.pieces if progress < piece.end), last)
        return piece.at(progress)


@dataclass(frozen=True, slots=True, kw_only=True)
class Maths:
    """The shared maths of one transition or animation.

    ``laws`` are functions of its progress, ``numbers`` its constants. ``choices`` gives, by parameter and choice, the
    numbers that come with the choice.
    """

    laws: Mapping[str, Law]
    numbers: Mapping[str, float]
    choices: Mapping[str, Mapping[str, Mapping[str, float]]]


def transition_maths(transition_id: str) -> Maths:
    """Return the maths of one of the house's transitions; raise ``KeyError`` for any other."""
    return _read("transitions.json")[transition_id]


def animation_maths(animation_id: str) -> Maths:
    """Return the maths of one of the house's animations; raise ``KeyError`` for any other."""
    return _read("animations.json")[animation_id]


@cache
def _read(name: str) -> Mapping[str, Maths]:
    # Read as a file, not imported: the SDK knows nothing of the house but this data.
    text = files("core").joinpath("contract", name).read_text(encoding="utf-8")
    return {id_: _maths(definition) for id_, definition in json.loads(text)["definitions"].items()}


def _maths(definition: Mapping[str, Any]) -> Maths:
    return Maths(
        laws={name: _law(law) for name, law in definition["laws"].items()},
        numbers=definition.get("numbers", {}),
        choices=definition.get("choices", {}),
    )


def _law(law: Mapping[str, Any]) -> Law:
    pieces = tuple(Piece(piece["from"], piece["to"], tuple(piece["polynomial"])) for piece in law["pieces"])
    return Law(pieces, extends=law.get("extends", False))
