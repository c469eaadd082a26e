"""A clip that crashes or hangs whoever draws it: tried again, then named with cause, log and the last good frame."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.api import PluginFailed
from core.cage import Cage, CagedJob
from core.render.events import Outcome
from core.render.failures import SegmentFailed
from core.render.report import RenderReport
from core.render.work import PictureRun
from tests.support.clips import read_number, write_clip
from tests.support.mishaps import mishap, mishaps_installed
from tests.support.studio import Studio
from tests.support.undertaker import unfinished

type Json = Any

COMMAND = Path(sys.executable).with_name("reelhouse")
FPS, FRAMES = 10, 20
"""Frames in a second, and in each of the three clips."""
STALL = 4
"""Seconds after which a worker counts as hung here; one that works says something every tenth of a second."""


@pytest.fixture(autouse=True)
def site(tmp_path: Path) -> Iterator[Path]:
    with mishaps_installed(tmp_path / "site"):
        yield tmp_path / "site"


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    write_clip(tmp_path / "clip.mp4", 3 * FRAMES, fps=Fraction(FPS), size=(160, 90))
    return Studio(tmp_path)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[list[tuple[int, int]]]:
    """The segments that workers are given to draw, one list for each time that one is started."""
    given: list[list[tuple[int, int]]] = []

    def start(cage: Cage, function: object, work: object, *arguments: object, **named: object) -> CagedJob:
        if isinstance(work, PictureRun):
            given.append([(cut.first, cut.end) for cut in work.cuts])
        return known(cage, function, work, *arguments, **named)

    known = Cage.start
    monkeypatch.setattr(Cage, "start", start)
    return given


def film(*effects: Json) -> Json:
    """Write a timeline of three clips; the second one, ``broken``, has the effects."""
    footage = [{"type": "video", "src": "file:clip.mp4", "in": 2 * number} for number in range(3)]
    clips: list[Json] = [
        {"id": name, "start": 2 * number, "duration": 2, "asset": asset}
        for number, (name, asset) in enumerate(zip(("before", "broken", "after"), footage, strict=True))
    ]
    clips[1]["effects"] = list(effects)
    quality = {"crf": 20, "preset": "ultrafast", "copy": "never"}
    output = {"width": 160, "height": 90, "fps": FPS, "quality": quality}
    return {"version": 1, "output": output, "tracks": [{"clips": clips}]}


def outcomes(report: RenderReport) -> list[tuple[int, int, Outcome]]:
    return [(segment.first, segment.end, segment.outcome) for segment in report.segments]


def assert_last_good(path: Path | None) -> None:
    """Check that it is a picture of the last frame before the clip that fails."""
    assert path is not None
    with Image.open(path) as picture:
        assert picture.format == "JPEG"
        assert read_number(np.asarray(picture.convert("L"))) == FRAMES - 1


@pytest.mark.parametrize(
    ("how", "cause", "said"),
    [
        ("crash", "the job crashed", "Segmentation fault"),
        ("exit", "the job ended without a result", ""),
    ],
)
def test_a_clip_that_ends_its_worker_is_tried_three_times_and_named(
    studio: Studio, runs: list[list[tuple[int, int]]], how: str, cause: str, said: str
) -> None:
    with pytest.raises(SegmentFailed) as failed:
        studio.render(film(mishap(how, at=0)))
    assert runs[0] == [(0, 20), (20, 40), (40, 60)]
    assert runs[-1] == [(20, 40)]
    assert sum((20, 40) in run for run in runs) == 3
    assert failed.value.clips == ("broken",)
    assert str(failed.value).startswith("broken: seconds 2.00 to 4.00 could not be rendered in 3 tries: ")
    assert cause in str(failed.value)
    assert f"frame 0 is about to {how}\n" in failed.value.log
    assert said in failed.value.log
    assert_last_good(failed.value.last_frame)
    assert list((studio.folder / "out").iterdir()) == []
    assert unfinished(studio.folder) == []
    mended = studio.render(film())
    assert outcomes(mended) == [(0, 20, Outcome.CACHED), (20, 40, Outcome.RENDERED), (40, 60, Outcome.RENDERED)]


def test_a_clip_that_hangs_its_worker_is_tried_three_times_and_others_are_finished(
    studio: Studio, runs: list[list[tuple[int, int]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.render.caged.STALL_SECONDS", STALL)
    monkeypatch.setattr("core.render.runs.LEAST", 2)
    with pytest.raises(SegmentFailed) as failed:
        studio.render(film(mishap("hang", at=5)), workers=3)
    assert sorted(runs) == [[(0, 20)], [(20, 40)], [(20, 40)], [(20, 40)], [(40, 60)]]
    assert str(failed.value).endswith(f"in 3 tries: a worker said nothing for {STALL} s")
    assert failed.value.clips == ("broken",)
    assert failed.value.log.endswith("frame 5 is about to hang\n")
    assert_last_good(failed.value.last_frame)
    assert unfinished(studio.folder) == []
    mended = studio.render(film())
    assert outcomes(mended) == [(0, 20, Outcome.CACHED), (20, 40, Outcome.RENDERED), (40, 60, Outcome.CACHED)]


def test_a_clip_whose_effect_raises_is_named_at_once_for_it_would_raise_again(
    studio: Studio, runs: list[list[tuple[int, int]]]
) -> None:
    with pytest.raises(PluginFailed) as failed:
        studio.render(film(mishap("raise", at=0)))
    assert runs == [[(0, 20), (20, 40), (40, 60)]]
    assert (failed.value.path, failed.value.cause) == ("tracks[0].clips[1].effects[0]", "RuntimeError('out of luck')")
    assert str(failed.value) == (
        "tracks[0].clips[1].effects[0]: acme.mishap.strike (plugin acme.mishap 1.0) failed: RuntimeError('out of luck')"
    )
    assert list((studio.folder / "out").iterdir()) == []
    assert unfinished(studio.folder) == []
    mended = studio.render(film())
    assert outcomes(mended) == [(0, 20, Outcome.CACHED), (20, 40, Outcome.RENDERED), (40, 60, Outcome.RENDERED)]


def test_the_command_names_clip_cause_log_and_last_good_frame(studio: Studio, site: Path) -> None:
    (studio.folder / "film.json").write_text(json.dumps(film(mishap("crash", at=0))))
    environment = os.environ | {
        "REELHOUSE_HOME": str(studio.folder / "home"),
        "PYTHONPATH": os.pathsep.join([str(site), *sys.path]),
    }
    command = [COMMAND, "render", "film.json", "-o", "film.mp4"]
    done = subprocess.run(command, cwd=studio.folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Error: broken: seconds 2.00 to 4.00 could not be rendered in 3 tries: the job crashed" in done.stderr
    assert "frame 0 is about to crash" in done.stderr
    [last] = [line for line in done.stderr.splitlines() if line.startswith("Last good frame: ")]
    assert_last_good(Path(last.removeprefix("Last good frame: ")))
    assert not (studio.folder / "film.mp4").exists()
