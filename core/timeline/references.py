"""The files a timeline names: every reference with its place in the document."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.api import Animation, Catalogue, Effect, Parameter, ParameterType, Transition
from core.timeline.document import Timeline
from core.timeline.document.assets import AudioAsset, ImageAsset, TimelineAsset, VideoAsset
from core.timeline.document.base import shown
from core.timeline.document.clips import Clip, UsePart

ASSET_ID = re.compile(r"asset:[A-Za-z0-9_-]+")
HTTPS_URL = re.compile(r"https://[^\s/?#@\\]+(?:[/?#][^\s\\]*)?")
PROVIDER_ID = re.compile(r"provider:[A-Za-z0-9_.-]+/.+", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaReference:
    """A file that is needed: its ``src`` and where the document names it."""

    src: str
    path: str
    is_captions: bool = False
    parameter: Parameter | None = None
    """The asset parameter that it is given for: a plugin reads it itself, from its path."""

    @property
    def is_data(self) -> bool:
        """True for a file that a plugin reads itself: it needs to be neither picture nor sound."""
        return self.parameter is not None


def reference_fault(src: str) -> str | None:
    """Say what is wrong with the form of a reference; None when it is well-formed."""
    scheme, _, rest = src.partition(":")
    match scheme:
        case "file":
            parts = rest.split("/")
            if not rest or rest.startswith("/") or ".." in parts or "\0" in rest or "\\" in rest:
                return f"{shown(src)} must name a file inside the timeline's folder, like file:clips/a.mp4"
        case "asset":
            if not ASSET_ID.fullmatch(src):
                return f"{shown(src)} is no asset id, like asset:ast_01J"
        case "provider":
            if not PROVIDER_ID.fullmatch(src):
                return f"{shown(src)} must name a provider and its asset, like provider:library/a.mp4"
        case "https":
            if not HTTPS_URL.fullmatch(src):
                return f"{shown(src)} is no address"
        case _:
            return f"{shown(src)} must begin with file:, asset:, provider: or https://"
    return None


def referenced_media(timeline: Timeline, catalogue: Catalogue, path: str = "") -> Iterator[MediaReference]:
    """Yield every reference of a timeline and of those nested in it, in the document's order."""
    for t, track in enumerate(timeline.tracks):
        for c, clip in enumerate(track.clips):
            yield from _of_clip(clip, catalogue, f"{path}tracks[{t}].clips[{c}]")
    for c, sound in enumerate(timeline.audio.clips):
        yield MediaReference(src=sound.asset.src, path=f"{path}audio.clips[{c}].asset.src")
    for c, captions in enumerate(timeline.captions):
        if captions.src is not None:
            yield MediaReference(src=captions.src, path=f"{path}captions[{c}].src", is_captions=True)


def _of_clip(clip: Clip, catalogue: Catalogue, path: str) -> Iterator[MediaReference]:
    match clip.asset:
        case VideoAsset(src=src) | ImageAsset(src=src) | AudioAsset(src=src):
            yield MediaReference(src=src, path=f"{path}.asset.src")
        case TimelineAsset(timeline=Timeline() as inner):
            yield from referenced_media(inner, catalogue, f"{path}.asset.timeline.")
        case _:
            pass
    if clip.mask is not None:
        yield MediaReference(src=clip.mask, path=f"{path}.mask")
    for layout_aspect, layout in clip.layouts.items():
        if layout.mask is not None:
            yield MediaReference(src=layout.mask, path=f"{path}.layouts.{layout_aspect}.mask")
    for e, effect in enumerate(clip.effects):
        yield from _of_use(effect, catalogue.effects.get(effect.use), f"{path}.effects[{e}]")
    if clip.transition is not None:
        yield from _of_use(clip.transition, catalogue.transitions.get(clip.transition.use), f"{path}.transition")
    for name, part in (("enter", clip.enter), ("exit", clip.exit)):
        if part is not None:
            yield from _of_use(part, catalogue.animations.get(part.use), f"{path}.{name}")


def _of_use(use: UsePart, named: Effect | Transition | Animation | None, path: str) -> Iterator[MediaReference]:
    for parameter in named.params if named else ():
        value = use.params.get(parameter.name)
        if parameter.type is ParameterType.ASSET and isinstance(value, str):
            yield MediaReference(src=value, path=f"{path}.params.{parameter.name}", parameter=parameter)


def used_contributions(timeline: Timeline) -> frozenset[str]:
    """Return the ids of all that a timeline takes from plugins: encoders, effects, transitions, animations, providers.

    They may turn out not to exist; kinds are not told apart.
    """
    encoders = {timeline.output.encoder, *(each.encoder for each in timeline.output.renditions if each.encoder)}
    named = (reference.src for reference in referenced_media(timeline, Catalogue()))
    return frozenset(encoders | set(_used_by_clips(timeline)) | set(_providers_of(named)))


def _used_by_clips(timeline: Timeline) -> Iterator[str]:
    for track in timeline.tracks:
        for clip in track.clips:
            for part in (clip.transition, clip.enter, clip.exit, *clip.effects):
                if part is not None:
                    yield part.use
                    # Which parameters are files only the plugin's declaration tells, and that is not loaded yet.
                    yield from _providers_of(value for value in part.params.values() if isinstance(value, str))
            if isinstance(clip.asset, TimelineAsset) and isinstance(clip.asset.timeline, Timeline):
                yield from used_contributions(clip.asset.timeline)


def _providers_of(references: Iterable[str]) -> Iterator[str]:
    for reference in references:
        scheme, _, rest = reference.partition(":")
        if scheme == "provider":
            yield rest.partition("/")[0]
