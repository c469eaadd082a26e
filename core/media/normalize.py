"""Normalising decoded frames: upright, cropped, scaled, BT.709 limited-range 4:2:0, with or without alpha.

One small libavfilter graph a source, so that everything happens in one pass in C.
"""

import gc
from dataclasses import dataclass
from typing import Self

import av

from core.media.frames import tag

UPRIGHT = {
    90: ("transpose", "cclock"),
    -90: ("transpose", "clock"),
    180: ("hflip,vflip", ""),
    -180: ("hflip,vflip", ""),
}
SCALER_FLAGS = "bicubic+accurate_rnd+full_chroma_int+full_chroma_inp"
# Matrix coefficients by their numbers in ITU-T H.273, under libavfilter's names; 2 is "unspecified".
MATRICES = {1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 9: "bt2020nc", 10: "bt2020c"}
BT709_OR_UNTAGGED = (1, 2)
TV_OR_UNTAGGED = (0, 1)
FULL_RANGE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a decoded frame is turned into: turned upright, cropped, then scaled to ``width`` x ``height``.

    ``crop`` is x, y, width, height in an upright picture of ``size``. The frame itself may have another size, and
    another one than the frame before: the same part of it is taken. ``rotation`` as FFmpeg gives it, in degrees.
    """

    size: tuple[int, int]
    crop: tuple[float, float, float, float]
    width: int
    height: int
    has_alpha: bool = False
    rotation: int = 0

    @classmethod
    def of(cls, width: int, height: int) -> Self:
        """Return the shape of pictures that have this size already."""
        return cls(size=(width, height), crop=(0, 0, width, height), width=width, height=height)

    def crop_of(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Return the crop in whole pixels of a frame that is ``width`` x ``height`` before it is turned upright."""
        if self.rotation % 180:
            width, height = height, width
        left, across = _part(self.crop[0], self.crop[2], width / self.size[0], width)
        top, down = _part(self.crop[1], self.crop[3], height / self.size[1], height)
        return left, top, across, down


def _part(first: float, length: float, scale: float, whole: int) -> tuple[int, int]:
    """Return where a part begins and how long it is, in whole pixels: two at least, where there are two."""
    begin = max(0, min(round(first * scale), whole - 2))
    return begin, min(whole - begin, max(2, round(length * scale)))


class Normalizer:
    """Turns decoded frames into one shape. One owner, one thread.

    Frames without tags are taken for BT.709, as browsers do, so that both renderers agree. The pixels of a frame that
    has the shape already are passed on as they are.
    """

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._pixel_format = "yuva420p" if shape.has_alpha else "yuv420p"
        self._graph: av.filter.Graph | None = None
        self._input: tuple[object, ...] = ()

    def normalize(self, frame: av.VideoFrame) -> av.VideoFrame:
        """Return a frame of its own in the shape, tagged BT.709. It may share its pixels: do not write into them."""
        graph = self._graph_for(frame)
        graph.vpush(frame)
        done = graph.vpull()
        tag(done)
        return done

    def close(self) -> None:
        """Release the graph (a reference cycle, which would keep its frames until the next collection)."""
        if self._graph is not None:
            self._graph = None
            gc.collect()

    def _fits(self, frame: av.VideoFrame) -> bool:
        shape = self._shape
        return (
            frame.format.name == self._pixel_format
            and shape.rotation == 0
            and shape.crop_of(frame.width, frame.height) == (0, 0, frame.width, frame.height)
            and (shape.width, shape.height) == (frame.width, frame.height)
            and frame.colorspace in BT709_OR_UNTAGGED
            and frame.color_range in TV_OR_UNTAGGED
        )

    def _graph_for(self, frame: av.VideoFrame) -> av.filter.Graph:
        properties = (frame.width, frame.height, frame.format.name, frame.colorspace, frame.color_range)
        if self._graph is None or properties != self._input:
            self.close()
            self._graph, self._input = self._build(frame), properties
        return self._graph

    def _build(self, frame: av.VideoFrame) -> av.filter.Graph:
        shape = self._shape
        x, y, width, height = shape.crop_of(frame.width, frame.height)
        is_full = frame.color_range == FULL_RANGE or frame.format.name.startswith("yuvj")
        colours = ""
        if not frame.format.is_rgb and not frame.format.name.startswith("pal"):
            colours = f":colorspace={MATRICES.get(frame.colorspace, 'bt709')}:range={'pc' if is_full else 'tv'}"
        steps = (
            [("null", "")]
            if self._fits(frame)
            else [
                UPRIGHT.get(shape.rotation),
                ("crop", f"{width}:{height}:{x}:{y}:exact=1"),
                (
                    "scale",
                    f"{shape.width}:{shape.height}:flags={SCALER_FLAGS}:out_color_matrix=bt709:out_range=tv",
                ),
                ("format", self._pixel_format),
            ]
        )
        graph = av.filter.Graph()
        nodes = [
            graph.add(
                "buffer",
                f"video_size={frame.width}x{frame.height}:pix_fmt={frame.format.name}:time_base=1/1000000"
                f":pixel_aspect=1/1:frame_rate=25/1{colours}",
            )
        ]
        for step in steps:
            if step is not None:
                name, arguments = step
                nodes.extend(graph.add(part, arguments or None) for part in name.split(","))
        graph.link_nodes(*nodes, graph.add("buffersink")).configure()
        return graph
