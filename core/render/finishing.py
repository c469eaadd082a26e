"""Finishing: the files of a render are put together from what is kept, looked at once more, and kept themselves."""

import hashlib
import json
import shutil
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from core.api import MediaError
from core.render.copying.taking import TakenPiece
from core.render.ledger import LedgerFailed
from core.render.report import WorkReport
from core.render.schedule import Deliverable, Schedule
from core.render.scratch import work_folder
from core.render.segments import Segment, engine
from core.render.sounds import SoundFacts
from core.render.station import checked
from core.render.stopping import Stop
from core.render.tray import Tray
from core.render.work import Assembly, Examination, Piece, Storyboard, strip_key
from core.render.worker import VIDEO
from core.render.workshop import Workshop
from core.render.writing import write_whole, writing

POSTER, SHEET, INDEX, WAVEFORM = "poster.jpg", "storyboard.jpg", "storyboard.vtt", "waveform.json"
FILE_VERSION = 3
"""Changed when the same pieces would be put together in another way."""


class Finishing:
    """The files of one render. Finished pieces lie on the ``tray``; what is made here lies beside them."""

    def __init__(self, schedule: Schedule, tray: Tray, workshop: Workshop, *, stop: Stop) -> None:
        self._schedule = schedule
        self._tray = tray
        self._workshop = workshop
        self._stop = stop

    def finish(self, number: int) -> Iterator[WorkReport]:
        """Put the ``number``-th file together if it is one of pieces, and the storyboard with the first one."""
        deliverable = self._schedule.deliverables[number]
        folder = self._tray / str(number)
        with writing(folder):
            folder.mkdir()
        if deliverable.is_segmented:
            yield from self._finish_video(deliverable, folder / VIDEO)
        if number == 0 and self._schedule.has_storyboard:
            board = self._storyboard(deliverable)
            if not self._tray.take_all(board.keys):
                yield self._workshop.station.produce(board, cancelled=self._stop)
                self._tray.take_all(board.keys)

    def files(self, sound: SoundFacts) -> Iterator[tuple[Path, Path]]:
        """Yield what is finished, each with the place where it belongs."""
        schedule = self._schedule
        main = schedule.deliverables[0]
        stem = main.path.with_suffix("")
        for number, each in enumerate(schedule.deliverables):
            place = self._tray / str(number) / VIDEO
            if each.key:
                yield _unpacked(self._tray / each.key, place), each.path
            elif each.is_sound and each.sound is not None:
                yield self._copied(each.sound, place), each.path
            elif each.is_segmented:
                yield place, each.path
        beside = {}
        if schedule.poster is not None:
            beside[POSTER] = schedule.poster.key
        if schedule.has_storyboard:
            beside |= zip((SHEET, INDEX), self._storyboard(main).keys, strict=True)
        for name, key in beside.items():
            yield self._copied(key, self._tray / name), stem.with_name(f"{stem.name}.{name}")
        if schedule.has_waveform:
            path = write_whole(self._tray / WAVEFORM, json.dumps(sound.waveform))
            yield path, stem.with_name(f"{stem.name}.{WAVEFORM}")

    def _finish_video(self, deliverable: Deliverable, place: Path) -> Iterator[WorkReport]:
        station = self._workshop.station
        segments = self._segments(deliverable)
        first, end = self._schedule.bounds(deliverable)
        assembly = Assembly(
            target=deliverable.target,
            fps=deliverable.plan.fps,
            frames=end - first,
            pieces=tuple(self._piece(segment, after=first) for segment in segments),
            sound=None if deliverable.sound is None else self._tray / deliverable.sound,
            captions=tuple(track for track in self._schedule.captions if track.is_soft),
        )
        key = _file_key(assembly, deliverable, segments)
        if station.ledger.take(key, place):
            return
        yield station.finish(assembly, place.parent, cancelled=self._stop)
        examination = Examination(
            path=checked(place),
            width=deliverable.plan.width,
            height=deliverable.plan.height,
            fps=deliverable.plan.fps,
            frames=assembly.frames,
            has_sound=assembly.sound is not None,
        )
        # By a worker of its own: the one that wrote the file may be in the hands of what it read.
        with work_folder(self._tray.folder, "examining-") as folder:
            yield station.finish(examination, folder, cancelled=self._stop)
        spare = place.with_name("kept")
        # The file is finished, whether it is kept or not: only the next render would have to put it together again.
        with suppress(OSError, LedgerFailed):
            spare.hardlink_to(place)
            station.ledger.put(key, spare)

    def _storyboard(self, deliverable: Deliverable) -> Storyboard:
        strips = tuple(
            Piece(path=self._tray / strip_key(segment.key), first=segment.first, frames=segment.frames)
            for segment in self._segments(deliverable)
        )
        name = f"{deliverable.path.stem}.{SHEET}"
        first, end = self._schedule.first, self._schedule.end
        content = [FILE_VERSION, name, first, end, [(strip.path.name, strip.first) for strip in strips]]
        return Storyboard(plan=deliverable.plan, strips=strips, name=name, key=_digest(content), first=first, end=end)

    def _segments(self, deliverable: Deliverable) -> tuple[Segment, ...]:
        """Return what a file's pictures are made of, in order."""
        if deliverable.key:
            first, end = self._schedule.bounds(deliverable)
            return (Segment(first=first, end=end, key=deliverable.key),)
        [group] = [group for group in self._schedule.groups if deliverable in group.deliverables]
        return group.segments[group.deliverables.index(deliverable)]

    def _piece(self, segment: Segment, *, after: int) -> Piece | TakenPiece:
        """Return a segment's piece, counted from the frame ``after`` on."""
        if segment.copy is not None:
            return replace(self._schedule.taken(segment.copy), first=segment.first - after)
        return Piece(path=self._tray / segment.key, first=segment.first - after, frames=segment.frames)

    def _copied(self, key: str, place: Path) -> Path:
        with writing(place):
            return Path(shutil.copyfile(self._tray / key, place))


def _file_key(assembly: Assembly, deliverable: Deliverable, segments: Sequence[Segment]) -> str:
    """Return the key of a finished file: that of all its parts, in the encoder's container."""
    encoder = deliverable.encoder
    parts = [(segment.key, piece.first) for segment, piece in zip(segments, assembly.pieces, strict=True)]
    sound = None if assembly.sound is None else assembly.sound.name
    container = [encoder.container, sorted(encoder.container_options.items()), encoder.video and encoder.video.tag]
    return _digest([FILE_VERSION, engine(), container, str(assembly.fps), parts, sound, repr(assembly.captions)])


def _unpacked(kept: Path, place: Path) -> Path:
    """Copy a kept file to its place; an archive is the folder that was packed in it."""
    try:
        with writing(place):
            if not tarfile.is_tarfile(kept):
                return Path(shutil.copyfile(kept, place))
            with tarfile.open(kept) as archive:
                archive.extractall(place, filter="data")
    except tarfile.TarError as err:
        raise MediaError("a worker packed a folder in a way that can't be unpacked") from err
    return place


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()
