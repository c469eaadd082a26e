"""How source time runs: a file (or a finished mix) played from a place, faster, slower, backwards or over and over."""

from collections.abc import Callable
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Protocol

from core.api import Samples
from core.media.audio.samples import BLOCK, RATE, SampleFile, sample_at, silence
from core.media.audio.tempo import Tempo
from core.timeline.sources import Playback

SPARE = Fraction(1)
"""What a change of tempo may read beyond what is asked of it (source seconds)."""


class Stream(Protocol):
    """Samples in order, silence after the end. One owner, one thread."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What was wrong with the source as far as it was read."""

    def read(self, count: int) -> Samples:
        """Return exactly ``count`` samples."""

    def close(self) -> None:
        """Release what is open."""


type Opener = Callable[[int], Stream]
"""Opens a source so that the first sample read is its number given."""


class RawStream:
    """A raw file (float32 stereo, 48 kHz) as a stream."""

    notes: tuple[str, ...] = ()

    def __init__(self, path: Path, *, first: int) -> None:
        self._samples: SampleFile | None = SampleFile(path)
        self._position = first

    def read(self, count: int) -> Samples:
        out = silence(count)
        assert self._samples is not None, "a closed stream is not read"
        part = self._samples[self._position : self._position + count]
        out[: len(part)] = part
        self._position += count
        return out

    def close(self) -> None:
        self._samples = None


class PlayedStream:
    """A source as a clip plays it, from the clip's start.

    Forwards it is read as it comes. Backwards or looped, the part that is needed is first decoded to a raw file in
    ``scratch`` and read from there: exact to the sample, with memory that does not grow. A loop begins again at exact
    multiples of its length, so that it does not drift; its ends are joined as they are, for loops are cut to fit.
    """

    def __init__(self, opener: Opener, playback: Playback, *, wanted: Fraction, stored: Path) -> None:
        """``wanted`` is how much of the result will be read (seconds); ``stored`` the raw file to write, if one is."""
        wanted = wanted * playback.speed + SPARE
        length = playback.length
        self._turn = length if playback.loop and length and length < wanted else None
        self._end = None if length is None or self._turn else sample_at(length)
        self._position = 0
        self._stored = stored
        self._region: SampleFile | None = None
        self._is_reverse = playback.reverse and length is not None
        start = playback.start
        if length is not None and (self._turn or self._is_reverse):
            kept = length if self._turn else min(length, wanted)
            if self._is_reverse:
                start += length - kept
            self._source = self._store(opener(sample_at(start)), ceil(kept * RATE))
        else:
            self._source = opener(sample_at(start))
        self._tempo = Tempo(playback.speed, self._read_source) if playback.speed != 1 else None

    @property
    def notes(self) -> tuple[str, ...]:
        return self._source.notes

    def read(self, count: int) -> Samples:
        return self._tempo.read(count) if self._tempo else self._read_source(count)

    def close(self) -> None:
        """Release the source and remove the raw file."""
        self._source.close()
        self._region = None
        self._stored.unlink(missing_ok=True)

    def _store(self, source: Stream, count: int) -> Stream:
        with self._stored.open("wb") as file:
            for done in range(0, count, BLOCK):
                file.write(source.read(min(BLOCK, count - done)).tobytes())
        source.close()
        self._region = SampleFile(self._stored, is_reversed=self._is_reverse)
        return source

    def _read_source(self, count: int) -> Samples:
        """Return the next ``count`` samples at the source's own speed."""
        first = self._position
        self._position += count
        if self._turn is not None:
            return self._read_turns(self._turn, first, count)
        if self._region is None:
            samples = self._source.read(count)
        else:
            samples = silence(count)
            part = self._region[first : first + count]
            samples[: len(part)] = part
        if self._end is not None and self._position > self._end:
            samples[max(self._end - first, 0) :] = 0
        return samples

    def _read_turns(self, turn: Fraction, first: int, count: int) -> Samples:
        """Return samples of the endless repetition of the region; each turn begins at its exact time, rounded."""
        assert self._region is not None
        out = silence(count)
        number = int(Fraction(first, RATE) // turn)
        position = first
        while position < first + count:
            begin, end = sample_at(number * turn), sample_at((number + 1) * turn)
            upto = min(end, first + count)
            if upto > position:
                part = self._region[position - begin : upto - begin]
                out[position - first : position - first + len(part)] = part
                position = upto
            number += 1
        return out
