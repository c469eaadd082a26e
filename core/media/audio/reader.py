"""Reading sound: a file's first audio stream as float32 stereo at 48 kHz, to the sample on the file's time line."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np

from core.api import MediaError, Samples
from core.media.audio.samples import CHANNELS, RATE, sample_at, silence
from core.media.intake import LIMITS, MICROSECONDS, open_media, reading
from core.media.rational import fraction

SEEKABLE = frozenset({"mov", "mp4", "matroska", "webm", "wav", "w64", "flac"})
"""Demuxers whose time stamps are exact after a seek; the others are read from their beginning."""
SEEK_FROM = Fraction(30)
"""Places before this (seconds) are decoded up to: exact everywhere, where Matroska's stamps are off by up to 1 ms."""
SEEK_MARGIN = Fraction(1, 2)
"""How far before the wanted place a seek aims (seconds): decoders need a few packets to settle."""
JITTER = Fraction(1, 50)
"""Time stamps that are off by less (seconds) are rounding of the container; more is a gap or an overlap."""
MISSING = Fraction(1, 5)
"""How much less than its header promises (seconds) a file may hold before that is told."""
DAMAGED = "is damaged; what can be decoded is heard"


class AudioReader:
    """The samples of a file's first audio stream, in order. One owner, one thread.

    Sample 0 is the file's own start (the earliest of its streams, as for pictures): a stream that starts late begins
    with silence, gaps are silence, and after the last sample comes silence without end. Mono goes to both sides at
    its own level; more channels than two are mixed down by libswresample's matrix (centre and surrounds at -3 dB, no
    LFE, not normalised: the mix has headroom). What can't be decoded is left out and told in ``notes``.
    """

    def __init__(self, path: Path, *, first: int = 0) -> None:
        """Open a file so that the first sample read is number ``first``; raise ``MediaError`` when it is not there."""
        self._path = path
        self._position = max(first, 0)
        self._lead = max(-first, 0)
        self._notes: dict[str, None] = {}
        self._pending = silence(0)
        self._is_over = False
        self._runs: Iterator[tuple[int, Samples]] = iter(())
        self._container = self._open()
        if self._container is not None:
            self._runs = self._decode(self._container)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def notes(self) -> tuple[str, ...]:
        """What was wrong with the file as far as it was read."""
        return tuple(self._notes)

    @property
    def is_over(self) -> bool:
        """True when nothing but silence is left."""
        return self._is_over and not len(self._pending)

    @property
    def position(self) -> int:
        """Number of the next sample; after the end, the number of samples that the file has."""
        return self._position

    def close(self) -> None:
        """Release the decoder."""
        self._runs = iter(())
        self._is_over = True
        self._pending = silence(0)
        if self._container is not None:
            self._container.close()

    def read(self, count: int) -> Samples:
        """Return the next ``count`` samples, padded with silence where the file has none."""
        out = silence(count)
        lead = min(self._lead, count)
        self._lead -= lead
        filled = lead
        while filled < count:
            if not len(self._pending) and not self._advanced(count - filled):
                break
            taken = self._pending[: count - filled]
            out[filled : filled + len(taken)] = taken
            self._pending = self._pending[len(taken) :]
            self._position += len(taken)
            filled += len(taken)
        return out

    def _advanced(self, wanted: int) -> bool:
        with reading(self._path):
            return self._advance(wanted)

    def _advance(self, wanted: int) -> bool:
        """Put the next samples at the current position into ``_pending``; False at the end of the file."""
        while not self._is_over:
            run = next(self._runs, None)
            if run is None:
                self._is_over = True
                break
            place, samples = run
            gap = place - self._position
            if gap < 0:
                samples = samples[-gap:]
            if not len(samples):
                continue
            if gap > 0:
                self._runs = _before((place, samples), self._runs)
                samples = silence(min(gap, wanted))
            self._pending = samples
            return True
        return False

    def _open(self) -> av.container.InputContainer | None:
        try:
            container = open_media(self._path)
        except MediaError as err:
            if isinstance(err.__cause__, FileNotFoundError):
                raise MediaError(f"{self._path.name}: the file is gone") from err
            self._note(f"can't be opened ({str(err).removeprefix(f'{self._path.name}: ')}); silence instead")
            return None
        if not container.streams.audio:
            container.close()
            return None
        return container

    def _note(self, text: str) -> None:
        self._notes[text] = None

    def _decode(self, container: av.container.InputContainer) -> Iterator[tuple[int, Samples]]:
        """Yield (number of the first sample, samples), resampled, each stretch at the place of its time stamp."""
        stream = container.streams.audio[0]
        origin = Fraction(container.start_time or 0, MICROSECONDS)
        self._seek(container, stream, origin)
        resampler: av.AudioResampler | None = None
        shape: tuple[int, str, int] | None = None
        place = 0
        due = Fraction(0)
        for frame in self._frames(container, stream):
            base = fraction(frame.time_base) or fraction(stream.time_base) or Fraction(1, frame.sample_rate)
            time = due if frame.pts is None else frame.pts * base - origin
            if time > LIMITS.seconds:
                self._note(DAMAGED)
                break
            this_shape = (frame.sample_rate, frame.format.name, frame.layout.nb_channels)
            if resampler is None or this_shape != shape or abs(time - due) > JITTER:
                if resampler is not None:
                    yield from _placed(place, _resample(resampler, None))
                resampler, shape, place, due = _resampler(frame), this_shape, sample_at(time), time
            due += Fraction(frame.samples, frame.sample_rate)
            frame.pts = None
            try:
                for samples in _resample(resampler, frame):
                    yield place, samples
                    place += len(samples)
            except av.error.ArgumentError:  # channels in an arrangement that libswresample knows no way from
                self._note(DAMAGED)
                resampler = None
        if resampler is not None:
            yield from _placed(place, _resample(resampler, None))
        promised = _promised_end(container, stream)
        if promised is not None and due < promised - MISSING:
            self._note(f"ends after {float(due):.2f} s of {float(promised):.2f} s; silence from there")

    def _seek(self, container: av.container.InputContainer, stream: av.AudioStream, origin: Fraction) -> None:
        target = Fraction(self._position, RATE) - SEEK_MARGIN
        base = fraction(stream.time_base)
        if target < SEEK_FROM or base is None or SEEKABLE.isdisjoint(container.format.name.split(",")):
            return
        try:
            container.seek(int((target + origin) / base), stream=stream, backward=True)
        except av.FFmpegError:
            self._note("can't be searched; read from its beginning")

    def _frames(self, container: av.container.InputContainer, stream: av.AudioStream) -> Iterator[av.AudioFrame]:
        try:
            stream.codec_context.open(strict=False)
        except av.error.MemoryError:
            raise
        except av.FFmpegError:
            self._note("can't be decoded; silence instead")
            return
        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets, None)
            except av.error.MemoryError:
                raise
            except (av.FFmpegError, OSError) as err:
                self._note(f"can't be read to its end ({err.strerror or err})")
                return
            if packet is None:
                return
            try:
                frames = packet.decode() if packet.size <= LIMITS.packet_bytes else []
            except av.error.EOFError:
                return
            except av.error.MemoryError:
                raise
            except av.FFmpegError:
                frames = []
                self._note(DAMAGED)
            if packet.is_corrupt or packet.size > LIMITS.packet_bytes or any(frame.is_corrupt for frame in frames):
                self._note(DAMAGED)
            for frame in frames:
                if _is_sane(frame):
                    yield frame
                else:
                    self._note(DAMAGED)


def _is_sane(frame: av.AudioFrame) -> bool:
    """Tell whether a frame keeps to the limits; a stream's later frames may differ from what its header says."""
    return (
        0 < frame.layout.nb_channels <= LIMITS.channels
        and LIMITS.least_samples_a_second <= frame.sample_rate <= LIMITS.samples_a_second
    )


def _promised_end(container: av.container.InputContainer, stream: av.AudioStream) -> Fraction | None:
    """Return where the sound ends by the file's header, None where only the picture's length is known."""
    base = fraction(stream.time_base)
    if stream.duration and base:
        return (
            stream.duration * base + (stream.start_time or 0) * base - Fraction(container.start_time or 0, MICROSECONDS)
        )
    if container.duration and not container.streams.video:
        return Fraction(container.duration, MICROSECONDS)
    return None


def _before(first: tuple[int, Samples], rest: Iterator[tuple[int, Samples]]) -> Iterator[tuple[int, Samples]]:
    yield first
    yield from rest


def _placed(place: int, runs: Iterator[Samples]) -> Iterator[tuple[int, Samples]]:
    for samples in runs:
        yield place, samples
        place += len(samples)


def _resampler(frame: av.AudioFrame) -> av.AudioResampler:
    has_known_layout = not frame.layout.name.endswith("channels")
    is_surround = frame.layout.nb_channels > CHANNELS and has_known_layout
    return av.AudioResampler(format="fltp", layout="stereo" if is_surround else None, rate=RATE)


def _resample(resampler: av.AudioResampler, frame: av.AudioFrame | None) -> Iterator[Samples]:
    for done in resampler.resample(frame):
        planes = done.to_ndarray()
        samples = np.empty((planes.shape[1], CHANNELS), np.float32)
        samples[:, 0] = planes[0]
        samples[:, 1] = planes[min(1, len(planes) - 1)]
        np.nan_to_num(samples, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
        yield samples
