"""An independent reader of the format (SQLite3 Multiple Ciphers) opens a vault with its key, and not without."""

from datetime import UTC, datetime

import apsw
import pytest

from tenants.vault.api_keys.keeping import add_key
from tenants.vault.files import VaultFiles
from tenants.vault.models.api_key import ApiKey
from tenants.vault.models.project import Project, Revision
from tenants.vault.scope import scope
from tests.support.vaults import SmallHouse

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def opened(files: VaultFiles, key: bytes | None) -> apsw.Connection:
    """Open a vault's file as SQLCipher 4 wrote it."""
    connection = apsw.Connection(str(files.database), flags=apsw.SQLITE_OPEN_READONLY)
    if key is not None:
        connection.pragma("cipher", "sqlcipher")
        connection.pragma("legacy", 4)
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    return connection


async def test_another_reader_reads_the_same_rows_with_the_key(house: SmallHouse) -> None:
    tenant = await house.add_tenant()
    async with scope(tenant):
        project = await Project.create(name="film")
        await Revision.create(project=project, number=1, document={"tracks": ["ü" * 5000]})
        await add_key("pexels", "main", "secret-0123456789", now=NOW)
        rows = [(row.label, row.fingerprint, row.secret) for row in await ApiKey.all()]
    keys = await house.keyring.keys(tenant)
    async with house.pool.drained(tenant) as files:
        connection = opened(files, keys.vault)
        assert connection.execute("SELECT label, fingerprint, secret FROM api_keys").fetchall() == rows
        assert connection.execute("SELECT id, name FROM projects").fetchall() == [(str(project.id), "film")]
        assert connection.execute("SELECT document FROM revisions").get == '{"tracks":["' + r"\u00fc" * 5000 + '"]}'
        assert connection.execute("PRAGMA integrity_check").get == "ok"
        connection.close()


async def test_another_reader_reads_nothing_without_the_key(house: SmallHouse) -> None:
    tenant, other = await house.add_tenant(), await house.add_tenant()
    wrong = (await house.keyring.keys(other)).vault
    async with house.pool.drained(tenant) as files:
        for key in (None, wrong, (await house.keyring.keys(tenant)).field):
            connection = opened(files, key)
            with pytest.raises(apsw.NotADBError):
                connection.execute("SELECT * FROM sqlite_schema").fetchall()
            connection.close()
