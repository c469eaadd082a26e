import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from stores import Bucket, Place

from tests.support import peers
from tests.support.peers import Peer, client_of


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the machine's own AWS settings; no search for those of a cloud machine."""
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-credentials"))


@pytest.fixture(scope="session")
def moto() -> Iterator[Peer]:
    with peers.moto() as peer:
        yield peer


@pytest.fixture(scope="session")
def s3rver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    with peers.s3rver(tmp_path_factory.mktemp("s3rver")) as peer:
        yield peer


@pytest.fixture(scope="session")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    with peers.ministack(tmp_path_factory.mktemp("ministack")) as peer:
        yield peer


@pytest.fixture(params=["moto", "s3rver", "ministack"])
def peer(request: pytest.FixtureRequest) -> Peer:
    """Each of the three servers."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Peer)
    return found


@pytest.fixture
def bucket(peer: Peer) -> Bucket:
    """A new bucket at each of the three servers."""
    return new_bucket(peer)


@pytest.fixture(params=["local", "moto", "s3rver", "ministack"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty store of each kind, at each of its services."""
    if request.param == "local":
        return Place.local(tmp_path / "store")
    return Place.s3(new_bucket(request.getfixturevalue(request.param)))


def new_bucket(peer: Peer) -> Bucket:
    made = Bucket(peer=peer, name=f"reelhouse-{uuid.uuid4().hex}", client=client_of(peer))
    made.client.create_bucket(Bucket=made.name)
    return made
