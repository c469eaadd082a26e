"""Hundreds of renders in one process: it grows no larger, and holds no more files, threads or processes."""

import tempfile
import threading
import tracemalloc
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from core.api import Cancelled
from core.render.events import Outcome, Progressed, RenderEvent
from core.timeline.complaints import InvalidTimeline
from tests.support.amount import amount
from tests.support.footprint import Footprint
from tests.support.studio import OpenStudio, Studio
from tests.support.sync import write_flash_and_beep

type Json = Any

ROUND = 10
"""How many renders there are in a round, each of another kind: with the first one all that is loaded late is there."""
OBJECTS = 2**11
"""Bytes of Python's objects that a render may leave: the ledger remembers which of its pieces it has verified."""
CHANCE = 2**16
"""Bytes by which Python's objects differ between two moments whatever was done, as caches fill."""
FLAT = 1.05
"""How much more memory the last render may take, as a part of what the tenth did: allocators leave gaps."""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files lie, if anybody makes one."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def studio(tmp_path: Path, temporary: Path) -> Iterator[OpenStudio]:
    write_flash_and_beep(tmp_path / "clip.mp4", fps=Fraction(30), seconds=3, size=(160, 90))
    (tmp_path / "broken.mp4").write_bytes((tmp_path / "clip.mp4").read_bytes()[:3000])
    tracemalloc.start()
    try:
        with Studio(tmp_path).open(workers=2) as opened:
            yield opened
    finally:
        tracemalloc.stop()


def film(number: int, *, encoder: str = "mp4-h264", **more: Json) -> Json:
    """Write a timeline of 24 frames that was never rendered: footage, a colour, a title, a transition."""
    footage = {"type": "video", "src": "file:clip.mp4", "in": number / 1000}
    title = {"type": "text", "text": f"No. {number}", "size": 0.3}
    return {
        "version": 1,
        "output": {"width": 160, "height": 90, "fps": 30, "encoder": encoder, "quality": "draft", **more},
        "tracks": [
            {
                "clips": [
                    {"start": 0, "duration": 0.5, "asset": footage},
                    {
                        "start": 0.4,
                        "duration": 0.4,
                        "asset": {"type": "color", "color": f"#{number * 977 % 0x1000000:06x}"},
                        "transition": {"use": "fade", "duration": 0.1},
                    },
                ]
            },
            {"clips": [{"start": 0, "duration": "end", "asset": title}]},
        ],
    }


def untouched(number: int) -> Json:
    """Write a timeline of footage that passes through, from another frame in each round."""
    footage = {"type": "video", "src": "file:clip.mp4", "in": round(number / ROUND / 30, 6)}
    clip = {"start": 0, "duration": 1.5, "asset": footage}
    return {"version": 1, "output": {"width": 160, "height": 90, "fps": 30}, "tracks": [{"clips": [clip]}]}


def render_a_round(studio: OpenStudio, first: int) -> int:
    """Render once in each way, nothing of which is in the ledger but what is rendered twice; return the peak memory."""
    beside = {"poster": {"at": 0.3}, "storyboard": True, "waveform": True}
    reports = [
        studio.render(film(first), name="plain"),
        studio.render(film(first + 1, encoder="webm-vp9"), name="vp9"),
        studio.render(film(first + 2, **beside), name="beside"),
        studio.render(film(first + 3, renditions=[{"width": 80, "height": 46}]), name="renditions"),
        studio.render(film(first + 4, encoder="gif"), name="whole"),
        studio.render(film(first + 5, encoder="m4a"), name="sound"),
        studio.render(untouched(first), name="copied"),
    ]
    again = studio.render(film(first), name="plain")
    assert {segment.outcome for segment in again.segments} == {Outcome.CACHED}
    assert all(segment.outcome is not Outcome.CACHED for report in reports for segment in report.segments)
    cancelled = threading.Event()

    def cancel(event: RenderEvent) -> None:
        if isinstance(event, Progressed):
            cancelled.set()

    with pytest.raises(Cancelled):
        studio.render(film(first + 6), name="cancelled", on_event=cancel, cancelled=cancelled)
    broken = film(first + 7)
    broken["tracks"][0]["clips"][0]["asset"]["src"] = "file:broken.mp4"
    with pytest.raises(InvalidTimeline, match="damaged or cut off"):
        studio.render(broken, name="broken")
    return max(report.peak_memory for report in reports)


def files_in(folder: Path) -> list[Path]:
    """Return all that lies in a folder but the ledger's pieces; what is unfinished in the ledger counts."""
    ledger = folder / "home" / "ledger"
    return sorted([*(path for path in folder.rglob("*") if ledger not in path.parents), *ledger.rglob(".*")])


def test_the_last_of_many_renders_takes_no_more_than_the_tenth(
    studio: OpenStudio, temporary: Path, tmp_path: Path
) -> None:
    renders = amount(200)
    first_peak = render_a_round(studio, 0)
    before, files = Footprint.now(), files_in(tmp_path)
    peak = max(render_a_round(studio, number) for number in range(ROUND, renders, ROUND))
    after = Footprint.now()
    assert (after.files, after.threads, after.processes) == (before.files, before.threads, before.processes)
    assert after.objects - before.objects < OBJECTS * (renders - ROUND) + CHANCE
    assert after.memory < before.memory * FLAT
    assert after.peak < before.peak * FLAT
    assert peak < first_peak * FLAT
    assert files_in(tmp_path) == files
    assert [path.name for path in studio.workshop.station.folder.iterdir()] == ["lock"]
    assert list(temporary.iterdir()) == []
