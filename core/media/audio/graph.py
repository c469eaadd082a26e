"""Audio through libavfilter: samples in, frames out, for what FFmpeg does better than we would."""

import gc
from collections.abc import Iterator
from fractions import Fraction

import av
import numpy as np

from core.api import Samples
from core.media.audio.samples import RATE


class AudioGraph:
    """A chain of filters on float32 stereo at 48 kHz. One owner, one thread."""

    def __init__(self, *filters: tuple[str, str]) -> None:
        """``filters`` are (name, arguments), in order."""
        self._graph: av.filter.Graph | None = av.filter.Graph()
        source = self._graph.add_abuffer(format="flt", sample_rate=RATE, layout="stereo", time_base=Fraction(1, RATE))
        steps = [self._graph.add(name, arguments) for name, arguments in filters]
        self._graph.link_nodes(source, *steps, self._graph.add("abuffersink")).configure()
        self._pushed = 0

    def push(self, samples: Samples) -> Iterator[av.AudioFrame]:
        """Give the next samples; yield the frames that are ready."""
        assert self._graph is not None
        if not len(samples):
            return
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples).reshape(1, -1), "flt", "stereo")
        frame.sample_rate = RATE
        frame.time_base = Fraction(1, RATE)
        frame.pts = self._pushed
        self._pushed += len(samples)
        self._graph.push(frame)
        while True:
            try:
                done = self._graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            assert isinstance(done, av.AudioFrame)
            yield done

    def close(self) -> None:
        """Release the graph (a reference cycle, which would keep its buffers until the next collection)."""
        if self._graph is not None:
            self._graph = None
            gc.collect()
