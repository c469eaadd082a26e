"""Exporting: everything a tenant owns, in one ZIP of open formats. ``readme`` tells what lies where."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from tortoise.models import Model
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from core.api import NotFound, Storage
from core.timeline.schema import timeline_schema
from tenants.control.database import ALIAS
from tenants.control.failures import WrongState
from tenants.control.models.audit import AuditEntry
from tenants.control.models.membership import Membership
from tenants.control.models.object import StoredObject
from tenants.control.models.tenant import Tenant, TenantState
from tenants.control.models.user import User
from tenants.keys import Keyring
from tenants.leaving.archive import Archive, archive_at
from tenants.leaving.handing_out import hand_out
from tenants.leaving.naming import ending_of, safe_name
from tenants.leaving.readme import README
from tenants.leaving.rows import columns, line, lines, schema
from tenants.leaving.tables import CONTROL_TABLES, VAULT_TABLES
from tenants.vault.models.asset import Asset
from tenants.vault.models.project import Project, Revision
from tenants.vault.models.video import Video
from tenants.vault.scope import scope
from tenants.vault.sqlite.access import ALIAS as VAULT

type Place = tuple[str, str]
"""Where a file is stored: backend and key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What came of an export; ``problems`` says of stored files that are missing or damaged why they are not in it."""

    files: int
    problems: Mapping[str, str]


async def export_tenant(
    tenant: UUID, target: Path, *, keyring: Keyring, stores: Mapping[str, Storage], now: datetime
) -> Export:
    """Write everything a tenant owns into a ZIP file; it is there when it is whole. Within ``open_vaults``.

    Rows are those of one moment. Memory grows with the number of files alone, not with their sizes. Raise ``NotFound``,
    ``WrongState`` for a tenant that is being erased, ``ExportBusy``, and what ``scope`` does; nothing is left then.
    """
    row = await Tenant.get_or_none(id=tenant)
    if row is None:
        raise NotFound(f"there is no tenant {tenant}")
    if row.state in {TenantState.ERASING, TenantState.ERASED}:
        raise WrongState(f"a tenant that is {row.state} can't be exported")
    moment = (now.year, now.month, now.day, now.hour, now.minute, now.second)
    with archive_at(target, moment=moment) as archive:
        archive.add("README.txt", README.encode())
        async with scope(tenant), in_transaction(VAULT):
            # Nobody writes to the vault meanwhile, so both show the moment at which the control plane is read.
            stored = await _add_control(archive, tenant)
            names = await _add_vault(archive)
        problems = {
            f"{backend}/{key}": f"{name} is stored nowhere"
            for (backend, key), name in names.items()
            if (backend, key) not in {(each.backend, each.key) for each in stored}
        }
        for each in stored:
            place = (each.backend, each.key)
            path = f"objects/{names.get(place) or safe_name(each.purpose, each.id, ending='.bin')}"
            problem = await hand_out(each, path, archive, keyring=keyring, stores=stores)
            if problem is not None:
                problems["/".join(place)] = problem
        manifest = {
            "format": "reelhouse export 1",
            "tenant": str(tenant),
            "made": now.isoformat(),
            "files": [asdict(entry) for entry in archive.entries],
            "problems": problems,
        }
        archive.add("manifest.json", json.dumps(manifest, indent=2).encode())
    return Export(files=len(archive.entries), problems=problems)


async def _add_control(archive: Archive, tenant: UUID) -> list[StoredObject]:
    """Add the control plane's rows; return the stored files, as they were at the same moment."""
    async with in_transaction(ALIAS) as transaction:
        if transaction.capabilities.dialect == "postgres":
            await transaction.execute_query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        await _add_table(archive, "control/tenants", Tenant.filter(id=tenant))
        for table, model in CONTROL_TABLES.items():
            await _add_table(archive, f"control/{table}", model.filter(tenant_id=tenant))
        await _add_table(archive, "control/audit", AuditEntry.filter(tenant=tenant))
        members = [row.user_id for row in await Membership.filter(tenant_id=tenant)]
        await _add_table(archive, "control/users", User.filter(id__in=members), "password_hash", "house_role")
        return await StoredObject.filter(tenant_id=tenant).order_by("id")


async def _add_vault(archive: Archive) -> dict[Place, str]:
    """Add the vault's rows; return how the files are called that they tell of."""
    for table, model in VAULT_TABLES.items():
        left_out = ("document",) if model is Revision else ()
        await _add_table(archive, f"vault/{table}", model.all(), *left_out)
    archive.add("schemas/projects/timeline.schema.json", json.dumps(timeline_schema(), indent=2).encode())
    for project in await Project.all().only("id", "name"):
        folder = f"projects/{safe_name(project.name, project.id)}"
        for number in await Revision.filter(project_id=project.id).order_by("number").values_list("number", flat=True):
            revision = await Revision.get(project_id=project.id, number=number)
            archive.add(f"{folder}/revision-{number:06}.json", line(revision.document))
    names: dict[Place, str] = {}
    for asset in await Asset.all().only("id", "title", "media_type", "storage_backend", "storage_key"):
        name = safe_name(asset.title, asset.id, ending=ending_of(asset.media_type))
        names[asset.storage_backend, asset.storage_key] = name
    for video in await Video.all():
        if video.storage_key:
            name = safe_name(video.title, video.id, ending=ending_of(video.media_type))
            names[video.storage_backend, video.storage_key] = name
        if video.poster_key:
            names[video.storage_backend, video.poster_key] = safe_name(f"{video.title} poster", video.id, ending=".jpg")
    return names


async def _add_table(archive: Archive, path: str, rows: QuerySet[Any], *left_out: str) -> None:
    model: type[Model] = rows.model
    wanted = columns(model, *left_out)
    with archive.member(f"{path}.jsonl") as member:
        async for some in lines(rows, wanted):
            await asyncio.to_thread(member.write, some)
    archive.add(f"schemas/{path}.schema.json", json.dumps(schema(model, wanted), indent=2).encode())
