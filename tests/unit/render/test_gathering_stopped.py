"""Gathering ends soon when it is cancelled: what is being fetched is let go of, what waits is not begun."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.api import Cancelled
from core.host.host import PluginHost
from core.render.events import Stage, StageStarted
from core.render.preparing import prepare
from core.render.store import sha256_of
from core.timeline.plan import Probe
from tests.support.distributions import on_path, write_plugin
from tests.support.timelines import clip, document

SLOW = """\
import asyncio
from pathlib import Path

from core.api import AssetKind, AssetProvider, hookimpl

HERE = Path(__file__).parent


class Slow:
    def __init__(self, context): ...

    async def search(self, search): ...

    async def fetch(self, asset_id, folder):
        (folder / "begun").write_text("begun")
        (HERE / f"asked-{asset_id}").touch()
        try:
            await asyncio.Event().wait()
        finally:
            (HERE / f"let-go-{asset_id}").touch()

    async def close(self): ...


@hookimpl
def reelhouse_asset_providers():
    yield AssetProvider(id="acme.slow", title="Slow", kinds=frozenset({AssetKind.IMAGE}), open=Slow)
"""


@pytest.fixture
def host(tmp_path: Path) -> Iterator[PluginHost]:
    write_plugin(tmp_path / "site", "acme-slow", SLOW, contributes={"asset_providers": ["acme.slow"]})
    with on_path(tmp_path / "site"), PluginHost.load(home=tmp_path / "home") as loaded:
        yield loaded


def pictures(*srcs: str) -> str:
    return json.dumps(document(*(clip(2 * n, asset={"type": "image", "src": src}) for n, src in enumerate(srcs))))


def picture(path: Path, _content: str) -> Probe:
    """Describe a file as one that can be shown."""
    return Probe(kind="image", width=2, height=2)


def test_what_is_being_fetched_is_let_go_of_and_leaves_nothing(
    tmp_path: Path, host: PluginHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.render.gather.FETCHES_AT_ONCE", 1)
    asked, cancelled = tmp_path / "site" / "acme_slow", threading.Event()

    def cancel_when_asked() -> None:
        while not (asked / "asked-a").exists():
            pass
        cancelled.set()

    one = threading.Thread(target=cancel_when_asked)
    one.start()
    with pytest.raises(Cancelled, match=r"^the render was cancelled$"):
        prepare(
            pictures("provider:acme.slow/a", "provider:acme.slow/b"),
            root=tmp_path,
            home=tmp_path / "home",
            host=host,
            probe=picture,
            cancelled=cancelled,
        )
    one.join()
    assert sorted(path.name for path in asked.iterdir() if "-" in path.name) == ["asked-a", "let-go-a"]
    assert list((tmp_path / "home" / "gathered").iterdir()) == []


def test_a_cancelled_probe_is_no_complaint_about_its_file(tmp_path: Path, host: PluginHost) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_text(name)
    events: list[StageStarted] = []

    def stopped(_path: Path, _content: str) -> Probe:
        raise Cancelled("the work was cancelled")

    with pytest.raises(Cancelled, match=r"^the work was cancelled$"):
        prepare(
            pictures("file:a.png", "file:b.png"),
            root=tmp_path,
            home=tmp_path / "home",
            host=host,
            probe=stopped,
            on_event=events.append,
        )
    assert events == [StageStarted(stage=Stage.GATHER, detail="file:a.png")]


def test_an_interrupt_drops_what_waits(tmp_path: Path, host: PluginHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.render.gather.FETCHES_AT_ONCE", 1)
    for number in range(20):
        (tmp_path / f"{number}.png").write_text(str(number))
    is_interrupted, probed = threading.Event(), []

    def probe(path: Path, _content: str) -> Probe:
        probed.append(path.name)
        is_interrupted.wait()
        return picture(path, "")

    def interrupt(_event: StageStarted) -> None:
        is_interrupted.set()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepare(
            pictures(*(f"file:{number}.png" for number in range(20))),
            root=tmp_path,
            home=tmp_path / "home",
            host=host,
            probe=probe,
            on_event=interrupt,
        )
    assert len(probed) < 20


def test_a_hash_that_is_not_wanted_any_more_is_not_finished(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(3_000_000))
    stop = threading.Event()
    assert sha256_of(tmp_path / "file", cancelled=stop) == (
        "35bce4eae54ec8e6cc2868baa8d157914d6ae2858811b4cc0c078c94460fa26f"
    )
    stop.set()
    with pytest.raises(Cancelled):
        sha256_of(tmp_path / "file", cancelled=stop)
