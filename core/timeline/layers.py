"""Layers: the timed clips of a track, resolved for drawing."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from math import log
from typing import assert_never

from core.api import Animation, Catalogue, Parameter, ParameterType, ParameterValue, Transition, parse_values
from core.timeline.complaints import Complaint
from core.timeline.curves import Curve
from core.timeline.document.assets import (
    AudioAsset,
    ColorAsset,
    GradientAsset,
    ImageAsset,
    Reveal,
    ShapeAsset,
    TextAsset,
    TimelineAsset,
    VideoAsset,
)
from core.timeline.document.base import Keyframes, animated, plain_json
from core.timeline.document.clips import EffectPart, PlacementPart, TimedPart, UsePart
from core.timeline.heads import Head, Stretch, place_heads
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

SAME_ASPECT = 0.01
"""How far apart two aspects may lie (1 %) and be the same: 854x480 is meant as 16:9."""


class LayerMaker:
    """Makes the layers of one plan."""

    def __init__(
        self,
        *,
        fps: Fraction,
        aspect: Fraction,
        media: Mapping[str, MediaFile],
        catalogue: Catalogue,
        keys: KeyMaker,
        complaints: list[Complaint],
        pixel_scale: Fraction,
    ) -> None:
        self._fps = fps
        self._pixel_scale = pixel_scale
        self._aspect = aspect
        self._media = media
        self._catalogue = catalogue
        self._keys = keys
        self._complaints = complaints

    def track(self, clips: tuple[TimedClip, ...], *, offset: int) -> list[Layer]:
        """Return a track's layers; ``offset`` is the index that the first of them gets in the plan."""
        stretches = [
            Stretch(
                path=timed.path,
                start=timed.start,
                end=timed.end,
                transition=timed.clip.transition.duration if timed.clip.transition else None,
            )
            for timed in clips
        ]
        layers: list[Layer] = []
        before: int | None = None
        for timed, head in zip(clips, place_heads(stretches, self._fps, self._complaints), strict=True):
            source = self._source(timed)
            if source is None:
                before = None
                continue
            if head.mixing and before is None:
                self._complain(f"{timed.path}.transition", "comes from a clip that is only heard", "transition")
            layer = self._layer(timed, source, head, before)
            before = offset + len(layers)
            layers.append(replace(layer, seed=self._keys.seed(layer)))
        return layers

    def _layer(self, timed: TimedClip, source: Source, head: Head, before: int | None) -> Layer:
        """Resolve a clip; ``before`` is the index of the layer that its transition comes from."""
        clip = timed.clip
        assert head.end is not None, "a timed clip has an end"
        first, end = head.first, head.end
        transition = self._timed(clip.transition, self._catalogue.transitions) if head.mixing else None
        enter = self._timed(clip.enter, self._catalogue.animations)
        exit_ = self._timed(clip.exit, self._catalogue.animations)
        if sum((part.duration for part in (clip.enter, clip.exit) if part), Fraction(0)) > timed.duration:
            self._complain(timed.path, "is shorter than its enter and exit together", "too_long")
        reveal = clip.asset.animate if isinstance(clip.asset, TextAsset) else None
        if isinstance(reveal, Reveal) and reveal.duration > timed.duration:
            self._complain(f"{timed.path}.asset.animate.duration", "is longer than the clip", "too_long")
        # Rounding to frames may make the two a frame longer than the clip that just holds them.
        if enter is not None:
            enter = replace(enter, frames=min(enter.frames, end - first))
        if exit_ is not None:
            left = end - first - (enter.frames if enter else 0)
            exit_ = replace(exit_, frames=min(exit_.frames, left)) if left > 0 else None
        return Layer(
            id=clip.id,
            path=timed.path,
            first=first,
            end=end,
            start=timed.start,
            source=source,
            placement=self._placement(timed),
            effects=tuple(
                self._effect(effect, timed, end - first, f"{timed.path}.effects[{e}]")
                for e, effect in enumerate(clip.effects)
            ),
            transition=replace(transition, frames=head.mixing) if transition else None,
            mixes_with=before if transition else None,
            enter=enter,
            exit=exit_,
        )

    def _complain(self, path: str, message: str, code: str) -> None:
        self._complaints.append(Complaint(path=path, message=message, code=code))

    def _placement(self, timed: TimedClip) -> Placement:
        clip = timed.clip
        override = layout_for(clip.layouts, self._aspect)

        def part(name: str) -> PlacementPart:
            return override if override is not None and name in override.model_fields_set else clip

        crop = part("crop").crop
        is_text = isinstance(clip.asset, TextAsset)
        fit = Fit.NONE if is_text else part("fit").fit
        return Placement(
            fit=fit,
            pixel_scale=self._pixel_scale if fit is Fit.NONE and not is_text else Fraction(1),
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

    def _effect(self, part: EffectPart, timed: TimedClip, frames: int, path: str) -> EffectUse:
        first = frame_at(part.start, self._fps)
        if part.start >= timed.duration:
            self._complain(f"{path}.start", "lies past the clip's end", "too_long")
        end = frames if part.duration is None else frame_at(part.start + part.duration, self._fps)
        return EffectUse(
            id=part.use,
            params=self._params(part, self._catalogue.effects[part.use].params),
            first=min(first, frames),
            end=min(end, frames),
        )

    def _timed(
        self, part: TimedPart | None, known: Mapping[str, Transition] | Mapping[str, Animation]
    ) -> TimedUse | None:
        if part is None:
            return None
        frames = frame_at(part.duration, self._fps)
        if frames == 0:
            return None
        parameters: tuple[Parameter, ...] = known[part.use].params
        return TimedUse(id=part.use, params=self._params(part, parameters), frames=frames, ease=part.ease)

    def _params(self, part: UsePart, parameters: tuple[Parameter, ...]) -> dict[str, ParameterValue | Curve]:
        moving = {
            name: Keyframes.model_validate(value).curve()
            for name, value in part.params.items()
            if isinstance(value, dict)
        }
        still = [parameter for parameter in parameters if parameter.name not in moving]
        given = {name: plain_json(value) for name, value in part.params.items() if name not in moving}
        values, _ = parse_values(still, given)
        files = {
            parameter.name: str(self._media[str(values.values[parameter.name])].path)
            for parameter in still
            if parameter.type is ParameterType.ASSET and parameter.name in given
        }
        return {**values.values, **files, **moving}

    def _source(self, timed: TimedClip) -> Source | None:
        """Return what a clip shows; None for one that is only heard."""
        match timed.clip.asset:
            case VideoAsset(src=src):
                return None if self._media[src].probe.kind == "audio" else VideoSource(src=src, playback=timed.playback)
            case ImageAsset(src=src):
                return ImageSource(src=src)
            case AudioAsset():
                return None
            case TextAsset() as text:
                return text_source(text, timed.duration)
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


def layout_for(layouts: Mapping[str, PlacementPart], aspect: Fraction) -> PlacementPart | None:
    """Return the layout whose aspect is nearest to the frame's, if one is as good as the same."""

    def distance(name: str) -> float:
        width, _, height = name.partition(":")
        return abs(log(Fraction(int(width), int(height)) / aspect))

    nearest = min(layouts, key=distance, default=None)
    return layouts[nearest] if nearest is not None and distance(nearest) < SAME_ASPECT else None
