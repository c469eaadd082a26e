"""A palette for all frames of a GIF: learnt by libavfilter's ``palettegen``, drawn with by ``paletteuse``."""

from collections.abc import Iterable, Iterator
from fractions import Fraction

import av
from av.filter.context import FilterContext

PALETTE_SIZE = (16, 16)


class PaletteMaker:
    """Learns the colours of frames, all of them counted alike."""

    def __init__(self, size: tuple[int, int], fps: Fraction, *, colors: int) -> None:
        self._time_base = 1 / fps
        self._graph = av.filter.Graph()
        # Counting moving parts alone ("diff") gains nothing measurable and starves still backgrounds.
        maker = self._graph.add("palettegen", f"max_colors={colors}:stats_mode=full:reserve_transparent=1")
        self._graph.link_nodes(_source(self._graph, size, fps), maker, self._graph.add("buffersink")).configure()

    def learn(self, frame: av.VideoFrame, number: int) -> None:
        """Take a ``bgra`` frame into account."""
        frame.pts, frame.time_base = number, self._time_base
        self._graph.vpush(frame)

    def palette(self) -> av.VideoFrame:
        """Return the palette, a picture of 16×16 pixels. It can be asked for once, after at least one frame."""
        self._graph.vpush(None)
        return self._graph.vpull()


class PaletteUser:
    """Draws frames with the colours of a palette."""

    def __init__(self, palette: av.VideoFrame, size: tuple[int, int], fps: Fraction, *, dither: str) -> None:
        graph = av.filter.Graph()
        self._frames, colors = _source(graph, size, fps), _source(graph, PALETTE_SIZE, fps, palette.format.name)
        user = graph.add("paletteuse", f"dither={dither}:diff_mode=rectangle")
        self._sink = graph.add("buffersink")
        self._frames.link_to(user, 0, 0)
        colors.link_to(user, 0, 1)
        user.link_to(self._sink)
        graph.configure()
        palette.pts = 0
        colors.push(palette)
        colors.push(None)

    def drawn(self, frames: Iterable[av.VideoFrame]) -> Iterator[av.VideoFrame]:
        """Yield each of the ``bgra`` frames as ``pal8``."""
        for frame in frames:
            self._frames.push(frame)
            yield from self._ready()
        self._frames.push(None)
        yield from self._ready()

    def _ready(self) -> Iterator[av.VideoFrame]:
        while True:
            try:
                frame = self._sink.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            assert isinstance(frame, av.VideoFrame)
            yield frame


def _source(graph: av.filter.Graph, size: tuple[int, int], fps: Fraction, pixel_format: str = "bgra") -> FilterContext:
    return graph.add(
        "buffer",
        f"video_size={size[0]}x{size[1]}:pix_fmt={pixel_format}:time_base={fps.denominator}/{fps.numerator}"
        f":pixel_aspect=1/1:frame_rate={fps.numerator}/{fps.denominator}",
    )
