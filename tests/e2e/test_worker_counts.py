"""However many workers draw a video, here or on a cluster, each frame and each packet of sound is the same."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from distributed import LocalCluster

from core.render.executors import DASK_VARIABLE
from core.render.work import PictureRun
from core.render.workshop import Workshop
from tests.support.studio import Studio, content_of
from tests.support.sync import write_flash_and_beep

type Json = Any

CLIPS = 8


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip at a rate that is no whole number."""
    folder = tmp_path_factory.mktemp("media")
    write_flash_and_beep(folder / "clip.mp4", fps=Fraction(30000, 1001), seconds=6, size=(160, 90))
    return folder / "clip.mp4"


@pytest.fixture(scope="module")
def film() -> Json:
    """A film whose clips lap over each other."""
    picture = {"type": "video", "src": "file:clip.mp4"}
    tracks = [
        {"clips": [{"start": 2.5 * n, "duration": 2.5, "asset": picture | {"in": n / 8}} for n in range(CLIPS)]},
        {"clips": [{"start": 1.25, "duration": 17.5, "asset": {"type": "text", "text": "above"}}]},
    ]
    quality = {"crf": 30, "preset": "fast", "copy": "never"}
    output = {"width": 160, "height": 90, "fps": "30000/1001", "quality": quality}
    return {"version": 1, "output": output, "tracks": tracks}


@pytest.fixture
def studio(tmp_path: Path, media: Path) -> Studio:
    return studio_in(tmp_path, media)


def studio_in(folder: Path, media: Path) -> Studio:
    (folder / "clip.mp4").hardlink_to(media)
    return Studio(folder)


@pytest.fixture(scope="module")
def wanted(tmp_path_factory: pytest.TempPathFactory, media: Path, film: Json) -> list[object]:
    """What a single worker writes."""
    return content_of(studio_in(tmp_path_factory.mktemp("single"), media).render(film, workers=1).output)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[PictureRun]:
    """The runs that are given to workers."""
    given: list[PictureRun] = []
    known = Workshop.produce

    def produce(workshop: Workshop, work: Any, **named: Any) -> Any:
        if isinstance(work, PictureRun):
            given.append(work)
        return known(workshop, work, **named)

    monkeypatch.setattr(Workshop, "produce", produce)
    monkeypatch.setattr("core.render.runs.LEAST", 2)
    return given


@pytest.mark.parametrize("workers", [2, 4])
def test_several_workers_draw_what_one_draws(
    studio: Studio, film: Json, wanted: list[object], runs: list[PictureRun], workers: int
) -> None:
    report = studio.render(film, workers=workers)
    assert len(runs) >= workers
    assert content_of(report.output) == wanted


@pytest.fixture
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as local:
        yield local


def test_a_cluster_of_two_draws_what_one_worker_draws(
    studio: Studio,
    film: Json,
    wanted: list[object],
    runs: list[PictureRun],
    cluster: LocalCluster,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(DASK_VARIABLE, cluster.scheduler_address)
    report = studio.render(film, workers=2)
    assert len(runs) >= 2
    assert content_of(report.output) == wanted
