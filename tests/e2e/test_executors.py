"""The same frames wherever they are drawn: here, in a pool of processes, on a Dask cluster that loses a worker."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from distributed import LocalCluster

from core.api import Cancelled
from core.render.events import Progressed, RenderEvent, SegmentDone
from core.render.executors import DASK_VARIABLE, ClusterFailed, open_cluster, workers_here
from tests.support.studio import Studio, content_of
from tests.support.sync import write_flash_and_beep


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip at a rate that is no whole number."""
    folder = tmp_path_factory.mktemp("media")
    write_flash_and_beep(folder / "clip.mp4", fps=Fraction(30000, 1001), seconds=6, size=(160, 90))
    return folder


@pytest.fixture
def document() -> Any:
    picture = {"type": "video", "src": "file:clip.mp4"}
    clips = [{"start": 2.5 * index, "duration": 2.5, "asset": picture | {"in": index / 8}} for index in range(8)]
    quality = {"crf": 30, "preset": "fast", "copy": "never"}
    output = {"width": 160, "height": 90, "fps": "30000/1001", "quality": quality}
    return {"version": 1, "output": output, "tracks": [{"clips": clips}]}


@pytest.fixture
def studio(tmp_path: Path, media: Path) -> Studio:
    return studio_in(tmp_path, media)


def studio_in(folder: Path, media: Path) -> Studio:
    folder.mkdir(exist_ok=True)
    (folder / "clip.mp4").hardlink_to(media / "clip.mp4")
    return Studio(folder)


@pytest.fixture(scope="module")
def wanted() -> dict[str, list[object]]:
    """What one worker writes, once it was asked for."""
    return {}


def reference(wanted: dict[str, list[object]], folder: Path, media: Path, document: Any) -> list[object]:
    """Return what one worker of this process writes; made once."""
    if not wanted:
        report = studio_in(folder / "reference", media).render(document)
        wanted["video"] = content_of(report.output)
    return wanted["video"]


def test_a_pool_of_processes_draws_the_same(
    tmp_path: Path, media: Path, studio: Studio, document: Any, wanted: dict[str, list[object]]
) -> None:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        report = studio.render(document, executor=pool, workers=2)
    assert content_of(report.output) == reference(wanted, tmp_path, media, document)
    assert sum(isinstance(event, SegmentDone) for event in studio.events) == len(report.segments)


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0") as local:
        yield local


def test_a_cluster_that_loses_a_worker_draws_the_same(
    tmp_path: Path,
    media: Path,
    studio: Studio,
    document: Any,
    wanted: dict[str, list[object]],
    cluster: LocalCluster,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(DASK_VARIABLE, cluster.scheduler_address)
    killed: list[int] = []

    def kill_one(event: RenderEvent) -> None:
        if isinstance(event, Progressed) and not killed:
            killed.append(next(iter(cluster.workers.values())).pid)
            os.kill(killed[0], signal.SIGKILL)

    report = studio.render(document, workers=2, on_event=kill_one)
    assert killed
    assert content_of(report.output) == reference(wanted, tmp_path, media, document)


def test_cancelled_work_elsewhere_ends(
    studio: Studio, document: Any, cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DASK_VARIABLE, cluster.scheduler_address)
    cancelled = threading.Event()

    def cancel(event: RenderEvent) -> None:
        if isinstance(event, SegmentDone):
            cancelled.set()

    with pytest.raises(Cancelled):
        studio.render(document, workers=2, on_event=cancel, cancelled=cancelled)
    assert list((studio.folder / "out").iterdir()) == []
    assert studio.ledger


def test_a_scheduler_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:

    monkeypatch.setattr("core.render.executors.CONNECT_SECONDS", 0.2)
    with ExitStack() as closing, pytest.raises(ClusterFailed, match=r"tcp://127\.0\.0\.1:9: no Dask scheduler answers"):
        open_cluster({DASK_VARIABLE: "tcp://127.0.0.1:9"}, closing)


def test_no_cluster_is_asked_for_by_default() -> None:

    with ExitStack() as closing:
        assert open_cluster({}, closing) is None


def test_there_is_always_room_for_one_worker() -> None:
    assert 1 <= workers_here() <= (os.cpu_count() or 1)
