"""Exports and erasures do on PostgreSQL what they do on SQLite."""

import json
import zipfile
from pathlib import Path
from uuid import uuid4

import asyncpg

from tenants.control import audit_check
from tenants.control.models.tenant import Tenant, TenantState
from tenants.control.models.user import User
from tenants.leaving.certificates import verify_certificate
from tenants.leaving.exporting import export_tenant
from tenants.leaving.tables import ERASED_TABLES
from tests.support.leaving import NOW, furnish, leaving
from tests.support.postgres import shared_server


async def make_database(folder: str) -> str:
    name = f"t{uuid4().hex}"
    connection = await asyncpg.connect(f"postgres://postgres@/postgres?host={folder}/files")
    try:
        await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()
    return f"postgres://postgres@/{name}?host={folder}/files"


async def test_a_tenant_is_exported_and_erased_on_postgresql(tmp_path: Path) -> None:
    with shared_server() as folder:
        database = await make_database(folder)
        await furnish(tmp_path, database=database)
        async with leaving(tmp_path, database=database) as place:
            acme = await place.tenant("acme")
            target = tmp_path / "acme.zip"
            result = await export_tenant(acme, target, keyring=place.house.keyring, stores=place.stores, now=NOW)
            assert result.problems == {}
            with zipfile.ZipFile(target) as file:
                [tenant] = [json.loads(line) for line in file.read("control/tenants.jsonl").splitlines()]
            assert (tenant["id"], tenant["slug"]) == (str(acme), "acme")
            text = await place.erase(acme, await place.confirmed(acme))
            certificate = verify_certificate(text, public=place.signer.public)
            assert (certificate.counts["stored_objects"], certificate.counts["users"]) == (3, 1)
            assert certificate.counts["stored_bytes"] > 3 * 256 * 700
            assert await place.erase(acme) == text
            assert (await Tenant.get(id=acme)).state is TenantState.ERASED
            assert {await model.filter(tenant_id=acme).count() for model in ERASED_TABLES.values()} == {0}
            assert [user.email for user in await User.all()] == ["bob@other.example"]
            assert (await audit_check.verify()).is_intact
