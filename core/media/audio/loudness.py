"""Loudness and true peak, measured by libavfilter's ebur128 (ITU-R BS.1770-4, EBU Tech 3341 and 3342)."""

from dataclasses import dataclass
from math import log10
from pathlib import Path
from types import TracebackType
from typing import Self

from core.api import Samples
from core.media.audio.graph import AudioGraph
from core.media.audio.reader import AudioReader
from core.media.audio.samples import BLOCK, RATE, silence

GATE = -70.0
"""LUFS below which nothing counts as sound (BS.1770-4); the filter answers this for silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loudness:
    """How loud a sound is: ``integrated`` in LUFS, ``true_peak`` in dBTP, ``range`` (LRA) in LU.

    ``integrated`` is None for silence and for less than 0.4 s, which the standard does not measure; ``true_peak`` is
    None for silence.
    """

    integrated: float | None
    true_peak: float | None
    range: float


class LoudnessMeter:
    """Measures samples as they pass. One owner, one thread; a context manager."""

    def __init__(self) -> None:
        self._graph = AudioGraph(("ebur128", "metadata=1:peak=true:framelog=quiet"))
        self._latest: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._graph.close()

    def push(self, samples: Samples) -> None:
        """Take the next samples."""
        for frame in self._graph.push(samples):
            self._latest = frame.metadata

    def result(self) -> Loudness:
        """Return the loudness of all samples so far; call once, at the end."""
        integrated = float(self._latest.get("lavfi.r128.I", GATE))
        loudness_range = float(self._latest.get("lavfi.r128.LRA", 0.0))
        # The filter works in steps of 100 ms. Silence brings out the peak of the last one; it must not count as sound.
        self.push(silence(RATE // 5))
        peak = float(self._latest.get("lavfi.r128.true_peak", 0.0))
        return Loudness(
            integrated=integrated if integrated > GATE else None,
            true_peak=20 * log10(peak) if peak > 0 else None,
            range=loudness_range,
        )


def measure_loudness(path: Path) -> Loudness:
    """Measure a file's first audio stream; one without sound is silence. Raise ``MediaError`` when it is not there."""
    with AudioReader(path) as reader, LoudnessMeter() as meter:
        position = 0
        while True:
            samples = reader.read(BLOCK)
            meter.push(samples[: reader.position - position] if reader.is_over else samples)
            position += BLOCK
            if reader.is_over:
                return meter.result()
