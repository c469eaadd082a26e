"""Opening what a clip plays: a gathered file, or the finished mix of a nested timeline."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from core.api import MediaError, Samples
from core.media.audio.playback import Opener, PlayedStream, RawStream, Stream
from core.media.audio.reader import AudioReader
from core.media.audio.samples import silence
from core.timeline.plan import AudioClip, AudioMix, MediaFile


class SilentStream:
    """Silence without end."""

    notes: tuple[str, ...] = ()

    def read(self, count: int) -> Samples:
        return silence(count)

    def close(self) -> None:
        """Nothing is open."""


class Sources:
    """Opens the clips of one mix. Nested mixes are rendered once and kept until ``close``."""

    def __init__(
        self, media: Mapping[str, MediaFile], *, scratch: Path, render_nested: Callable[[AudioMix, Path], Path]
    ) -> None:
        """``render_nested`` renders a mix within a folder of its own and returns the raw file."""
        self._media = media
        self._scratch = scratch
        self._render_nested = render_nested
        self._nested: dict[AudioMix, Path] = {}
        self._opened = 0

    def open(self, clip: AudioClip) -> Stream:
        """Open a clip's sound from the clip's start. Raise ``MediaError`` when its file was not gathered or is gone."""
        opener, available = self._opener(clip)
        playback = clip.playback
        if playback.length is None and available is not None and (playback.loop or playback.reverse):
            playback = replace(playback, length=max(available - playback.start, Fraction(0)))
        self._opened += 1
        stored = self._scratch / f"played-{self._opened}.f32"
        return PlayedStream(opener, playback, wanted=clip.duration, stored=stored)

    def close(self) -> None:
        """Remove the nested mixes."""
        for path in self._nested.values():
            shutil.rmtree(path.parent)
        self._nested.clear()

    def _opener(self, clip: AudioClip) -> tuple[Opener, Fraction | None]:
        if isinstance(clip.source, AudioMix):
            rendered = self._rendered(clip.source)
            return lambda first: RawStream(rendered, first=first), clip.source.duration
        file = self._media.get(clip.source)
        if file is None:
            raise MediaError(f'{clip.path}: "{clip.source}" was not gathered')
        if not file.probe.has_audio:
            return lambda _first: SilentStream(), file.probe.duration
        return lambda first: AudioReader(file.path, first=first), file.probe.duration

    def _rendered(self, mix: AudioMix) -> Path:
        if mix not in self._nested:
            folder = self._scratch / f"nested-{len(self._nested) + 1}"
            folder.mkdir()
            self._nested[mix] = self._render_nested(mix, folder)
        return self._nested[mix]
