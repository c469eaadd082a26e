"""Runs a ``FilterKernel``'s filters over one picture, as plainly as libavfilter allows."""

from collections.abc import Sequence

import av
import numpy as np
from av.filter import Graph
from numpy.typing import NDArray

from core.api.effects import Filter
from core.api.testing.contract import ContractError, require

_COLOUR_TAGS = {True: "colorspace=gbr:range=pc", False: "colorspace=bt709:range=tv"}
PIXEL_FORMATS = ("yuv420p", "yuva420p", "gbrp", "gbrap")


def run_filters(
    filters: Sequence[Filter], pixel_format: str, planes: Sequence[NDArray[np.uint8]]
) -> list[NDArray[np.uint8]]:
    """Return the planes of the picture that the filters make of ``planes``, which are in the format's own order."""
    height, width = planes[0].shape
    frame = av.VideoFrame(width, height, pixel_format)
    for view, plane in zip(_views(frame), planes, strict=True):
        np.copyto(view, plane)
    frame.pts = 0
    graph = Graph()
    source = graph.add(
        "buffer",
        f"video_size={width}x{height}:pix_fmt={pixel_format}:time_base=1/25"
        f":frame_rate=25:{_COLOUR_TAGS[pixel_format.startswith('gbr')]}",
    )
    steps = [graph.add(each.name, **{name: str(value) for name, value in each.options.items()}) for each in filters]
    exact = graph.add("format", f"pix_fmts={pixel_format}")
    graph.link_nodes(source, *steps, exact, graph.add("buffersink")).configure()
    graph.vpush(frame)
    try:
        drawn = graph.vpull()
    except BlockingIOError as err:
        raise ContractError("the filters keep pictures back: a chain gives one for each it gets") from err
    require(
        (drawn.width, drawn.height) == (width, height),
        f"the filters changed the size from {width}x{height} to {drawn.width}x{drawn.height}",
    )
    return [view.copy() for view in _views(drawn)]


def _views(frame: av.VideoFrame) -> list[NDArray[np.uint8]]:
    return [
        np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
        for plane in frame.planes
    ]
