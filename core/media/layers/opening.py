"""Opening layers: from a plan's clip to something that can be drawn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, assert_never

from core.api import Catalogue, MediaError, Plane
from core.media.kernels import EffectChain
from core.media.layers.drawn import DrawnLayer
from core.media.layers.fitting import fit
from core.media.layers.layer import LayerView
from core.media.layers.masking import luma_to_alpha
from core.media.layers.picture import OpenMask, OpenRaster, PictureLayer
from core.media.layers.pose import PoseTrack
from core.media.layers.rasters import Crop, NestedRaster, Raster, StillRaster, VideoRaster
from core.media.painters import open_painter
from core.media.text.fonts import FontLibrary
from core.timeline.plan import Layer, MediaFile, Plan
from core.timeline.sources import (
    ColorSource,
    GradientSource,
    ImageSource,
    Playback,
    ShapeSource,
    TextSource,
    TimelineSource,
    VideoSource,
)

if TYPE_CHECKING:
    from core.media.compositor import Compositor

MOST_OVERSAMPLING = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Materials:
    """What layers are made from: gathered media by ``src``, the plugins' contributions, the fonts."""

    media: Mapping[str, MediaFile]
    catalogue: Catalogue
    fonts: FontLibrary


def open_layer(
    layer: Layer, plan: Plan, materials: Materials, *, open_nested: Callable[[Plan], "Compositor"]
) -> LayerView:
    """Open a clip for drawing. Raise ``MediaError`` with the clip's path when its media can't be opened."""
    try:
        return _open(layer, plan, materials, open_nested)
    except MediaError as err:
        raise MediaError(f"{layer.path}: {err}", hint=err.hint) from err


def _open(layer: Layer, plan: Plan, materials: Materials, open_nested: Callable[[Plan], "Compositor"]) -> LayerView:
    source = layer.source
    match source:
        case VideoSource():
            file = materials.media[source.src]
            if file.probe.kind == "image":
                return _open_still(layer, plan, materials, file)

            def open_video(crop: Crop, width: int, height: int) -> Raster:
                return VideoRaster(file.path, file.probe, source.playback, crop, width, height)

            size = (file.probe.width, file.probe.height)
            return _open_picture(layer, plan, materials, size=size, is_still=False, open_raster=open_video)
        case ImageSource():
            return _open_still(layer, plan, materials, materials.media[source.src])
        case TimelineSource():
            compositor = open_nested(source.plan)

            def open_timeline(crop: Crop, width: int, height: int) -> Raster:
                return NestedRaster(
                    compositor.planes,
                    compositor.close,
                    frame_at=compositor.frame_at,
                    playback=source.playback,
                    crop=crop,
                    width=width,
                    height=height,
                )

            size = (source.plan.width, source.plan.height)
            return _open_picture(layer, plan, materials, size=size, is_still=False, open_raster=open_timeline)
        case TextSource() | ShapeSource() | ColorSource() | GradientSource():
            return _open_drawn(layer, plan, materials, source)
        case _:
            assert_never(source)


def _open_still(layer: Layer, plan: Plan, materials: Materials, file: MediaFile) -> LayerView:
    size = (file.probe.width, file.probe.height)

    def open_raster(crop: Crop, width: int, height: int) -> Raster:
        return StillRaster(file.path, crop, width, height)

    return _open_picture(layer, plan, materials, size=size, is_still=True, open_raster=open_raster)


def _open_picture(
    layer: Layer, plan: Plan, materials: Materials, *, size: tuple[int, int], is_still: bool, open_raster: OpenRaster
) -> LayerView:
    placement = layer.placement
    box = (placement.width * plan.width, placement.height * plan.height)
    return PictureLayer(
        layer,
        plan,
        track=PoseTrack(layer, plan, materials.catalogue.animations),
        fitting=fit(placement, size, box),
        is_still=is_still,
        open_raster=open_raster,
        open_mask=_mask_opener(layer, materials),
        effects=_effect_chain(layer, plan, materials),
    )


def _open_drawn(
    layer: Layer,
    plan: Plan,
    materials: Materials,
    source: TextSource | ShapeSource | ColorSource | GradientSource,
) -> LayerView:
    track = PoseTrack(layer, plan, materials.catalogue.animations)
    largest = track.largest_scale()
    oversampling = 1.0 if largest == 1 else min(MOST_OVERSAMPLING, max(1.0, largest))
    painter = open_painter(
        source,
        frame_width=round(plan.width * oversampling),
        frame_height=round(plan.height * oversampling),
        box_width=max(1, round(layer.placement.width * plan.width * oversampling)),
        box_height=max(1, round(layer.placement.height * plan.height * oversampling)),
        fonts=materials.fonts,
    )
    return DrawnLayer(
        layer,
        plan,
        track=track,
        painter=painter,
        oversampling=oversampling,
        open_mask=_mask_opener(layer, materials),
        effects=_effect_chain(layer, plan, materials),
    )


def _effect_chain(layer: Layer, plan: Plan, materials: Materials) -> EffectChain | None:
    if not layer.effects:
        return None
    return EffectChain(
        layer.effects,
        materials.catalogue.effects,
        fps=plan.fps,
        frame_width=plan.width,
        frame_height=plan.height,
        seed=layer.seed,
        duration_frames=layer.end - layer.first,
        versions=materials.catalogue.versions,
        path=layer.path,
    )


def _mask_opener(layer: Layer, materials: Materials) -> OpenMask | None:
    """Return how to open the clip's mask: its luma, stretched over the clip's picture."""
    if layer.placement.mask is None:
        return None
    file = materials.media[layer.placement.mask]

    def open_mask(width: int, height: int) -> Callable[[Fraction], Plane]:
        whole = (0.0, 0.0, float(file.probe.width), float(file.probe.height))
        even_size = (max(2, width + width % 2), max(2, height + height % 2))
        raster: Raster
        if file.probe.kind == "image":
            raster = StillRaster(file.path, whole, *even_size)
        else:
            raster = VideoRaster(file.path, file.probe, Playback(), whole, *even_size)
        return lambda time: luma_to_alpha(raster.planes(time).y, width, height)

    return open_mask
