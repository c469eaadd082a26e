"""Kinds: whether a file is what the document takes it for, once it was probed."""

from collections.abc import Iterator, Mapping

from core.timeline.complaints import Complaint
from core.timeline.document.assets import Asset, AudioAsset, ImageAsset, VideoAsset
from core.timeline.document.clips import Clip
from core.timeline.plan import MediaFile, Probe

MOVING_STILLS = frozenset({"apng", "gif", "png", "webp"})
"""Codecs of stills that may move; as an image their first picture is shown."""


def kind_complaints(clip: Clip, path: str, media: Mapping[str, MediaFile]) -> Iterator[Complaint]:
    """Yield what is wrong with the kinds of a clip's files."""
    yield from asset_complaints(clip.asset, path, media)
    if clip.mask is not None:
        yield from _mask(media[clip.mask].probe, f"{path}.mask")
    for aspect, layout in clip.layouts.items():
        if layout.mask is not None:
            yield from _mask(media[layout.mask].probe, f"{path}.layouts.{aspect}.mask")


def asset_complaints(asset: Asset, path: str, media: Mapping[str, MediaFile]) -> Iterator[Complaint]:
    """Yield what is wrong with the kind of an asset's file; ``path`` is the clip's."""
    match asset:
        case VideoAsset(src=src):
            message = _video_fault(media[src].probe)
        case ImageAsset(src=src):
            message = _image_fault(media[src].probe)
        case AudioAsset(src=src):
            message = None if media[src].probe.has_audio else "has no sound"
        case _:
            message = None
    if message is not None:
        yield Complaint(path=f"{path}.asset.src", message=message, code="wrong_kind")


def _video_fault(probe: Probe) -> str | None:
    return 'is a sound; give the asset the type "audio"' if probe.kind == "audio" else None


def _image_fault(probe: Probe) -> str | None:
    if probe.kind == "audio":
        return "is a sound, not a picture"
    if probe.kind == "video" and probe.codec not in MOVING_STILLS:
        return 'is a video; give the asset the type "video"'
    return None


def _mask(probe: Probe, path: str) -> Iterator[Complaint]:
    if probe.kind == "audio":
        yield Complaint(path=path, message="is a sound, not a picture", code="wrong_kind")
