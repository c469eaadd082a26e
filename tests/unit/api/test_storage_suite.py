"""The contract suite of stores: the template's store passes, and each way to break it is found."""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from core.api import PluginContext, StorageBackend
from core.api.testing import ContractError, MissingValueError, check_storage
from core.host.projects import ProjectKind, write_project
from tests.support.distributions import on_path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ModuleType]:
    """The module that ``reelhouse plugin new --kind storage`` writes."""
    with on_path(write_project("acme.kept", ProjectKind.STORAGE, tmp_path / "project")):
        yield import_module("acme_kept")
    assert "acme_kept" not in sys.modules


def check(store: ModuleType, folder: Path, **replaced: object) -> None:
    """Run the suite on the store with some of its methods replaced."""

    def opened(context: PluginContext) -> object:
        broken = type("Broken", (store.FolderStorage,), replaced)
        (folder / "objects").mkdir()
        return broken(folder / "objects")

    check_storage(StorageBackend(id="acme.kept.folder", title="Kept", open=opened), folder / "check", size=300_000)


def test_a_store_that_keeps_the_contract_passes_and_leaves_nothing_behind(store: ModuleType, tmp_path: Path) -> None:
    check(store, tmp_path)
    assert list((tmp_path / "objects").iterdir()) == []


async def whole(self: object, key: str, *, start: int = 0, length: int | None = None):
    _, file = self._open(self._path(key))
    with file:
        yield file.read()


async def unordered(self: object, prefix: str = ""):
    found = [self._stat(path) for path in self._folder.glob("*.object")]
    for each in sorted(found, key=lambda each: each.key, reverse=True):
        if each.key.startswith(prefix):
            yield each


async def forgetful(self: object, key: str, source: Path, *, content_type: str = "application/octet-stream"):
    return self._put(self._path(key), key, source, "application/octet-stream")


async def lenient(self: object, key: str) -> None:
    self._path(key.replace("..", "_") or "x").unlink(missing_ok=True)


async def strict(self: object, key: str) -> None:
    self._path(key).unlink()


async def bare(self: object, key: str, *, expires_in: object, filename: str | None = None) -> str:
    return key


async def none(self: object, key: str, target: Path) -> None: ...


@pytest.mark.parametrize(
    ("replaced", "breach"),
    [
        ({"read": whole}, r"start=0, length=0\): gave other bytes|length=0\) gave other bytes than were put"),
        ({"list": unordered}, "every key that begins with the prefix, in the order of the keys"),
        ({"put": forgetful}, "stat says content type 'application/octet-stream', put was given 'text/x-check'"),
        ({"delete": lenient}, "delete of the key '' must raise InvalidInput, and raised nothing"),
        ({"delete": strict}, "delete of a key that is not there raised FileNotFoundError"),
        ({"link": bare}, "instead of a URL or None"),
        ({"fetch": none}, "fetch returned NoneType instead of StoredObject"),
    ],
)
def test_a_store_that_breaks_the_contract_is_found(
    store: ModuleType, tmp_path: Path, replaced: dict[str, object], breach: str
) -> None:
    with pytest.raises(ContractError, match=breach):
        check(store, tmp_path, **replaced)


def test_a_store_that_needs_configuration_asks_for_it(store: ModuleType, tmp_path: Path) -> None:
    parameter = type(store.FOLDER.params[0])(name="bucket", title="Bucket", type="text")
    backend = StorageBackend(id="acme.kept.cloud", title="Cloud", open=store.open_folder, params=(parameter,))
    with pytest.raises(MissingValueError, match="give a value for bucket"):
        check_storage(backend, tmp_path / "check")
