"""Keys: what a rendered piece is known by. Equal keys have equal pixels; names and places do not count."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from fractions import Fraction
from typing import Any

from core.api import Animation, Catalogue, Effect, ParameterType, Transition
from core.timeline.curves import is_constant
from core.timeline.plan import AudioClip, AudioMix, EffectUse, Layer, MediaFile, Placement, Plan, Span, TimedUse, Use
from core.timeline.sources import ImageSource, TimelineSource, VideoSource

CONTRACT_VERSION = "1"
"""Changed when the same plan would be drawn with other pixels."""


class KeyMaker:
    """Makes keys for one plan: references become content hashes, contributions take their plugin's version along."""

    def __init__(self, media: Mapping[str, MediaFile], catalogue: Catalogue) -> None:
        self._media = media
        self._hashes_by_path = {str(file.path): file.sha256 for file in media.values()}
        self._catalogue = catalogue

    def seed(self, layer: Layer) -> int:
        """Return the seed of a layer's randomness: the same for the same source, however it is placed and changed."""
        return int(_digest(self._plain(layer.source))[:8], 16)

    def span_key(self, plan: Plan, span: Span) -> str:
        """Return the key of a span: SHA-256, hex."""
        places = {index: place for place, index in enumerate(span.layers)}
        mixed = {after for _, after in span.mixes}
        return _digest(
            [
                CONTRACT_VERSION,
                [plan.width, plan.height, str(plan.fps), span.end - span.first],
                self._plain(plan.background),
                [self._layer(plan, plan.layers[index], span, is_mixed=index in mixed) for index in span.layers],
                [[places[before], places[after]] for before, after in span.mixes],
            ]
        )

    def file_key(self, src: str) -> str:
        """Return the hash of a source's content: SHA-256, hex."""
        return self._media[src].sha256

    def sound_key(self, mix: AudioMix) -> str:
        """Return the key of a timeline's sound before it is encoded: SHA-256, hex."""
        return _digest([CONTRACT_VERSION, self._plain(mix)])

    def _layer(self, plan: Plan, layer: Layer, span: Span, *, is_mixed: bool) -> list[Any]:
        """Describe a layer as seen from a span: its time there, and what of its ends can change its pixels.

        Its largest scale decides how finely it is drawn throughout, so both ends count wherever the scale moves.
        """
        scales = bool(layer.enter or layer.exit) or not is_constant(layer.placement.scale)
        return [
            self._plain(layer.source),
            self._plain(layer.placement),
            [self._use(use, self._catalogue.effects) for use in layer.effects],
            self._use(layer.transition, self._catalogue.transitions) if layer.transition and is_mixed else None,
            [self._use(use, self._catalogue.animations) if use else None for use in (layer.enter, layer.exit)],
            str(layer.start - span.first / plan.fps),
            layer.first - span.first if scales or layer.effects or is_mixed else None,
            layer.end - span.first if scales or layer.effects else None,
            layer.seed if layer.effects or is_mixed else None,
        ]

    def _use(self, use: Use, known: Mapping[str, Effect] | Mapping[str, Transition] | Mapping[str, Animation]) -> Any:
        files = {parameter.name for parameter in known[use.id].params if parameter.type is ParameterType.ASSET}
        return [
            use.id,
            self._catalogue.versions.get(use.id, ""),
            sorted(
                (name, self._hashes_by_path.get(str(given)) if name in files else self._plain(given))
                for name, given in use.params.items()
            ),
            [use.frames, use.ease] if isinstance(use, TimedUse) else None,
            [use.first, use.end] if isinstance(use, EffectUse) else None,
        ]

    def _plain(self, value: Any) -> Any:
        """Turn a value into plain lists, the same for equal content. Files are known by their hashes alone."""
        match value:
            case VideoSource(src=src, playback=playback):
                return ["video", self._media[src].sha256, self._plain(playback)]
            case ImageSource(src=src):
                return ["image", self._media[src].sha256]
            case TimelineSource(plan=inner, playback=playback):
                return [
                    "timeline",
                    self._plain(playback),
                    [span.key for span in inner.spans],
                    str(inner.fps),
                    inner.frames,
                ]
            case AudioClip(source=source):
                heard = self._media[source].sha256 if isinstance(source, str) else self._plain(source)
                return ["sound", heard, self._plain_fields(replace(value, id="", path="", source=""))]
            case Placement():
                mask = None if value.mask is None else self._media[value.mask].sha256
                return ["placement", mask, self._plain_fields(replace(value, mask=None))]
            case Enum():
                return value.value
            case Fraction():
                return str(value)
            case float():
                return value.hex()
            case list() | tuple():
                return [self._plain(inner) for inner in value]
        return self._plain_fields(value) if is_dataclass(value) else value

    def _plain_fields(self, value: Any) -> list[Any]:
        return [type(value).__name__, *(self._plain(getattr(value, each.name)) for each in fields(value))]


def _digest(plain: Any) -> str:
    return hashlib.sha256(json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
