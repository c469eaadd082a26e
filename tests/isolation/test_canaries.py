"""Secrets of tenants are found in no file, log line, exception or temporary file, with everything logged."""

import asyncio
import logging
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from tortoise.exceptions import BaseORMException
from tortoise.transactions import in_transaction

from core.api import AuthFailed, InvalidInput, ReelhouseError
from tenants.keys import Secret, Tampered
from tenants.vault.api_keys.keeping import add_key, change_key, list_keys, revoke_key
from tenants.vault.api_keys.proving import prove_rotation, rotate_key
from tenants.vault.api_keys.proving import test_key as try_key
from tenants.vault.api_keys.using import use
from tenants.vault.binding import required
from tenants.vault.models.api_key import ApiKey
from tenants.vault.models.project import Project, Revision
from tenants.vault.models.setting import Setting
from tenants.vault.scope import scope
from tenants.vault.secrets import secret_write
from tenants.vault.sqlite.access import ALIAS
from tests.support.amount import amount
from tests.support.counts import counted
from tests.support.vaults import SmallHouse

TENANTS = 30
NOW = datetime(2026, 11, 23, tzinfo=UTC)


class Keeping(logging.Handler):
    """Keeps all that is logged, formatted with its exceptions."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(name)s %(message)s %(args)s"))
        self.text: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.text.append(self.format(record))


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All that is logged, at every level, by everyone, asyncio in its debug mode included."""
    keeping = Keeping()
    monkeypatch.setattr(logging.getLogger(), "handlers", [keeping])
    for name in (None, "tortoise", "tortoise.db_client", "aiosqlite", "asyncio", "tenants"):
        caplog.set_level(logging.DEBUG, logger=name)
        monkeypatch.setattr(logging.getLogger(name), "propagate", True)
    return keeping.text


async def test_no_secret_and_no_content_of_a_vault_is_found_anywhere(
    house: SmallHouse, home: Path, logged: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    temporary = home / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("SQLITE_TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    loop.slow_callback_duration = 0.0  # every step is logged
    errors: list[str] = []
    canaries: list[str] = []
    for _ in range(amount(TENANTS)):
        tenant = await house.add_tenant()
        canaries += (found := [f"canary-{uuid4().hex}" for _ in range(4)])
        errors += await _live(house, tenant, *found)
    keys = [await house.keyring.keys(tenant, version) for tenant, version in list(house.keys.rows)]
    assert {each.version for each in keys} == {1, 2}
    loop.set_debug(False)
    captured = capfd.readouterr()
    spoken = [*logged, *errors, captured.out, captured.err]
    assert len(errors) >= 6
    assert any("INSERT" in line for line in logged)  # the control plane's are: so this would have been noticed
    for canary in canaries:
        assert not [text for text in spoken if canary in text]
    for key in keys:
        assert not [text for text in spoken if key.vault.hex() in text.lower() or key.field.hex() in text.lower()]
    files = contents(home)
    assert {name for name, _ in files} >= {"control.db", "vault.db"}
    for _, content in files:
        assert not [canary for canary in canaries if canary.encode() in content]
        assert not [key for key in keys if key.vault in content or key.field in content]
    counted(f"{len(canaries)} canaries in {len(files)} files and {len(spoken)} lines: none found")


def contents(home: Path) -> list[tuple[str, bytes]]:
    """Return all files below a folder, with what is in them."""
    return [(path.name, path.read_bytes()) for path in home.rglob("*") if path.is_file()]


async def _live(house: SmallHouse, tenant: UUID, first: str, second: str, third: str, content: str) -> list[str]:
    """Do everything that is done with secrets, and make it fail; return what was raised, with its trace."""
    errors = []

    async def refuse(secret: Secret) -> None:
        raise AuthFailed("wrong key")

    async def accept(secret: Secret) -> None:
        pass

    async with scope(tenant):
        key = await add_key("pexels", "main", first, now=NOW)
        for failing in (
            add_key("pexels", "main", third, now=NOW),
            add_key("pixabay", "x" * 200, third, now=NOW),
            add_key("pixabay", "main", third + "\x00", now=NOW),
            rotate_key(uuid4(), third, now=NOW),
            change_key(key.id, label="", now=NOW),
            _unique(content),
            _moved(key.id),
        ):
            try:
                await failing
            except (ReelhouseError, InvalidInput, BaseORMException, Tampered) as err:
                errors.append("".join(traceback.TracebackException.from_exception(err, capture_locals=False).format()))
        await try_key(key.id, refuse, now=NOW)
        await rotate_key(key.id, second, now=NOW)
        await prove_rotation(key.id, accept, now=NOW)
        async with use("pexels", now=NOW, cost=3) as taken:
            errors.append(repr(taken) + repr(taken.secret) + repr(await list_keys(now=NOW)))
        project = await Project.create(name=content, description=content)
        await Revision.create(project=project, number=1, document={"text": [content] * 2000})
        async with in_transaction(ALIAS):
            await Setting.bulk_create([Setting(name=f"{content}{number}", value=content) for number in range(200)])
        assert len(await Setting.all().order_by("-value", "name")) == 200
        assert await Setting.filter(name__contains=content).count() == 200
        await required().current.execute_query("SELECT * FROM settings WHERE name = ? ORDER BY value", [content])
        assert content not in repr(required()) + repr(house.pool)
    await house.pool.rekey(tenant, house.keyring.adopt)
    async with scope(tenant):
        kept = await ApiKey.get(id=key.id)
        assert second.encode() not in (kept.secret or b"")
        await revoke_key(key.id, now=NOW)
    return errors


async def _unique(content: str) -> None:
    await Setting.create(name=content, value=content)
    try:
        await Setting.create(name=content, value=content)
    finally:
        await Setting.all().delete()


async def _moved(key_id: UUID) -> None:
    """Read a secret in a row it was not written for."""
    row = await ApiKey.get(id=key_id)
    async with secret_write():
        await ApiKey.filter(id=key_id).update(version=row.version + 1)
    try:
        async with use("pexels", now=NOW):
            pass
    finally:
        async with secret_write():
            await ApiKey.filter(id=key_id).update(version=row.version)
