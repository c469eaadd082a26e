"""Keys: what a rendered piece is known by. Equal keys have equal pixels; names and places do not count."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Any

from core.timeline.plan import EffectUse, Layer, MediaFile, Plan, Span, TimedUse, Use
from core.timeline.sources import TimelineSource

CONTRACT_VERSION = "1"
"""Changed when the same plan would be drawn with other pixels."""


class KeyMaker:
    """Makes keys for one plan: references become content hashes, contributions take their plugin's version along."""

    def __init__(self, media: Mapping[str, MediaFile], versions: Mapping[str, str]) -> None:
        self._hashes = {src: file.sha256 for src, file in media.items()}
        self._hashes |= {str(file.path): file.sha256 for file in media.values()}
        self._versions = versions

    def seed(self, layer: Layer) -> int:
        """Return the seed of a layer's randomness, the same for the same content."""
        return int(_digest(self._content(layer))[:8], 16)

    def span_key(self, plan: Plan, span: Span) -> str:
        """Return the key of a span: SHA-256, hex."""
        places = {index: place for place, index in enumerate(span.layers)}
        return _digest(
            [
                CONTRACT_VERSION,
                [plan.width, plan.height, str(plan.fps), span.end - span.first],
                self._plain(plan.background),
                [self._layer(plan, plan.layers[index], span) for index in span.layers],
                [[places[before], places[after]] for before, after in span.mixes],
            ]
        )

    def _layer(self, plan: Plan, layer: Layer, span: Span) -> list[Any]:
        """Describe a layer as seen from a span: its time there, and only those of its ends that can be seen."""
        depends_on_head = bool(layer.enter or layer.transition or layer.effects)
        depends_on_tail = bool(layer.exit or layer.effects)
        return [
            self._content(layer),
            str(layer.start - span.first / plan.fps),
            layer.first - span.first if depends_on_head else None,
            layer.end - span.first if depends_on_tail else None,
            layer.seed if layer.effects or layer.transition else None,
        ]

    def _content(self, layer: Layer) -> Any:
        return [
            self._plain(part)
            for part in (layer.source, layer.placement, layer.effects, layer.transition, layer.enter, layer.exit)
        ]

    def _plain(self, value: Any) -> Any:
        """Turn a value into plain lists, the same for equal content."""
        match value:
            case TimelineSource(plan=inner, playback=playback):
                return [
                    "timeline",
                    self._plain(playback),
                    [span.key for span in inner.spans],
                    str(inner.fps),
                    inner.frames,
                ]
            case Use():
                return [
                    value.id,
                    self._versions.get(value.id, ""),
                    sorted((name, self._plain(given)) for name, given in value.params.items()),
                    [value.frames, value.ease] if isinstance(value, TimedUse) else None,
                    [value.first, value.end] if isinstance(value, EffectUse) else None,
                ]
            case Enum():
                return value.value
            case str() | Path():
                return self._hashes.get(str(value), str(value))
            case Fraction():
                return str(value)
            case float():
                return value.hex()
            case Mapping():
                return sorted((str(name), self._plain(inner)) for name, inner in value.items())
            case list() | tuple() | frozenset():
                return [self._plain(inner) for inner in value]
        if is_dataclass(value):
            return [type(value).__name__, *(self._plain(getattr(value, each.name)) for each in fields(value))]
        return value


def _digest(plain: Any) -> str:
    return hashlib.sha256(json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
