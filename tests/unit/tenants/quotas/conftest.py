"""A control plane with a plan and a tenant on it, on each kind of database."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from tenants.control.database import Control
from tenants.control.models.plan import Plan
from tenants.control.models.subscription import Subscription
from tenants.control.models.tenant import Tenant
from tenants.keys import Keyring, LocalMasterKey
from tenants.vault.pool import VaultPool
from tenants.vault.scope import offering
from tests.support.wrapped_keys import WrappedKeysInMemory
from tests.unit.tenants.control.conftest import (
    control,
    control_url,
    engine,
    postgres_folder,
    postgres_template,
    sqlite_template,
)

__all__ = ["control", "control_url", "engine", "postgres_folder", "postgres_template", "sqlite_template"]

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
async def plan(control: Control) -> Plan:
    """Ten minutes of rendering, 1000 bytes, 2 renders at once, and no other limit."""
    limits = {"render_minutes": 10, "storage_bytes": 1000, "concurrent_renders": 2, "api_calls": 100}
    return await Plan.create(slug="studio", name="Studio", limits=limits)


@pytest.fixture
async def tenant(plan: Plan) -> Tenant:
    tenant = await Tenant.create(slug="acme", name="Acme")
    await Subscription.create(tenant=tenant, plan=plan, state="active")
    return tenant


@pytest.fixture
async def vault(control: Control, tenant: Tenant, tmp_path: Path) -> AsyncIterator[VaultPool]:
    """The vaults of a house in which the tenant has one."""
    instance = uuid4()
    keyring = Keyring(WrappedKeysInMemory(), instance=instance)
    keyring.unseal(LocalMasterKey(bytes(range(32))))
    await keyring.create(tenant.id)
    pool = VaultPool(tmp_path / "vaults", keyring=keyring, control=control, instance=instance)
    await pool.create(tenant.id)
    with offering(pool):
        yield pool
    await pool.close()
