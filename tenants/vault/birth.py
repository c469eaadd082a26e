"""Birth: a new vault. Its tables are made by the migrations once a process; each vault is given a copy of them."""

import asyncio
from collections.abc import Callable
from functools import cache
from uuid import UUID

from sqlcipher3 import dbapi2

from tenants.control.migrating import migrate
from tenants.keys import TenantKeys
from tenants.vault.anchors import Anchor
from tenants.vault.binding import bound_to
from tenants.vault.checking import read_state
from tenants.vault.digests import secrets_digest
from tenants.vault.failures import VaultQuarantined
from tenants.vault.files import VaultFiles
from tenants.vault.migrations import MIGRATIONS
from tenants.vault.registering import APPS, nothing_else
from tenants.vault.sqlite.access import ALIAS, Raw
from tenants.vault.sqlite.client import VaultClient
from tenants.vault.sqlite.errors import translated
from tenants.vault.sqlite.opening import open_file

type Blueprint = tuple[tuple[str, tuple[str, ...]], ...]
"""Statements with their values, which make the tables of a new vault."""


@cache
def blueprint() -> Blueprint:
    """Run all migrations in memory, and return what makes the same tables in a file. Not in an event loop's thread."""
    return asyncio.run(_drawn())


async def _drawn() -> Blueprint:
    memory = _Memory()
    with bound_to(VaultClient(memory), nothing_else()):
        await migrate(ALIAS, APPS)
    with memory.raw:
        made = memory.raw.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
        applied = memory.raw.execute("SELECT app, name, applied_at FROM tortoise_migrations ORDER BY id").fetchall()
        statements = [(row[0], ()) for row in made]
    memory.raw.close()
    insert = "INSERT INTO tortoise_migrations (app, name, applied_at) VALUES (?, ?, ?)"
    return (*statements, *((insert, tuple(row)) for row in applied))


def make_vault(files: VaultFiles, keys: TenantKeys, *, instance: UUID) -> Anchor:
    """Make a vault beside, whole, before it gets its name; return its anchor. Raise ``VaultUnavailable``."""
    for left_over in files.folder.glob(f"{files.new.name}*"):
        left_over.unlink()
    files.new.touch(mode=0o600)  # SQLite gives the files beside it the same
    schema = MIGRATIONS[-1]
    with translated():
        raw = open_file(files.new, keys.vault, may_create=True)
        try:
            raw.execute("BEGIN IMMEDIATE")
            for statement, values in blueprint():
                raw.execute(statement, values)
            secrets = secrets_digest(raw, keys, epoch=0)
            raw.execute(
                "INSERT INTO meta (id, tenant, instance, epoch, digest, schema, is_open) VALUES (1, ?, ?, 0, ?, ?, 0)",
                (str(keys.tenant), str(instance), secrets, schema),
            )
            raw.execute("COMMIT")
        finally:
            raw.close()
    files.new.replace(files.database)
    files.sync()
    return Anchor(epoch=0, secrets=secrets, file=files.digest(), schema=schema)


def find_vault(files: VaultFiles, keys: TenantKeys, *, instance: UUID) -> Anchor:
    """Return the anchor of a vault that was made but not recorded. Raise ``VaultQuarantined`` if it was ever used."""
    file = files.digest()
    with translated():
        raw = open_file(files.database, keys.vault)
        try:
            state = read_state(raw, keys, instance=instance)
        finally:
            raw.close()
    if state["epoch"] or files.digest() != file:
        raise VaultQuarantined("the control plane does not know it")
    return Anchor(file=file, **state)


class _Memory:
    """Access to a database in memory, without a key and a thread: nothing of a tenant gets there."""

    is_ended = False

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.raw = dbapi2.connect(":memory:", isolation_level=None)
        self.raw.row_factory = dbapi2.Row

    async def run[Result](self, errand: Callable[[Raw], Result]) -> Result:
        return errand(self.raw)

    async def run_surely[Result](self, errand: Callable[[Raw], Result]) -> Result:
        return errand(self.raw)
