"""The compositor: a plan's frames, drawn from its layers."""

from fractions import Fraction
from math import floor

import av
import numpy as np

from core.api import Canvas, Moment, Planes
from core.contract.easings import ease
from core.media.blend import blend
from core.media.faults import blame
from core.media.frame_pool import FramePool
from core.media.frames import Converter, canvas_view, color_to_yuv
from core.media.layers.layer import LayerView
from core.media.layers.opening import Materials, open_layer
from core.media.patch import Patch, straighten
from core.timeline.plan import Blend, Layer, Plan, Span


class Compositor:
    """Draws a plan frame by frame. Layers are opened when their first frame comes and closed after their last.

    Frames are asked for in rising order, mostly. One owner, one thread.
    """

    def __init__(self, plan: Plan, materials: Materials) -> None:
        self.plan = plan
        self._materials = materials
        self._converter = Converter()
        self._pool = FramePool(plan.width, plan.height)
        self._views: dict[int, LayerView] = {}
        self._span: Span | None = None
        self.notes: dict[str, None] = {}
        """What clips had to say when they were opened, each once, in order."""

    def close(self) -> None:
        """Release all layers."""
        for view in self._views.values():
            view.close()
        self._views.clear()
        self._span = None

    def frame_at(self, time: Fraction) -> int:
        """Return the frame that is shown at a time of the plan, the nearest where it shows none."""
        return min(max(0, floor(time * self.plan.fps)), self.plan.frames - 1)

    def frame(self, number: int) -> av.VideoFrame:
        """Return a frame as ``yuv420p``, tagged BT.709; it belongs to the caller, but may share its pixels.

        A plan without background lies on black here; see ``canvas`` for its transparency.
        """
        patches = self._patches(number)
        below = self._hidden_below(patches)
        base = patches[below][0] if below is not None else None
        upper = patches[below + 1 :] if below is not None else patches
        if base is not None and base.frame is not None and not upper and self._is_whole(base):
            return base.frame
        frame = self._pool.take()
        canvas = canvas_view(frame)
        if base is None:
            self._fill(canvas)
        else:
            blend(canvas, base, Blend.NORMAL, self._converter)
        for patch, mode in upper:
            blend(canvas, patch, mode, self._converter)
        return frame

    def canvas(self, number: int) -> Canvas:
        """Return a frame with its transparency, premultiplied; opaque when the plan has an opaque background."""
        background = self.plan.background
        if background is not None and background.a == 255:
            return canvas_view(self.frame(number))
        canvas = transparent_canvas(self.plan.width, self.plan.height)
        if background is not None:
            level = background.a / 255
            for (plane, _), value in zip(canvas.planes(), (*color_to_yuv(background), 255, 255), strict=True):
                plane[:] = round(value * level)
        for patch, mode in self._patches(number):
            blend(canvas, patch, mode, self._converter)
        return canvas

    def rgba_frame(self, number: int) -> av.VideoFrame:
        """Return a frame as packed ``rgba`` with straight alpha, for encoders that keep transparency."""
        return av.VideoFrame.from_ndarray(self._converter.to_rgba(self.planes(number)), "rgba")

    def planes(self, number: int) -> Planes:
        """Return a frame as straight-alpha planes, for a timeline that holds this one."""
        return straighten(self.canvas(number))

    def _patches(self, number: int) -> list[tuple[Patch, Blend]]:
        """Return what lies on the frame, lowest first, each with its blend mode."""
        span = self._enter(number)
        mixed_away = {before for before, _ in span.mixes}
        afters = {after: before for before, after in span.mixes}
        patches = []
        for index in span.layers:
            if index in mixed_away:
                continue
            layer = self.plan.layers[index]
            patch = self._mix(afters[index], index, number) if index in afters else self._view(index).patch(number)
            if patch is not None:
                patches.append((patch, layer.placement.blend))
        return patches

    def _mix(self, before: int, after: int, number: int) -> Patch | None:
        """Draw two layers of a track as whole frames and let the transition mix them."""
        layer = self.plan.layers[after]
        use = layer.transition
        assert use is not None, "a span's mixes name layers that have a transition"
        first, second = self._view(before).patch(number), self._view(after).patch(number)
        if first is None and second is None:
            return None
        is_opaque = all(
            patch is not None and patch.covers(self.plan.width, self.plan.height) for patch in (first, second)
        )
        played = number - layer.first
        progress = ease(use.ease, (played + 0.5) / use.frames)
        moment = self._moment(layer, use.frames, played)
        frame = self._pool.take() if is_opaque else None
        out = canvas_view(frame) if frame is not None else transparent_canvas(self.plan.width, self.plan.height)
        transition = self._materials.catalogue.transitions[use.id]
        with blame(self._materials.catalogue, use.id, layer.path):
            transition.mix(
                self._whole(first, is_opaque=is_opaque),
                self._whole(second, is_opaque=is_opaque),
                out,
                progress,
                use.values_at(moment.time),
                moment,
            )
        return Patch(0, 0, out, frame)

    def _whole(self, patch: Patch | None, *, is_opaque: bool) -> Canvas:
        """Return a patch as a canvas of the whole frame."""
        if patch is not None and is_opaque and self._is_whole(patch):
            return patch.picture
        width, height = self.plan.width, self.plan.height
        canvas = canvas_view(self._pool.take()) if is_opaque else transparent_canvas(width, height)
        if patch is not None:
            blend(canvas, patch, Blend.NORMAL, self._converter)
        return canvas

    def _is_whole(self, patch: Patch) -> bool:
        size = (patch.picture.width, patch.picture.height)
        return (patch.x, patch.y) == (0, 0) and size == (self.plan.width, self.plan.height)

    def _hidden_below(self, patches: list[tuple[Patch, Blend]]) -> int | None:
        """Return the highest patch that hides all below it, if there is one: nothing below needs drawing."""
        for index in reversed(range(len(patches))):
            patch, mode = patches[index]
            if mode is Blend.NORMAL and patch.covers(self.plan.width, self.plan.height):
                return index
        return None

    def _fill(self, canvas: Canvas) -> None:
        background = self.plan.background
        values = color_to_yuv(background) if background is not None else (16, 128, 128)
        level = 1.0 if background is None else background.a / 255
        for (plane, _), value, black in zip(canvas.planes(), values, (16, 128, 128), strict=False):
            plane[:] = round(value * level + black * (1 - level))

    def _moment(self, layer: Layer, frames: int, played: int) -> Moment:
        fps = self.plan.fps
        return Moment(
            frame=played,
            time=(played + Fraction(1, 2)) / fps,
            duration=frames / fps,
            frame_width=self.plan.width,
            frame_height=self.plan.height,
            seed=layer.seed,
        )

    def _view(self, index: int) -> LayerView:
        if index not in self._views:
            self._views[index] = open_layer(
                self.plan.layers[index],
                self.plan,
                self._materials,
                open_nested=lambda plan: Compositor(plan, self._materials),
            )
            self.notes |= dict.fromkeys(self._views[index].notes)
        return self._views[index]

    def _enter(self, number: int) -> Span:
        """Return the span of a frame; when it is another one, close the layers that it does not show."""
        if self._span is None or not self._span.first <= number < self._span.end:
            self._span = next(span for span in self.plan.spans if span.first <= number < span.end)
            for index in self._views.keys() - set(self._span.layers):
                self._views.pop(index).close()
        return self._span


def transparent_canvas(width: int, height: int) -> Canvas:
    """Return an empty canvas with premultiplied alpha."""
    half = (height // 2, width // 2)
    return Canvas(
        np.zeros((height, width), np.uint8),
        np.zeros(half, np.uint8),
        np.zeros(half, np.uint8),
        np.zeros((height, width), np.uint8),
        np.zeros(half, np.uint8),
    )
