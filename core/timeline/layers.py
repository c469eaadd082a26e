"""Layers: the timed clips of a track, resolved for drawing."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from math import gcd
from typing import assert_never

from core.api import Catalogue, Parameter, ParameterType, ParameterValue, parse_values
from core.timeline.complaints import Complaint
from core.timeline.curves import Curve
from core.timeline.document.assets import (
    AudioAsset,
    ColorAsset,
    GradientAsset,
    ImageAsset,
    ShapeAsset,
    TextAsset,
    TimelineAsset,
    VideoAsset,
)
from core.timeline.document.base import Keyframes, animated
from core.timeline.document.clips import EffectPart, PlacementPart, TimedPart, UsePart
from core.timeline.keys import KeyMaker
from core.timeline.plan import Crop, EffectUse, Fit, Layer, MediaFile, Placement, TimedUse, frame_at
from core.timeline.sources import (
    ColorSource,
    GradientKind,
    GradientSource,
    ImageSource,
    ShapeKind,
    ShapeSource,
    Source,
    TimelineSource,
    VideoSource,
)
from core.timeline.texts import text_source
from core.timeline.timing import TimedClip


class LayerMaker:
    """Makes the layers of one plan."""

    def __init__(
        self,
        *,
        fps: Fraction,
        aspect: tuple[int, int],
        media: Mapping[str, MediaFile],
        catalogue: Catalogue,
        keys: KeyMaker,
        complaints: list[Complaint],
    ) -> None:
        self._fps = fps
        self._aspect = aspect
        self._media = media
        self._catalogue = catalogue
        self._keys = keys
        self._complaints = complaints

    def track(self, clips: tuple[TimedClip, ...], *, offset: int) -> list[Layer]:
        """Return a track's layers; ``offset`` is the index that the first of them gets in the plan."""
        layers: list[Layer] = []
        for timed in clips:
            source = self._source(timed)
            if source is None:
                continue
            layer = self._layer(timed, source)
            if layers:
                layer = self._follow(timed, layer, layers[-1], offset + len(layers) - 1)
            layers.append(replace(layer, seed=self._keys.seed(layer)))
        return layers

    def _layer(self, timed: TimedClip, source: Source) -> Layer:
        clip = timed.clip
        first, end = frame_at(timed.start, self._fps), frame_at(timed.end, self._fps)
        if end <= first:
            self._complain(f"{timed.path}.duration", "is shorter than one frame", "too_short")
            end = first + 1
        layer = Layer(
            id=clip.id,
            path=timed.path,
            first=first,
            end=end,
            start=timed.start,
            source=source,
            placement=self._placement(timed),
            effects=tuple(self._effect(effect, end - first) for effect in clip.effects),
            enter=self._timed(clip.enter, self._catalogue.animations),
            exit=self._timed(clip.exit, self._catalogue.animations),
        )
        moving = sum(use.frames for use in (layer.enter, layer.exit) if use)
        if moving > end - first:
            self._complain(timed.path, "is shorter than its enter and exit together", "too_long")
        return layer

    def _follow(self, timed: TimedClip, layer: Layer, before: Layer, index: int) -> Layer:
        """Let a layer follow the one before it on its track: mixed by its transition, else without overlap."""
        overlap = before.end - layer.first
        part = timed.clip.transition
        if part is None:
            if overlap > 0:
                seconds = float(overlap / self._fps)
                self._complain(
                    f"{timed.path}.start",
                    f"overlaps the clip before it by {seconds:g} s; give it a transition of that length, "
                    f"or start it at {float(before.end / self._fps):g}",
                    "overlap",
                )
            return layer
        use = self._timed(part, self._catalogue.transitions)
        if use is None or abs(overlap - use.frames) > 1 or overlap <= 0:
            begin = before.end / self._fps - part.duration
            self._complain(
                f"{timed.path}.transition.duration",
                f"lasts {float(part.duration):g} s, but the clips overlap by {float(overlap / self._fps):g} s; "
                f"start the clip at {float(begin):g}",
                "overlap",
            )
            return layer
        earlier = before.transition.frames if before.transition else 0
        if before.first + earlier > layer.first or layer.end < before.end:
            self._complain(f"{timed.path}.transition", "begins before the transition before it has ended", "transition")
            return layer
        return replace(layer, transition=replace(use, frames=overlap), mixes_with=index)

    def _complain(self, path: str, message: str, code: str) -> None:
        self._complaints.append(Complaint(path=path, message=message, code=code))

    def _placement(self, timed: TimedClip) -> Placement:
        clip = timed.clip
        override = next((layout for aspect, layout in clip.layouts.items() if _aspect(aspect) == self._aspect), None)

        def part(name: str) -> PlacementPart:
            return override if override is not None and name in override.model_fields_set else clip

        crop = part("crop").crop
        is_text = isinstance(clip.asset, TextAsset)
        return Placement(
            fit=Fit.NONE if is_text else part("fit").fit,
            x=animated(part("x").x),
            y=animated(part("y").y),
            width=part("width").width,
            height=part("height").height,
            scale=animated(part("scale").scale),
            rotate=animated(part("rotate").rotate),
            anchor=part("anchor").anchor,
            crop=Crop(left=crop.left, top=crop.top, right=crop.right, bottom=crop.bottom),
            radius=part("radius").radius,
            opacity=animated(part("opacity").opacity),
            blend=part("blend").blend,
            mask=part("mask").mask,
        )

    def _effect(self, part: EffectPart, frames: int) -> EffectUse:
        first = frame_at(part.start, self._fps)
        end = frames if part.duration is None else frame_at(part.start + part.duration, self._fps)
        return EffectUse(
            id=part.use,
            params=self._params(part, self._catalogue.effects[part.use].params),
            first=first,
            end=min(end, frames),
        )

    def _timed(self, part: TimedPart | None, known: Mapping[str, object]) -> TimedUse | None:
        if part is None:
            return None
        frames = frame_at(part.duration, self._fps)
        if frames == 0:
            return None
        parameters: tuple[Parameter, ...] = known[part.use].params  # type: ignore[attr-defined]
        return TimedUse(id=part.use, params=self._params(part, parameters), frames=frames, ease=part.ease)

    def _params(self, part: UsePart, parameters: tuple[Parameter, ...]) -> dict[str, ParameterValue | Curve]:
        moving = {
            name: Keyframes.model_validate(value).curve()
            for name, value in part.params.items()
            if isinstance(value, dict)
        }
        still = [parameter for parameter in parameters if parameter.name not in moving]
        given = {name: value for name, value in part.params.items() if name not in moving}
        values, _ = parse_values(still, given)
        files = {
            parameter.name: str(self._media[str(values.values[parameter.name])].path)
            for parameter in still
            if parameter.type is ParameterType.ASSET and values.values.get(parameter.name)
        }
        return {**values.values, **files, **moving}

    def _source(self, timed: TimedClip) -> Source | None:
        """Return what a clip shows; None for one that is only heard."""
        match timed.clip.asset:
            case VideoAsset(src=src):
                return None if self._media[src].probe.kind == "audio" else VideoSource(src=src, playback=timed.playback)
            case ImageAsset(src=src):
                if self._media[src].probe.kind == "audio":
                    self._complain(f"{timed.path}.asset.src", "is a sound, not a picture", "wrong_kind")
                    return None
                return ImageSource(src=src)
            case AudioAsset():
                return None
            case TextAsset() as text:
                return text_source(text)
            case ColorAsset(color=color):
                return ColorSource(color=color)
            case GradientAsset() as gradient:
                stops = tuple(sorted(gradient.stops, key=lambda stop: stop[0]))
                return GradientSource(kind=GradientKind(gradient.kind), angle=gradient.angle, stops=stops)
            case ShapeAsset() as shape:
                return ShapeSource(
                    kind=ShapeKind(shape.shape),
                    fill=shape.fill,
                    stroke_color=shape.stroke.color if shape.stroke else None,
                    stroke_width=shape.stroke.width if shape.stroke else 0.0,
                    radius=shape.radius,
                    path=shape.path,
                )
            case TimelineAsset():
                assert timed.nested is not None, "checked: a nested timeline is there"
                return TimelineSource(plan=timed.nested, playback=timed.playback)
            case asset:
                assert_never(asset)


def _aspect(text: str) -> tuple[int, int]:
    width, _, height = text.partition(":")
    return aspect_of(int(width), int(height))


def aspect_of(width: int, height: int) -> tuple[int, int]:
    """Return an aspect in its smallest whole numbers."""
    divisor = gcd(width, height)
    return width // divisor, height // divisor
