"""Segments: a plan's frames, cut into pieces that are rendered, kept and found again each on its own.

Where cuts lie depends on what lies near them and on nothing else: an edit moves the cuts around it and leaves those
far away where they were, relative to what they show. So all other pieces are found in the ledger again.
"""

import hashlib
import json
from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

import av
import cv2

from core.api import Encoder
from core.render.copying.finding import Copy
from core.render.work import Target
from core.timeline.keys import KeyMaker
from core.timeline.plan import Plan, Span
from core.timeline.sources import TextSource, TimelineSource

SHORTEST, LONGEST, STEP = 2, 10, 5
"""Seconds that a segment lasts at least and at most, where the plan allows, and between cuts inside a long clip."""
PIECE_VERSION = 1
"""Changed when the same segment would be encoded or kept in another way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """The frames ``[first, end)`` of a plan. ``key`` (SHA-256, hex) covers all that its encoded picture depends on."""

    first: int
    end: int
    key: str
    copy: Copy | None = None
    """What its packets are taken over from; None where it is drawn."""

    @property
    def frames(self) -> int:
        """How many frames it has."""
        return self.end - self.first


class _Rank(IntEnum):
    """How well frames are parted by a cut: where nothing goes on, less has to be decoded twice."""

    SOMETHING_CHANGES = 0
    A_MIX_ENDS = 1
    THE_GROUND_CHANGES = 2
    ALL_CHANGES = 3


class SegmentMaker:
    """Cuts plans into segments, and makes their keys."""

    def __init__(self, keys: KeyMaker, *, fonts: str) -> None:
        """Take the keys' maker and the fingerprint of all fonts, on which every text depends."""
        self._keys = keys
        self._fonts = fonts

    def segments(
        self,
        plan: Plan,
        encoder: Encoder,
        target: Target,
        version: str,
        *,
        first: int,
        end: int,
        copies: Sequence[Copy] = (),
    ) -> tuple[Segment, ...]:
        """Tile the frames ``[first, end)`` of a plan, which is drawn in its size and encoded for ``target``.

        ``version`` is that of the encoder's plugin. ``copies`` are segments of their own.
        """
        assert encoder.video is not None, "an encoder without pictures has no segments"
        values = target.values
        encoded = [
            PIECE_VERSION,
            engine(),
            [encoder.id, version, encoder.container, encoder.has_alpha, target.width, target.height],
            [encoder.video.name, encoder.video.pixel_format, sorted(encoder.video.options(values).items())],
            encoder.video.keyframe_interval(values).hex(),
        ]
        copied = {copy.first: copy for copy in copies}
        inside = {frame for copy in copies for frame in range(copy.first + 1, copy.end)}
        ends = {edge for copy in copies for edge in (copy.first, copy.end)}
        edges = sorted({first, end, *ends, *(cut for cut in cuts(plan) if first < cut < end and cut not in inside)})
        return tuple(
            Segment(
                first=start,
                end=stop,
                key=self._copy_key(plan, copied[start], encoder)
                if start in copied
                else self._key(plan, start, stop, encoded),
                copy=copied.get(start),
            )
            for start, stop in pairwise(edges)
        )

    def _copy_key(self, plan: Plan, copy: Copy, encoder: Encoder) -> str:
        assert encoder.video is not None, "copies are pictures"
        form = [encoder.container, encoder.video.tag, str(plan.fps)]
        content = [PIECE_VERSION, engine(), self._keys.file_key(copy.src), copy.take.start, copy.take.stop, form]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    def _key(self, plan: Plan, first: int, end: int, encoded: Sequence[object]) -> str:
        content = json.dumps([encoded, *self.seen(plan, first, end)], separators=(",", ":"))
        return hashlib.sha256(content.encode()).hexdigest()

    def seen(self, plan: Plan, first: int, end: int) -> tuple[list[str], str]:
        """Return what the frames ``[first, end)`` of a plan depend on: their spans' keys, and all fonts.

        Where no text is seen the fonts are empty: with any others the same is drawn.
        """
        spans = spans_between(plan, first, end)
        has_text = any(_has_text(plan, index) for span in spans for index in span.layers)
        return [self._keys.span_key(plan, span) for span in spans], self._fonts if has_text else ""


def engine() -> list[object]:
    """Return the versions of the libraries that decode, draw and encode: with others pixels may differ."""
    return [
        av.__version__,
        sorted((name, list(number)) for name, number in av.library_versions.items()),
        cv2.__version__,
    ]


def spans_between(plan: Plan, first: int, end: int) -> tuple[Span, ...]:
    """Return the parts of a plan's spans that lie in the frames ``[first, end)``."""
    return tuple(span.cut(first, end) for span in plan.spans if span.first < end and span.end > first)


def cuts(plan: Plan) -> tuple[int, ...]:
    """Return the frames at which a plan is cut, in order, without its ends.

    Span borders come first, the better ones before the others and those of a kind in an order that depends on what
    lies beside them alone; each is taken that leaves the shortest length on both sides. What is longer than the
    longest length then is cut at steps that count from the first frame of the clip that lies lowest there.
    """
    shortest, longest = round(SHORTEST * plan.fps), round(LONGEST * plan.fps)
    chosen = [0, plan.frames]
    borders = [(-_rank(before, after), _order(before, after), after.first) for before, after in pairwise(plan.spans)]
    for _, _, frame in sorted(borders):
        place = bisect_left(chosen, frame)
        if frame - chosen[place - 1] >= shortest and chosen[place] - frame >= shortest:
            insort(chosen, frame)
    for start, stop in pairwise(tuple(chosen)):
        if stop - start > longest:
            for frame in _steps(plan, start, stop, shortest):
                insort(chosen, frame)
    return tuple(chosen[1:-1])


def _rank(before: Span, after: Span) -> _Rank:
    if not set(before.layers) & set(after.layers):
        return _Rank.ALL_CHANGES
    if before.layers[:1] != after.layers[:1] and not before.mixes and not after.mixes:
        return _Rank.THE_GROUND_CHANGES
    return _Rank.A_MIX_ENDS if before.mixes and not after.mixes else _Rank.SOMETHING_CHANGES


def _order(before: Span, after: Span) -> tuple[str, ...]:
    """Return a border's place among its kind: by lengths first, so that another text or picture moves no cut."""
    lengths = f"{before.end - before.first} {after.end - after.first}"
    return tuple(hashlib.sha256(text.encode()).hexdigest() for text in (lengths, before.key + after.key))


def _steps(plan: Plan, first: int, end: int, shortest: int) -> Iterator[int]:
    """Yield the frames in ``(first, end)`` that are a whole number of steps after the start of what lies lowest."""
    step = round(STEP * plan.fps)
    for span in spans_between(plan, first, end):
        origin = min((plan.layers[index].first for index in span.layers[:1]), default=span.first)
        number = -(-(max(span.first, first + shortest) - origin) // step)
        while (frame := origin + number * step) <= min(span.end - 1, end - shortest):
            yield frame
            number += 1


def _has_text(plan: Plan, index: int) -> bool:
    match plan.layers[index].source:
        case TextSource():
            return True
        case TimelineSource(plan=inner):
            return any(_has_text(inner, each) for each in range(len(inner.layers)))
    return False
