"""Mending: what can be read of a document with mistakes in its form, so that the rest is checked all the same."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from core.timeline.document import Timeline
from core.timeline.translating import format_path

MOST_ROUNDS = 8
MOST_MISTAKES = 500
"""Beyond these a document is not mended: it has enough to be told of."""
STAND_IN = {"type": "color", "color": "#000000"}
"""Put in where a track's clip has no asset that can be read: the rest of the clip is worth checking."""
_INDEX = re.compile(r"\[(\d+)\]")

type Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """A document without its mistakes.

    ``kept`` says, for each list that lost entries, which ones are left: by the list's own place in the document as
    it was written, the entries' numbers there.
    """

    timeline: Timeline
    kept: dict[str, list[int]] = field(default_factory=dict)

    def written_at(self, path: str) -> str:
        """Return where a place of the mended timeline lies in the document as it was written."""
        return _written_at(path, self.kept)


def mend(document: dict[str, Any], err: ValidationError) -> Mended | None:
    """Leave out what ``err`` complains about, and what that leaves incomplete; None where too much of it is wrong."""
    mender = _Mender(document)
    for _ in range(MOST_ROUNDS):
        if err.error_count() > MOST_MISTAKES:
            return None
        mender.leave_out(err.errors(include_url=False))
        try:
            return Mended(timeline=Timeline.model_validate(mender.document), kept=mender.kept)
        except ValidationError as another:
            err = another
    return None


class _Mender:
    def __init__(self, document: dict[str, Any]) -> None:
        self.document = _copied(document)
        self.kept: dict[str, list[int]] = {}

    def leave_out(self, errors: Iterable[ErrorDetails]) -> None:
        """Remove each value that is wrong, and each that misses another."""
        wrong: set[Place] = set()
        for error in errors:
            place = tuple(part for part in error["loc"] if isinstance(part, int) or not part.startswith("#"))
            is_whole = error["type"] != "missing" or place == ("version",) or _is_clips_asset(place)
            wrong.add(place if is_whole else place[:-1])
        # From the back, so that the entries of a list that are still to be removed keep their numbers.
        for place in sorted(wrong, key=lambda place: [(isinstance(part, int), part) for part in place], reverse=True):
            self._remove(place)

    def _remove(self, place: Place) -> None:
        around: Any = self.document
        for part in place[:-1]:
            around = around[part]
        last = place[-1] if place else "version"
        if isinstance(last, int):
            path = _written_at(format_path(place[:-1]), self.kept)
            kept = self.kept.setdefault(path, list(range(len(around))))
            del around[last], kept[last]
        elif last == "version":
            around[last] = 1
        elif _is_clips_asset(place):
            around[last] = dict(STAND_IN)
        else:
            around.pop(last, None)


def _is_clips_asset(place: Place) -> bool:
    return place[-1:] == ("asset",) and place[-5:-4] == ("tracks",)


def _written_at(path: str, kept: dict[str, list[int]]) -> str:
    written, at = "", 0
    for index in _INDEX.finditer(path):
        written += path[at : index.start()]
        written += f"[{kept[written][int(index[1])]}]" if written in kept else index[0]
        at = index.end()
    return written + path[at:]


def _copied(value: Any) -> Any:
    """Copy a document part by part: what a variable filled in twice is two things from here on."""
    match value:
        case dict():
            return {key: _copied(inner) for key, inner in value.items()}
        case list():
            return [_copied(inner) for inner in value]
        case _:
            return value
