"""Secrets in a vault: sealed field by field, and written so that an older copy of the vault is noticed.

Each write counts the vault's epoch up and records it in the control plane, with a digest over all secrets, before it is
acknowledged. A process that dies in between leaves the vault one epoch ahead, which the next opening records.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tortoise.backends.base.client import TransactionalDBClient
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from tenants.control.database import ALIAS as CONTROL
from tenants.keys import Concealed, Secret, TenantKeys, fingerprint
from tenants.vault.binding import required
from tenants.vault.digests import secrets_digest
from tenants.vault.failures import NoScope, WrongScope
from tenants.vault.lease import Lease
from tenants.vault.models.meta import Meta
from tenants.vault.places import Place
from tenants.vault.sqlite.access import ALIAS
from tenants.vault.sqlite.statements import held
from tenants.vault.vault import OpenVault


class SecretWriter(Concealed):
    """Seals secrets with the newest keys of the tenant whose vault is bound; ``key_version`` is kept in the row."""

    def __init__(self, keys: TenantKeys) -> None:
        self._keys = keys

    @property
    def key_version(self) -> int:
        return self._keys.version

    def seal(self, secret: bytes, place: Place) -> bytes:
        """Seal a secret for its place; raise ``InvalidInput`` beyond 64 KiB."""
        return place.seal(secret, self._keys)


@asynccontextmanager
async def secret_write() -> AsyncIterator[SecretWriter]:
    """Write secrets: one transaction on the bound vault, which is recorded in the control plane when it was committed.

    The database refuses to change secrets outside of it. Raise ``WrongScope`` within a transaction, be it the vault's
    (the end must be ours) or the control plane's (we would wait for it); what the body raises, with nothing written.
    """
    vault = _bound_vault()
    if isinstance(required().current, TransactionalDBClient):
        raise WrongScope("secrets are written outside of transactions: theirs must be the outermost")
    if isinstance(get_connection(CONTROL), TransactionalDBClient):
        raise WrongScope("secrets are not written within a transaction on the control plane: write them before")
    async with held(vault.secrets_lock):
        await vault.settle()  # should the control plane have failed the last time
        async with in_transaction(ALIAS):
            await Meta.filter(id=1).update(is_open=True)
            yield SecretWriter(vault.keys)
            epoch = vault.anchor.epoch + 1
            secrets = await vault.run(lambda raw: secrets_digest(raw, vault.keys, epoch=epoch))
            await Meta.filter(id=1).update(epoch=epoch, digest=secrets, is_open=False)
        await vault.settle()


def reveal(sealed: bytes, place: Place, *, key_version: int) -> Secret:
    """Return a secret of the bound vault. Raise ``Tampered`` if it was not written for this very place."""
    return Secret(place.unseal(sealed, _bound_vault().keys, key_version=key_version))


def fingerprint_of(secret: bytes) -> str:
    """Return what tells two secrets of the bound vault apart."""
    return fingerprint(secret, _bound_vault().keys.index)


def _bound_vault() -> OpenVault:
    access = required().client.access
    if not isinstance(access, Lease):
        raise NoScope
    return access.vault
