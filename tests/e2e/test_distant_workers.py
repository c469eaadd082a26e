"""Workers with homes of their own: what they need goes through a store, and so does what they make."""

import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from distributed import Client, LocalCluster

from core.api import Cancelled
from core.media.text.fonts import BUNDLED
from core.render.events import Outcome, RenderEvent, SegmentDone
from core.render.executors import DASK_VARIABLE, STORE_VARIABLE
from core.render.site import WorkerDiffers
from tests.support import peers
from tests.support.peers import client_of
from tests.support.studio import Studio, content_of
from tests.support.sync import write_flash_and_beep
from tests.support.undertaker import family, unfinished
from tests.unit.plugins.storage.stores import Bucket

type Json = Any

FPS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A scheduler, its workers' processes and homes, and the bucket through which they are reached."""

    address: str
    workers: tuple["subprocess.Popen[bytes]", ...]
    homes: tuple[Path, ...]
    bucket: Bucket


def settings_of(bucket: Bucket) -> str:
    """Write a ``plugins.toml`` whose ``s3`` lies in a bucket."""
    config = ", ".join(f"{name} = {value!r}" for name, value in bucket.config(attempts=5).items())
    return f'[plugins]\n"reelhouse.s3" = {{ enabled = true, config = {{ {config} }} }}\n'.replace("'", '"')


@contextmanager
def worker(address: str, home: Path, count: int = 1) -> Iterator["subprocess.Popen[bytes]"]:
    """Start a worker of Dask in a process of its own, without a nanny that would start it again."""
    command = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", str(count), "--no-nanny"]
    environment = os.environ | {"REELHOUSE_HOME": str(home), "AWS_EC2_METADATA_DISABLED": "true"}
    with (home / "log").open("wb") as log:
        running = subprocess.Popen(
            [*command, "--no-dashboard", "--local-directory", str(home / "dask")],
            env=environment,
            cwd=home,
            stdout=log,
            stderr=log,
        )
    try:
        yield running
    finally:
        running.terminate()
        try:
            running.wait(30)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with ExitStack() as closing:
        peer = closing.enter_context(peers.moto())
        bucket = Bucket(peer=peer, name=f"reelhouse-{uuid.uuid4().hex}", client=client_of(peer))
        bucket.client.create_bucket(Bucket=bucket.name)
        scheduler = closing.enter_context(LocalCluster(n_workers=0, dashboard_address=":0"))
        homes = tuple(tmp_path / name for name in ("one", "two"))
        for home in (*homes, tmp_path / "home"):
            home.mkdir()
            (home / "plugins.toml").write_text(settings_of(bucket))
        address = scheduler.scheduler_address
        workers = tuple(closing.enter_context(worker(address, home)) for home in homes)
        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
        monkeypatch.setenv(DASK_VARIABLE, address)
        monkeypatch.setenv(STORE_VARIABLE, "s3")
        yield Cluster(address=address, workers=workers, homes=homes, bucket=bucket)


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    write_flash_and_beep(tmp_path / "clip.mp4", fps=Fraction(FPS), seconds=6, size=(160, 90))
    (tmp_path / "fonts").mkdir()
    font = next(path for path in sorted(BUNDLED.rglob("*.ttf")) if "Arabic" in path.name)
    (tmp_path / "fonts" / "house.ttf").write_bytes(font.read_bytes())
    return Studio(tmp_path)


@pytest.fixture
def document() -> Json:
    footage = {"type": "video", "src": "file:clip.mp4"}
    clips = [{"start": 2.5 * number, "duration": 2.5, "asset": footage | {"in": number / 8}} for number in range(8)]
    title = {"start": 1, "duration": 4, "asset": {"type": "text", "text": "Grüße, عالم"}}
    quality = {"crf": 30, "preset": "fast", "copy": "never"}
    output = {"width": 160, "height": 90, "fps": FPS, "quality": quality, "poster": {"at": 2}, "storyboard": True}
    return {"version": 1, "output": output, "tracks": [{"clips": clips}, {"clips": [title]}]}


def at_home(studio: Studio, document: Json, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return what this machine draws by itself."""
    with monkeypatch.context() as alone:
        alone.delenv(DASK_VARIABLE)
        alone.delenv(STORE_VARIABLE)
        return content_of(studio.render(document, name="alone").output)


def test_workers_with_other_homes_draw_the_same_and_nothing_twice(
    cluster: Cluster, studio: Studio, document: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = studio.render(document, workers=2)
    assert {segment.outcome for segment in report.segments} == {Outcome.RENDERED}
    assert all(any((home / "ledger").rglob("piece")) for home in cluster.homes)  # both have worked
    assert {name.split("/")[0] for name in cluster.bucket.names()} == {"ledger", "files"}  # no note is left
    again = studio.render(document, workers=2, name="again")
    assert {segment.outcome for segment in again.segments} == {Outcome.CACHED}
    seen = content_of(report.output)
    assert content_of(again.output) == seen == at_home(studio, document, monkeypatch)
    assert unfinished(studio.folder) == []


def test_a_worker_that_is_killed_costs_no_more_than_what_it_was_at(
    cluster: Cluster, studio: Studio, document: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed: list[int] = []

    def kill(event: RenderEvent) -> None:
        if isinstance(event, SegmentDone) and not killed:
            killed.extend(family(cluster.workers[0].pid))
            for pid in reversed(killed):
                os.kill(pid, signal.SIGKILL)

    report = studio.render(document, workers=2, on_event=kill)
    assert killed
    assert content_of(report.output) == at_home(studio, document, monkeypatch)


def test_cancelling_reaches_workers_far_away(cluster: Cluster, studio: Studio, document: Json) -> None:
    cancelled = threading.Event()

    def cancel(event: RenderEvent) -> None:
        if isinstance(event, SegmentDone):
            cancelled.set()

    with pytest.raises(Cancelled):
        studio.render(document, workers=2, on_event=cancel, cancelled=cancelled)
    assert list((studio.folder / "out").iterdir()) == []
    with Client(cluster.address, set_as_default=False) as client:
        while any(client.processing().values()):
            threading.Event().wait(0.1)
    report = studio.render(document, workers=2)
    assert Outcome.CACHED in {segment.outcome for segment in report.segments}


def test_a_worker_of_another_version_is_refused(
    cluster: Cluster, studio: Studio, document: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.render.opening.engine_version", lambda: "0.0.1 of another house")
    with pytest.raises(WorkerDiffers, match=r"instead of 0\.0\.1 of another house"):
        studio.render(document, workers=2)
    assert list((studio.folder / "out").iterdir()) == []
    assert not [name for name in cluster.bucket.names() if name.startswith("ledger/") and "index" in name]
