"""libavfilter chains: one picture in, one picture out, for effects whose kernel is a list of filters."""

import gc
from collections.abc import Mapping, Sequence
from fractions import Fraction

import av
from av.filter.context import FilterContext

from core.api import Filter

_COLOUR_TAGS = {True: "colorspace=gbr:range=pc", False: "colorspace=bt709:range=tv"}


class FilterChain:
    """Runs pictures of one size and format through filters. One owner, one thread.

    The graph is kept while the filters stay equal. Changed options that a filter declares as commands are sent to it
    while it runs; when anything else changes, the graph is made anew.
    """

    def __init__(self, pixel_format: str, fps: Fraction) -> None:
        self._pixel_format = pixel_format
        self._fps = fps
        self._graph: av.filter.Graph | None = None
        self._contexts: tuple[FilterContext, ...] = ()
        self._made_for: tuple[int, int] = (0, 0)
        self._filters: tuple[Filter, ...] = ()
        self._pushed = 0

    def run(self, frame: av.VideoFrame, filters: Sequence[Filter]) -> av.VideoFrame:
        """Return the picture that the filters make of ``frame``; no filters return the frame itself.

        Raise ``ValueError`` for a filter or option that libavfilter refuses, and when the chain keeps pictures back
        or changes their size; ``FFmpegError`` when drawing fails.
        """
        wanted = tuple(filters)
        if not wanted:
            return frame
        size = (frame.width, frame.height)
        if self._graph is None or self._made_for != size or not self._steer(wanted):
            self._open(size, wanted)
        self._filters = wanted
        return self._pass(frame)

    def close(self) -> None:
        """Release the graph and the pictures it holds."""
        if self._graph is None:
            return
        self._graph = None
        self._contexts = ()
        # PyAV's graph and its contexts refer to each other: only a collection frees them and their frames.
        gc.collect()

    def _open(self, size: tuple[int, int], filters: tuple[Filter, ...]) -> None:
        self.close()
        graph = av.filter.Graph()
        graph.threads = 1
        source = graph.add(
            "buffer",
            f"video_size={size[0]}x{size[1]}:pix_fmt={self._pixel_format}:time_base={1 / self._fps}"
            f":frame_rate={self._fps}:{_COLOUR_TAGS[self._pixel_format.startswith('gbr')]}",
        )
        contexts = tuple(_added(graph, step) for step in filters)
        exact = graph.add("format", f"pix_fmts={self._pixel_format}")
        graph.link_nodes(source, *contexts, exact, graph.add("buffersink")).configure()
        self._graph, self._contexts, self._made_for = graph, contexts, size
        self._pushed = 0

    def _steer(self, wanted: tuple[Filter, ...]) -> bool:
        """Send what changed to the running filters; False when the graph has to be made anew."""
        if [step.name for step in wanted] != [step.name for step in self._filters]:
            return False
        for context, old, new in zip(self._contexts, self._filters, wanted, strict=True):
            if old.options.keys() != new.options.keys():
                return False
            for option, value in _texts(new.options).items():
                if value == str(old.options[option]):
                    continue
                if option not in new.commands:
                    return False
                try:
                    context.process_command(option, value)
                except av.FFmpegError:
                    return False
        return True

    def _pass(self, frame: av.VideoFrame) -> av.VideoFrame:
        assert self._graph is not None
        frame.pts, frame.time_base = self._pushed, 1 / self._fps
        self._pushed += 1
        self._graph.vpush(frame)
        try:
            drawn = self._graph.vpull()
        except BlockingIOError as err:
            self.close()
            raise ValueError("the filters keep pictures back; a chain gives one for each it gets") from err
        if (drawn.width, drawn.height) != self._made_for:
            self.close()
            raise ValueError(
                f"the filters changed the size from {frame.width}x{frame.height} to {drawn.width}x{drawn.height}"
            )
        return drawn


def _added(graph: av.filter.Graph, step: Filter) -> FilterContext:
    try:
        return graph.add(step.name, **_texts(step.options))
    except (ValueError, av.FFmpegError) as err:
        raise ValueError(f"libavfilter refuses {step.name} with {dict(step.options)}: {err}") from err


def _texts(options: Mapping[str, str | int | float]) -> dict[str, str]:
    return {name: str(value) for name, value in options.items()}
