"""Upgrading: bring a vault up to what the code expects, or leave it as it was.

A copy of the file is kept from before the first change until the result was committed and examined. A process that dies
in between leaves a vault before its migration (SQLite takes an unfinished transaction back) or after it.
"""

from tortoise.exceptions import BaseORMException

from core.api import ReelhouseError
from tenants.control.migrating import migrate
from tenants.vault.binding import ScopedContext, bound_to
from tenants.vault.checking import examine
from tenants.vault.failures import VaultNewer, VaultNotMigrated
from tenants.vault.lease import Lease
from tenants.vault.migrations import MIGRATIONS
from tenants.vault.models.meta import Meta
from tenants.vault.registering import APPS
from tenants.vault.sqlite.access import ALIAS
from tenants.vault.vault import OpenVault


async def upgrade(vault: OpenVault, context: ScopedContext) -> None:
    """Apply the migrations that a vault lacks. It has no users yet.

    Raise ``VaultNewer``, with nothing changed; ``VaultNotMigrated`` when it did not work and the copy was put back.
    """
    schema = vault.state.schema
    if schema not in MIGRATIONS:
        raise VaultNewer(schema)
    if schema == MIGRATIONS[-1]:
        if vault.files.before.exists():
            await _finish(vault)  # the process died after the commit
        return
    await vault.run(lambda raw: vault.files.keep_copy(raw))
    try:
        with bound_to(Lease(vault).client, context):
            await migrate(ALIAS, APPS)
            await Meta.filter(id=1).update(schema=MIGRATIONS[-1])
        await _finish(vault)
    except (ReelhouseError, BaseORMException) as err:
        await vault.put_back()
        raise VaultNotMigrated(schema, str(err)) from err


async def _finish(vault: OpenVault) -> None:
    await vault.run(examine)
    await vault.run(lambda _raw: vault.files.before.unlink())
