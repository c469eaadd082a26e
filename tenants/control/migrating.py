"""Migrating: bring a database up to what the code expects, all of it or nothing, one process at a time."""

from collections.abc import Mapping
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.context import require_context
from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.schema_editor import BasePostgresSchemaEditor, SqliteSchemaEditor
from tortoise.transactions import in_transaction

from tenants.control.failures import DatabaseBroken, DatabaseNewer

_ADVISORY_LOCK = 0x5245454C  # "REEL": any number that nobody else takes in this database


async def migrate(alias: str, apps: Mapping[str, dict[str, Any]]) -> list[str]:
    """Apply the migrations of ``apps`` that the database behind ``alias`` lacks; return their names.

    Call it within the database's context, before anyone else uses the connection. Everything happens in one
    transaction that holds the database's own lock: who comes at the same time waits, and finds it done. Raise
    ``DatabaseNewer`` where the database holds a migration that is not known here, ``DatabaseBroken`` where rows refer
    to rows that are gone; nothing is changed then, and the connection is to be closed.
    """
    client = require_context().connections.get(alias)
    is_sqlite = client.capabilities.dialect == "sqlite"
    if is_sqlite:
        # A table that others refer to is changed by making it anew. Without effect within a transaction.
        await client.execute_query("PRAGMA foreign_keys=OFF")
    applied: list[str] = []
    async with in_transaction(alias) as transaction:
        if not is_sqlite:
            await transaction.execute_query("SELECT pg_advisory_xact_lock($1)", [_ADVISORY_LOCK])
        executor = MigrationExecutor(transaction, dict(apps))
        # Asking what was applied before there is such a table would spoil PostgreSQL's transaction.
        editor = (SqliteSchemaEditor if is_sqlite else BasePostgresSchemaEditor)(transaction, atomic=False)
        await executor.recorder.ensure_schema(editor)
        executor.loader.load_disk()
        there = await executor.recorder.applied_migrations()
        unknown = [key.name for key in there if key.app_label in apps and key not in executor.loader.disk_migrations]
        if unknown:
            raise DatabaseNewer(unknown)
        await executor.migrate(
            progress=lambda event, _app, name: applied.append(name) if event == "apply_done" else None
        )
        if is_sqlite and applied:
            await _check_references(transaction)
    if is_sqlite:
        await client.execute_query("PRAGMA foreign_keys=ON")
    return applied


async def _check_references(transaction: BaseDBAsyncClient) -> None:
    dangling = await transaction.execute_query_dict("PRAGMA foreign_key_check")
    if dangling:
        tables = ", ".join(sorted({row["table"] for row in dangling}))
        raise DatabaseBroken(f"rows of {tables} refer to rows that are gone")
