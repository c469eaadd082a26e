"""A pool of processes that a caller hands in and that breaks midway costs no finished work, and the error says so."""

import multiprocessing
import os
import select
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from fractions import Fraction
from multiprocessing.context import SpawnContext
from pathlib import Path
from typing import Any

import pytest

from core.cage import CageEnd
from core.render.events import Outcome, RenderEvent, SegmentDone
from tests.support.clips import lumas, read_number, write_clip
from tests.support.studio import Studio
from tests.support.undertaker import family, unfinished

type Json = Any

FPS, FRAMES, CLIPS = 10, 20, 6
PATIENCE_MS = 30_000


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    write_clip(tmp_path / "clip.mp4", CLIPS * FRAMES, fps=Fraction(FPS), size=(160, 90))
    return Studio(tmp_path)


@pytest.fixture
def film() -> Json:
    clips = [
        {"start": 2 * number, "duration": 2, "asset": {"type": "video", "src": "file:clip.mp4", "in": 2 * number}}
        for number in range(CLIPS)
    ]
    quality = {"crf": 20, "preset": "ultrafast", "copy": "never"}
    output = {"width": 160, "height": 90, "fps": FPS, "quality": quality}
    return {"version": 1, "output": output, "tracks": [{"clips": clips}]}


@pytest.fixture
def spawning() -> SpawnContext:
    return multiprocessing.get_context("spawn")


def descriptors_of(pids: list[int]) -> Iterator[int]:
    """Yield a descriptor for each process that still lives."""
    for pid in pids:
        with suppress(ProcessLookupError):
            yield os.pidfd_open(pid)


def wait_for_the_end(descriptors: list[int]) -> None:
    """Wait until all processes have ended that the descriptors stand for."""
    for descriptor in descriptors:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        assert poll.poll(PATIENCE_MS), "a process is left behind"
        os.close(descriptor)


def test_a_pool_that_loses_a_worker_is_told_and_the_next_one_goes_on(
    studio: Studio, film: Json, spawning: SpawnContext
) -> None:
    watched: list[int] = []

    def kill_one(event: RenderEvent) -> None:
        if isinstance(event, SegmentDone) and not watched:
            for worker in multiprocessing.active_children():
                watched.extend(descriptors_of(family(worker.pid or 0)))
            signal.pidfd_send_signal(watched[0], signal.SIGKILL)

    with (
        ProcessPoolExecutor(2, mp_context=spawning) as pool,
        pytest.raises(CageEnd, match="BrokenProcessPool") as broken,
    ):
        studio.render(film, executor=pool, workers=2, on_event=kill_one)
    assert broken.value.code in {"worker_lost", "segment_failed"}
    assert isinstance(broken.value.__cause__, CageEnd | BrokenProcessPool)
    wait_for_the_end(watched)
    assert list((studio.folder / "out").iterdir()) == []
    kept = {(event.first, event.end) for event in studio.events if isinstance(event, SegmentDone)}
    assert kept
    with ProcessPoolExecutor(2, mp_context=spawning) as pool:
        again = studio.render(film, executor=pool, workers=2)
    cached = {(each.first, each.end) for each in again.segments if each.outcome == Outcome.CACHED}
    assert kept <= cached
    assert [read_number(frame) for frame in lumas(Path(again.output))] == list(range(CLIPS * FRAMES))
    assert unfinished(studio.folder) == []


def test_a_pool_that_was_closed_is_told_and_nothing_is_left(studio: Studio, film: Json, spawning: SpawnContext) -> None:
    pool = ProcessPoolExecutor(1, mp_context=spawning)
    pool.shutdown()
    with pytest.raises(CageEnd, match="cannot schedule new futures after shutdown"):
        studio.render(film, executor=pool)
    assert list((studio.folder / "out").iterdir()) == []
    assert unfinished(studio.folder) == []
    assert [read_number(frame) for frame in lumas(Path(studio.render(film).output))] == list(range(CLIPS * FRAMES))
