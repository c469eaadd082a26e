"""Effect chains: the effects of one layer, run in order for the compositor."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from types import MappingProxyType

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange
from numpy.typing import NDArray

from core.api import (
    Catalogue,
    Effect,
    Filter,
    FilterKernel,
    InvalidInput,
    Moment,
    NotFound,
    Planes,
    Rgb,
    Rgba,
    RgbaKernel,
    RgbKernel,
    YuvKernel,
)
from core.media.faults import blame
from core.media.filters import FilterChain
from core.media.frames import Converter, new_frame, plane_view, planes_view
from core.timeline.plan import EffectUse

_NO_VERSIONS: Mapping[str, str] = MappingProxyType({})
_GBR_ORDER = (1, 2, 0, 3)
"""Which channel of RGBA each plane of a ``gbrap`` frame holds."""
_GBR_MATRIX = 0
"""The number of RGB as matrix in ITU-T H.273."""


class EffectChain:
    """The effects of one layer, in order. One owner, one thread.

    What an effect raises, or returns in a wrong shape or type, becomes ``PluginFailed`` with its id and place. Every
    array that a kernel gets is read-only, so that none can spoil a picture that is shared.
    """

    def __init__(
        self,
        uses: Sequence[EffectUse],
        effects: Mapping[str, Effect],
        *,
        fps: Fraction,
        frame_width: int,
        frame_height: int,
        seed: int,
        duration_frames: int,
        versions: Mapping[str, str] = _NO_VERSIONS,
        path: str = "",
    ) -> None:
        """Open the effects. Raise ``NotFound`` for one that is not among ``effects``.

        ``versions`` (the catalogue's) and ``path``, the layer's place in the document, tell in errors whose effect
        failed and where.
        """
        self._blamed = Catalogue(versions=versions)
        self._converter = Converter()
        self._steps: list[_Step] = []
        for index, use in enumerate(uses):
            if use.id not in effects:
                raise NotFound(f"{path}.effects[{index}]: there is no effect {use.id!r}")
            self._steps.append(
                _Step(
                    use,
                    effects[use.id],
                    path=f"{path}.effects[{index}]" if path else f"effects[{index}]",
                    last=min(use.end, duration_frames),
                    fps=fps,
                    frame_width=frame_width,
                    frame_height=frame_height,
                    seed=seed,
                )
            )

    def apply(self, planes: Planes, frame: int) -> Planes:
        """Return the picture with the effects that act at ``frame``, counted from the layer's first frame.

        Alpha is straight. The input is never written to, and the result, which may share its pixels, is read-only.
        Raise ``InvalidInput`` with the place of a parameter that its effect finds to be wrong.
        """
        picture = _Picture(planes, self._converter)
        for step in self._steps:
            if step.acts_at(frame):
                with blame(self._blamed, step.effect.id, step.path), _placed(step.path):
                    step.draw(picture, frame)
        return picture.planes()

    def state(self, frame: int) -> Hashable:
        """Return what tells two results apart: equal states draw equal pictures from equal input."""
        return tuple(step.state(frame) for step in self._steps if step.acts_at(frame))

    def close(self) -> None:
        """Release filter graphs."""
        for step in self._steps:
            step.close()


class _Step:
    """One effect of the chain, with what it needs to draw."""

    def __init__(
        self,
        use: EffectUse,
        effect: Effect,
        *,
        path: str,
        last: int,
        fps: Fraction,
        frame_width: int,
        frame_height: int,
        seed: int,
    ) -> None:
        self.effect = effect
        self.path = path
        self._use = use
        self._last = last
        self._fps = fps
        self._frame_size = (frame_width, frame_height)
        self._seed = seed
        kernel = effect.kernel
        self._filters = FilterChain(kernel.pixel_format, fps) if isinstance(kernel, FilterKernel) else None

    def acts_at(self, frame: int) -> bool:
        return self._use.first <= frame < self._last

    def state(self, frame: int) -> Hashable:
        values = tuple(self._use.values_at(self._moment(frame).time).values.items())
        return (self.path, values, frame if self.effect.varies else None)

    def draw(self, picture: "_Picture", frame: int) -> None:
        moment = self._moment(frame)
        values = self._use.values_at(moment.time)
        match self.effect.kernel:
            case RgbKernel(draw):
                picture.set_rgb(draw(picture.rgb(), values, moment))
            case RgbaKernel(draw_rgba):
                picture.set_rgba(draw_rgba(picture.rgba(), values, moment))
            case YuvKernel(draw_planes):
                picture.set_planes(draw_planes(picture.planes(), values, moment))
            case FilterKernel(chain, pixel_format):
                assert self._filters is not None
                picture.run_filters(self._filters, pixel_format, chain(values, moment))

    def close(self) -> None:
        if self._filters:
            self._filters.close()

    def _moment(self, frame: int) -> Moment:
        played = frame - self._use.first
        return Moment(
            frame=played,
            time=(played + Fraction(1, 2)) / self._fps,
            duration=(self._last - self._use.first) / self._fps,
            frame_width=self._frame_size[0],
            frame_height=self._frame_size[1],
            seed=self._seed,
        )


class _Picture:
    """A picture on its way through the chain: converted when a kernel asks for another form, and only then.

    A kernel that returns the very array it got has changed nothing, and the forms that are known stay.
    """

    def __init__(self, planes: Planes, converter: Converter) -> None:
        self._converter = converter
        self._size = (planes.height, planes.width)
        self._planes: Planes | None = _lock(planes)
        self._rgb: Rgb | None = None
        self._rgba: Rgba | None = None
        # Beside planes and RGB; None when the picture is opaque.
        self._alpha = planes.a

    def planes(self) -> Planes:
        if self._planes is None:
            if self._rgba is not None:
                planes = self._converter.rgba_to_planes(self._rgba)
            else:
                planes = self._converter.to_planes(self.rgb(), self._alpha)
            self._planes, self._alpha = _lock(planes), planes.a
        return self._planes

    def rgb(self) -> Rgb:
        if self._rgb is None:
            if self._rgba is not None:
                self._alpha = _locked(cv2.extractChannel(self._rgba, 3))
                self._rgb = _locked(cv2.cvtColor(self._rgba, cv2.COLOR_RGBA2RGB))
            else:
                self._rgb = _locked(self._converter.to_rgb(self.planes()))
        return self._rgb

    def rgba(self) -> Rgba:
        if self._rgba is None:
            rgba = cv2.cvtColor(self.rgb(), cv2.COLOR_RGB2RGBA)
            if self._alpha is not None:
                cv2.insertChannel(self._alpha, rgba, 3)
            self._rgba = _locked(rgba)
        return self._rgba

    def set_planes(self, planes: Planes) -> None:
        if planes is self._planes:
            return
        if not isinstance(planes, Planes):
            raise TypeError(f"the kernel returned {type(planes).__name__}, not Planes")
        height, width = self._size
        small = (height // 2, width // 2)
        alpha = None if planes.a is None else _checked(planes.a, self._size, "a")
        y, u, v = _checked(planes.y, self._size, "y"), _checked(planes.u, small, "u"), _checked(planes.v, small, "v")
        self._planes, self._rgb, self._rgba, self._alpha = _lock(Planes(y, u, v, alpha)), None, None, alpha

    def set_rgb(self, rgb: Rgb) -> None:
        if rgb is not self._rgb:
            self._rgb = _locked(_checked(rgb, (*self._size, 3), "picture"))
            self._planes = self._rgba = None

    def set_rgba(self, rgba: Rgba) -> None:
        if rgba is not self._rgba:
            self._rgba = _locked(_checked(rgba, (*self._size, 4), "picture"))
            self._planes = self._rgb = None

    def run_filters(self, chain: FilterChain, pixel_format: str, filters: Sequence[Filter]) -> None:
        """Let libavfilter draw. A format without alpha leaves the picture's own alpha as it is."""
        if not filters:
            return
        match pixel_format:
            case "yuv420p" | "yuva420p":
                self._run_yuv(chain, pixel_format, filters)
            case "gbrp" | "gbrap":
                self._run_gbr(chain, pixel_format, filters)
            case _:
                raise ValueError(f"filters work in yuv420p, yuva420p, gbrp or gbrap, not {pixel_format!r}")

    def _run_yuv(self, chain: FilterChain, pixel_format: str, filters: Sequence[Filter]) -> None:
        planes = self.planes()
        source = new_frame(planes.width, planes.height, pixel_format)
        views = [plane_view(source, index) for index in range(len(source.planes))]
        for view, plane in zip(views, (planes.y, planes.u, planes.v), strict=False):
            np.copyto(view, plane)
        if len(views) == 4:
            np.copyto(views[3], 255 if planes.a is None else planes.a)
        drawn = planes_view(chain.run(source, filters))
        alpha = planes.a if drawn.a is None else drawn.a
        is_opaque = alpha is None or bool(alpha.min() == 255)
        self.set_planes(Planes(drawn.y, drawn.u, drawn.v, None if is_opaque else alpha))

    def _run_gbr(self, chain: FilterChain, pixel_format: str, filters: Sequence[Filter]) -> None:
        packed = self.rgb() if pixel_format == "gbrp" else self.rgba()
        source = av.VideoFrame(packed.shape[1], packed.shape[0], pixel_format)
        source.colorspace, source.color_range = _GBR_MATRIX, ColorRange.JPEG
        for index, channel in enumerate(_GBR_ORDER[: packed.shape[2]]):
            np.copyto(plane_view(source, index), packed[:, :, channel])
        drawn = chain.run(source, filters)
        order = [_GBR_ORDER.index(channel) for channel in range(packed.shape[2])]
        merged = cv2.merge([plane_view(drawn, index) for index in order])
        if pixel_format == "gbrp":
            self.set_rgb(merged)
        else:
            self.set_rgba(merged)


@contextmanager
def _placed(path: str) -> Iterator[None]:
    """Complete the place of a wrong parameter: an effect knows its name, the chain where it was given."""
    try:
        yield
    except InvalidInput as err:
        raise InvalidInput(str(err), path=f"{path}.{err.path}" if err.path else path, hint=err.hint) from err


def _checked(array: NDArray[np.uint8], shape: tuple[int, ...], name: str) -> NDArray[np.uint8]:
    """Return what a kernel gave, its rows laid out as promised; raise where it is not a picture of this shape."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"the kernel's {name} is {type(array).__name__}, not an array")
    if array.dtype != np.uint8:
        raise TypeError(f"the kernel's {name} is {array.dtype}, not uint8")
    if array.shape != shape:
        raise ValueError(f"the kernel's {name} has the shape {array.shape}, not {shape}")
    return array if array[0].flags.c_contiguous and array.strides[0] > 0 else np.ascontiguousarray(array)


def _lock(planes: Planes) -> Planes:
    alpha = None if planes.a is None else _locked(planes.a)
    return Planes(_locked(planes.y), _locked(planes.u), _locked(planes.v), alpha)


def _locked(array: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a view that can't be written to."""
    view = array.view()
    view.flags.writeable = False
    return view
