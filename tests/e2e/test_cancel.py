"""A render that nobody wants any more ends at once, whatever its workers do, and the next one goes on from there."""

import json
import os
import random
import select
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from core.api import Cancelled
from core.render.events import Outcome, Planned, RenderEvent, SegmentDone, Stage, StageStarted
from tests.support.amount import amount
from tests.support.clips import lumas, read_number, write_clip
from tests.support.mishaps import mishap, mishaps_installed
from tests.support.studio import OpenStudio, Studio
from tests.support.undertaker import family, orphans_waited_for, unfinished

type Json = Any

COMMAND = Path(sys.executable).with_name("reelhouse")
FPS, FRAMES = 10, 20
"""Frames in a second, and in each of the three clips."""
PATIENCE = 30
"""Seconds to wait for what comes at once: a hung worker that nobody ends is given four times as long."""
OPEN_PROCESSES = 2
"""The warm process, and the one that it forks ahead for the next job."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Path]:
    with mishaps_installed(tmp_path / "site"):
        yield tmp_path / "site"


@pytest.fixture
def folder(tmp_path: Path, site: Path) -> Path:
    write_clip(tmp_path / "clip.mp4", 3 * FRAMES, fps=Fraction(FPS), size=(160, 90))
    return tmp_path


def film(*effects: Json) -> Json:
    """Write a timeline of three clips; the second one has the effects."""
    footage = [{"type": "video", "src": "file:clip.mp4", "in": 2 * number} for number in range(3)]
    clips: list[Json] = [{"start": 2 * number, "duration": 2, "asset": asset} for number, asset in enumerate(footage)]
    clips[1]["effects"] = list(effects)
    quality = {"crf": 20, "preset": "ultrafast", "copy": "never"}
    output = {"width": 160, "height": 90, "fps": FPS, "quality": quality}
    return {"version": 1, "output": output, "tracks": [{"clips": clips}]}


HUNG = film(mishap("hang", at=FRAMES // 2))
"""A film whose second clip hangs whoever draws it: it does not end by itself."""


def numbers(path: Path) -> list[int]:
    return [read_number(frame) for frame in lumas(path)]


def test_a_cancelled_render_ends_with_its_hung_worker_and_the_next_one_goes_on(folder: Path) -> None:
    before = set(family(os.getpid()))
    cancelled, is_begun = threading.Event(), threading.Event()

    def begin(event: RenderEvent) -> None:
        if isinstance(event, SegmentDone):
            is_begun.set()

    with Studio(folder).open() as studio:
        with ThreadPoolExecutor(1) as pool:
            rendering = pool.submit(studio.render, HUNG, on_event=begin, cancelled=cancelled)
            assert is_begun.wait(PATIENCE)
            cancelled.set()
            assert isinstance(rendering.exception(PATIENCE), Cancelled)
        assert len(set(family(os.getpid())) - before) <= OPEN_PROCESSES
        assert [path.name for path in studio.workshop.station.folder.iterdir()] == ["lock"]
        assert list((folder / "out").iterdir()) == []
        again = studio.render(film())
    assert set(family(os.getpid())) == before
    assert [segment.outcome for segment in again.segments] == [Outcome.CACHED, Outcome.RENDERED, Outcome.RENDERED]
    assert numbers(Path(again.output)) == list(range(3 * FRAMES))
    assert unfinished(folder) == []


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenStudio]:
    folder = tmp_path_factory.mktemp("cancelled")
    write_clip(folder / "clip.mp4", 3 * FRAMES, fps=Fraction(FPS), size=(160, 90))
    with Studio(folder).open(workers=2) as opened:
        yield opened


@pytest.mark.parametrize(
    ("is_moment", "kept"),
    [
        pytest.param(lambda event: isinstance(event, Planned), None, id="before anything"),
        pytest.param(lambda event: event == StageStarted(stage=Stage.VIDEO), None, id="while it begins"),
        pytest.param(lambda event: isinstance(event, SegmentDone) and event.number == 2, 2, id="in the midst"),
        pytest.param(lambda event: event == StageStarted(stage=Stage.ASSEMBLE), 3, id="while it is put together"),
    ],
)
def test_whenever_a_render_is_cancelled_what_was_finished_stays(
    studio: OpenStudio, is_moment: Callable[[RenderEvent], bool], kept: int | None
) -> None:
    studio.workshop.station.ledger.forget()
    cancelled = threading.Event()

    def cancel(event: RenderEvent) -> None:
        if is_moment(event):
            cancelled.set()

    with pytest.raises(Cancelled, match=r"^the render was cancelled$"):
        studio.render(film(), on_event=cancel, cancelled=cancelled)
    assert cancelled.is_set()
    finished = sum(isinstance(event, SegmentDone) for event in studio.events)
    assert kept is None or finished >= kept
    assert [path.name for path in studio.workshop.station.folder.iterdir()] == ["lock"]
    assert not (studio.folder / "out" / "out.mp4").exists()
    again = studio.render(film())
    assert [segment.outcome for segment in again.segments].count(Outcome.CACHED) == finished
    assert numbers(Path(again.output)) == list(range(3 * FRAMES))
    Path(again.output).unlink()


def test_a_render_may_be_cancelled_at_any_moment(studio: OpenStudio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.render.progress.EVERY_SECONDS", 0)
    studio.workshop.station.ledger.forget()
    studio.render(film())
    moments, chance = len(studio.events), random.Random(7)
    running, ended = set(family(os.getpid())), 0
    for _ in range(amount(40)):
        studio.workshop.station.ledger.forget()
        (studio.folder / "out" / "out.mp4").unlink(missing_ok=True)
        moment, cancelled = chance.randrange(1, moments), threading.Event()

        def count(_event: RenderEvent, moment: int = moment, cancelled: threading.Event = cancelled) -> None:
            if len(studio.events) >= moment:
                cancelled.set()

        with ThreadPoolExecutor(1) as pool:
            error = pool.submit(studio.render, film(), on_event=count, cancelled=cancelled).exception(PATIENCE)
        assert error is None or isinstance(error, Cancelled)
        ended += error is not None
        assert (studio.folder / "out" / "out.mp4").exists() == (error is None)
        assert {path.name for path in (studio.folder / "out").iterdir()} <= {"out.mp4"}
        assert [path.name for path in studio.workshop.station.folder.iterdir()] == ["lock"]
        assert len(set(family(os.getpid())) - running) <= OPEN_PROCESSES
        again = studio.render(film())
        assert numbers(Path(again.output)) == list(range(3 * FRAMES))
    assert ended > 0


@contextmanager
def terminal(*arguments: str, folder: Path, site: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run the command as a terminal does, which sends it an interrupt for the key; give it and the keyboard's end."""
    ours, theirs = os.openpty()
    environment = os.environ | {
        "REELHOUSE_HOME": str(folder / "home"),
        "PYTHONPATH": os.pathsep.join([str(site), *sys.path]),
        "COLUMNS": "200",
        "TERM": "xterm",
    }
    # Tests that run in the background ignore the interrupt, and what they start would, too.
    command = ["env", "--default-signal=INT,HUP,TERM", "setsid", "--ctty", str(COMMAND), *arguments]
    with subprocess.Popen(command, cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs) as running:
        os.close(theirs)
        try:
            yield running, ours
        finally:
            running.kill()
            os.close(ours)


def read_until(screen: int, wanted: bytes) -> bytes:
    """Read what a terminal shows, until something comes or the program has ended."""
    seen = b""
    while wanted not in seen and (chunk := read_chunk(screen)):
        seen += chunk
    return seen


def read_chunk(screen: int) -> bytes:
    """Read what a terminal shows next; nothing when the program has ended, or shows nothing for long."""
    with suppress(OSError):  # nobody shows anything any more
        if select.select([screen], [], [], PATIENCE)[0]:
            return os.read(screen, 65536)
    return b""


def test_an_interrupted_command_stops_and_says_what_is_kept(folder: Path, site: Path) -> None:
    (folder / "film.json").write_text(json.dumps(HUNG))
    with (
        orphans_waited_for(),
        terminal("render", "film.json", "-o", "film.mp4", folder=folder, site=site) as (
            command,
            keyboard,
        ),
    ):
        assert b"segment 2/3" in read_until(keyboard, b"segment 2/3")
        os.write(keyboard, b"\x03")
        said = read_until(keyboard, b"goes on from there.")
        assert b"Stopped. What was finished is kept: the next render goes on from there." in said
        assert b"Traceback" not in said
        assert command.wait(PATIENCE) == 130
    assert not (folder / "film.mp4").exists()
    assert unfinished(folder) == []
    (folder / "film.json").write_text(json.dumps(film()))
    environment = os.environ | {"REELHOUSE_HOME": str(folder / "home"), "PYTHONPATH": os.pathsep.join(sys.path)}
    again = [COMMAND, "render", "film.json", "-o", "film.mp4", "--json"]
    done = subprocess.run(again, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    outcomes = [segment["outcome"] for segment in json.loads(done.stdout)["segments"]]
    assert outcomes == [Outcome.CACHED, Outcome.RENDERED, Outcome.RENDERED]
    assert numbers(folder / "film.mp4") == list(range(3 * FRAMES))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_command_may_be_ended_at_any_moment(folder: Path, site: Path, number: signal.Signals) -> None:
    (folder / "film.json").write_text(json.dumps(film()))
    chance, ended = random.Random(number), 0
    for _ in range(amount(20)):
        with (
            orphans_waited_for(),
            terminal("render", "film.json", "-o", "out/film.mp4", folder=folder, site=site) as (command, screen),
        ):
            shown = chance.randrange(1, 1500)  # of about 2000 bytes
            while shown > 0 and (chunk := read_chunk(screen)):
                shown -= len(chunk)
            command.send_signal(number)
            said = read_until(screen, b"\0")
            ended += command.wait(PATIENCE) == 128 + number
            assert b"Traceback" not in said
            assert command.returncode in (0, 128 + number)
        assert unfinished(folder) == []
        left = {path.name for path in (folder / "out").iterdir()} if (folder / "out").exists() else set()
        assert left == (set() if command.returncode else {"film.mp4"})
        shutil.rmtree(folder / "home" / "ledger", ignore_errors=True)
        shutil.rmtree(folder / "out", ignore_errors=True)
    assert ended > 0
